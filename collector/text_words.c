/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/text_words.h"

#include <string.h>

struct word {
	const char *name;
	uint64_t value;
};

struct word_table {
	const struct word *words; /* end with a NULL name */
	bool refuses;		  /* an unknown word is an error */
	bool joined;		  /* several words may stand together without a "|" */
	uint64_t unknown;	  /* else the value of an unknown word */
};

static const struct word op_words[] = {
	{"reserve", EVENT_OP_RESERVE}, {"release", EVENT_OP_RELEASE}, {"free", EVENT_OP_FREE}, {NULL, 0}};

static const struct word type_words[] = {{"DATA", EVENT_TYPE_DATA}, {"META_PERTRANS", EVENT_TYPE_META_PERTRANS},
	{"META_PREALLOC", EVENT_TYPE_META_PREALLOC}, {"garbage", EVENT_TYPE_GARBAGE}, {NULL, 0}};

/* BTRFS_ADD_DELAYED_REF and its like, fs/btrfs/delayed-ref.h. */
static const struct word action_words[] = {{"ADD_DELAYED_REF", 1}, {"DROP_DELAYED_REF", 2}, {"ADD_DELAYED_EXTENT", 3},
	{"UPDATE_DELAYED_HEAD", 4}, {NULL, 0}};

/* IO_TREE_*, fs/btrfs/extent-io-tree.h. */
static const struct word tree_words[] = {{"PINNED_EXTENTS", 0}, {"EXCLUDED_EXTENTS", 1}, {"BTREE_INODE_IO", 2},
	{"INODE_IO", 3}, {"RELOC_BLOCKS", 4}, {"TRANS_DIRTY_PAGES", 5}, {"ROOT_DIRTY_LOG_PAGES", 6},
	{"INODE_FILE_EXTENT", 7}, {"LOG_CSUM_RANGE", 8}, {"SELFTEST", 9}, {NULL, 0}};

/* BTRFS_ORDERED_* as bits, fs/btrfs/ordered-data.h since 5.9. */
static const struct word ordered_words[] = {{"REGULAR", EVENT_ORDERED_REGULAR}, {"NOCOW", EVENT_ORDERED_NOCOW},
	{"PREALLOC", EVENT_ORDERED_PREALLOC}, {"COMPRESSED", EVENT_ORDERED_COMPRESSED},
	{"DIRECT", EVENT_ORDERED_DIRECT}, {"IO_DONE", 1 << 5}, {"COMPLETE", 1 << 6}, {"IOERR", 1 << 7},
	{"TRUNCATED", 1 << 8}, {NULL, 0}};

/* EXTENT_* of 6.18, fs/btrfs/extent-io-tree.h; the bits below QGROUP_RESERVED moved between kernels. */
static const struct word bit_words[] = {{"DIRTY", 0x1}, {"LOCKED", 0x2}, {"DIO_LOCKED", 0x4}, {"DIRTY_LOG1", 0x8},
	{"DIRTY_LOG2", 0x10}, {"DELALLOC", 0x20}, {"DEFRAG", 0x40}, {"BOUNDARY", 0x80}, {"NODATASUM", 0x100},
	{"CLEAR_META_RESV", 0x200}, {"NEED_WAIT", 0x400}, {"NORESERVE", 0x800},
	{"QGROUP_RESERVED", EVENT_BIT_QGROUP_RESERVED}, {"CLEAR_DATA_RESV", 0x2000}, {"DELALLOC_NEW", 0x4000},
	{"FINISHING_ORDERED", 0x8000}, {"ADD_INODE_BYTES", 0x10000}, {"CLEAR_ALL_BITS", 0x20000}, {"NOWAIT", 0x40000},
	{NULL, 0}};

static const struct word no_words[] = {{NULL, 0}};

enum { TABLE_NONE, TABLE_OP, TABLE_TYPE, TABLE_ACTION, TABLE_TREE, TABLE_ORDERED, TABLE_BITS, TABLE_COUNT };

static const struct word_table tables[TABLE_COUNT] = {
	[TABLE_NONE] = {no_words, true, false, 0},
	[TABLE_OP] = {op_words, true, true, 0},
	[TABLE_TYPE] = {type_words, false, false, EVENT_TYPE_UNKNOWN},
	[TABLE_ACTION] = {action_words, false, false, 0},
	[TABLE_TREE] = {tree_words, false, false, UINT8_MAX},
	[TABLE_ORDERED] = {ordered_words, false, false, 0},
	[TABLE_BITS] = {bit_words, false, false, 0},
};

/* Which words the members `op` and `flags` have depends on the event. */
static const struct {
	unsigned char op, flags;
} tables_of[EVENT_COUNT] = {
	[EVENT_RESERVE_DATA] = {TABLE_OP, TABLE_NONE},
	[EVENT_RELEASE_DATA] = {TABLE_OP, TABLE_NONE},
	[EVENT_ORDERED_ADD] = {TABLE_NONE, TABLE_ORDERED},
	[EVENT_ORDERED_REMOVE] = {TABLE_NONE, TABLE_ORDERED},
	[EVENT_ORDERED_SPLIT] = {TABLE_NONE, TABLE_ORDERED},
	[EVENT_SET_EXTENT_BIT] = {TABLE_TREE, TABLE_BITS},
	[EVENT_CLEAR_EXTENT_BIT] = {TABLE_TREE, TABLE_BITS},
	[EVENT_ADD_DELAYED_REF_HEAD] = {TABLE_ACTION, TABLE_NONE},
	[EVENT_ADD_DELAYED_DATA_REF] = {TABLE_ACTION, TABLE_NONE},
	[EVENT_RUN_DELAYED_DATA_REF] = {TABLE_ACTION, TABLE_NONE},
};

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return UINT8_MAX;
}

static bool read_digits(const char **at, const char *end, unsigned base, uint64_t *value)
{
	const char *digit = *at;

	*value = 0;
	for (; digit < end; digit++) {
		unsigned units = (unsigned)digit_value(*digit);

		if (units >= base)
			break;
		if (*value > (UINT64_MAX - units) / base)
			return false;
		*value = *value * base + units;
	}
	if (digit == *at)
		return false;
	*at = digit;
	return true;
}

/* A number, with what the kernel prints behind it in parentheses: "5(FS_TREE)", "256(-)". */
static bool read_number(const char **at, const char *end, uint64_t *value)
{
	const char *from = *at;
	bool negative = from < end && *from == '-';
	bool hex;

	from += negative;
	hex = end - from > 2 && from[0] == '0' && (from[1] | 0x20) == 'x';
	from += hex ? 2 : 0;
	if (!read_digits(&from, end, hex ? 16 : 10, value))
		return false;
	if (negative && *value > (uint64_t)INT64_MAX + 1)
		return false;
	if (negative)
		*value = 0 - *value;
	if (from < end && *from == '(') {
		from = memchr(from, ')', (size_t)(end - from));
		if (from == NULL)
			return false;
		from++;
	}
	*at = from;
	return true;
}

static const struct word *find_word(const struct word_table *table, const char *text, size_t length)
{
	for (const struct word *word = table->words; word->name != NULL; word++) {
		size_t size = strlen(word->name);

		if (size <= length && memcmp(word->name, text, size) == 0 && (table->joined || size == length))
			return word;
	}
	return NULL;
}

static bool read_word(const struct word_table *table, const char **at, const char *end, uint64_t *value)
{
	const char *bar = memchr(*at, '|', (size_t)(end - *at));
	size_t length = (size_t)((bar != NULL ? bar : end) - *at);
	const struct word *word = find_word(table, *at, length);

	if (word == NULL && table->refuses)
		return false;
	*value = word != NULL ? word->value : table->unknown;
	*at += word != NULL ? strlen(word->name) : length;
	return true;
}

static const struct word_table *table_for(enum event_kind kind, enum event_member member)
{
	if (member == EVENT_MEMBER_TYPE)
		return &tables[TABLE_TYPE];
	if (member == EVENT_MEMBER_OP)
		return &tables[tables_of[kind].op];
	if (member == EVENT_MEMBER_FLAGS)
		return &tables[tables_of[kind].flags];
	return &tables[TABLE_NONE];
}

bool text_words_value(enum event_kind kind, enum event_member member, const char *text, size_t length, uint64_t *value)
{
	const struct word_table *table = table_for(kind, member);
	const char *end = text + length;
	const char *at = text;
	uint64_t item;

	*value = 0;
	if (length == 0)
		return member == EVENT_MEMBER_FLAGS;
	if (table == &tables[TABLE_NONE])
		return read_number(&at, end, value) && at == end;
	while (at < end) {
		if (digit_value(*at) <= 9 || *at == '-') {
			if (!read_number(&at, end, &item))
				return false;
		} else if (!read_word(table, &at, end, &item)) {
			return false;
		}
		*value |= item;
		if (at < end && *at == '|')
			at++;
		else if (at < end && !table->joined)
			return false;
	}
	return true;
}
