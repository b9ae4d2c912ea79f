/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * report_choice - the options of all commands that print findings: in which form, and what of them.
 */
#ifndef QGREPLAY_CMD_REPORT_CHOICE_H
#define QGREPLAY_CMD_REPORT_CHOICE_H

#include "analyzer/report/report.h"
#include "base/error.h"
#include "base/fsid.h"
#include "cmd/command.h"

/* Codes of getopt_long(), above those that a command gives out itself from 256 on. */
enum report_choice_code {
	REPORT_CHOICE_FORMAT = 'f',
	REPORT_CHOICE_ALL = 'a',
	REPORT_CHOICE_ROOT = 'r',
	REPORT_CHOICE_INO = 'i',
	REPORT_CHOICE_FAIL_ON = 512,
	REPORT_CHOICE_FSID,
	REPORT_CHOICE_COLOUR
};

#define REPORT_CHOICE_SHORTS "f:r:i:a"
#define REPORT_CHOICE_LONGS                                                                                            \
	{"format", required_argument, NULL, REPORT_CHOICE_FORMAT},                                                     \
		{"fail-on", required_argument, NULL, REPORT_CHOICE_FAIL_ON},                                           \
		{"fsid", required_argument, NULL, REPORT_CHOICE_FSID},                                                 \
		{"root", required_argument, NULL, REPORT_CHOICE_ROOT},                                                 \
		{"ino", required_argument, NULL, REPORT_CHOICE_INO}, {"all", no_argument, NULL, REPORT_CHOICE_ALL},    \
		{"colour", required_argument, NULL, REPORT_CHOICE_COLOUR},                                             \
	{                                                                                                              \
		"color", required_argument, NULL, REPORT_CHOICE_COLOUR                                                 \
	}

#define REPORT_CHOICE_HELP                                                                                             \
	"  -f, --format FORMAT     text (default), json, mail (ready to paste, with the two-column diagram),\n"        \
	"                          sarif, or junit (for test runs)\n"                                                  \
	"      --fail-on SEVERITY  exit 1 for findings from this severity on: error (default), warning, note\n"        \
	"      --fsid FSID         only findings and totals of this filesystem (its id, or how it begins)\n"           \
	"  -r, --root ROOT         only those of this root (subvolume id, such as 257)\n"                              \
	"  -i, --ino INODE         only findings of this inode, and notes\n"                                           \
	"  -a, --all               text: tell every finding in full and cut no list short\n"                           \
	"      --colour WHEN       auto (default: on a terminal, unless NO_COLOR is set), always, never\n"

struct report_choice {
	const struct report_format *format;
	struct report_options report; /* report.filter.fsid points to `fsid` */
	char fsid[FSID_TEXT + 1];
};

/* What holds without any option. */
void report_choice_init(struct report_choice *choice);

/*
 * Takes an option with its value when it is one of these, which `*taken` tells. Errors: ERR_USAGE, with the remedy in
 * the text.
 */
enum err report_choice_take(struct report_choice *choice, int code, const char *text, bool *taken, struct error *error);

/* The severity of that name, for --fail-on of any command. Errors: ERR_USAGE. */
enum err report_choice_severity(enum finding_severity *severity, const char *text, struct error *error);

/* How a command ends that has printed its report. */
enum command_exit report_choice_verdict(
	const struct report_choice *choice, const struct report_totals *totals, size_t failure_count);

/* A filter that fits nothing is more likely a slip than good news: says so. */
void report_choice_warn(const struct report_totals *totals, const struct command_call *call);

#endif
