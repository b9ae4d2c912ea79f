/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event_match - which events of a decoded block fit a wish: one column after the other, each over what the one before
 * it left, in loops without a branch on the data.
 */
#ifndef QGREPLAY_SCHEMA_EVENTS_EVENT_MATCH_H
#define QGREPLAY_SCHEMA_EVENTS_EVENT_MATCH_H

#include <stdint.h>

#include "schema/block/block.h"
#include "schema/events/event_wish.h"

/* What of a block is asked for: places from `low` to before `high`, and whether their times must be looked at. */
struct event_part {
	uint32_t low;
	uint32_t high;
	bool by_time;
};

/* The columns that event_match() needs decoded. */
uint32_t event_match_columns(const struct event_wish *wish, const struct event_part *part);

/*
 * Writes the places of the events of `kinds` that fit, ascending, to `places`, which has room for BLOCK_EVENTS_MAX;
 * returns how many.
 */
uint32_t event_match(const struct block_columns *columns, const struct event_wish *wish, uint32_t kinds,
	const struct event_part *part, uint32_t *places);

#endif
