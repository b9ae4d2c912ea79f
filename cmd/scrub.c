/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * scrub - makes of a trace one that can be shared: what the replay needs, and nothing else.
 *
 * Nothing is taken out of the old file: a new text is made of decoded events, so that what is not known of cannot come
 * along. The confined child writes the lines into an unlinked file first, because a text may name its kernel at its
 * end, and the head comes before.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analyzer/explain/words.h"
#include "cmd/check_output.h"
#include "cmd/command.h"
#include "cmd/db_option.h"
#include "cmd/intake.h"
#include "cmd/new_file.h"
#include "cmd/packed_out.h"
#include "cmd/scrub_names.h"
#include "cmd/stored_spool.h"
#include "cmd/text_out.h"
#include "collector/source.h"

enum option_code {
	OPTION_HELP = 'h',
	OPTION_TRACE = 't',
	OPTION_DB = 256,
	OPTION_KEEP_FSIDS,
	OPTION_KEEP_MARKERS,
	OPTION_NO_SANDBOX,
	OPTION_TASKS
};

static const struct option longs[] = {
	{"db", required_argument, NULL, OPTION_DB},
	{"help", no_argument, NULL, OPTION_HELP},
	{"keep-fsids", no_argument, NULL, OPTION_KEEP_FSIDS},
	{"keep-markers", no_argument, NULL, OPTION_KEEP_MARKERS},
	{"no-sandbox", no_argument, NULL, OPTION_NO_SANDBOX},
	{"tasks", no_argument, NULL, OPTION_TASKS},
	{"trace", required_argument, NULL, OPTION_TRACE},
	{NULL, 0, NULL, 0},
};

/* What the child hands back; it may be anything when the trace took the child over. */
struct shared {
	uint64_t events;
	uint64_t markers;
	uint64_t skipped;
	uint64_t filesystems;
	uint8_t finished;
};

struct scrub {
	struct scrub_options options;
	const char *db;
	uint64_t trace; /* of the store; 0: a file */
	bool sandboxed;
	const char *input; /* NULL with a trace of the store */
	const char *output;
	struct intake intake;
	struct stored_spool spool;
	struct new_file file;
	int body_fd;
	struct shared *shared;
	struct scrub_names *names; /* in the child, as all that follows */
	struct text_out *text;
	FILE *body;
};

static enum err read_option(struct scrub *scrub, int code, struct command_call *call, struct error *error)
{
	switch (code) {
	case OPTION_DB:
		scrub->db = optarg;
		return ERR_OK;
	case OPTION_TRACE:
		return command_number(&scrub->trace, optarg, "--trace", false, error);
	case OPTION_KEEP_FSIDS:
		scrub->options.keep_fsids = true;
		return ERR_OK;
	case OPTION_KEEP_MARKERS:
		scrub->options.keep_markers = true;
		return ERR_OK;
	case OPTION_TASKS:
		scrub->options.tasks = true;
		return ERR_OK;
	case OPTION_NO_SANDBOX:
		scrub->sandboxed = false;
		return ERR_OK;
	case OPTION_HELP:
		call->help_wanted = true;
		return ERR_OK;
	default:
		return command_option_refused(code, call, error);
	}
}

static enum err read_words(struct scrub *scrub, const struct command_call *call, struct error *error)
{
	int wanted = scrub->trace != 0 ? 1 : 2;

	if (call->argc - optind != wanted)
		return error_set(error, ERR_USAGE, "scrub wants %s, try 'qgreplay scrub --help'",
			wanted == 1 ? "the name of the new file behind --trace N"
				    : "a trace and the name of the new file");
	if (scrub->trace == 0 && scrub->db != NULL)
		return error_set(error, ERR_USAGE, "--db belongs to --trace N, the number of a trace in the store");
	if (wanted == 2)
		scrub->input = call->argv[optind];
	scrub->output = call->argv[call->argc - 1];
	return ERR_OK;
}

static enum err read_options(struct scrub *scrub, struct command_call *call, struct error *error)
{
	enum err err = ERR_OK;
	int code;

	opterr = 0;
	optind = 0;
	while (err == ERR_OK && (code = getopt_long(call->argc, call->argv, ":ht:", longs, NULL)) != -1) {
		err = read_option(scrub, code, call, error);
		if (call->help_wanted)
			return ERR_OK;
	}
	return err == ERR_OK ? read_words(scrub, call, error) : err;
}

/* In the child. */
static enum err take(void *context, const struct event *events, size_t count, struct error *error)
{
	struct scrub *scrub = context;
	enum err err = ERR_OK;

	for (size_t i = 0; i < count && err == ERR_OK; i++) {
		struct event event = events[i];

		if (event.kind == EVENT_PRINT && !scrub->options.keep_markers) {
			scrub->shared->markers++;
			continue;
		}
		scrub_names_apply(scrub->names, &event);
		err = text_out_event(scrub->text, &event, error);
		scrub->shared->events += event.kind != EVENT_LOST;
	}
	return err;
}

static enum err refused(const struct scrub *scrub, int failure, struct error *error)
{
	return error_set(error, ERR_SYSTEM, "cannot write '%s': %s", scrub->output, strerror(failure));
}

static void put_head(FILE *stream, const struct trace_info *info)
{
	char *kernel = scrub_names_kernel(info->kernel);
	char *clock = scrub_names_clock(info->clock);
	const struct text_out_head head = {kernel, clock, NULL};

	text_out_head_begin(stream);
	text_out_note(stream, "", "Made by qgreplay scrub: the events of btrfs, and nothing else of the trace.");
	text_out_head_end(stream, &head);
	free(kernel);
	free(clock);
}

/* In the child: the head, and behind it what was written to the temporary file. */
static enum err put_together(struct scrub *scrub, const struct trace_info *info, struct error *error)
{
	char buffer[BUFSIZ];
	FILE *stream = NULL;
	size_t got;
	enum err err;

	if (fflush(scrub->body) != 0 || ferror(scrub->body))
		return error_set(error, ERR_SYSTEM, "cannot keep the events in a temporary file: %s, set TMPDIR",
			strerror(errno));
	err = packed_out_open(&stream, scrub->file.fd, packed_out_kind_of(scrub->output), error);
	if (err != ERR_OK)
		return err;
	put_head(stream, info);
	rewind(scrub->body);
	while ((got = fread(buffer, 1, sizeof(buffer), scrub->body)) > 0)
		if (fwrite(buffer, 1, got, stream) != got)
			break;
	if (ferror(scrub->body)) {
		packed_out_close(stream, scrub->output, NULL);
		return error_set(error, ERR_SYSTEM, "cannot read a temporary file: %s", strerror(errno));
	}
	return packed_out_close(stream, scrub->output, error);
}

static enum err scrub_source(struct scrub *scrub, struct source *source, struct error *error)
{
	const struct trace_info *info = source_info(source);
	const struct event_names old = {info->comms, info->fsids, info->texts};
	const struct sink sink = {take, scrub};
	struct event_names names;
	enum err err;

	scrub->body = fdopen(scrub->body_fd, "w+");
	if (scrub->body == NULL)
		return refused(scrub, errno, error);
	scrub->names = scrub_names_new(&old, &scrub->options);
	names = scrub_names_tables(scrub->names);
	scrub->text = text_out_new(scrub->body, &names);
	err = source_read(source, &sink, error);
	if (err == ERR_OK && scrub->shared->events == 0)
		err = error_set(
			error, ERR_INPUT, "cannot scrub '%s': it holds no event of btrfs", scrub->intake.input.name);
	if (err == ERR_OK)
		err = put_together(scrub, info, error);
	scrub->shared->skipped = info->skipped_events;
	scrub->shared->filesystems = names_count(names.fsids);
	return err;
}

/* In the child. */
static enum err work(void *context, struct error *error)
{
	struct scrub *scrub = context;
	const struct pipeline_input *input = &scrub->intake.input;
	struct source *source = NULL;
	enum err err = input->stored ? source_open_stored(&source, input->fd, input->name, error)
				     : source_open(&source, input->fd, input->spool_fd, input->name, error);

	if (err == ERR_OK)
		err = scrub_source(scrub, source, error);
	text_out_free(scrub->text);
	scrub_names_free(scrub->names);
	source_close(source);
	if (scrub->body != NULL)
		fclose(scrub->body);
	scrub->shared->finished = 1;
	return err;
}

static enum err open_stored(struct scrub *scrub, struct error *error)
{
	struct pipeline_input *input = &scrub->intake.input;
	struct store *store = NULL;
	enum err err = db_option_open(&store, scrub->db, STORE_READ, error);

	if (err == ERR_OK)
		err = stored_spool_open(&scrub->spool, store, scrub->trace, &stored_spool_whole, error);
	store_close(store);
	if (err != ERR_OK)
		return err;
	scrub->intake = (struct intake){
		.again_spool_fd = -1, .confined = scrub->sandboxed, .side = {.limits_fd = -1, .klog_fd = -1}};
	*input = (struct pipeline_input){.fd = dup(scrub->spool.fd),
		.spool_fd = -1,
		.samples_fd = -1,
		.rows_fd = -1,
		.name = scrub->spool.name,
		.stored = true};
	return input->fd >= 0 ? ERR_OK : refused(scrub, errno, error);
}

static enum err open_all(struct scrub *scrub, struct error *error)
{
	const struct intake_wish wish = {.confined = scrub->sandboxed};
	enum err err =
		scrub->trace != 0 ? open_stored(scrub, error) : intake_open(&scrub->intake, scrub->input, &wish, error);

	if (err == ERR_OK)
		err = check_output_spool(&scrub->body_fd, error);
	if (err == ERR_OK)
		err = new_file_open(&scrub->file, scrub->output, error);
	if (err == ERR_OK)
		err = scrub->trace != 0 ? db_option_spared(&scrub->file, scrub->db, error)
					: new_file_spares(&scrub->file, scrub->input, error);
	if (err != ERR_OK)
		return err;
	scrub->shared = mmap(NULL, sizeof(*scrub->shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (scrub->shared != MAP_FAILED)
		return ERR_OK;
	scrub->shared = NULL;
	return error_set(error, ERR_SYSTEM, "cannot share memory with the decoder: %s", strerror(errno));
}

static void close_all(struct scrub *scrub)
{
	new_file_drop(&scrub->file);
	if (scrub->body_fd >= 0)
		close(scrub->body_fd);
	if (scrub->shared != NULL)
		munmap(scrub->shared, sizeof(*scrub->shared));
	intake_close(&scrub->intake);
	stored_spool_close(&scrub->spool);
}

static void tell(const struct scrub *scrub)
{
	const struct shared *shared = scrub->shared;

	printf("'%s': %s", scrub->output, words_count(shared->events, "event", "events").text);
	if (!scrub->options.keep_markers)
		printf("; left out: %s, %s of others", words_count(shared->markers, "marker", "markers").text,
			words_count(shared->skipped, "event", "events").text);
	else
		printf("; left out: %s of others", words_count(shared->skipped, "event", "events").text);
	printf("; replaced: %s%s\n",
		scrub->options.keep_fsids ? "no filesystem id"
					  : words_count(shared->filesystems, "filesystem id", "filesystem ids").text,
		scrub->options.tasks ? ", names of tasks" : "");
}

static enum err run(struct command_call *call, struct error *error)
{
	struct scrub scrub = {.sandboxed = true,
		.body_fd = -1,
		.intake = {.input = {.fd = -1, .spool_fd = -1, .samples_fd = -1, .rows_fd = -1},
			.again_spool_fd = -1,
			.side = {.limits_fd = -1, .klog_fd = -1}}};
	enum err err = read_options(&scrub, call, error);

	if (err != ERR_OK || call->help_wanted)
		return err;
	err = open_all(&scrub, error);
	if (err == ERR_OK)
		err = intake_run(&scrub.intake, work, &scrub, &scrub.shared->finished, error);
	if (err == ERR_OK)
		err = new_file_keep(&scrub.file, error);
	if (err == ERR_OK)
		tell(&scrub);
	close_all(&scrub);
	return err;
}

const struct command command_scrub = {
	.name = "scrub",
	.summary = "Makes of a trace one that can be shared: its btrfs events as text, and nothing else",
	.synopsis = "scrub [options] IN OUT\n       qgreplay scrub [options] --trace N OUT",
	.about = "IN is a trace in any form, '-' for stdin; OUT is ftrace text, packed when its name ends in .gz or "
		 ".zst.\n"
		 "What `qgreplay check` concludes from either is the same. Not in OUT are symbols of the kernel, names "
		 "of\n"
		 "hosts, events of other systems, what was written to trace_marker, and the ids of filesystems; in "
		 "their\n"
		 "place stand others, the same in every trace. Numbers of roots, inodes and tasks stay, and so do "
		 "times,\n"
		 "the kernel's release, and, but for --tasks, names of tasks.\n",
	.options =
		"      --tasks         replace names of tasks: task1, task2, ...; kworker/3 for threads of the kernel\n"
		"      --keep-markers  keep what was written to trace_marker\n"
		"      --keep-fsids    keep the ids of filesystems\n"
		"      --db FILE       the store (default: $QGREPLAY_DB, else qgreplay.db), for --trace\n"
		"  -t, --trace N       a trace of the store, by its number in `qgreplay traces`\n"
		"      --no-sandbox    do not confine the decoder, for systems without seccomp or Landlock\n"
		"  -h, --help          show this help\n",
	.examples = "  qgreplay scrub trace.dat for-the-list.txt.zst\n"
		    "  qgreplay scrub --tasks --trace 3 bug.txt\n",
	.exits = "  0  the file was written\n",
	.run = run,
};
