/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * check - reads traces, replays them, and prints what does not match.
 *
 * Each trace is read, replayed and reported by a child of its own, so that one which brings the decoder down takes
 * neither the others' results with it nor the caller. The report waits in unlinked files until all are done.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "cmd/check_cut.h"
#include "cmd/check_options.h"
#include "cmd/check_output.h"
#include "cmd/command.h"
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
	struct pipeline_input input; /* the trace at hand */
	struct new_file cut;
	int cut_spool_fd; /* for the second reading, or -1 */
	struct side_files side;
};

/* Without room for its samples a trace is reported all the same, but for a ledger that was asked for. */
static void draw(struct check *check, struct pipeline *pipeline)
{
	struct whatif_rows *rows = ledger_rows(&check->ledger, &check->options->report, pipeline_trace(pipeline));
	bool drawn = check->input.samples_fd < 0 ||
		     pipeline_draw(pipeline, rows, check->options->format->series, NULL) == ERR_OK;
	int failure = ledger_rows_end(&check->ledger, rows);

	check->shared->ledger_failure = drawn ? failure : ENOSPC;
}

/* In the child. */
static enum err cut_finding(struct check *check, const struct pipeline *pipeline, struct error *error)
{
	const struct check_cut_request request = {.trace = pipeline_trace(pipeline),
		.finding = check->options->cut_finding,
		.trace_fd = check->input.fd,
		.spool_fd = check->cut_spool_fd,
		.output_fd = check->cut.fd,
		.replay = check->input.replay};

	return check->options->cut_name != NULL ? check_cut_write(&request, error) : ERR_OK;
}

/* In the child. */
static enum err check_trace(void *context, struct error *error)
{
	struct check *check = context;
	const struct report_options *options = &check->options->report;
	struct pipeline *pipeline = NULL;
	enum err err = side_files_read(&check->side, &check->input.replay, error);

	if (err == ERR_OK)
		err = pipeline_run(&pipeline, &check->input, error);
	if (err == ERR_OK) {
		draw(check, pipeline);
		check->options->format->trace(
			&check->output.streams, options, pipeline_trace(pipeline), &check->totals);
		report_count(&check->shared->totals, options, pipeline_trace(pipeline));
		err = check_output_flush(&check->output, error);
	}
	if (err == ERR_OK)
		err = cut_finding(check, pipeline, error);
	pipeline_free(pipeline);
	side_files_release(&check->side);
	check->shared->finished = 1;
	return err;
}

static enum err run_confined(struct check *check, struct error *error)
{
	struct stat status;
	bool sized = fstat(check->input.fd, &status) == 0 && S_ISREG(status.st_mode);
	struct sandbox_options limits = sandbox_defaults(sized ? (uint64_t)status.st_size : SANDBOX_INPUT_UNKNOWN);
	enum err err;

	limits.confined = check->options->sandboxed;
	check->shared->finished = 0;
	err = sandbox_run(&limits, check_trace, check, error);
	if (err != ERR_OK && check->shared->finished == 0)
		error_wrap(error, "cannot read '%s'", check->input.name);
	return err;
}

static enum err open_trace(int *fd, const char *name, struct error *error)
{
	struct stat status;

	if (strcmp(name, "-") == 0) {
		*fd = STDIN_FILENO;
		return ERR_OK;
	}
	*fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (*fd < 0)
		return error_set(error, ERR_INPUT, "cannot read '%s': %s", name, strerror(errno));
	if (fstat(*fd, &status) != 0 || !S_ISDIR(status.st_mode))
		return ERR_OK;
	close(*fd);
	*fd = -1;
	return error_set(error, ERR_INPUT, "cannot read '%s': it is a directory, name the trace in it", name);
}

static enum err prepare_cut(struct check *check, struct error *error)
{
	struct stat status;

	if (check->options->cut_name == NULL)
		return ERR_OK;
	if (fstat(check->input.fd, &status) != 0 || !S_ISREG(status.st_mode))
		return error_set(
			error, ERR_USAGE, "--cut reads the trace twice, save '%s' to a file first", check->input.name);
	return check_output_spool(&check->cut_spool_fd, error);
}

static enum err check_one(struct check *check, const char *name, struct error *error)
{
	const struct check_options *options = check->options;
	enum err err = side_files_open(&check->side, options->limits_name, options->dmesg_name, error);

	check->input.fd = check->input.spool_fd = check->input.samples_fd = -1;
	check->cut_spool_fd = -1;
	if (err == ERR_OK)
		err = open_trace(&check->input.fd, name, error);
	if (err == ERR_OK)
		err = check_output_spool(&check->input.spool_fd, error);
	if (err == ERR_OK && (options->format->what_if || check->ledger.stream != NULL))
		err = check_output_spool(&check->input.samples_fd, error);
	if (err == ERR_OK)
		err = prepare_cut(check, error);
	if (err == ERR_OK)
		err = run_confined(check, error);
	if (check->input.samples_fd >= 0)
		close(check->input.samples_fd);
	if (check->input.spool_fd >= 0)
		close(check->input.spool_fd);
	if (check->cut_spool_fd >= 0)
		close(check->cut_spool_fd);
	side_files_close(&check->side);
	if (check->input.fd > STDERR_FILENO)
		close(check->input.fd);
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

		check->input = (struct pipeline_input){.id = (uint32_t)i + 1,
			.name = name,
			.hashed = check->options->format->hashed,
			.replay = {.fresh = check->options->fresh, .log_shared = check->options->name_count > 1}};
		check->shared->totals = (struct report_totals){0};
		check->shared->ledger_failure = 0;
		if (check_one(check, given, &trouble) == ERR_OK) {
			check->shared->totals.traces = 1;
			report_add(&check->totals, &check->shared->totals);
			ledger_keep(&check->ledger, check->shared->ledger_failure);
			err = check_output_keep(&check->output, error);
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
	if (check->failure_count != 0 || check->totals.places == 0)
		return COMMAND_TROUBLE;
	for (int severity = (int)check->options->report.fail_on; severity < SEVERITY_COUNT; severity++)
		if (check->totals.severities[severity] != 0)
			return COMMAND_FOUND;
	return COMMAND_CLEAN;
}

/* A filter that fits nothing is more likely a slip than good news. */
static void warn_of_empty_filter(const struct check *check, struct command_call *call)
{
	if (check->totals.traces != 0 && check->totals.places == 0)
		call->trouble(
			"no trace holds that filesystem and root, leave out --fsid and --root to see which there are");
}

/* What is written takes the place of nothing that is read. */
static enum err spare_inputs(const struct check_options *options, const struct new_file *file, struct error *error)
{
	enum err err = new_file_spares(file, options->limits_name, error);

	if (err == ERR_OK)
		err = new_file_spares(file, options->dmesg_name, error);
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
	return err == ERR_OK ? spare_inputs(options, &check->cut, error) : err;
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
		struct report_ending ending = {&check->options->report, &check->totals, check->failures,
			check->failure_count, (int)verdict(check)};

		err = check_output_send(&check->output, STDOUT_FILENO, check->options->format, &ending, error);
		warn_of_empty_filter(check, call);
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
	check.failures = memory_zeroed((size_t)options.name_count * sizeof(*check.failures));
	check.troubles = memory_zeroed((size_t)options.name_count * sizeof(*check.troubles));
	err = open_cut(&check, error);
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
