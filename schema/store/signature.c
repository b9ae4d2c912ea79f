/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "schema/store/handle.h"

static enum err check(const struct signature_change *change, struct error *error)
{
	static const char *const states[] = {"open", "known", "fixed", "ignored"};

	if (change->note != NULL && strlen(change->note) > STORE_NOTE_BYTES)
		return error_set(error, ERR_LIMIT, "a note has at most %d bytes, shorten it", STORE_NOTE_BYTES);
	if (change->state == NULL)
		return ERR_OK;
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++)
		if (strcmp(change->state, states[i]) == 0)
			return ERR_OK;
	return error_set(
		error, ERR_USAGE, "a signature cannot be '%s', but open, known, fixed or ignored", change->state);
}

static enum err run(struct store *store, const char *signature, const struct signature_change *change, bool *found,
	struct error *error)
{
	sqlite3_stmt *prepared = NULL;
	enum err err = handle_prepare(store, statement_info(STATEMENT_SIGNATURE_CHANGE)->sql, &prepared, error);

	if (err == ERR_OK) {
		sqlite3_bind_text(prepared, 1, signature, -1, SQLITE_STATIC);
		sqlite3_bind_text(prepared, 2, change->state, -1, SQLITE_STATIC);
		if (change->note != NULL)
			sqlite3_bind_text(prepared, 3, utf8_harmless(change->note), -1, free);
		sqlite3_bind_int(prepared, 4, change->clear_note);
		err = handle_step(store, prepared, found, error);
	}
	sqlite3_finalize(prepared);
	return err;
}

enum err store_change_signature(struct store *store, const char *signature, const struct signature_change *change,
	bool *found, struct error *error)
{
	enum err err = check(change, error);

	*found = false;
	if (err == ERR_OK)
		err = handle_run(store, STATEMENT_BEGIN_WRITE, error);
	if (err == ERR_OK)
		err = run(store, signature, change, found, error);
	if (err == ERR_OK)
		err = handle_run(store, STATEMENT_COMMIT, error);
	handle_roll_back(store);
	return err;
}
