/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * traces - lists the traces of a store, and deletes some of them.
 */
#include <getopt.h>
#include <inttypes.h>
#include <string.h>

#include "analyzer/explain/words.h"
#include "cmd/command.h"
#include "cmd/db_option.h"
#include "cmd/trace_ids.h"
#include "cmd/traces_list.h"

enum option_code { OPTION_FORMAT = 'f', OPTION_HELP = 'h', OPTION_DB = 256, OPTION_DELETE };

static const struct option longs[] = {
	{"db", required_argument, NULL, OPTION_DB},
	{"delete", required_argument, NULL, OPTION_DELETE},
	{"format", required_argument, NULL, OPTION_FORMAT},
	{"help", no_argument, NULL, OPTION_HELP},
	{NULL, 0, NULL, 0},
};

struct traces {
	const char *db;
	enum traces_format format;
	bool formatted; /* --format was given */
	struct trace_ids doomed;
};

static enum err read_format(struct traces *traces, const char *text, struct error *error)
{
	static const char *const names[] = {[TRACES_TEXT] = "text", [TRACES_CSV] = "csv", [TRACES_JSON] = "json"};

	traces->formatted = true;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		traces->format = (enum traces_format)i;
		if (strcmp(text, names[i]) == 0)
			return ERR_OK;
	}
	return error_set(error, ERR_USAGE, "there is no format '%s' here, use text, csv or json", text);
}

static enum err read_option(struct traces *traces, int code, struct command_call *call, struct error *error)
{
	switch (code) {
	case OPTION_DB:
		traces->db = optarg;
		return ERR_OK;
	case OPTION_DELETE:
		return trace_ids_add(&traces->doomed, optarg, "--delete", error);
	case OPTION_FORMAT:
		return read_format(traces, optarg, error);
	case OPTION_HELP:
		call->help_wanted = true;
		return ERR_OK;
	default:
		return command_option_refused(code, call, error);
	}
}

static enum err read_options(struct traces *traces, struct command_call *call, struct error *error)
{
	enum err err = ERR_OK;
	int code;

	opterr = 0;
	optind = 0;
	while (err == ERR_OK && (code = getopt_long(call->argc, call->argv, ":hf:", longs, NULL)) != -1) {
		err = read_option(traces, code, call, error);
		if (call->help_wanted)
			return ERR_OK;
	}
	if (err != ERR_OK)
		return err;
	if (optind < call->argc)
		return error_set(error, ERR_USAGE, "traces takes no argument like '%s', try 'qgreplay traces --help'",
			call->argv[optind]);
	if (traces->formatted && traces->doomed.count > 0)
		return error_set(error, ERR_USAGE, "--format is for the list, leave it out with --delete");
	return ERR_OK;
}

static void say_deleted(uint64_t trace, uint64_t freed)
{
	if (freed > 0)
		printf("trace %" PRIu64 " deleted, %s freed\n", trace, words_bytes(freed).text);
	else
		printf("trace %" PRIu64
		       " deleted, its space comes back with the next change, once others have done reading\n",
			trace);
}

/* A slip in one number must not cost the traces named before it. */
static enum err delete_all(struct traces *traces, struct store *store, struct error *error)
{
	enum err err = trace_ids_check(&traces->doomed, store, error);

	for (size_t i = 0; i < traces->doomed.count && err == ERR_OK; i++) {
		uint64_t freed = 0;

		err = store_delete_trace(store, traces->doomed.all[i], &freed, error);
		if (err == ERR_OK)
			say_deleted(traces->doomed.all[i], freed);
	}
	return err;
}

static enum err run(struct command_call *call, struct error *error)
{
	struct traces traces = {.format = TRACES_TEXT};
	struct store *store = NULL;
	enum err err = read_options(&traces, call, error);
	bool deletes = traces.doomed.count > 0;

	if (err == ERR_OK && !call->help_wanted) {
		err = db_option_open(&store, traces.db, deletes ? STORE_WRITE : STORE_READ, error);
		if (err == ERR_OK)
			err = deletes ? delete_all(&traces, store, error)
				      : traces_list(stdout, store, traces.format, error);
		store_close(store);
	}
	trace_ids_release(&traces.doomed);
	return err;
}

const struct command command_traces = {
	.name = "traces",
	.summary = "Lists the traces of a store, or deletes some of them",
	.synopsis = "traces [options]",
	.about = "Each trace has a number, which other commands take as --trace N, and which is never given out "
		 "again.\n",
	.options =
		"      --db FILE        the store (default: $QGREPLAY_DB, else qgreplay.db)\n"
		"      --delete N       delete trace N with all that belongs to it, and give its space back; may be\n"
		"                       given several times\n"
		"  -f, --format FORMAT  text (default), csv or json\n"
		"  -h, --help           show this help\n",
	.examples = "  qgreplay traces\n"
		    "  qgreplay traces --format json | jq '.traces[] | select(.errors > 0) | .name'\n"
		    "  qgreplay traces --delete 3 --delete 4\n",
	.exits = "  0  the traces were listed, or deleted\n",
	.run = run,
};
