/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * listen - the socket at which the server waits, made here or handed over.
 */
#ifndef QGREPLAY_WEB_HTTP_LISTEN_H
#define QGREPLAY_WEB_HTTP_LISTEN_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/error.h"

struct listen_at {
	int fd;
	bool ipv6;
	bool loopback;	/* nobody from another machine gets here */
	char host[128]; /* "127.0.0.1", "::1" */
	unsigned port;
};

/*
 * Listens on `address` ("127.0.0.1:8470", "[::1]:0", "localhost:80"; "[::]:80" is all addresses, of IPv4 too), or takes
 * over `fd` where it is not -1. The descriptor in `at` is the caller's. Errors: ERR_USAGE for an address that is none;
 * ERR_SYSTEM for one that is in use or not ours.
 */
enum err listen_open(struct listen_at *at, const char *address, int fd, struct error *error);

/* The address of a peer, without port; an IPv4 address as such even where it came by IPv6. */
void listen_peer(char text[64], const struct sockaddr *address);

#endif
