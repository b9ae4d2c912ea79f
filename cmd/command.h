/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * command - the table of commands: what each is called, how it is described, and what runs it.
 *
 * To add a command: a file cmd/NAME.c with its struct command, a line in the table of command.c, and a test script. The
 * help is printed from the table, so that what is documented and what exists are one list.
 */
#ifndef QGREPLAY_CMD_COMMAND_H
#define QGREPLAY_CMD_COMMAND_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

enum command_exit {
	COMMAND_CLEAN = 0,  /* nothing at or above --fail-on */
	COMMAND_FOUND = 1,  /* findings */
	COMMAND_TROUBLE = 2 /* usage, or input or output failed */
};

/* One run of a command. */
struct command_call {
	int argc; /* argv[0] is the command's name */
	char **argv;
	void (*trouble)(const char *text); /* shows one line of trouble at once, for what does not end the run */
	/* Shows how far a long run is, in place of what was shown before; with NULL it goes. Without a terminal,
	 * nothing. */
	void (*progress)(const char *text);
	bool help_wanted;	     /* set by the command: --help was given, nothing was done */
	enum command_exit exit_code; /* set by the command */
};

struct command {
	const char *name;
	const char *summary;  /* one line */
	const char *synopsis; /* lines of usage without "qgreplay " in front */
	const char *about;    /* paragraphs, formatted, or NULL */
	const char *options;  /* formatted lines */
	const char *examples; /* formatted lines */
	const char *exits;    /* formatted lines: what the exit codes below 2 mean */
	enum err (*run)(struct command_call *call, struct error *error);
};

extern const struct command command_analyze;
extern const struct command command_bugs;
extern const struct command command_check;
extern const struct command command_sql;
extern const struct command command_diff;
extern const struct command command_events;
extern const struct command command_export;
extern const struct command command_import;
extern const struct command command_report;
extern const struct command command_scrub;
extern const struct command command_serve;
extern const struct command command_traces;

/* The command of that name, or NULL. */
const struct command *command_named(const char *name);

/* The help of the program, and that of one command. */
void command_overview(FILE *stream);
void command_help(FILE *stream, const struct command *command);

/*
 * What getopt_long() complained of with `code` ('?' or ':'), in our words: its own go to stderr. Always ERR_USAGE. To
 * be used with opterr 0 and an option string that begins with ':'.
 */
enum err command_option_refused(int code, const struct command_call *call, struct error *error);

/*
 * Reads a whole unsigned 64-bit number in decimal; a negative one stands for its two's complement when
 * `negative_allowed` (root -9 is 2^64-9). `option` is named in the message. Errors: ERR_USAGE.
 */
enum err command_number(
	uint64_t *number, const char *text, const char *option, bool negative_allowed, struct error *error);

/* The value of --format where that is text or json. Errors: ERR_USAGE. */
enum err command_format(bool *json, const char *text, struct error *error);

#endif
