/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/import_options.h"

#include <getopt.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "cmd/db_option.h"
#include "cmd/report_choice.h"

enum option_code {
	OPTION_FORMAT = 'f',
	OPTION_HELP = 'h',
	OPTION_DB = 256,
	OPTION_HOST,
	OPTION_LIMITS,
	OPTION_DMESG,
	OPTION_FAIL_ON,
	OPTION_WAIT,
	OPTION_FRESH,
	OPTION_NO_SANDBOX
};

static const struct option longs[] = {
	{"format", required_argument, NULL, OPTION_FORMAT},
	{"db", required_argument, NULL, OPTION_DB},
	{"host", required_argument, NULL, OPTION_HOST},
	{"limits", required_argument, NULL, OPTION_LIMITS},
	{"dmesg", required_argument, NULL, OPTION_DMESG},
	{"fail-on", required_argument, NULL, OPTION_FAIL_ON},
	{"wait", required_argument, NULL, OPTION_WAIT},
	{"fresh", no_argument, NULL, OPTION_FRESH},
	{"no-sandbox", no_argument, NULL, OPTION_NO_SANDBOX},
	{"help", no_argument, NULL, OPTION_HELP},
	{NULL, 0, NULL, 0},
};

const char import_options_help[] =
	"      --db FILE           the store (default: $QGREPLAY_DB, else qgreplay.db); made where there is none\n"
	"      --host NAME         the machine on which the traces were recorded\n"
	"  -f, --format FORMAT     text (default: a line for each trace), or json\n"
	"      --fail-on SEVERITY  exit 1 for findings from this severity on: error (default), warning, note\n"
	"      --fresh             the traces begin at mount: nothing was reserved before them\n"
	"      --limits FILE       limits of qgroups, as `btrfs qgroup show -re --raw` prints them\n"
	"      --dmesg FILE        the kernel's log of the run: what it says is joined with the findings\n"
	"      --wait SECONDS      how long to wait while another process writes to the store (default: 30)\n"
	"      --no-sandbox        do not confine the decoder, for systems without seccomp or Landlock\n"
	"  -h, --help              show this help\n";

static enum err read_wait(struct import_options *options, const char *text, struct error *error)
{
	uint64_t seconds;
	enum err err = command_number(&seconds, text, "--wait", false, error);

	if (err != ERR_OK)
		return err;
	if (seconds > 86400)
		return error_set(error, ERR_USAGE, "--wait wants at most 86400 seconds, not '%s'", text);
	options->wait_ms = seconds == 0 ? 1 : (uint32_t)seconds * 1000;
	return ERR_OK;
}

static enum err read_option(struct import_options *options, int code, const char *text, struct error *error)
{
	switch (code) {
	case OPTION_FORMAT:
		return command_format(&options->json, text, error);
	case OPTION_FAIL_ON:
		return report_choice_severity(&options->fail_on, text, error);
	case OPTION_WAIT:
		return read_wait(options, text, error);
	case OPTION_DB:
		options->db_name = text;
		return ERR_OK;
	case OPTION_HOST:
		return db_option_host(&options->host, text, error);
	case OPTION_LIMITS:
		options->limits_name = text;
		return ERR_OK;
	case OPTION_DMESG:
		options->dmesg_name = text;
		return ERR_OK;
	case OPTION_FRESH:
		options->fresh = true;
		return ERR_OK;
	case OPTION_NO_SANDBOX:
		options->sandboxed = false;
		return ERR_OK;
	default:
		return ERR_OK;
	}
}

static void add_name(struct import_names *names, const char *name)
{
	names->all = memory_grown(names->all, &names->capacity, names->count + 1, sizeof(*names->all));
	names->all[names->count++] = memory_text(name, strlen(name));
}

/* A file may be called like a pattern: it is one only where there is no such file. */
static enum err add_names(struct import_options *options, const char *word, struct error *error)
{
	glob_t found;
	int failure;

	if (strpbrk(word, "*?[") == NULL || access(word, F_OK) == 0) {
		add_name(&options->names, word);
		return ERR_OK;
	}
	failure = glob(word, 0, NULL, &found);
	if (failure == GLOB_NOMATCH) {
		add_name(&options->unfit, word);
		return ERR_OK;
	}
	if (failure != 0)
		return error_set(error, ERR_SYSTEM, "cannot look for files that fit '%s'", word);
	for (size_t i = 0; i < found.gl_pathc; i++)
		add_name(&options->names, found.gl_pathv[i]);
	globfree(&found);
	return ERR_OK;
}

static enum err read_names(struct import_options *options, const struct command_call *call, struct error *error)
{
	size_t stdin_count = 0;
	enum err err = ERR_OK;

	if (optind >= call->argc)
		return error_set(error, ERR_USAGE, "no trace given, name one or use '-' for stdin");
	for (int i = optind; i < call->argc && err == ERR_OK; i++) {
		stdin_count += strcmp(call->argv[i], "-") == 0;
		err = add_names(options, call->argv[i], error);
	}
	if (err == ERR_OK && stdin_count > 1)
		return error_set(error, ERR_USAGE, "'-' can be given only once, stdin is read only once");
	return err;
}

enum err import_options_read(struct import_options *options, struct command_call *call, struct error *error)
{
	enum err err = ERR_OK;
	int code;

	*options =
		(struct import_options){.db_name = db_option_default(), .fail_on = SEVERITY_ERROR, .sandboxed = true};
	opterr = 0;
	optind = 0; /* lets glibc start anew, for a second call in one process */
	while (err == ERR_OK && (code = getopt_long(call->argc, call->argv, ":hf:", longs, NULL)) != -1) {
		if (code == '?' || code == ':')
			return command_option_refused(code, call, error);
		if (code == OPTION_HELP) {
			call->help_wanted = true;
			return ERR_OK;
		}
		err = read_option(options, code, optarg, error);
	}
	return err == ERR_OK ? read_names(options, call, error) : err;
}

static void release_names(struct import_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->all[i]);
	free(names->all);
}

void import_options_release(struct import_options *options)
{
	release_names(&options->names);
	release_names(&options->unfit);
}
