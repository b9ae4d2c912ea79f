/* SPDX-License-Identifier: GPL-2.0-only */
#include <sys/stat.h>

#include "schema/store/handle.h"

static uint64_t size_of(const struct store *store)
{
	struct stat status;

	return stat(store->path, &status) == 0 ? (uint64_t)status.st_size : 0;
}

static enum err delete_all(struct store *store, uint64_t trace, struct error *error)
{
	uint64_t known = 0;
	enum err err = handle_run(store, STATEMENT_BEGIN_WRITE, error);

	if (err == ERR_OK)
		err = handle_number(store, STATEMENT_TRACE_KNOWN, trace, &known, error);
	if (err == ERR_OK && known == 0)
		err = handle_no_trace(store, trace, error);
	if (err == ERR_OK)
		err = handle_run_for(store, STATEMENT_SIGNATURE_TALLY_TAKE, trace, error);
	if (err == ERR_OK)
		err = handle_run_for(store, STATEMENT_TRACE_DELETE, trace, error);
	if (err == ERR_OK)
		err = handle_run(store, STATEMENT_SIGNATURE_TALLY_PRUNE, error);
	if (err == ERR_OK)
		err = handle_run(store, STATEMENT_SIGNATURE_PRUNE, error);
	if (err == ERR_OK)
		err = handle_run(store, STATEMENT_HOST_PRUNE, error);
	if (err == ERR_OK)
		err = handle_run(store, STATEMENT_COMMIT, error);
	handle_roll_back(store);
	return err;
}

enum err store_delete_trace(struct store *store, uint64_t trace, uint64_t *freed_bytes, struct error *error)
{
	uint64_t before;
	uint64_t after;
	enum err err;

	*freed_bytes = 0;
	handle_checkpoint(store);
	before = size_of(store);
	err = delete_all(store, trace, error);
	/* The trace is gone now; free pages that stay in the file, for want of space or a lock, are used by the next.
	 */
	if (err != ERR_OK || handle_run(store, STATEMENT_VACUUM, NULL) != ERR_OK)
		return err;
	handle_checkpoint(store);
	after = size_of(store);
	*freed_bytes = before > after ? before - after : 0;
	return ERR_OK;
}
