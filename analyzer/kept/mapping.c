/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/kept/mapping.h"

#include <stdlib.h>
#include <string.h>

/* More than any text that is written, of which most are names. */
enum { TEXT_MAX = 64 * 1024 };

_Static_assert(sizeof(enum member_kind) == sizeof(unsigned), "enums are as large as their numbers");

static const struct {
	int64_t least;
	int64_t greatest;
} ranges[] = {
	[MEMBER_U64] = {INT64_MIN, INT64_MAX}, /* all bits of the kernel's numbers */
	[MEMBER_I64] = {INT64_MIN, INT64_MAX},
	[MEMBER_U32] = {0, UINT32_MAX},
	[MEMBER_I32] = {INT32_MIN, INT32_MAX},
	[MEMBER_U16] = {0, UINT16_MAX},
	[MEMBER_U8] = {0, UINT8_MAX},
	[MEMBER_BOOL] = {0, 1},
};

static const char *word_at(const struct member *member, const void *at)
{
	unsigned value;

	memcpy(&value, at, sizeof(value));
	return member->words->word(value);
}

static void write_member(const struct member *member, const void *at, struct row *row)
{
	switch (member->kind) {
	case MEMBER_NONE:
		row_add_null(row);
		break;
	case MEMBER_U64:
		row_add_number(row, *(const uint64_t *)at);
		break;
	case MEMBER_I64:
		row_add_signed(row, *(const int64_t *)at);
		break;
	case MEMBER_U32:
		row_add_number(row, *(const uint32_t *)at);
		break;
	case MEMBER_I32:
		row_add_signed(row, *(const int32_t *)at);
		break;
	case MEMBER_U16:
		row_add_number(row, *(const uint16_t *)at);
		break;
	case MEMBER_U8:
		row_add_number(row, *(const uint8_t *)at);
		break;
	case MEMBER_BOOL:
		row_add_number(row, *(const bool *)at);
		break;
	case MEMBER_WORD:
		row_add_text(row, word_at(member, at));
		break;
	case MEMBER_TEXT:
	case MEMBER_TEXT_IF_ANY:
		row_add_text(row, *(const char *const *)at);
		break;
	}
}

void mapping_write(const struct mapping *mapping, const void *from, struct row *row)
{
	row_begin(row, mapping->table);
	for (size_t i = 0; i < mapping->count; i++) {
		const struct member *member = &mapping->members[i];

		if (member->optional && !*(const bool *)((const char *)from + member->present))
			row_add_null(row);
		else
			write_member(member, (const char *)from + member->offset, row);
	}
}

enum err mapping_misfit(enum row_table table, const char *why, struct error *error)
{
	return error_set(error, ERR_INPUT, "a row of table '%s' %s", row_table_info(table)->name, why);
}

static enum err refuse(enum row_table table, const struct member *member, struct error *error)
{
	return error_set(error, ERR_INPUT, "a row of table '%s' holds what no program writes as '%s'",
		row_table_info(table)->name, member->column);
}

static void read_number(const struct member *member, int64_t value, void *at)
{
	switch (member->kind) {
	case MEMBER_U64:
		*(uint64_t *)at = (uint64_t)value;
		break;
	case MEMBER_I64:
		*(int64_t *)at = value;
		break;
	case MEMBER_U32:
		*(uint32_t *)at = (uint32_t)value;
		break;
	case MEMBER_I32:
		*(int32_t *)at = (int32_t)value;
		break;
	case MEMBER_U16:
		*(uint16_t *)at = (uint16_t)value;
		break;
	case MEMBER_U8:
		*(uint8_t *)at = (uint8_t)value;
		break;
	case MEMBER_BOOL:
		*(bool *)at = value != 0;
		break;
	case MEMBER_NONE:
	case MEMBER_WORD:
	case MEMBER_TEXT:
	case MEMBER_TEXT_IF_ANY:
		abort();
	}
}

/* NULL is a word too, where one of the values has none. */
static enum err read_word(
	const struct member *member, const struct row *row, const char *text, void *at, struct error *error)
{
	for (unsigned value = 0; value < member->words->count; value++) {
		const char *word = member->words->word(value);

		if (word == NULL || text == NULL ? word != text : strcmp(word, text) != 0)
			continue;
		memcpy(at, &value, sizeof(value));
		return ERR_OK;
	}
	return error_set(error, ERR_INPUT, "a row of table '%s' has '%.40s' as '%s', which a newer program may know",
		row_table_info(row->table)->name, text != NULL ? text : "nothing", member->column);
}

static bool is_sound_text(const struct row_value *value)
{
	return value->size <= TEXT_MAX && strlen(value->bytes) == value->size;
}

static enum err read_text(const struct member *member, const struct row *row, const struct row_value *value, void *at,
	struct error *error)
{
	bool may_lack = member->kind != MEMBER_TEXT;
	bool null = value->kind == ROW_NULL;

	if (!(null && may_lack) && !(value->kind == ROW_TEXT && is_sound_text(value)))
		return refuse(row->table, member, error);
	if (member->kind == MEMBER_WORD)
		return read_word(member, row, null ? NULL : value->bytes, at, error);
	*(const char **)at = null ? NULL : value->bytes;
	return ERR_OK;
}

static enum err read_member(const struct member *member, const struct row *row, const struct row_value *value, char *to,
	struct error *error)
{
	bool absent = member->optional && value->kind == ROW_NULL;

	if (member->kind == MEMBER_NONE)
		return ERR_OK;
	if (member->kind == MEMBER_WORD || member->kind == MEMBER_TEXT || member->kind == MEMBER_TEXT_IF_ANY)
		return read_text(member, row, value, to + member->offset, error);
	if (!absent && (value->kind != ROW_NUMBER || value->number < ranges[member->kind].least ||
			       value->number > ranges[member->kind].greatest))
		return refuse(row->table, member, error);
	if (member->optional)
		*(bool *)(to + member->present) = !absent;
	read_number(member, absent ? 0 : value->number, to + member->offset);
	return ERR_OK;
}

enum err mapping_read(const struct mapping *mapping, const struct row *row, void *to, struct error *error)
{
	enum err err = ERR_OK;

	if (row->table != mapping->table || row->count != mapping->count)
		return mapping_misfit(mapping->table, "has too few or too many columns", error);
	for (size_t i = 0; i < mapping->count && err == ERR_OK; i++)
		err = read_member(&mapping->members[i], row, &row->values[i], to, error);
	return err;
}
