/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/command.h"

static void show_progress(const char *text)
{
	static bool shown;

	if (!isatty(STDERR_FILENO) || (text == NULL && !shown))
		return;
	fprintf(stderr, "\r\033[K%s", text == NULL ? "" : text);
	shown = text != NULL;
}

static void show_trouble(const char *text)
{
	show_progress(NULL);
	fprintf(stderr, "qgreplay: %s\n", text);
}

/*
 * A missing stdin, stdout or stderr would be taken by the first file opened, which would then be written over. What
 * takes its place can be used the wrong way only, so that a report which nobody gets is a failure, and not lost in
 * silence.
 */
static void occupy_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", fcntl(STDIN_FILENO, F_GETFD) < 0 ? O_WRONLY : O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* A full disk or a closed pipe shows itself when stdio lets go of its buffer. */
static enum err flush_stdout(struct error *error)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return ERR_OK;
	if (errno == EPIPE)
		return ERR_STOPPED;
	return error_set(error, ERR_SYSTEM, "cannot write to stdout: %s", strerror(errno));
}

static enum err run_command(
	const struct command *command, int argc, char **argv, enum command_exit *code, struct error *error)
{
	struct command_call call = {.argc = argc, .argv = argv, .trouble = show_trouble, .progress = show_progress};
	enum err err = command->run(&call, error);

	if (err == ERR_OK && call.help_wanted)
		command_help(stdout, command);
	*code = call.exit_code;
	return err;
}

static enum err run_help(int argc, char **argv, struct error *error)
{
	const struct command *command = argc > 1 ? command_named(argv[1]) : NULL;

	if (argc > 1 && command == NULL)
		return error_set(error, ERR_USAGE, "there is no command '%s', try 'qgreplay --help'", argv[1]);
	if (command != NULL)
		command_help(stdout, command);
	else
		command_overview(stdout);
	return ERR_OK;
}

static enum err run(int argc, char **argv, enum command_exit *code, struct error *error)
{
	const char *word = argc > 1 ? argv[1] : NULL;
	const struct command *command;

	if (word == NULL)
		return error_set(error, ERR_USAGE, "no command given, try 'qgreplay --help'");
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0)
		return run_help(argc - 1, argv + 1, error);
	if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
		puts("qgreplay " QGREPLAY_VERSION);
		return ERR_OK;
	}
	command = command_named(word);
	if (command == NULL)
		return error_set(error, ERR_USAGE, "there is no command '%s', try 'qgreplay --help'", word);
	return run_command(command, argc - 1, argv + 1, code, error);
}

int main(int argc, char **argv)
{
	enum command_exit code = COMMAND_CLEAN;
	struct error error = {0};
	enum err err;

	occupy_standard_descriptors();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	err = run(argc, argv, &code, &error);
	if (err == ERR_OK)
		err = flush_stdout(&error);
	if (err == ERR_OK)
		return (int)code;
	if (err != ERR_STOPPED)
		show_trouble(error.text);
	return COMMAND_TROUBLE;
}
