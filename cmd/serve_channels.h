/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * serve_channels - what the processes of a server have in common: the sockets and pipes between them, the board, the
 * locks; and what each process is when it was forked, which begins with letting go of what is not its own.
 */
#ifndef QGREPLAY_CMD_SERVE_CHANNELS_H
#define QGREPLAY_CMD_SERVE_CHANNELS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "cmd/serve_options.h"
#include "cmd/serve_spool.h"
#include "web/board.h"

struct serve_channels {
	const struct serve_options *options;
	void (*trouble)(const char *line); /* takes one line, in any process */
	struct serve_spool spool;
	struct board *board;
	int listen_fd; /* outlives the server process: who connects while that is started again waits, and is not turned
			  away */
	int signal_fd; /* SIGCHLD, and those that say to stop */
	int stop_fds[2]; /* closed at the end: every process sees it */
	int word_fds[2]; /* from the server process */
};

/* What the server process says; smaller than PIPE_BUF, so that it comes in one piece. */
struct serve_word {
	bool listening; /* `error.text` is the URL; else it ended with this error */
	struct error error;
};

/* To be closed in either case; blocks the signals that signal_fd takes. Errors: those of serve_spool_open() and
 * web_listen(); ERR_SYSTEM. */
enum err serve_channels_open(struct serve_channels *channels, const struct serve_options *options,
	void (*trouble)(const char *line), struct error *error);
void serve_channels_close(struct serve_channels *channels);

/* Closes the writing end of stop_fds. */
void serve_channels_stop(struct serve_channels *channels);

/* The next word, or false when there is none. It comes from a process that others can talk to: a text to be shown. */
bool serve_channels_hear(const struct serve_channels *channels, struct serve_word *word);

/* Forks the server, or the worker with this place on the board; see serve_child_start(). */
pid_t serve_channels_fork_server(struct serve_channels *channels);
pid_t serve_channels_fork_worker(struct serve_channels *channels, unsigned place);

#endif
