/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mktrace_kinds - the btrfs events that mktrace can write: names, fields in the kernel's order, and format texts.
 *
 * Deliberately its own table and not that of base/event.c, so that a wrong name there does not go unnoticed. Layouts
 * as in the format files of kernels 6.1 and 6.18.
 */
#ifndef QGREPLAY_TESTS_MKTRACE_KINDS_H
#define QGREPLAY_TESTS_MKTRACE_KINDS_H

#include "mktrace_out.h"

enum { FIELDS_MAX = 12, RECORD_MAX = 1024 };

enum width { WIDTH_U64, WIDTH_S64, WIDTH_INT, WIDTH_UNSIGNED, WIDTH_LONG };

struct field {
	const char *raw;  /* in the record */
	const char *text; /* as printed */
	enum width width;
};

enum kind {
	KIND_RESERVE,
	KIND_RELEASE,
	KIND_UPDATE,
	KIND_META_RESERVE,
	KIND_META_CONVERT,
	KIND_META_FREE_ALL,
	KIND_COMMIT,
	KIND_INODE_NEW,
	KIND_INODE_REQUEST,
	KIND_INODE_EVICT,
	KIND_ORDERED_ADD,
	KIND_ORDERED_REMOVE,
	KIND_SET_BIT,
	KIND_CLEAR_BIT,
	KIND_ACCOUNT_EXTENT,
	KIND_ACCOUNT_EXTENTS,
	KIND_DIRTY_EXTENTS,
	KIND_COUNTERS,
	KIND_SYNC_FILE, /* an event that no reader of qgroup traces uses */
	KIND_PRINT,	/* a marker, from the system ftrace */
	KIND_COUNT
};

struct kind_info {
	const char *name;     /* 6.18 */
	const char *old_name; /* 6.1, where it differs */
	unsigned id;
	struct field fields[FIELDS_MAX];
};

#define DATA_FIELDS                                                                                                    \
	{                                                                                                              \
		{"rootid", "root", WIDTH_U64}, {"ino", "ino", WIDTH_U64}, {"start", "start", WIDTH_U64},               \
			{"len", "len", WIDTH_U64}, {"reserved", "reserved", WIDTH_U64},                                \
		{                                                                                                      \
			"op", "op", WIDTH_INT                                                                          \
		}                                                                                                      \
	}
#define INODE_FIELDS                                                                                                   \
	{                                                                                                              \
		{"ino", "ino", WIDTH_U64}, {"blocks", "blocks", WIDTH_U64}, {"disk_i_size", "disk_i_size", WIDTH_U64}, \
			{"generation", "gen", WIDTH_U64}, {"last_trans", "last_trans", WIDTH_U64},                     \
			{"logged_trans", "logged_trans", WIDTH_U64},                                                   \
		{                                                                                                      \
			"root_objectid", "root", WIDTH_U64                                                             \
		}                                                                                                      \
	}
#define ORDERED_FIELDS                                                                                                 \
	{                                                                                                              \
		{"ino", "ino", WIDTH_U64}, {"file_offset", "file_offset", WIDTH_U64}, {"start", "start", WIDTH_U64},   \
			{"len", "len", WIDTH_U64}, {"disk_len", "disk_len", WIDTH_U64},                                \
			{"bytes_left", "bytes_left", WIDTH_U64}, {"flags", "flags", WIDTH_LONG},                       \
			{"compress_type", "compress_type", WIDTH_INT}, {"refs", "refs", WIDTH_INT},                    \
			{"root_objectid", "root", WIDTH_U64},                                                          \
		{                                                                                                      \
			"truncated_len", "truncated_len", WIDTH_U64                                                    \
		}                                                                                                      \
	}
#define BIT_FIELDS(which)                                                                                              \
	{                                                                                                              \
		{"owner", "io_tree", WIDTH_UNSIGNED}, {"ino", "ino", WIDTH_U64}, {"rootid", "root", WIDTH_U64},        \
			{"start", "start", WIDTH_U64}, {"len", "len", WIDTH_U64},                                      \
		{                                                                                                      \
			which, which, WIDTH_UNSIGNED                                                                   \
		}                                                                                                      \
	}

static const struct kind_info kinds[KIND_COUNT] = {
	[KIND_RESERVE] = {"btrfs_qgroup_reserve_data", NULL, 1966, DATA_FIELDS},
	[KIND_RELEASE] = {"btrfs_qgroup_release_data", NULL, 1965, DATA_FIELDS},
	[KIND_UPDATE] = {"btrfs_qgroup_update_reserve", "qgroup_update_reserve", 1959,
		{{"qgid", "qgid", WIDTH_U64}, {"cur_reserved", "cur_reserved", WIDTH_U64}, {"diff", "diff", WIDTH_S64},
			{"type", "type", WIDTH_INT}}},
	[KIND_META_RESERVE] = {"btrfs_qgroup_meta_reserve", "qgroup_meta_reserve", 1958,
		{{"refroot", "refroot", WIDTH_U64}, {"diff", "diff", WIDTH_S64}, {"type", "type", WIDTH_INT}}},
	[KIND_META_CONVERT] = {"btrfs_qgroup_meta_convert", "qgroup_meta_convert", 1957,
		{{"refroot", "refroot", WIDTH_U64}, {"diff", "diff", WIDTH_S64}}},
	[KIND_META_FREE_ALL] = {"btrfs_qgroup_meta_free_all_pertrans", "qgroup_meta_free_all_pertrans", 1956,
		{{"refroot", "refroot", WIDTH_U64}, {"diff", "diff", WIDTH_S64}, {"type", "type", WIDTH_INT}}},
	[KIND_COMMIT] = {"btrfs_transaction_commit", NULL, 2024,
		{{"generation", "gen", WIDTH_U64}, {"root_objectid", "root", WIDTH_U64}}},
	[KIND_INODE_NEW] = {"btrfs_inode_new", NULL, 2023, INODE_FIELDS},
	[KIND_INODE_REQUEST] = {"btrfs_inode_request", NULL, 2022, INODE_FIELDS},
	[KIND_INODE_EVICT] = {"btrfs_inode_evict", NULL, 2021, INODE_FIELDS},
	[KIND_ORDERED_ADD] = {"btrfs_ordered_extent_add", NULL, 2014, ORDERED_FIELDS},
	[KIND_ORDERED_REMOVE] = {"btrfs_ordered_extent_remove", NULL, 2013, ORDERED_FIELDS},
	[KIND_SET_BIT] = {"btrfs_set_extent_bit", NULL, 1947, BIT_FIELDS("set_bits")},
	[KIND_CLEAR_BIT] = {"btrfs_clear_extent_bit", NULL, 1946, BIT_FIELDS("clear_bits")},
	[KIND_ACCOUNT_EXTENT] = {"btrfs_qgroup_account_extent", NULL, 1961,
		{{"transid", "transid", WIDTH_U64}, {"bytenr", "bytenr", WIDTH_U64},
			{"num_bytes", "num_bytes", WIDTH_U64}, {"nr_old_roots", "nr_old_roots", WIDTH_U64},
			{"nr_new_roots", "nr_new_roots", WIDTH_U64}}},
	[KIND_ACCOUNT_EXTENTS] = {"btrfs_qgroup_account_extents", NULL, 1964,
		{{"bytenr", "bytenr", WIDTH_U64}, {"num_bytes", "num_bytes", WIDTH_U64}}},
	[KIND_DIRTY_EXTENTS] = {"btrfs_qgroup_num_dirty_extents", "qgroup_num_dirty_extents", 1962,
		{{"transid", "transid", WIDTH_U64}, {"num_dirty_extents", "num_dirty_extents", WIDTH_U64}}},
	[KIND_COUNTERS] = {"btrfs_qgroup_update_counters", "qgroup_update_counters", 1960,
		{{"qgid", "qgid", WIDTH_U64}, {"old_rfer", "old_rfer", WIDTH_U64}, {"old_excl", "old_excl", WIDTH_U64},
			{"cur_old_count", "cur_old_count", WIDTH_U64}, {"cur_new_count", "cur_new_count", WIDTH_U64}}},
	[KIND_SYNC_FILE] = {"btrfs_sync_file", NULL, 2010,
		{{"ino", "ino", WIDTH_U64}, {"parent", "parent", WIDTH_U64}, {"datasync", "datasync", WIDTH_INT},
			{"root_objectid", "root", WIDTH_U64}}},
	[KIND_PRINT] = {"print", NULL, 5, {{0}}},
};

/* One event as it happened; `values` in the order of the kind's fields. */
struct record {
	uint64_t time_ns;
	uint64_t values[FIELDS_MAX];
	uint64_t lost_count;
	const char *text; /* KIND_PRINT */
	enum kind kind;
	int pid;
	unsigned cpu;
	unsigned buffer;
	bool lost; /* not an event: events of this CPU are missing here, lost_count of them when not 0 */
};

static inline unsigned field_size(const struct out *out, enum width width)
{
	switch (width) {
	case WIDTH_U64:
	case WIDTH_S64:
		return 8;
	case WIDTH_INT:
	case WIDTH_UNSIGNED:
		return 4;
	case WIDTH_LONG:
		return out->long_size;
	}
	return 0;
}

/* Fields lie at multiples of their size; on 32-bit x86, whose structs we imitate, 4 bytes are enough. */
static inline unsigned field_offset(const struct out *out, unsigned offset, unsigned size)
{
	unsigned alignment = size > out->long_size ? out->long_size : size;

	return (offset + alignment - 1) / alignment * alignment;
}

static inline void common_format(FILE *text, const char *name, uint64_t id)
{
	fprintf(text, "name: %s\nID: %llu\nformat:\n", name, (unsigned long long)id);
	fputs("\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
	      "\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
	      "\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
	      "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n",
		text);
}

static inline void printed_field(FILE *text, const struct field *field)
{
	bool is_signed = field->width == WIDTH_S64;

	if (strcmp(field->raw, "op") == 0 || strcmp(field->raw, "type") == 0)
		fprintf(text, " %s=%%s", field->text);
	else if (field->width == WIDTH_INT)
		fprintf(text, " %s=%%d", field->text);
	else if (strcmp(field->raw, "refroot") == 0 || strcmp(field->raw, "root_objectid") == 0)
		fprintf(text, " %s=%%llu(-)", field->text);
	else if (strcmp(field->raw, "flags") == 0 || strstr(field->raw, "_bits") != NULL)
		fprintf(text, " %s=0x%%llx", field->text);
	else
		fprintf(text, " %s=%%ll%c", field->text, is_signed ? 'd' : 'u');
}

static inline void printed_argument(FILE *text, const struct field *field)
{
	if (strcmp(field->raw, "op") == 0)
		fputs(", __print_flags((unsigned long)REC->op, \"\", { (1<<0), \"reserve\" }, { (1<<1), \"release\" }, "
		      "{ (1<<2), \"free\" })",
			text);
	else if (strcmp(field->raw, "type") == 0)
		fputs(", __print_symbolic(REC->type, {0, \"DATA\"}, {1, \"META_PERTRANS\"}, {2, \"META_PREALLOC\"})",
			text);
	else
		fprintf(text, ", REC->%s", field->raw);
}

/* The format text of a kind, as tracefs shows it. */
static inline void kind_format(struct out *out, FILE *text, enum kind kind, const char *name)
{
	static const char *const types[] = {"u64", "s64", "int", "unsigned", "unsigned long"};
	const struct kind_info *info = &kinds[kind];
	unsigned offset = 24;

	common_format(text, name, out_told(out, "format.id", info->id));
	fputs("\tfield:u8 fsid[16];\toffset:8;\tsize:16;\tsigned:0;\n", text);
	for (const struct field *field = info->fields; field->raw != NULL; field++) {
		unsigned size = field_size(out, field->width);
		bool is_signed = field->width == WIDTH_S64 || field->width == WIDTH_INT;
		offset = field_offset(out, offset, size);
		fprintf(text, "\tfield:%s %s;\toffset:%llu;\tsize:%llu;\tsigned:%d;\n", types[field->width], field->raw,
			(unsigned long long)out_told(out, "format.offset", offset),
			(unsigned long long)out_told(out, "format.size", size), is_signed);
		offset += size;
	}
	fputs("\nprint fmt: \"%pU:", text);
	for (const struct field *field = info->fields; field->raw != NULL; field++)
		printed_field(text, field);
	fputs("\", REC->fsid", text);
	for (const struct field *field = info->fields; field->raw != NULL; field++)
		printed_argument(text, field);
	fputs("\n", text);
}

static inline void print_format(const struct out *out, FILE *text)
{
	common_format(text, "print", kinds[KIND_PRINT].id);
	fprintf(text, "\tfield:unsigned long ip;\toffset:8;\tsize:%u;\tsigned:0;\n", out->long_size);
	fprintf(text, "\tfield:char buf[];\toffset:%u;\tsize:0;\tsigned:0;\n", 8 + out->long_size);
	fputs("\nprint fmt: \"%ps: %s\", (void *)REC->ip, REC->buf\n", text);
}

/* The binary record; returns its size. */
static inline size_t kind_encode(
	struct out *out, const struct record *record, const unsigned char fsid[16], unsigned char bytes[RECORD_MAX])
{
	const struct kind_info *info = &kinds[record->kind];
	unsigned offset = 24;

	memset(bytes, 0, RECORD_MAX);
	out_encode(out, bytes, out_told(out, "record.type", info->id), 2);
	out_encode(out, bytes + 4, (uint64_t)(int64_t)record->pid, 4);
	if (record->kind == KIND_PRINT) {
		size_t length = strnlen(record->text, RECORD_MAX - 32);
		memcpy(bytes + 8 + out->long_size, record->text, length);
		bytes[8 + out->long_size + length] = '\n';
		return (8 + out->long_size + length + 2 + 3) / 4 * 4;
	}
	memcpy(bytes + 8, fsid, 16);
	for (size_t i = 0; info->fields[i].raw != NULL; i++) {
		unsigned size = field_size(out, info->fields[i].width);
		offset = field_offset(out, offset, size);
		out_encode(out, bytes + offset, record->values[i], size);
		offset += size;
	}
	return (offset + out->long_size - 1) / out->long_size * out->long_size;
}

#endif
