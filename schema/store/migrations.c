/* SPDX-License-Identifier: GPL-2.0-only */
#include "schema/store/migrations.h"

#include <stdio.h>

#include "schema/store/handle.h"

static enum err look(struct store *store, struct migrations_state *state, struct error *error)
{
	uint64_t application = 0;
	uint64_t version = 0;
	uint64_t objects = 0;
	enum err err = handle_number(store, STATEMENT_APPLICATION, 0, &application, error);

	if (err == ERR_OK)
		err = handle_number(store, STATEMENT_VERSION, 0, &version, error);
	if (err == ERR_OK)
		err = handle_number(store, STATEMENT_OBJECTS, 0, &objects, error);
	state->application = (int)application;
	state->version = (int)version;
	state->empty = application == 0 && version == 0 && objects == 0;
	return err;
}

enum err migrations_look(struct store *store, struct migrations_state *state, struct error *error)
{
	bool alone = sqlite3_get_autocommit(store->db) != 0;
	enum err err = alone ? handle_run(store, STATEMENT_BEGIN_READ, error) : ERR_OK;

	if (err == ERR_OK)
		err = look(store, state, error);
	if (alone)
		handle_roll_back(store);
	return err;
}

enum err migrations_judge(
	const struct store *store, const struct migrations_state *state, bool upgradable, struct error *error)
{
	if (state->empty)
		return upgradable ? ERR_OK
				  : error_set(error, ERR_INPUT,
					    "'%s' is empty, `qgreplay import --db %s TRACE` makes a store of it",
					    store->name, store->name);
	if (state->application != MIGRATIONS_APPLICATION || state->version < 1)
		return error_set(error, ERR_INPUT,
			"'%s' is no store but the database of another program, name another file with --db",
			store->name);
	if (state->version > migrations_count)
		return error_set(error, ERR_INPUT,
			"'%s' was made by a newer qgreplay (schema %d, this one knows up to %d), use that one",
			store->name, state->version, migrations_count);
	if (state->version < migrations_count && !upgradable)
		return error_set(error, ERR_INPUT,
			"'%s' was made by an older qgreplay (schema %d, now %d), `qgreplay analyze --all --db %s` "
			"upgrades it",
			store->name, state->version, migrations_count, store->name);
	return ERR_OK;
}

/* The pragmas take no parameters; what is printed into them are numbers of ours. */
static enum err stamp(const struct store *store, int version, struct error *error)
{
	char sql[100];

	snprintf(sql, sizeof(sql), "PRAGMA application_id = %d; PRAGMA user_version = %d", MIGRATIONS_APPLICATION,
		version);
	return handle_execute(store, sql, error);
}

static enum err apply_from(struct store *store, int version, struct error *error)
{
	enum err err = ERR_OK;

	for (int i = version; i < migrations_count && err == ERR_OK; i++) {
		err = handle_execute(store, migrations[i].sql, error);
		if (err == ERR_OK)
			err = stamp(store, i + 1, error);
	}
	return err;
}

enum err migrations_apply(struct store *store, struct error *error)
{
	struct migrations_state state;
	enum err err = handle_run(store, STATEMENT_BEGIN_WRITE, error);

	if (err == ERR_OK)
		err = migrations_look(store, &state, error);
	if (err == ERR_OK)
		err = migrations_judge(store, &state, true, error);
	if (err == ERR_OK)
		err = apply_from(store, state.version, error);
	if (err == ERR_OK)
		err = handle_run(store, STATEMENT_COMMIT, error);
	handle_roll_back(store);
	return err;
}
