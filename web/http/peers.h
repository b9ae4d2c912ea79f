/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * peers - the connections that are open, and a thread that cuts off those that are idle or too slow, so that they
 * cannot fill the number that there may be.
 *
 * The library looks at a connection only when bytes come; somebody who sends one byte now and then would keep it for
 * ever. Here the kernel is asked how many bytes each has moved.
 */
#ifndef QGREPLAY_WEB_HTTP_PEERS_H
#define QGREPLAY_WEB_HTTP_PEERS_H

#include "base/error.h"
#include "web/metrics.h"

struct peers;
struct peer;

struct peers_limits {
	unsigned connections; /* when nine tenths of them are taken, the idlest go */
	unsigned head_ms;     /* from the first byte to the end of a request's head */
	unsigned idle_ms;     /* between two requests */
	unsigned window_ms;   /* in each, a body or answer must have moved on by window_bytes */
	unsigned window_bytes;
};

enum peer_state {
	PEER_HEAD,   /* the head of a request is to come */
	PEER_IDLE,   /* nothing is to come: the connection is kept for another request */
	PEER_MOVING, /* a body or an answer is on its way */
	PEER_WORKING /* the server is at it */
};

/* Starts the thread. `metrics` counts who was cut off. Errors: ERR_SYSTEM. */
enum err peers_start(
	struct peers **result, const struct peers_limits *limits, struct metrics *metrics, struct error *error);

/* Ends the thread, when all connections are gone; accepts NULL. */
void peers_stop(struct peers *peers);

/* A connection came, in PEER_HEAD; and it goes, but its descriptor is not closed yet. */
struct peer *peers_add(struct peers *peers, int fd);
void peers_remove(struct peers *peers, struct peer *peer);

/* From the thread that has the connection. */
void peers_set(struct peer *peer, enum peer_state state);

/* The descriptor of the connection. */
int peers_fd(const struct peer *peer);

#endif
