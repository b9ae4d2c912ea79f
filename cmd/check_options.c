/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/check_options.h"

#include <ctype.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum option_code {
	OPTION_FORMAT = 'f',
	OPTION_HELP = 'h',
	OPTION_ALL = 'a',
	OPTION_ROOT = 'r',
	OPTION_INO = 'i',
	OPTION_FAIL_ON = 256,
	OPTION_FSID,
	OPTION_COLOUR,
	OPTION_NO_SANDBOX,
	OPTION_FRESH,
	OPTION_LIMITS,
	OPTION_DMESG,
	OPTION_LEDGER,
	OPTION_CUT,
	OPTION_DB,
	OPTION_HOST
};

static const struct option longs[] = {
	{"format", required_argument, NULL, OPTION_FORMAT},
	{"fail-on", required_argument, NULL, OPTION_FAIL_ON},
	{"fsid", required_argument, NULL, OPTION_FSID},
	{"root", required_argument, NULL, OPTION_ROOT},
	{"ino", required_argument, NULL, OPTION_INO},
	{"all", no_argument, NULL, OPTION_ALL},
	{"colour", required_argument, NULL, OPTION_COLOUR},
	{"color", required_argument, NULL, OPTION_COLOUR},
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

const char check_options_help[] =
	"  -f, --format FORMAT     text (default), json, mail (ready to paste, with the two-column diagram),\n"
	"                          sarif, or junit (for test runs)\n"
	"      --fail-on SEVERITY  exit 1 for findings from this severity on: error (default), warning, note\n"
	"      --fsid FSID         only findings and totals of this filesystem (its id, or how it begins)\n"
	"  -r, --root ROOT         only those of this root (subvolume id, such as 257)\n"
	"  -i, --ino INODE         only findings of this inode, and notes\n"
	"  -a, --all               text: tell every finding in full and cut no list short\n"
	"      --colour WHEN       auto (default: on a terminal, unless NO_COLOR is set), always, never\n"
	"      --fresh             the trace begins at mount: nothing was reserved before it\n"
	"      --limits FILE       limits of qgroups, as `btrfs qgroup show -re --raw` prints them\n"
	"      --dmesg FILE        the kernel's log of the run: what it says is joined with the findings\n"
	"      --ledger FILE.csv   write each root's counter over time, as it was and as it should have been\n"
	"      --cut FINDING FILE  write the few events of that finding (its number in the report) as ftrace text\n"
	"      --db FILE           keep the traces and what was found in this store too, as `qgreplay import` does\n"
	"      --host NAME         with --db: the machine on which they were recorded\n"
	"      --no-sandbox        do not confine the decoder, for systems without seccomp or Landlock\n"
	"  -h, --help              show this help\n";

static enum err read_format(struct check_options *options, const char *text, struct error *error)
{
	options->format = report_format_named(text);
	return options->format != NULL ? ERR_OK
				       : error_set(error, ERR_USAGE,
						 "there is no format '%s', use text, json, mail, sarif or junit", text);
}

static enum err read_severity(struct check_options *options, const char *text, struct error *error)
{
	for (int severity = 0; severity < SEVERITY_COUNT; severity++) {
		if (strcmp(finding_severity_name((enum finding_severity)severity), text) != 0)
			continue;
		options->report.fail_on = (enum finding_severity)severity;
		return ERR_OK;
	}
	return error_set(error, ERR_USAGE, "there is no severity '%s', use error, warning or note", text);
}

static enum err read_fsid(struct check_options *options, const char *text, struct error *error)
{
	size_t length = strlen(text);

	if (length == 0 || length > FSID_TEXT || text[strspn(text, "0123456789abcdefABCDEF-")] != '\0')
		return error_set(error, ERR_USAGE,
			"--fsid wants a filesystem id as `btrfs filesystem show` prints it, not '%s'", text);
	for (size_t i = 0; i <= length; i++)
		options->fsid[i] = (char)tolower((unsigned char)text[i]);
	options->report.filter.fsid = options->fsid;
	return ERR_OK;
}

static enum err read_colour(struct check_options *options, const char *text, struct error *error)
{
	const char *refused = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	options->report.colour = strcmp(text, "always") == 0;
	if (options->report.colour || strcmp(text, "never") == 0)
		return ERR_OK;
	if (strcmp(text, "auto") != 0)
		return error_set(error, ERR_USAGE, "--colour wants auto, always or never, not '%s'", text);
	options->report.colour = (refused == NULL || *refused == '\0') && terminal != NULL &&
				 strcmp(terminal, "dumb") != 0 && isatty(STDOUT_FILENO);
	return ERR_OK;
}

static enum err read_option(struct check_options *options, int code, const char *text, struct error *error)
{
	struct report_filter *filter = &options->report.filter;

	switch (code) {
	case OPTION_FORMAT:
		return read_format(options, text, error);
	case OPTION_FAIL_ON:
		return read_severity(options, text, error);
	case OPTION_FSID:
		return read_fsid(options, text, error);
	case OPTION_ROOT:
		filter->has_root = true;
		return command_number(&filter->root, text, "--root", true, error);
	case OPTION_INO:
		filter->has_ino = true;
		return command_number(&filter->ino, text, "--ino", false, error);
	case OPTION_COLOUR:
		return read_colour(options, text, error);
	case OPTION_ALL:
		options->report.all = true;
		return ERR_OK;
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
		options->host = text;
		return ERR_OK;
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

	*options = (struct check_options){.format = &report_text, .sandboxed = true};
	options->report.version = QGREPLAY_VERSION;
	options->report.fail_on = SEVERITY_ERROR;
	read_colour(options, "auto", NULL);
	opterr = 0;
	optind = 0; /* lets glibc start anew, for a second call in one process */
	while (err == ERR_OK && (code = getopt_long(call->argc, call->argv, ":hf:r:i:a", longs, NULL)) != -1) {
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
