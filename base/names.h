/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * names - short byte strings (task names, filesystem ids) kept once and known by a small number.
 *
 * One table per trace: the source that decodes it fills it, everything downstream looks names up. Number 0 means
 * "absent" and is never given out. Not thread-safe: as long as the table is being filled, only the thread that fills it
 * may look anything up, because what is looked up moves when the table grows. Other threads may hand numbers on, and
 * look them up once the filling has ended.
 */
#ifndef QGREPLAY_BASE_NAMES_H
#define QGREPLAY_BASE_NAMES_H

#include <stddef.h>
#include <stdint.h>

struct names;

/*
 * What the tables of a trace hold at most. A host has some thousand task names; numbers of filesystems are 16 bits in
 * struct event.
 */
enum { NAMES_TASKS_MAX = 1 << 20, NAMES_FSIDS_MAX = UINT16_MAX };

/* A new empty table of at most `limit` names; freed by names_free(). */
struct names *names_new(uint32_t limit);
void names_free(struct names *names);

/*
 * Lets the names of the table, those that are in it and those to come, take no more than `bytes` together; without a
 * call only their number is bounded.
 */
void names_limit_bytes(struct names *names, size_t bytes);

/*
 * The number of the `length` bytes at `bytes` (at most 4096), which are copied when they are new. When the table is
 * full a new name gets 0, "absent": a hostile trace with endless names costs precision, not memory.
 */
uint32_t names_number(struct names *names, const void *bytes, size_t length);

/* The bytes of a number, with a NUL behind them; "" for 0 and for numbers never given out. Valid until names_free(). */
const char *names_text(const struct names *names, uint32_t number);

/* How many names there are; their numbers are 1 to this. */
uint32_t names_count(const struct names *names);

#endif
