/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * serve_house - the process that the others of a server live under: it makes them, starts again those that die, gives
 * back what a dead worker had in hand, and ends them in order.
 *
 * It reads nothing from outside but signals and the words of its own server process. Single-threaded, so that what it
 * forks is whole.
 */
#ifndef QGREPLAY_CMD_SERVE_HOUSE_H
#define QGREPLAY_CMD_SERVE_HOUSE_H

#include "base/error.h"
#include "cmd/serve_options.h"

struct house_voice {
	void (*listening)(const char *url); /* the server can be reached; called once */
	void (*trouble)(const char *line);  /* one line of trouble, which does not end the house */
};

/*
 * Serves until SIGINT, SIGTERM or SIGHUP, which it answers with ERR_OK when all is put in order. Errors: what keeps the
 * server from being started: ERR_USAGE, among it another server with this spool or store; ERR_INPUT; ERR_SYSTEM.
 */
enum err serve_house_run(const struct serve_options *options, const struct house_voice *voice, struct error *error);

#endif
