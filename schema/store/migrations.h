/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * migrations - the schema as it grew: schema/NNNN_name.sql, embedded at build time by schema/embed, and what brings a
 * database from any of them to the last.
 *
 * The number of the last migration that a database has seen is its user_version, written in the same transaction.
 */
#ifndef QGREPLAY_SCHEMA_STORE_MIGRATIONS_H
#define QGREPLAY_SCHEMA_STORE_MIGRATIONS_H

#include <stdbool.h>

#include "base/error.h"

struct store;

struct migration {
	const char *name; /* of the file, without .sql */
	const char *sql;
};

/* The first one is number 1. */
extern const struct migration migrations[];
extern const int migrations_count;

/* Says that a SQLite file is a store: 'QGRP'. */
enum { MIGRATIONS_APPLICATION = 0x51475250 };

/* What a database says of itself. */
struct migrations_state {
	int application;
	int version;
	bool empty; /* nothing was ever created in it: not yet a store, but it may become one */
};

/* Reads it, all of one moment: another process may be making it a store. Errors: as fault_of(). */
enum err migrations_look(struct store *store, struct migrations_state *state, struct error *error);

/*
 * Refuses what this program cannot use: ERR_INPUT for the databases of other programs, and of newer ones of ours;
 * also for an empty or an older one unless `upgradable`.
 */
enum err migrations_judge(
	const struct store *store, const struct migrations_state *state, bool upgradable, struct error *error);

/*
 * Brings the database to the last migration, all in one transaction. What it needs is looked at again under the lock:
 * another process may have been faster. Errors: those of migrations_judge() and fault_of().
 */
enum err migrations_apply(struct store *store, struct error *error);

#endif
