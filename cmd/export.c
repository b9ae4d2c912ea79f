/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * export - what the store knows of one trace, for other programs: its events, its findings, or its facts.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/check_output.h"
#include "cmd/command.h"
#include "cmd/db_option.h"
#include "cmd/event_choice.h"
#include "cmd/event_out.h"
#include "cmd/export_findings.h"
#include "cmd/new_file.h"
#include "cmd/packed_out.h"
#include "cmd/stored_spool.h"
#include "collector/source.h"

enum option_code {
	OPTION_FORMAT = 'f',
	OPTION_HELP = 'h',
	OPTION_OUTPUT = 'o',
	OPTION_TRACE = 't',
	OPTION_DB = 256,
	OPTION_WHAT
};

static const struct option longs[] = {
	{"db", required_argument, NULL, OPTION_DB},
	{"format", required_argument, NULL, OPTION_FORMAT},
	{"help", no_argument, NULL, OPTION_HELP},
	{"output", required_argument, NULL, OPTION_OUTPUT},
	{"trace", required_argument, NULL, OPTION_TRACE},
	{"what", required_argument, NULL, OPTION_WHAT},
	{NULL, 0, NULL, 0},
};

struct exporting {
	const char *db;
	uint64_t trace; /* 0: not given */
	const char *what;
	const char *format; /* NULL: the first that there is of it */
	const char *output; /* NULL: stdout */
	struct event_out out;
	FILE *stream;
};

/* How one thing is written in one format. */
struct way {
	const char *what;
	const char *format;
	enum err (*write)(struct exporting *export, struct store *store, struct error *error);
};

static enum err put_events(void *context, const struct event *events, size_t count, struct error *error)
{
	struct exporting *export = context;
	enum err err = ERR_OK;

	for (size_t i = 0; i < count && err == ERR_OK; i++)
		err = event_out_put(&export->out, &events[i], NULL, error);
	return err == ERR_OK && ferror(export->stream) ? ERR_STOPPED : err;
}

static enum err write_events(
	struct exporting *export, struct store *store, enum event_out_form form, struct error *error)
{
	const struct sink sink = {put_events, export};
	struct stored_spool spool = {0};
	struct source *source = NULL;
	enum err err = stored_spool_open(&spool, store, export->trace, &stored_spool_whole, error);

	if (err == ERR_OK)
		err = source_open_stored(&source, spool.fd, spool.name, error);
	if (err == ERR_OK) {
		export->out = (struct event_out){
			.stream = export->stream, .form = form, .trace = export->trace, .info = source_info(source)};
		event_out_begin(&export->out);
		err = source_read(source, &sink, error);
		event_out_end(&export->out);
	}
	source_close(source);
	stored_spool_close(&spool);
	return err;
}

static enum err write_events_csv(struct exporting *export, struct store *store, struct error *error)
{
	return write_events(export, store, EVENT_OUT_CSV, error);
}

static enum err write_events_jsonl(struct exporting *export, struct store *store, struct error *error)
{
	return write_events(export, store, EVENT_OUT_JSONL, error);
}

static enum err write_events_text(struct exporting *export, struct store *store, struct error *error)
{
	return write_events(export, store, EVENT_OUT_TEXT, error);
}

static enum err write_findings_csv(struct exporting *export, struct store *store, struct error *error)
{
	return export_findings_csv(export->stream, store, export->trace, error);
}

static enum err write_findings_jsonl(struct exporting *export, struct store *store, struct error *error)
{
	return export_findings_jsonl(export->stream, store, export->trace, error);
}

static enum err write_facts(struct exporting *export, struct store *store, struct error *error)
{
	return export_facts(export->stream, store, export->trace, error);
}

static const struct way ways[] = {
	{"events", "csv", write_events_csv},
	{"events", "jsonl", write_events_jsonl},
	{"events", "text", write_events_text},
	{"findings", "csv", write_findings_csv},
	{"findings", "jsonl", write_findings_jsonl},
	{"facts", "json", write_facts},
};

static enum err find_way(const struct way **way, const struct exporting *export, struct error *error)
{
	bool known = false;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		*way = &ways[i];
		if (strcmp(export->what, ways[i].what) != 0)
			continue;
		known = true;
		if (export->format == NULL || strcmp(export->format, ways[i].format) == 0)
			return ERR_OK;
	}
	if (!known)
		return error_set(error, ERR_USAGE, "--what wants events, findings or facts, not '%s'", export->what);
	return error_set(error, ERR_USAGE,
		"there is no format '%s' for %s, use csv or jsonl, text for events, json for facts", export->format,
		export->what);
}

static enum err read_option(struct exporting *export, int code, struct command_call *call, struct error *error)
{
	switch (code) {
	case OPTION_DB:
		export->db = optarg;
		return ERR_OK;
	case OPTION_TRACE:
		return command_number(&export->trace, optarg, "--trace", false, error);
	case OPTION_WHAT:
		export->what = optarg;
		return ERR_OK;
	case OPTION_FORMAT:
		export->format = optarg;
		return ERR_OK;
	case OPTION_OUTPUT:
		export->output = optarg;
		return ERR_OK;
	case OPTION_HELP:
		call->help_wanted = true;
		return ERR_OK;
	default:
		return command_option_refused(code, call, error);
	}
}

static enum err read_options(struct exporting *export, struct command_call *call, struct error *error)
{
	enum err err = ERR_OK;
	int code;

	opterr = 0;
	optind = 0;
	while (err == ERR_OK && (code = getopt_long(call->argc, call->argv, ":hf:o:t:", longs, NULL)) != -1) {
		err = read_option(export, code, call, error);
		if (call->help_wanted)
			return ERR_OK;
	}
	if (err == ERR_OK && optind < call->argc)
		err = error_set(error, ERR_USAGE, "export takes no argument like '%s', try 'qgreplay export --help'",
			call->argv[optind]);
	if (err == ERR_OK && export->trace == 0)
		err = error_set(error, ERR_USAGE, "export wants --trace N, 'qgreplay traces' lists which there are");
	return err;
}

/* What is asked of the store in several steps is of one moment. The events are copied out of it by themselves. */
static enum err write_it(struct exporting *export, const struct way *way, struct store *store, struct error *error)
{
	bool events = strcmp(way->what, "events") == 0;
	enum err err = events ? ERR_OK : store_snapshot(store, error);
	uint64_t *ids = NULL;
	size_t count;

	if (err != ERR_OK)
		return err;
	err = store_replay_ids(store, export->trace, &ids, &count, error);
	free(ids);
	if (err == ERR_OK)
		err = way->write(export, store, error);
	if (!events)
		store_snapshot_end(store);
	return err;
}

/* Nothing half-written gets the file's name. */
static enum err write_file(struct exporting *export, const struct way *way, struct store *store, struct error *error)
{
	struct new_file file;
	enum err err = new_file_open(&file, export->output, error);
	enum err closed;

	if (err != ERR_OK)
		return err;
	err = db_option_spared(&file, export->db, error);
	if (err == ERR_OK)
		err = packed_out_open(&export->stream, file.fd, packed_out_kind_of(export->output), error);
	if (err == ERR_OK) {
		err = write_it(export, way, store, error);
		closed = packed_out_close(
			export->stream, export->output, err == ERR_OK || err == ERR_STOPPED ? error : NULL);
		err = err == ERR_OK || err == ERR_STOPPED ? closed : err;
	}
	if (err == ERR_OK)
		err = new_file_keep(&file, error);
	new_file_drop(&file);
	return err;
}

static enum err copy_to_stdout(FILE *from, struct error *error)
{
	char buffer[BUFSIZ];
	size_t got;

	rewind(from);
	while ((got = fread(buffer, 1, sizeof(buffer), from)) > 0)
		if (fwrite(buffer, 1, got, stdout) != got)
			return ERR_STOPPED;
	return ferror(from) ? error_set(error, ERR_SYSTEM, "cannot read a temporary file: %s", strerror(errno))
			    : ERR_OK;
}

/* A reader who takes its time must not keep a snapshot of the store open. */
static enum err write_stdout(struct exporting *export, const struct way *way, struct store *store, struct error *error)
{
	int fd;
	enum err err;

	if (strcmp(way->what, "events") == 0)
		return write_it(export, way, store, error);
	err = check_output_spool(&fd, error);
	if (err != ERR_OK)
		return err;
	export->stream = fdopen(fd, "w+");
	if (export->stream == NULL) {
		close(fd);
		return error_set(error, ERR_SYSTEM, "cannot use a temporary file: %s", strerror(errno));
	}
	err = write_it(export, way, store, error);
	if ((err == ERR_OK || err == ERR_STOPPED) && (fflush(export->stream) != 0 || ferror(export->stream)))
		err = error_set(error, ERR_SYSTEM, "cannot write a temporary file: %s, set TMPDIR", strerror(errno));
	if (err == ERR_OK)
		err = copy_to_stdout(export->stream, error);
	fclose(export->stream);
	return err;
}

static enum err run(struct command_call *call, struct error *error)
{
	struct exporting export = {.what = "events", .stream = stdout};
	const struct way *way = NULL;
	struct store *store = NULL;
	enum err err = read_options(&export, call, error);

	if (err != ERR_OK || call->help_wanted)
		return err;
	err = find_way(&way, &export, error);
	if (err == ERR_OK)
		err = db_option_open(&store, export.db, STORE_READ, error);
	if (err == ERR_OK)
		err = export.output != NULL ? write_file(&export, way, store, error)
					    : write_stdout(&export, way, store, error);
	store_close(store);
	/* What stdout takes no more of is told by main. */
	return err == ERR_STOPPED ? ERR_OK : err;
}

const struct command command_export = {
	.name = "export",
	.summary = "Writes events, findings or facts of a stored trace for other programs",
	.synopsis = "export --trace N [options]",
	.about = "Events as text are ftrace text, from which `qgreplay check` and `qgreplay import` conclude the same "
		 "as\n"
		 "from the trace itself. Other forms have the columns of the SQL tables, with their signed numbers; "
		 "marks\n"
		 "of lost events are of kind lost_events there.\n",
	.options =
		"      --db FILE        the store (default: $QGREPLAY_DB, else qgreplay.db)\n"
		"  -t, --trace N        the trace, by its number in `qgreplay traces`\n"
		"      --what WHAT      events (default), findings, or facts: what is known of the trace as a whole\n"
		"  -f, --format FORMAT  csv (default), jsonl (an object on each line); text for events; json for "
		"facts\n"
		"  -o, --output FILE    write there, when all is complete; packed when its name ends in .gz or .zst\n"
		"  -h, --help           show this help\n",
	.examples = "  qgreplay export --trace 3 --format text -o trace.txt.zst\n"
		    "  qgreplay export --trace 3 --what findings --format jsonl | jq .headline\n"
		    "  qgreplay export --trace 3 --what facts\n",
	.exits = "  0  all was written\n",
	.run = run,
};
