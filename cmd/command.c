/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/command.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const struct command *const commands[] = {&command_check, &command_import, &command_analyze, &command_report,
	&command_traces, &command_events, &command_export, &command_sql, &command_scrub, &command_diff, &command_bugs,
	&command_serve};

enum { COMMAND_TOTAL = sizeof(commands) / sizeof(commands[0]) };

const struct command *command_named(const char *name)
{
	for (size_t i = 0; i < COMMAND_TOTAL; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static void put_exit_codes(FILE *stream, const char *exits)
{
	fprintf(stream, "\nExit codes:\n%s  2  wrong usage, or something could not be read or written\n", exits);
}

void command_overview(FILE *stream)
{
	fputs("Usage: qgreplay COMMAND [options] [arguments]\n\n"
	      "Replays btrfs qgroup reservations from traces, and proves which frees do not match.\n\n"
	      "Commands:\n",
		stream);
	for (size_t i = 0; i < COMMAND_TOTAL; i++)
		fprintf(stream, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
	fputs("\nOptions:\n"
	      "  -h, --help     show this help; `qgreplay COMMAND --help` shows that of a command\n"
	      "  -V, --version  show the version\n"
	      "\nExamples:\n"
	      "  qgreplay check trace.dat\n"
	      "  qgreplay check --help\n",
		stream);
	put_exit_codes(stream, command_check.exits);
}

void command_help(FILE *stream, const struct command *command)
{
	fprintf(stream, "Usage: qgreplay %s\n\n%s.\n", command->synopsis, command->summary);
	if (command->about != NULL)
		fprintf(stream, "\n%s", command->about);
	fprintf(stream, "\nOptions:\n%s\nExamples:\n%s", command->options, command->examples);
	put_exit_codes(stream, command->exits);
}

enum err command_number(
	uint64_t *number, const char *text, const char *option, bool negative_allowed, struct error *error)
{
	bool negative = negative_allowed && text[0] == '-';
	const char *digits = text + (negative ? 1 : 0);
	unsigned long long value;

	errno = 0;
	value = strtoull(digits, NULL, 10);
	if (digits[0] == '\0' || digits[strspn(digits, "0123456789")] != '\0' || errno == ERANGE)
		return error_set(error, ERR_USAGE, "%s wants a decimal number below 2^64, not '%s'", option, text);
	*number = negative ? 0 - (uint64_t)value : (uint64_t)value;
	return ERR_OK;
}

enum err command_option_refused(int code, const struct command_call *call, struct error *error)
{
	const char *word = call->argv[optind - 1];
	const char *command = call->argv[0];

	if (optopt > ' ' && optopt < 0x7f)
		return error_set(error, ERR_USAGE, "option '-%c' %s, try 'qgreplay %s --help'", optopt,
			code == ':' ? "wants a value" : "is not known", command);
	return error_set(error, ERR_USAGE, "option '%s' %s, try 'qgreplay %s --help'", word,
		code == ':'	    ? "wants a value"
		: strchr(word, '=') ? "is not known or takes no value"
				    : "is not known or ambiguous",
		command);
}

enum err command_format(bool *json, const char *text, struct error *error)
{
	*json = strcmp(text, "json") == 0;
	if (*json || strcmp(text, "text") == 0)
		return ERR_OK;
	return error_set(error, ERR_USAGE, "there is no format '%s' here, use text or json", text);
}
