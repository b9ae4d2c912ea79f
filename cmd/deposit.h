/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * deposit - puts what a confined process took down of a trace into the store.
 *
 * The store is open only for the moment of each call: a process that decodes what may be hostile is made in between,
 * and would inherit what is open.
 */
#ifndef QGREPLAY_CMD_DEPOSIT_H
#define QGREPLAY_CMD_DEPOSIT_H

#include <stdint.h>

#include "analyzer/finding.h"
#include "base/error.h"
#include "cmd/intake.h"
#include "collector/hash.h"
#include "schema/store/store.h"

/* Where traces go. */
struct deposit {
	const char *db_name;
	const char *host; /* or NULL */
	uint32_t wait_ms; /* see struct store_options */
};

/* The trace at hand. */
struct deposit_slip {
	char sha256[HASH_HEX + 1];
	struct store_loaded loaded;
	uint64_t severities[SEVERITY_COUNT]; /* findings of its last replay, when it was there before */
};

/* Makes sure that there is a store that can be written, making it where there is none. Errors: those of store_open().
 */
enum err deposit_prepare(const struct deposit *deposit, struct error *error);

/* Takes the hash by which the trace is known again. Errors: ERR_INPUT, naming the trace, when it cannot be read. */
enum err deposit_hash(const struct intake *intake, struct deposit_slip *slip, struct error *error);

/* Whether a trace with that hash is there already, as which, and what was found in it. Errors: those of the store. */
enum err deposit_look_up(const struct deposit *deposit, struct deposit_slip *slip, struct error *error);

/* Loads the rows of the intake, after deposit_look_up() did not find it. Errors: those of store_load_trace():
 * ERR_SYSTEM for what the store cannot do, others for what is wrong with this trace. */
enum err deposit_load(
	const struct deposit *deposit, const struct intake *intake, struct deposit_slip *slip, struct error *error);

#endif
