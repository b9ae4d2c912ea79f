/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stored_spool - copies the rows of one trace out of the store into a file, so that who reads the events needs no
 * store: it may be a confined process, or take its time, while others write.
 */
#ifndef QGREPLAY_CMD_STORED_SPOOL_H
#define QGREPLAY_CMD_STORED_SPOOL_H

#include "base/error.h"
#include "schema/block/block.h"
#include "schema/store/store.h"

/* Which blocks are copied: those that may hold an event that is looked for. */
struct stored_spool_part {
	struct store_slice slice;
	uint64_t first_ns; /* both ends included */
	uint64_t last_ns;
	struct block_wish wish;
};

/* All of them. */
extern const struct stored_spool_part stored_spool_whole;

struct stored_spool {
	int fd;	    /* an unlinked file for source_open_stored() or stored_open() */
	char *name; /* of the trace, harmless to print */
};

/*
 * Fills `spool`, to be closed by stored_spool_close(), which accepts one that was never filled and is all zeros. What
 * is copied was in the store at one moment. Errors: ERR_USAGE when there is no such trace; those of the store;
 * ERR_SYSTEM; nothing is left open then.
 */
enum err stored_spool_open(struct stored_spool *spool, struct store *store, uint64_t trace,
	const struct stored_spool_part *part, struct error *error);
void stored_spool_close(struct stored_spool *spool);

/* "there is no trace 7 in the store", with the remedy: ERR_USAGE. */
enum err stored_spool_no_trace(uint64_t trace, struct error *error);

#endif
