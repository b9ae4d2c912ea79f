/* SPDX-License-Identifier: GPL-2.0-only */
#include "schema/block/layout.h"

#define MEMBER(member) offsetof(struct event, member), sizeof(((struct event *)0)->member)

#define KINDS BLOCK_BIT(BLOCK_KIND)

const struct layout_column layout_columns[BLOCK_COLUMN_COUNT] = {
	[BLOCK_TIME] = {"time", MEMBER(time_ns), false, 0},
	[BLOCK_KIND] = {"kind", MEMBER(kind), false, 0},
	[BLOCK_CPU] = {"cpu", MEMBER(cpu), false, 0},
	[BLOCK_PID] = {"pid", MEMBER(pid), false, 0},
	[BLOCK_COMM] = {"comm", MEMBER(comm), false, 0},
	[BLOCK_FS] = {"fs", MEMBER(fs), true, KINDS},
	[BLOCK_ROOT] = {"root", MEMBER(root), true, KINDS},
	[BLOCK_INO] = {"ino", MEMBER(ino), true, KINDS},
	[BLOCK_START] = {"start", MEMBER(start), true, KINDS},
	[BLOCK_LEN] = {"len", MEMBER(len), true, KINDS},
	[BLOCK_BYTES] = {"bytes", MEMBER(bytes), true,
		KINDS | BLOCK_BIT(BLOCK_FS) | BLOCK_BIT(BLOCK_ROOT) | BLOCK_BIT(BLOCK_DIFF) | BLOCK_BIT(BLOCK_TYPE)},
	[BLOCK_DIFF] = {"diff", MEMBER(diff), true, KINDS},
	[BLOCK_FLAGS] = {"flags", MEMBER(flags), true, KINDS},
	[BLOCK_OP] = {"op", MEMBER(op), true, KINDS},
	[BLOCK_TYPE] = {"type", MEMBER(type), true, KINDS},
};

void layout_init(struct layout_groups *groups)
{
	for (size_t i = 0; i < BLOCK_EVENTS_MAX; i++)
		groups->straight[i] = (uint16_t)i;
}

void layout_sort(struct layout_groups *groups, const uint8_t *kinds, size_t count)
{
	uint32_t at[LAYOUT_GROUPS] = {0};
	uint32_t sum = 0;

	for (size_t i = 0; i < count; i++)
		at[layout_group(kinds[i])]++;
	for (size_t i = 0; i < LAYOUT_GROUPS; i++) {
		uint32_t size = at[i];

		groups->starts[i] = at[i] = sum;
		sum += size;
	}
	groups->starts[LAYOUT_GROUPS] = sum;
	for (size_t i = 0; i < count; i++)
		groups->order[at[layout_group(kinds[i])]++] = (uint16_t)i;
}

size_t layout_pieces(const struct layout_groups *groups, enum block_column column, uint32_t mask, size_t events,
	struct layout_piece pieces[LAYOUT_GROUPS])
{
	size_t count = 0;

	if (!layout_columns[column].grouped) {
		pieces[0] = (struct layout_piece){groups->straight, events};
		return mask == 1 ? 1 : 0;
	}
	for (size_t i = 0; i < LAYOUT_GROUPS; i++)
		if (mask >> i & 1)
			pieces[count++] = (struct layout_piece){
				groups->order + groups->starts[i],
				groups->starts[i + 1] - groups->starts[i],
			};
	return count;
}
