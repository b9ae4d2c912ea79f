/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * check - reads traces, replays them, and prints what does not match.
 *
 * Each trace is read, replayed and reported by a child of its own, so that one which brings the decoder down takes
 * neither the others' results with it nor the caller. The report waits in unlinked files until all are done.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/memory.h"
#include "cmd/check_cut.h"
#include "cmd/check_options.h"
#include "cmd/check_output.h"
#include "cmd/command.h"
#include "cmd/db_option.h"
#include "cmd/deposit.h"
#include "cmd/intake.h"
#include "cmd/ledger.h"
#include "cmd/new_file.h"
#include "cmd/pipeline.h"
#include "cmd/sandbox.h"
#include "cmd/side_files.h"

/*
 * What the child hands back, in memory that it shares with the parent. It may be anything when the trace took the child
 * over: any bytes can be read, none can change what is known of other traces.
 */
struct shared {
	struct pipeline_progress progress;
	struct report_totals totals; /* of this trace alone */
	int ledger_failure;	     /* errno of what the child could not write there */
	uint8_t finished; /* not 0: the work ended by itself, well or not, and its error text names the trace */
};

struct check {
	const struct check_options *options;
	struct check_output output;
	struct ledger ledger;
	struct shared *shared;
	struct report_totals totals;	 /* of the traces that were kept */
	struct report_failure *failures; /* room for all traces; their texts are in `troubles` */
	struct error *troubles;
	size_t failure_count;
	struct intake intake; /* of the trace at hand */
	uint32_t number;      /* its place on the command line */
	struct new_file cut;
	struct deposit deposit;
	struct deposit_slip slip;
	struct progress progress;
};

/* Without room for its samples a trace is reported all the same, but for a ledger that was asked for. */
static void draw(struct check *check, struct pipeline *pipeline)
{
	struct whatif_rows *rows = ledger_rows(&check->ledger, &check->options->shown.report, pipeline_trace(pipeline));
	bool drawn = check->intake.input.samples_fd <= 0 ||
		     pipeline_draw(pipeline, rows, check->options->shown.format->series, NULL) == ERR_OK;
	int failure = ledger_rows_end(&check->ledger, rows);

	check->shared->ledger_failure = drawn ? failure : ENOSPC;
}

/* In the child. */
static enum err cut_finding(struct check *check, const struct pipeline *pipeline, struct error *error)
{
	const struct check_cut_request request = {.trace = pipeline_trace(pipeline),
		.finding = check->options->cut_finding,
		.trace_fd = check->intake.input.fd,
		.spool_fd = check->intake.again_spool_fd,
		.output_fd = check->cut.fd,
		.replay = check->intake.input.replay};

	return check->options->cut_name != NULL ? check_cut_write(&request, error) : ERR_OK;
}

/* In the child. */
static enum err check_trace(void *context, struct error *error)
{
	struct check *check = context;
	const struct report_options *options = &check->options->shown.report;
	struct pipeline *pipeline = NULL;
	enum err err = side_files_read(&check->intake.side, &check->intake.input.replay, error);

	if (err == ERR_OK)
		err = pipeline_run(&pipeline, &check->intake.input, error);
	if (err == ERR_OK) {
		draw(check, pipeline);
		check->options->shown.format->trace(
			&check->output.streams, options, pipeline_trace(pipeline), &check->totals);
		report_count(&check->shared->totals, options, pipeline_trace(pipeline));
		err = check_output_flush(&check->output, error);
	}
	if (err == ERR_OK)
		err = cut_finding(check, pipeline, error);
	if (err == ERR_OK && check->intake.input.rows_fd > 0)
		err = pipeline_keep(pipeline, &check->intake.input, error);
	pipeline_free(pipeline);
	side_files_release(&check->intake.side);
	check->shared->finished = 1;
	return err;
}

static struct intake_wish wish_of(const struct check *check)
{
	const struct check_options *options = check->options;

	return (struct intake_wish){.limits_name = options->limits_name,
		.dmesg_name = options->dmesg_name,
		.samples = options->shown.format->what_if || check->ledger.stream != NULL,
		.rows = options->db_name != NULL,
		.again = options->cut_name != NULL,
		.confined = options->sandboxed};
}

/* What is stored already is checked all the same: its report was asked for. */
static enum err deposit_one(struct check *check, struct error *error)
{
	enum err err;

	if (check->options->db_name == NULL)
		return ERR_OK;
	err = deposit_hash(&check->intake, &check->slip, error);
	if (err == ERR_OK)
		err = deposit_look_up(&check->deposit, &check->slip, error);
	return err == ERR_OK && !check->slip.loaded.known
		       ? deposit_load(&check->deposit, &check->intake, &check->slip, error)
		       : err;
}

static void say_known(const struct check *check, const char *name, struct command_call *call)
{
	struct error note;

	error_set(&note, ERR_OK, "'%s' is in the store already, as trace %" PRIu64, name, check->slip.loaded.trace);
	if (check->options->db_name != NULL && check->slip.loaded.known)
		call->trouble(note.text);
}

static enum err check_one(struct check *check, const char *name, struct error *error)
{
	const struct intake_wish wish = wish_of(check);
	enum err err = intake_open(&check->intake, name, &wish, error);

	check->intake.progress = &check->progress;
	check->intake.input.progress = &check->shared->progress;
	check->intake.input.id = check->number;
	check->intake.input.hashed = check->options->shown.format->hashed;
	check->intake.input.replay =
		(struct replay_options){.fresh = check->options->fresh, .log_shared = check->options->name_count > 1};
	if (err == ERR_OK)
		err = intake_run(&check->intake, check_trace, check, &check->shared->finished, error);
	if (err == ERR_OK)
		err = deposit_one(check, error);
	intake_close(&check->intake);
	return err;
}

static void note_failure(struct check *check, const char *name, const struct error *error)
{
	size_t index = check->failure_count++;

	check->troubles[index] = *error;
	check->failures[index] = (struct report_failure){name, check->troubles[index].text};
}

/* Ends early only when our own files fail: what is wrong with a trace is shown, and the next one is read. */
static enum err check_all(struct check *check, struct command_call *call, struct error *error)
{
	enum err err = ERR_OK;

	for (int i = 0; i < check->options->name_count && err == ERR_OK; i++) {
		const char *given = check->options->names[i];
		const char *name = strcmp(given, "-") == 0 ? "stdin" : given;
		struct error trouble = {0};

		check->number = (uint32_t)i + 1;
		*check->shared = (struct shared){.finished = 0};
		if (check_one(check, given, &trouble) == ERR_OK) {
			check->shared->totals.traces = 1;
			report_add(&check->totals, &check->shared->totals);
			ledger_keep(&check->ledger, check->shared->ledger_failure);
			err = check_output_keep(&check->output, error);
			say_known(check, name, call);
			continue;
		}
		call->trouble(trouble.text);
		note_failure(check, name, &trouble);
		ledger_drop(&check->ledger);
		err = check_output_drop(&check->output, error);
	}
	return err;
}

static enum command_exit verdict(const struct check *check)
{
	return report_choice_verdict(&check->options->shown, &check->totals, check->failure_count);
}

/* What is written takes the place of nothing that is read. */
static enum err spare_inputs(const struct check_options *options, const struct new_file *file, struct error *error)
{
	enum err err = new_file_spares(file, options->limits_name, error);

	if (err == ERR_OK)
		err = new_file_spares(file, options->dmesg_name, error);
	if (err == ERR_OK && options->db_name != NULL)
		err = db_option_spared(file, options->db_name, error);
	for (int i = 0; i < options->name_count && err == ERR_OK; i++)
		err = new_file_spares(file, options->names[i], error);
	return err;
}

static enum err open_ledger(struct check *check, struct error *error)
{
	const struct check_options *options = check->options;
	enum err err = ledger_open(&check->ledger, options->ledger_name, error);

	if (err == ERR_OK && options->ledger_name != NULL)
		err = spare_inputs(options, &check->ledger.file, error);
	return err;
}

static enum err open_cut(struct check *check, struct error *error)
{
	const struct check_options *options = check->options;
	enum err err;

	if (options->cut_name == NULL)
		return ERR_OK;
	if (options->ledger_name != NULL && strcmp(options->cut_name, options->ledger_name) == 0)
		return error_set(error, ERR_USAGE, "--cut and --ledger name the same file '%s', name another one",
			options->cut_name);
	err = new_file_open(&check->cut, options->cut_name, error);
	if (err == ERR_OK)
		err = spare_inputs(options, &check->cut, error);
	return err == ERR_OK ? check_cut_spares(options->cut_name, error) : err;
}

static enum err check_and_send(struct check *check, struct command_call *call, struct error *error)
{
	enum err err = open_ledger(check, error);

	if (err == ERR_OK)
		err = check_output_open(&check->output, error);
	if (err == ERR_OK)
		err = check_all(check, call, error);
	if (err == ERR_OK && check->options->cut_name != NULL && check->failure_count == 0)
		err = new_file_keep(&check->cut, error);
	if (err == ERR_OK) {
		struct report_ending ending = {&check->options->shown.report, &check->totals, check->failures,
			check->failure_count, (int)verdict(check)};

		err = check_output_send(&check->output, STDOUT_FILENO, check->options->shown.format, &ending, error);
		report_choice_warn(&check->totals, call);
		call->exit_code = verdict(check);
	}
	if (err == ERR_OK)
		err = ledger_finish(&check->ledger, error);
	check_output_close(&check->output);
	ledger_close(&check->ledger);
	return err;
}

static enum err run(struct command_call *call, struct error *error)
{
	struct check_options options;
	struct check check = {.options = &options};
	enum err err = check_options_read(&options, call, error);

	if (err != ERR_OK || call->help_wanted)
		return err;
	check.shared = mmap(NULL, sizeof(*check.shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (check.shared == MAP_FAILED)
		return error_set(error, ERR_SYSTEM, "cannot share memory with the decoder: %s", strerror(errno));
	check.progress = (struct progress){.call = call, .at = &check.shared->progress};
	check.failures = memory_zeroed((size_t)options.name_count * sizeof(*check.failures));
	check.troubles = memory_zeroed((size_t)options.name_count * sizeof(*check.troubles));
	check.deposit = (struct deposit){options.db_name, options.host, 0};
	err = open_cut(&check, error);
	if (err == ERR_OK && options.db_name != NULL)
		err = deposit_prepare(&check.deposit, error);
	if (err == ERR_OK)
		err = check_and_send(&check, call, error);
	new_file_drop(&check.cut);
	free(check.failures);
	free(check.troubles);
	munmap(check.shared, sizeof(*check.shared));
	return err;
}

const struct command command_check = {
	.name = "check",
	.summary = "Reads traces, replays their reservations, and prints every free that does not match",
	.synopsis = "check [options] TRACE...",
	.about = "TRACE is a trace.dat file (version 6 or 7), or the text of ftrace, trace-cmd report (also -R) or "
		 "perf\n"
		 "script, also packed with gzip or zstd; '-' is stdin. What it is, is recognised by its content. A "
		 "trace\n"
		 "that cannot be read does not hide the results of the others.\n",
	.options = check_options_help,
	.examples = "  qgreplay check trace.dat\n"
		    "  trace-cmd report trace.dat | qgreplay check -\n"
		    "  qgreplay check --format mail --root 257 trace.dat\n"
		    "  qgreplay check --format json *.dat | jq '.findings[] | {kind, root, ino, bytes}'\n",
	.exits = "  0  nothing found at or above --fail-on\n"
		 "  1  findings\n",
	.run = run,
};
