/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/analyze_options.h"

#include <getopt.h>

#include "cmd/report_choice.h"

enum option_code {
	OPTION_FORMAT = 'f',
	OPTION_HELP = 'h',
	OPTION_TRACE = 't',
	OPTION_ALL = 'a',
	OPTION_DB = 256,
	OPTION_FORCE,
	OPTION_FRESH,
	OPTION_NOT_FRESH,
	OPTION_DMESG,
	OPTION_FAIL_ON,
	OPTION_NO_SANDBOX
};

static const struct option longs[] = {
	{"db", required_argument, NULL, OPTION_DB},
	{"trace", required_argument, NULL, OPTION_TRACE},
	{"all", no_argument, NULL, OPTION_ALL},
	{"force", no_argument, NULL, OPTION_FORCE},
	{"fresh", no_argument, NULL, OPTION_FRESH},
	{"not-fresh", no_argument, NULL, OPTION_NOT_FRESH},
	{"dmesg", required_argument, NULL, OPTION_DMESG},
	{"format", required_argument, NULL, OPTION_FORMAT},
	{"fail-on", required_argument, NULL, OPTION_FAIL_ON},
	{"no-sandbox", no_argument, NULL, OPTION_NO_SANDBOX},
	{"help", no_argument, NULL, OPTION_HELP},
	{NULL, 0, NULL, 0},
};

const char analyze_options_help[] =
	"      --db FILE           the store (default: $QGREPLAY_DB, else qgreplay.db)\n"
	"  -t, --trace N           this trace, by its number in the store; may be given several times\n"
	"  -a, --all               all traces of the store\n"
	"      --force             also traces that this version has replayed with the same options\n"
	"      --fresh             the traces begin at mount: nothing was reserved before them\n"
	"      --not-fresh         that is not known (without either: as at the last replay)\n"
	"      --dmesg FILE        the kernel's log of the run, with a single trace: logs are not stored\n"
	"  -f, --format FORMAT     text (default) or json\n"
	"      --fail-on SEVERITY  exit 1 when something of this severity or above came: error (default),\n"
	"                          warning, note\n"
	"      --no-sandbox        do not confine the replay, for systems without seccomp or Landlock\n"
	"  -h, --help              show this help\n";

static enum err read_option(struct analyze_options *options, int code, const char *text, struct error *error)
{
	switch (code) {
	case OPTION_DB:
		options->db_name = text;
		return ERR_OK;
	case OPTION_TRACE:
		return trace_ids_add(&options->traces, text, "--trace", error);
	case OPTION_ALL:
		options->all = true;
		return ERR_OK;
	case OPTION_FORCE:
		options->force = true;
		return ERR_OK;
	case OPTION_FRESH:
		options->fresh = ANALYZE_FRESH;
		return ERR_OK;
	case OPTION_NOT_FRESH:
		options->fresh = ANALYZE_NOT_FRESH;
		return ERR_OK;
	case OPTION_DMESG:
		options->dmesg_name = text;
		return ERR_OK;
	case OPTION_FORMAT:
		return command_format(&options->json, text, error);
	case OPTION_FAIL_ON:
		return report_choice_severity(&options->fail_on, text, error);
	case OPTION_NO_SANDBOX:
		options->sandboxed = false;
		return ERR_OK;
	default:
		return ERR_OK;
	}
}

static enum err check_choice(
	const struct analyze_options *options, const struct command_call *call, struct error *error)
{
	if (optind < call->argc)
		return error_set(error, ERR_USAGE,
			"analyze takes no file such as '%s': name stored traces with --trace, or --all",
			call->argv[optind]);
	if (options->all == (options->traces.count > 0))
		return error_set(error, ERR_USAGE, "name traces with --trace, or all with --all%s",
			options->all ? ", not both" : "");
	if (options->dmesg_name != NULL && (options->all || options->traces.count != 1))
		return error_set(error, ERR_USAGE, "--dmesg is the log of one trace, name a single one with --trace");
	return ERR_OK;
}

enum err analyze_options_read(struct analyze_options *options, struct command_call *call, struct error *error)
{
	enum err err = ERR_OK;
	int code;

	*options = (struct analyze_options){.fail_on = SEVERITY_ERROR, .sandboxed = true};
	opterr = 0;
	optind = 0; /* lets glibc start anew, for a second call in one process */
	while (err == ERR_OK && (code = getopt_long(call->argc, call->argv, ":hf:t:a", longs, NULL)) != -1) {
		if (code == '?' || code == ':')
			return command_option_refused(code, call, error);
		if (code == OPTION_HELP) {
			call->help_wanted = true;
			return ERR_OK;
		}
		err = read_option(options, code, optarg, error);
	}
	return err == ERR_OK ? check_choice(options, call, error) : err;
}

void analyze_options_release(struct analyze_options *options)
{
	trace_ids_release(&options->traces);
}
