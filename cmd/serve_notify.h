/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * serve_notify - what a service manager and its service say to each other: sd_notify(3) and sd_listen_fds(3), which are
 * one datagram and two variables, and so need no library.
 */
#ifndef QGREPLAY_CMD_SERVE_NOTIFY_H
#define QGREPLAY_CMD_SERVE_NOTIFY_H

#include "base/error.h"

/* "READY=1", "STOPPING=1": to the manager, when there is one. */
void serve_notify(const char *state);

/*
 * `*fd` is the socket that the manager opened for this process, or -1. Errors: ERR_USAGE when it is not one but
 * several: a server has one address.
 */
enum err serve_notify_socket(int *fd, struct error *error);

#endif
