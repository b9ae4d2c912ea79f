/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * serve_child - a process that works for this one, and ends with it.
 */
#ifndef QGREPLAY_CMD_SERVE_CHILD_H
#define QGREPLAY_CMD_SERVE_CHILD_H

#include <sys/types.h>

/*
 * Forks a process that runs work(context) and ends with what that returns. Lists of processes show it by `name` (15
 * bytes). It is killed when the calling thread ends,
 * and passes over SIGINT, SIGTERM and SIGHUP: a terminal sends them to all, and only the parent knows what is to be
 * done first. Returns its id, or -1 with errno.
 */
pid_t serve_child_start(const char *name, int (*work)(void *context), void *context);

#endif
