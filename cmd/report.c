/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * report - prints what was found in traces of the store, as `check` printed it, without reading their events again.
 *
 * One trace at a time is held in memory. What a damaged store says of one trace does not hide the others.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "analyzer/kept/kept.h"
#include "base/memory.h"
#include "cmd/check_output.h"
#include "cmd/command.h"
#include "cmd/db_option.h"
#include "cmd/report_choice.h"
#include "cmd/trace_ids.h"

enum option_code { OPTION_HELP = 'h', OPTION_TRACE = 't', OPTION_DB = 256, OPTION_FINDING };

static const struct option longs[] = {
	REPORT_CHOICE_LONGS,
	{"db", required_argument, NULL, OPTION_DB},
	{"trace", required_argument, NULL, OPTION_TRACE},
	{"finding", required_argument, NULL, OPTION_FINDING},
	{"help", no_argument, NULL, OPTION_HELP},
	{NULL, 0, NULL, 0},
};

struct failure {
	char name[sizeof("trace 18446744073709551615")];
	struct error error;
};

struct report {
	struct report_choice choice;
	const char *db_name;
	struct trace_ids traces;
	struct store *store;
	struct check_output output;
	struct report_totals totals;
	struct failure *failures; /* room for all traces */
	size_t failure_count;
};

/* The rows of one trace, or of one replay. */
struct stored_rows {
	struct store *store;
	uint64_t owner;
};

static enum err read_finding(struct report *report, const char *text, struct error *error)
{
	struct report_options *options = &report->choice.report;
	enum err err = command_number(&options->filter.finding, text, "--finding", false, error);

	options->all = true;
	if (err == ERR_OK && options->filter.finding == 0)
		return error_set(error, ERR_USAGE, "findings are numbered from 1, there is no --finding 0");
	return err;
}

static enum err read_option(struct report *report, int code, struct command_call *call, struct error *error)
{
	bool taken;
	enum err err = report_choice_take(&report->choice, code, optarg, &taken, error);

	if (taken)
		return err;
	switch (code) {
	case OPTION_DB:
		report->db_name = optarg;
		return ERR_OK;
	case OPTION_TRACE:
		return trace_ids_add(&report->traces, optarg, "--trace", error);
	case OPTION_FINDING:
		return read_finding(report, optarg, error);
	case OPTION_HELP:
		call->help_wanted = true;
		return ERR_OK;
	default:
		return command_option_refused(code, call, error);
	}
}

static enum err read_options(struct report *report, struct command_call *call, struct error *error)
{
	enum err err = ERR_OK;
	int code;

	report_choice_init(&report->choice);
	opterr = 0;
	optind = 0;
	while (err == ERR_OK &&
		(code = getopt_long(call->argc, call->argv, ":ht:" REPORT_CHOICE_SHORTS, longs, NULL)) != -1) {
		err = read_option(report, code, call, error);
		if (call->help_wanted)
			return ERR_OK;
	}
	if (err == ERR_OK && optind < call->argc)
		return error_set(error, ERR_USAGE,
			"report is of traces in the store, name one with --trace N; for the file '%s' it is 'qgreplay "
			"check'",
			call->argv[optind]);
	if (err == ERR_OK && report->choice.report.filter.finding != 0 && report->traces.count != 1)
		return error_set(
			error, ERR_USAGE, "--finding wants a single --trace, because findings are numbered in each");
	return err;
}

static enum err choose_traces(struct report *report, struct error *error)
{
	enum err err = trace_ids_or_all(&report->traces, report->store, error);

	if (err == ERR_OK && report->traces.count == 0)
		return error_set(
			error, ERR_USAGE, "the store holds no trace yet, 'qgreplay import TRACE' takes one in");
	return err;
}

static enum err each(void *context, enum row_table table, const struct row_sink *sink, struct error *error)
{
	const struct stored_rows *rows = context;

	return store_each(rows->store, table, rows->owner, sink, error);
}

/* The last replay of a trace is what it is reported by. */
static enum err find_replay(struct report *report, uint64_t trace, uint64_t *replay, struct error *error)
{
	uint64_t *ids = NULL;
	size_t count = 0;
	enum err err = store_replay_ids(report->store, trace, &ids, &count, error);

	if (err == ERR_OK && count == 0)
		err = error_set(error, ERR_INPUT, "it was never replayed");
	if (err == ERR_OK)
		*replay = ids[count - 1];
	free(ids);
	return err;
}

static enum err load(struct report *report, uint64_t trace, struct kept **kept, struct error *error)
{
	struct stored_rows of_trace = {report->store, trace};
	struct stored_rows of_replay = {report->store, 0};
	const struct row_source trace_rows = {each, &of_trace};
	const struct row_source replay_rows = {each, &of_replay};
	const struct kept_source source = {&trace_rows, &replay_rows, 0};
	enum err err = store_snapshot(report->store, error);

	if (err != ERR_OK)
		return err;
	err = find_replay(report, trace, &of_replay.owner, error);
	if (err == ERR_OK)
		err = kept_load(kept, &source, error);
	store_snapshot_end(report->store);
	return err;
}

static enum err expect_finding(const struct report *report, const struct report_trace *trace, struct error *error)
{
	uint64_t wanted = report->choice.report.filter.finding;
	size_t count = trace->result->finding_count;

	if (wanted <= count)
		return ERR_OK;
	if (count == 0)
		return error_set(error, ERR_USAGE, "trace %" PRIu64 " has no finding", trace->id);
	return error_set(error, ERR_USAGE, "trace %" PRIu64 " has no finding %" PRIu64 ", only 1 to %zu", trace->id,
		wanted, count);
}

static enum err print_trace(struct report *report, uint64_t id, struct error *error)
{
	const struct report_options *options = &report->choice.report;
	struct kept *kept = NULL;
	struct report_trace *trace;
	enum err err = load(report, id, &kept, error);

	/* The events are the truth; what was concluded from them can be made again. */
	if (err == ERR_INPUT)
		return error_wrap(error,
			"cannot report trace %" PRIu64 ", 'qgreplay analyze --trace %" PRIu64
			" --force' makes its findings anew",
			id, id);
	if (err != ERR_OK)
		return error_wrap(error, "cannot report trace %" PRIu64, id);
	trace = kept_trace(kept);
	trace->id = id;
	err = expect_finding(report, trace, error);
	if (err == ERR_OK) {
		report->choice.format->trace(&report->output.streams, options, trace, &report->totals);
		report_count(&report->totals, options, trace);
		err = check_output_flush(&report->output, error);
	}
	if (err == ERR_OK)
		err = check_output_keep(&report->output, error);
	kept_free(kept);
	return err;
}

static enum err print_all(struct report *report, const struct command_call *call, struct error *error)
{
	enum err err = ERR_OK;

	report->failures = memory_zeroed(report->traces.count * sizeof(*report->failures));
	for (size_t i = 0; i < report->traces.count && err == ERR_OK; i++) {
		struct failure *failure = &report->failures[report->failure_count];

		err = print_trace(report, report->traces.all[i], &failure->error);
		if (err != ERR_INPUT) {
			if (err != ERR_OK && error != NULL)
				*error = failure->error;
			continue;
		}
		call->trouble(failure->error.text);
		snprintf(failure->name, sizeof(failure->name), "trace %" PRIu64, report->traces.all[i]);
		report->failure_count++;
		err = check_output_drop(&report->output, error);
	}
	return err;
}

static enum err send(struct report *report, struct command_call *call, struct error *error)
{
	struct report_failure *failures = memory_zeroed(report->failure_count * sizeof(*failures));
	const struct report_ending ending = {&report->choice.report, &report->totals, failures, report->failure_count,
		(int)report_choice_verdict(&report->choice, &report->totals, report->failure_count)};
	enum err err;

	for (size_t i = 0; i < report->failure_count; i++)
		failures[i] = (struct report_failure){report->failures[i].name, report->failures[i].error.text};
	err = check_output_send(&report->output, STDOUT_FILENO, report->choice.format, &ending, error);
	report_choice_warn(&report->totals, call);
	call->exit_code = (enum command_exit)ending.exit_code;
	free(failures);
	return err;
}

static enum err run(struct command_call *call, struct error *error)
{
	struct report report = {0};
	enum err err = read_options(&report, call, error);

	if (err == ERR_OK && !call->help_wanted) {
		err = db_option_open(&report.store, report.db_name, STORE_READ, error);
		if (err == ERR_OK)
			err = choose_traces(&report, error);
		if (err == ERR_OK)
			err = check_output_open(&report.output, error);
		if (err == ERR_OK)
			err = print_all(&report, call, error);
		if (err == ERR_OK)
			err = send(&report, call, error);
	}
	check_output_close(&report.output);
	store_close(report.store);
	trace_ids_release(&report.traces);
	free(report.failures);
	return err;
}

const struct command command_report = {
	.name = "report",
	.summary = "Prints what was found in traces of the store, in any form",
	.synopsis = "report [options] [--trace N]... [--finding N]",
	.about = "Prints of each trace what `qgreplay check` prints, from the store and without reading the events "
		 "again:\n"
		 "of those that --trace names, or of all. `qgreplay traces` lists which there are.\n",
	.options = "      --db FILE           the store (default: $QGREPLAY_DB, else qgreplay.db)\n"
		   "  -t, --trace N           only this trace; can be given several times\n"
		   "      --finding N         only this finding of a single trace, in full\n" REPORT_CHOICE_HELP
		   "  -h, --help              show this help\n",
	.examples = "  qgreplay report --trace 3\n"
		    "  qgreplay report --trace 3 --finding 1 --format mail\n"
		    "  qgreplay report --format json | jq '.findings[] | {trace, kind, root, ino, bytes}'\n",
	.exits = "  0  nothing found at or above --fail-on\n"
		 "  1  findings\n",
	.run = run,
};
