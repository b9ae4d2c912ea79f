/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * upload - the queue of uploads: files in the spool on their way to be traces of the store.
 *
 * An upload is accepted when its row is there; its file was complete and on the disk before. It is queued, running with
 * one worker, and then done or failed; one whose worker died is queued again, up to UPLOAD_TRIES times. Each function
 * is one transaction. The store is open for writing.
 */
#ifndef QGREPLAY_SCHEMA_STORE_UPLOAD_H
#define QGREPLAY_SCHEMA_STORE_UPLOAD_H

#include "base/error.h"
#include "schema/store/store.h"

enum { UPLOAD_TRIES = 5, UPLOAD_SHA256 = 64, UPLOAD_FILE = 64, UPLOAD_NAME = 256, UPLOAD_HOST = 256 };

/* What the sender and the spool know of it. */
struct upload_slip {
	const char *name;   /* of the file, as its sender gave it, made harmless */
	const char *host;   /* or NULL */
	const char *sha256; /* of its bytes */
	const char *file;   /* its name in the spool, without folder */
	uint64_t size;
	uint64_t now; /* seconds since 1970 */
};

/* What became of it when it was handed in. */
struct upload_ticket {
	uint64_t upload; /* its id; 0 when the trace was there already and no work is to be done */
	uint64_t trace;	 /* the trace with these bytes that is there already, or 0 */
	bool joined;	 /* the same bytes wait already, as `upload`: the file is not needed */
};

enum err upload_hand_in(
	struct store *store, const struct upload_slip *slip, struct upload_ticket *ticket, struct error *error);

struct upload_job {
	uint64_t upload; /* 0: nothing waits */
	uint64_t size;
	unsigned tries; /* this one included */
	char name[UPLOAD_NAME];
	char host[UPLOAD_HOST]; /* "": none */
	char file[UPLOAD_FILE];
};

/*
 * Takes the upload that has waited longest; its state is then running. One that was given back waits behind those that
 * came meanwhile, and at least 3 seconds times the square of its tries, so that what made it fail may pass.
 */
enum err upload_claim(struct store *store, uint64_t now, struct upload_job *job, struct error *error);

/*
 * Ends one that is running: `trace` is what it became; or `reason`, in one line, why it failed (then `trace` is 0). Of
 * one that runs no more, because it was given back, nothing is changed.
 */
enum err upload_end(
	struct store *store, uint64_t upload, uint64_t trace, const char *reason, uint64_t now, struct error *error);

struct upload_return {
	uint64_t upload;    /* 0: all that are running, when a server is started */
	const char *reason; /* NULL: the upload is not to blame, and the try does not count */
	uint64_t now;
};

/*
 * Gives one back whose worker did not end it; after UPLOAD_TRIES it has failed, with the reason. `*failed`: that it
 * has, or one of them, so that its file has no more use.
 */
enum err upload_give_back(struct store *store, const struct upload_return *back, bool *failed, struct error *error);

/* Whether an upload that has not ended needs this file of the spool. */
enum err upload_needs_file(struct store *store, const char *file, bool *needed, struct error *error);

/* The upload that was handed in with this file of the spool, whatever became of it since; 0: none. */
enum err upload_of_file(struct store *store, const char *file, uint64_t *upload, struct error *error);

/* How many are queued and running, and how many bytes they have. */
struct upload_load {
	uint64_t queued;
	uint64_t running;
	uint64_t bytes;
};

enum err upload_load(struct store *store, struct upload_load *load, struct error *error);

#endif
