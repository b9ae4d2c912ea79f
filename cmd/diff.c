/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * diff - says which findings came and went between two traces, or two runs.
 *
 * Both sides are read, compared and reported in one confined child; the report waits in an unlinked file.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/report/compare.h"
#include "cmd/check_output.h"
#include "cmd/command.h"
#include "cmd/diff_side.h"
#include "cmd/report_choice.h"
#include "cmd/sandbox.h"

enum option_code {
	OPTION_FORMAT = 'f',
	OPTION_HELP = 'h',
	OPTION_ALL = 'a',
	OPTION_FAIL_ON = 256,
	OPTION_FRESH,
	OPTION_NO_SANDBOX
};

static const struct option longs[] = {
	{"format", required_argument, NULL, OPTION_FORMAT},
	{"fail-on", required_argument, NULL, OPTION_FAIL_ON},
	{"all", no_argument, NULL, OPTION_ALL},
	{"fresh", no_argument, NULL, OPTION_FRESH},
	{"no-sandbox", no_argument, NULL, OPTION_NO_SANDBOX},
	{"help", no_argument, NULL, OPTION_HELP},
	{NULL, 0, NULL, 0},
};

/* What the child hands back. It may be anything when an input took the child over: any bytes can be read. */
struct shared {
	uint64_t came[SEVERITY_COUNT];
	uint8_t finished; /* not 0: the work ended by itself, and its error text names the input */
};

enum { SIDES = 2 };

struct diff {
	struct compare_options options;
	bool json;
	bool sandboxed;
	struct replay_options replay;
	struct diff_input inputs[SIDES];
	FILE *report;
	struct shared *shared;
};

static enum err read_option(struct diff *diff, int code, struct command_call *call, struct error *error)
{
	switch (code) {
	case OPTION_FORMAT:
		return command_format(&diff->json, optarg, error);
	case OPTION_FAIL_ON:
		return report_choice_severity(&diff->options.fail_on, optarg, error);
	case OPTION_ALL:
		diff->options.all = true;
		return ERR_OK;
	case OPTION_FRESH:
		diff->replay.fresh = true;
		return ERR_OK;
	case OPTION_NO_SANDBOX:
		diff->sandboxed = false;
		return ERR_OK;
	case OPTION_HELP:
		call->help_wanted = true;
		return ERR_OK;
	default:
		return command_option_refused(code, call, error);
	}
}

static enum err read_options(struct diff *diff, struct command_call *call, struct error *error)
{
	enum err err = ERR_OK;
	int code;

	opterr = 0;
	optind = 0; /* lets glibc start anew, for a second call in one process */
	while (err == ERR_OK && (code = getopt_long(call->argc, call->argv, ":hf:a", longs, NULL)) != -1) {
		err = read_option(diff, code, call, error);
		if (call->help_wanted)
			return ERR_OK;
	}
	if (err != ERR_OK)
		return err;
	if (call->argc - optind != SIDES)
		return error_set(error, ERR_USAGE, "diff wants two traces or reports, try 'qgreplay diff --help'");
	for (int i = 0; i < SIDES; i++)
		diff->inputs[i].name = call->argv[optind + i];
	if (strcmp(diff->inputs[0].name, "-") == 0 && strcmp(diff->inputs[1].name, "-") == 0)
		return error_set(error, ERR_USAGE, "'-' can be given only once, stdin is read only once");
	return ERR_OK;
}

static enum err open_input(struct diff *diff, struct diff_input *input, struct error *error)
{
	bool is_stdin = strcmp(input->name, "-") == 0;
	enum err err;

	input->replay = diff->replay;
	input->fd = is_stdin ? STDIN_FILENO : open(input->name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (input->fd < 0)
		return error_set(error, ERR_INPUT, "cannot read '%s': %s", input->name, strerror(errno));
	if (is_stdin)
		input->name = "stdin";
	err = check_output_spool(&input->copy_fd, error);
	return err == ERR_OK ? check_output_spool(&input->spool_fd, error) : err;
}

static enum err open_report(struct diff *diff, struct error *error)
{
	int fd;
	enum err err = check_output_spool(&fd, error);

	if (err != ERR_OK)
		return err;
	diff->report = fdopen(fd, "w+");
	if (diff->report != NULL)
		return ERR_OK;
	close(fd);
	return error_set(error, ERR_SYSTEM, "cannot use a temporary file: %s", strerror(errno));
}

static enum err open_all(struct diff *diff, struct error *error)
{
	enum err err = open_report(diff, error);

	for (int i = 0; i < SIDES && err == ERR_OK; i++)
		err = open_input(diff, &diff->inputs[i], error);
	if (err != ERR_OK)
		return err;
	diff->shared = mmap(NULL, sizeof(*diff->shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (diff->shared != MAP_FAILED)
		return ERR_OK;
	diff->shared = NULL;
	return error_set(error, ERR_SYSTEM, "cannot share memory with the decoder: %s", strerror(errno));
}

static void close_all(struct diff *diff)
{
	for (int i = 0; i < SIDES; i++) {
		const int fds[] = {diff->inputs[i].fd, diff->inputs[i].copy_fd, diff->inputs[i].spool_fd};

		for (size_t j = 0; j < sizeof(fds) / sizeof(fds[0]); j++)
			if (fds[j] > STDERR_FILENO)
				close(fds[j]);
	}
	if (diff->report != NULL)
		fclose(diff->report);
	if (diff->shared != NULL)
		munmap(diff->shared, sizeof(*diff->shared));
}

static enum err write_report(struct diff *diff, struct compare_side sides[SIDES], struct error *error)
{
	struct comparison comparison;

	compare_sides(&comparison, &sides[0], &sides[1]);
	if (diff->json)
		compare_json(diff->report, &comparison, &diff->options);
	else
		compare_text(diff->report, &comparison, &diff->options);
	memcpy(diff->shared->came, comparison.severities[COMPARE_CAME], sizeof(diff->shared->came));
	comparison_release(&comparison);
	if (fflush(diff->report) == 0 && !ferror(diff->report))
		return ERR_OK;
	return error_set(error, ERR_SYSTEM, "cannot write the report to a temporary file: %s", strerror(errno));
}

/* In the child. */
static enum err compare(void *context, struct error *error)
{
	struct diff *diff = context;
	struct compare_side sides[SIDES] = {{0}};
	enum err err = ERR_OK;

	for (int i = 0; i < SIDES && err == ERR_OK; i++)
		err = diff_side_read(&sides[i], &diff->inputs[i], error);
	if (err == ERR_OK)
		err = write_report(diff, sides, error);
	for (int i = 0; i < SIDES; i++)
		compare_release(&sides[i]);
	diff->shared->finished = 1;
	return err;
}

static enum err run_confined(struct diff *diff, struct error *error)
{
	struct sandbox_options limits;
	struct stat status;
	uint64_t size = 0;
	enum err err;

	for (int i = 0; i < SIDES; i++) {
		if (fstat(diff->inputs[i].fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size > INT32_MAX)
			size = SANDBOX_INPUT_UNKNOWN;
		else if (size != SANDBOX_INPUT_UNKNOWN)
			size += (uint64_t)status.st_size;
	}
	limits = sandbox_defaults(size);
	limits.confined = diff->sandboxed;
	err = sandbox_run(&limits, compare, diff, error);
	if (err != ERR_OK && diff->shared->finished == 0)
		error_wrap(error, "cannot compare '%s' and '%s'", diff->inputs[0].name, diff->inputs[1].name);
	return err;
}

/* What stdout takes no more of is seen by main when it flushes. */
static enum err print_report(FILE *report, struct error *error)
{
	char buffer[BUFSIZ];
	size_t got;

	rewind(report);
	while ((got = fread(buffer, 1, sizeof(buffer), report)) > 0)
		if (fwrite(buffer, 1, got, stdout) != got)
			return ERR_OK;
	if (ferror(report))
		return error_set(
			error, ERR_SYSTEM, "cannot read back the report from a temporary file: %s", strerror(errno));
	return ERR_OK;
}

static enum err run(struct command_call *call, struct error *error)
{
	struct diff diff = {.options = {.version = QGREPLAY_VERSION, .fail_on = SEVERITY_ERROR},
		.sandboxed = true,
		.inputs = {{"", -1, -1, -1, {0}}, {"", -1, -1, -1, {0}}}};
	enum err err = read_options(&diff, call, error);

	if (err != ERR_OK || call->help_wanted)
		return err;
	err = open_all(&diff, error);
	if (err == ERR_OK)
		err = run_confined(&diff, error);
	if (err == ERR_OK)
		err = print_report(diff.report, error);
	for (int severity = (int)diff.options.fail_on; err == ERR_OK && severity < SEVERITY_COUNT; severity++)
		if (diff.shared->came[severity] != 0)
			call->exit_code = COMMAND_FOUND;
	close_all(&diff);
	return err;
}

const struct command command_diff = {
	.name = "diff",
	.summary = "Says which findings came and went between two traces, or two runs",
	.synopsis = "diff [options] A B",
	.about =
		"A and B are traces in any form that `qgreplay check` reads, or reports that `qgreplay check --format\n"
		"json` made, of one trace or of many; '-' is stdin. Findings are known again by their signature, and "
		"by\n"
		"root and inode where both sides know them. Exit code 1 means that something came (see --fail-on).\n",
	.options = "  -f, --format FORMAT     text (default) or json\n"
		   "      --fail-on SEVERITY  exit 1 when something of this severity or above came: error (default),\n"
		   "                          warning, note\n"
		   "  -a, --all               text: cut no list short\n"
		   "      --fresh             the traces begin at mount: nothing was reserved before them\n"
		   "      --no-sandbox        do not confine the decoder, for systems without seccomp or Landlock\n"
		   "  -h, --help              show this help\n",
	.examples = "  qgreplay diff before.dat after.dat\n"
		    "  qgreplay check --format json run1/*.dat > run1.json\n"
		    "  qgreplay diff run1.json run2.json --fail-on warning\n",
	.exits = "  0  nothing came at or above --fail-on\n"
		 "  1  findings came\n",
	.run = run,
};
