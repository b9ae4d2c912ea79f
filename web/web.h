/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * web - the server: pages and an API over a store, and uploads into its queue.
 *
 * Called by the process that `qgreplay serve` makes for it. It reads traces of no one: uploads go to the spool as they
 * are, and worker processes (cmd/) take them from there.
 */
#ifndef QGREPLAY_WEB_WEB_H
#define QGREPLAY_WEB_WEB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct board;

/* So much of the spool's disk is left to others, by uploads and by what they unpack to: the store is mostly on the same
 * one, and must be able to take in what waits. */
#define SPOOL_DISK_FLOOR UINT64_C(268435456)

struct web_options {
	const char *version;
	const char *db_name;
	const char *spool;	/* folder for uploads; on the same machine as the store, and nobody else's */
	const char *listen;	/* "127.0.0.1:8470", "[::1]:0": port 0 takes any that is free */
	int listen_fd;		/* a socket that listens already; -1: none */
	const char *token_file; /* who may do what; NULL: everybody everything, on loopback only */
	const char *tls_cert;	/* PEM files; NULL: plain HTTP */
	const char *tls_key;
	uint64_t upload_max_bytes; /* of one upload */
	uint64_t spool_max_bytes;  /* of all that wait */
	unsigned upload_rate;	   /* uploads a minute from one address; 0: no limit */
	unsigned connections;	   /* in all */
	unsigned connections_each; /* from one address */
	unsigned timeout_s;	   /* for the head of a request; a connection may idle 2.5 times as long. 0: 10 */
	bool log_requests;
	void (*log)(const char *line); /* takes one line about a request, or of trouble; from any thread */
};

/* What the process that waits for it wants to know: the address it listens on, as a URL without a path. */
struct web_ready {
	void (*listening)(void *context, const char *url);
	void *context;
};

/*
 * A socket that listens at `address`, as `listen` above has it, for `listen_fd`: to be closed by the caller, who may
 * hold it longer than any one server lives. Errors: ERR_USAGE for what is no address; ERR_SYSTEM.
 */
enum err web_listen(int *fd, const char *address, struct error *error);

/*
 * Serves until `stop_fd` can be read, then lets requests that have begun end (10 s at most). `board` is shared memory.
 * Errors: ERR_USAGE for options that do not go together, among them an address beyond loopback without a token file;
 * ERR_INPUT for a token file, certificate or store that cannot be used; ERR_SYSTEM.
 */
enum err web_serve(const struct web_options *options, struct board *board, int stop_fd, const struct web_ready *ready,
	struct error *error);

#endif
