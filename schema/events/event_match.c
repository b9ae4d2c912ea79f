/* SPDX-License-Identifier: GPL-2.0-only */
#include "schema/events/event_match.h"

uint32_t event_match_columns(const struct event_wish *wish, const struct event_part *part)
{
	return BLOCK_BIT(BLOCK_KIND) | (wish->root.set ? BLOCK_BIT(BLOCK_ROOT) : 0) |
	       (wish->ino.set ? BLOCK_BIT(BLOCK_INO) : 0) | (part->by_time ? BLOCK_BIT(BLOCK_TIME) : 0);
}

static bool is_listed(const struct event_values *list, int64_t value)
{
	size_t low = 0;
	size_t high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (list->values[middle] < value)
			low = middle + 1;
		else
			high = middle;
	}
	return low < list->count && list->values[low] == value;
}

static uint32_t keep_listed(const uint64_t *column, const struct event_values *list, uint32_t *places, uint32_t count)
{
	uint32_t kept = 0;

	if (list->count == 1) {
		const uint64_t value = (uint64_t)list->values[0];

		for (uint32_t i = 0; i < count; i++) {
			uint32_t place = places[i];

			places[kept] = place;
			kept += column[place] == value;
		}
		return kept;
	}
	for (uint32_t i = 0; i < count; i++) {
		uint32_t place = places[i];

		places[kept] = place;
		kept += is_listed(list, (int64_t)column[place]);
	}
	return kept;
}

static uint32_t keep_times(const uint64_t *column, const struct event_range *range, uint32_t *places, uint32_t count)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < count; i++) {
		int64_t time_ns = (int64_t)column[places[i]];

		places[kept] = places[i];
		kept += (time_ns >= range->low) & (time_ns <= range->high);
	}
	return kept;
}

uint32_t event_match(const struct block_columns *columns, const struct event_wish *wish, uint32_t kinds,
	const struct event_part *part, uint32_t *places)
{
	uint8_t wanted[UINT8_MAX + 1] = {0};
	uint32_t count = 0;

	/* Events have 0 in members that their kind does not have, and that is no value. */
	if (wish->root.set)
		kinds &= event_kinds_having(EVENT_MEMBER_ROOT);
	if (wish->ino.set)
		kinds &= event_kinds_having(EVENT_MEMBER_INO);
	for (int kind = 0; kind < EVENT_COUNT; kind++)
		wanted[kind] = (uint8_t)(kinds >> kind & 1);
	for (uint32_t i = part->low; i < part->high; i++) {
		places[count] = i;
		count += wanted[columns->kind[i]];
	}
	if (wish->ino.set)
		count = keep_listed(columns->ino, &wish->ino, places, count);
	if (wish->root.set)
		count = keep_listed(columns->root, &wish->root, places, count);
	if (part->by_time)
		count = keep_times(columns->time_ns, &wish->time_ns, places, count);
	return count;
}
