/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/check_options.h"

#include <getopt.h>
#include <string.h>

#include "cmd/db_option.h"

enum option_code {
	OPTION_HELP = 'h',
	OPTION_NO_SANDBOX = 256,
	OPTION_FRESH,
	OPTION_LIMITS,
	OPTION_DMESG,
	OPTION_LEDGER,
	OPTION_CUT,
	OPTION_DB,
	OPTION_HOST
};

static const struct option longs[] = {
	REPORT_CHOICE_LONGS,
	{"no-sandbox", no_argument, NULL, OPTION_NO_SANDBOX},
	{"fresh", no_argument, NULL, OPTION_FRESH},
	{"limits", required_argument, NULL, OPTION_LIMITS},
	{"dmesg", required_argument, NULL, OPTION_DMESG},
	{"ledger", required_argument, NULL, OPTION_LEDGER},
	{"cut", required_argument, NULL, OPTION_CUT},
	{"db", required_argument, NULL, OPTION_DB},
	{"host", required_argument, NULL, OPTION_HOST},
	{"help", no_argument, NULL, OPTION_HELP},
	{NULL, 0, NULL, 0},
};

const char check_options_help[] = REPORT_CHOICE_HELP
	"      --fresh             the trace begins at mount: nothing was reserved before it\n"
	"      --limits FILE       limits of qgroups, as `btrfs qgroup show -re --raw` prints them\n"
	"      --dmesg FILE        the kernel's log of the run: what it says is joined with the findings\n"
	"      --ledger FILE.csv   write each root's counter over time, as it was and as it should have been\n"
	"      --cut FINDING FILE  write the few events of that finding (its number in the report) as ftrace text\n"
	"      --db FILE           keep the traces and what was found in this store too, as `qgreplay import` does\n"
	"      --host NAME         with --db: the machine on which they were recorded\n"
	"      --no-sandbox        do not confine the decoder, for systems without seccomp or Landlock\n"
	"  -h, --help              show this help\n";

static enum err read_option(struct check_options *options, int code, const char *text, struct error *error)
{
	bool taken;
	enum err err = report_choice_take(&options->shown, code, text, &taken, error);

	if (taken)
		return err;
	switch (code) {
	case OPTION_NO_SANDBOX:
		options->sandboxed = false;
		return ERR_OK;
	case OPTION_FRESH:
		options->fresh = true;
		return ERR_OK;
	case OPTION_LIMITS:
		options->limits_name = text;
		return ERR_OK;
	case OPTION_DMESG:
		options->dmesg_name = text;
		return ERR_OK;
	case OPTION_LEDGER:
		options->ledger_name = text;
		return ERR_OK;
	case OPTION_DB:
		options->db_name = text;
		return ERR_OK;
	case OPTION_HOST:
		return db_option_host(&options->host, text, error);
	default:
		return ERR_OK;
	}
}

static enum err read_names(struct check_options *options, const struct command_call *call, struct error *error)
{
	int stdin_count = 0;

	options->names = call->argv + optind;
	options->name_count = call->argc - optind;
	if (options->name_count == 0)
		return error_set(error, ERR_USAGE, "no trace given, name one or use '-' for stdin");
	for (int i = 0; i < options->name_count; i++)
		stdin_count += strcmp(options->names[i], "-") == 0;
	if (stdin_count > 1)
		return error_set(error, ERR_USAGE, "'-' can be given only once, stdin is read only once");
	if (options->host != NULL && options->db_name == NULL)
		return error_set(error, ERR_USAGE, "--host is kept in a store, name one with --db");
	if (options->cut_name != NULL && options->name_count != 1)
		return error_set(error, ERR_USAGE, "--cut wants a single trace, because findings are numbered in each");
	return ERR_OK;
}

/* getopt knows options of one value: the second is the word behind it. */
static enum err read_cut(struct check_options *options, const struct command_call *call, struct error *error)
{
	enum err err = command_number(&options->cut_finding, optarg, "--cut", false, error);

	if (err != ERR_OK)
		return err;
	if (optind >= call->argc || (call->argv[optind][0] == '-' && call->argv[optind][1] != '\0'))
		return error_set(
			error, ERR_USAGE, "--cut wants the number of a finding and a file, such as --cut 1 cut.txt");
	options->cut_name = call->argv[optind++];
	return ERR_OK;
}

enum err check_options_read(struct check_options *options, struct command_call *call, struct error *error)
{
	enum err err = ERR_OK;
	int code;

	*options = (struct check_options){.sandboxed = true};
	report_choice_init(&options->shown);
	opterr = 0;
	optind = 0; /* lets glibc start anew, for a second call in one process */
	while (err == ERR_OK &&
		(code = getopt_long(call->argc, call->argv, ":h" REPORT_CHOICE_SHORTS, longs, NULL)) != -1) {
		if (code == '?' || code == ':')
			return command_option_refused(code, call, error);
		if (code == OPTION_HELP) {
			call->help_wanted = true;
			return ERR_OK;
		}
		err = code == OPTION_CUT ? read_cut(options, call, error) : read_option(options, code, optarg, error);
	}
	return err == ERR_OK ? read_names(options, call, error) : err;
}
