/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/event.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MUST true
#define MAY false

static const struct event_info infos[EVENT_COUNT] = {
	[EVENT_NONE] = {"none", NULL, {{0}}},
	[EVENT_RESERVE_DATA] = {"btrfs_qgroup_reserve_data", NULL,
		{{"rootid", "root", EVENT_MEMBER_ROOT, MUST}, {"ino", "ino", EVENT_MEMBER_INO, MUST},
			{"start", "start", EVENT_MEMBER_START, MUST}, {"len", "len", EVENT_MEMBER_LEN, MUST},
			{"reserved", "reserved", EVENT_MEMBER_BYTES, MUST}, {"op", "op", EVENT_MEMBER_OP, MUST}}},
	[EVENT_RELEASE_DATA] = {"btrfs_qgroup_release_data", NULL,
		{{"rootid", "root", EVENT_MEMBER_ROOT, MUST}, {"ino", "ino", EVENT_MEMBER_INO, MUST},
			{"start", "start", EVENT_MEMBER_START, MUST}, {"len", "len", EVENT_MEMBER_LEN, MUST},
			{"reserved", "reserved", EVENT_MEMBER_BYTES, MUST}, {"op", "op", EVENT_MEMBER_OP, MUST}}},
	[EVENT_UPDATE_RESERVE] = {"btrfs_qgroup_update_reserve", "qgroup_update_reserve",
		{{"qgid", "qgid", EVENT_MEMBER_ROOT, MUST}, {"type", "type", EVENT_MEMBER_TYPE, MAY},
			{"cur_reserved", "cur_reserved", EVENT_MEMBER_BYTES, MUST},
			{"diff", "diff", EVENT_MEMBER_DIFF, MUST}}},
	[EVENT_META_RESERVE] = {"btrfs_qgroup_meta_reserve", "qgroup_meta_reserve",
		{{"refroot", "refroot", EVENT_MEMBER_ROOT, MUST}, {"type", "type", EVENT_MEMBER_TYPE, MAY},
			{"diff", "diff", EVENT_MEMBER_DIFF, MUST}}},
	/* `type` exists from 4.17 to 5.3 only, and is always PREALLOC->PERTRANS: not worth a member. */
	[EVENT_META_CONVERT] = {"btrfs_qgroup_meta_convert", "qgroup_meta_convert",
		{{"refroot", "refroot", EVENT_MEMBER_ROOT, MUST}, {"diff", "diff", EVENT_MEMBER_DIFF, MUST}}},
	[EVENT_META_FREE_ALL_PERTRANS] = {"btrfs_qgroup_meta_free_all_pertrans", "qgroup_meta_free_all_pertrans",
		{{"refroot", "refroot", EVENT_MEMBER_ROOT, MUST}, {"type", "type", EVENT_MEMBER_TYPE, MAY},
			{"diff", "diff", EVENT_MEMBER_DIFF, MUST}}},
	[EVENT_FREE_DELAYED_REF] = {"btrfs_qgroup_free_delayed_ref", NULL,
		{{"ref_root", "root", EVENT_MEMBER_ROOT, MUST}, {"reserved", "reserved", EVENT_MEMBER_BYTES, MUST}}},
	[EVENT_ACCOUNT_EXTENTS] = {"btrfs_qgroup_account_extents", NULL,
		{{"bytenr", "bytenr", EVENT_MEMBER_START, MUST}, {"num_bytes", "num_bytes", EVENT_MEMBER_LEN, MUST}}},
	[EVENT_ACCOUNT_EXTENT] = {"btrfs_qgroup_account_extent", NULL,
		{{"bytenr", "bytenr", EVENT_MEMBER_START, MUST}, {"num_bytes", "num_bytes", EVENT_MEMBER_LEN, MUST},
			{"nr_old_roots", "nr_old_roots", EVENT_MEMBER_BYTES, MAY},
			{"nr_new_roots", "nr_new_roots", EVENT_MEMBER_DIFF, MAY}}},
	[EVENT_UPDATE_COUNTERS] = {"btrfs_qgroup_update_counters", "qgroup_update_counters",
		{{"qgid", "qgid", EVENT_MEMBER_ROOT, MUST}, {"old_rfer", "old_rfer", EVENT_MEMBER_BYTES, MAY},
			{"old_excl", "old_excl", EVENT_MEMBER_LEN, MAY},
			{"cur_old_count", "cur_old_count", EVENT_MEMBER_START, MAY},
			{"cur_new_count", "cur_new_count", EVENT_MEMBER_DIFF, MAY}}},
	[EVENT_NUM_DIRTY_EXTENTS] = {"btrfs_qgroup_num_dirty_extents", "qgroup_num_dirty_extents",
		{{"transid", "transid", EVENT_MEMBER_START, MAY},
			{"num_dirty_extents", "num_dirty_extents", EVENT_MEMBER_BYTES, MUST}}},
	[EVENT_TRANSACTION_COMMIT] = {"btrfs_transaction_commit", NULL,
		{{"root_objectid", "root", EVENT_MEMBER_ROOT, MAY}, {"generation", "gen", EVENT_MEMBER_BYTES, MUST}}},
	[EVENT_INODE_NEW] = {"btrfs_inode_new", NULL,
		{{"root_objectid", "root", EVENT_MEMBER_ROOT, MUST}, {"generation", "gen", EVENT_MEMBER_BYTES, MAY},
			{"ino", "ino", EVENT_MEMBER_INO, MUST}}},
	[EVENT_INODE_REQUEST] = {"btrfs_inode_request", NULL,
		{{"root_objectid", "root", EVENT_MEMBER_ROOT, MUST}, {"generation", "gen", EVENT_MEMBER_BYTES, MAY},
			{"ino", "ino", EVENT_MEMBER_INO, MUST}}},
	[EVENT_INODE_EVICT] = {"btrfs_inode_evict", NULL,
		{{"root_objectid", "root", EVENT_MEMBER_ROOT, MUST}, {"generation", "gen", EVENT_MEMBER_BYTES, MAY},
			{"ino", "ino", EVENT_MEMBER_INO, MUST}}},
	[EVENT_ORDERED_ADD] = {"btrfs_ordered_extent_add", NULL,
		{{"root_objectid", "root", EVENT_MEMBER_ROOT, MUST}, {"ino", "ino", EVENT_MEMBER_INO, MUST},
			{"file_offset", "file_offset", EVENT_MEMBER_START, MUST},
			{"start", "start", EVENT_MEMBER_BYTES, MAY}, {"len", "len", EVENT_MEMBER_LEN, MUST},
			{"flags", "flags", EVENT_MEMBER_FLAGS, MUST}}},
	[EVENT_ORDERED_REMOVE] = {"btrfs_ordered_extent_remove", NULL,
		{{"root_objectid", "root", EVENT_MEMBER_ROOT, MUST}, {"ino", "ino", EVENT_MEMBER_INO, MUST},
			{"file_offset", "file_offset", EVENT_MEMBER_START, MUST},
			{"start", "start", EVENT_MEMBER_BYTES, MAY}, {"len", "len", EVENT_MEMBER_LEN, MUST},
			{"flags", "flags", EVENT_MEMBER_FLAGS, MUST}}},
	[EVENT_ORDERED_SPLIT] = {"btrfs_ordered_extent_split", NULL,
		{{"root_objectid", "root", EVENT_MEMBER_ROOT, MUST}, {"ino", "ino", EVENT_MEMBER_INO, MUST},
			{"file_offset", "file_offset", EVENT_MEMBER_START, MUST},
			{"start", "start", EVENT_MEMBER_BYTES, MAY}, {"len", "len", EVENT_MEMBER_LEN, MUST},
			{"flags", "flags", EVENT_MEMBER_FLAGS, MUST}}},
	/* `op` holds the owner of the tree: 3 is INODE_IO, the only one with bits of qgroups. */
	[EVENT_SET_EXTENT_BIT] = {"btrfs_set_extent_bit", NULL,
		{{"owner", "io_tree", EVENT_MEMBER_OP, MUST}, {"ino", "ino", EVENT_MEMBER_INO, MUST},
			{"rootid", "root", EVENT_MEMBER_ROOT, MUST}, {"start", "start", EVENT_MEMBER_START, MUST},
			{"len", "len", EVENT_MEMBER_LEN, MUST}, {"set_bits", "set_bits", EVENT_MEMBER_FLAGS, MUST}}},
	[EVENT_CLEAR_EXTENT_BIT] = {"btrfs_clear_extent_bit", NULL,
		{{"owner", "io_tree", EVENT_MEMBER_OP, MUST}, {"ino", "ino", EVENT_MEMBER_INO, MUST},
			{"rootid", "root", EVENT_MEMBER_ROOT, MUST}, {"start", "start", EVENT_MEMBER_START, MUST},
			{"len", "len", EVENT_MEMBER_LEN, MUST},
			{"clear_bits", "clear_bits", EVENT_MEMBER_FLAGS, MUST}}},
	[EVENT_ADD_DELAYED_REF_HEAD] = {"add_delayed_ref_head", NULL,
		{{"bytenr", "bytenr", EVENT_MEMBER_START, MUST}, {"num_bytes", "num_bytes", EVENT_MEMBER_LEN, MUST},
			{"action", "action", EVENT_MEMBER_OP, MAY}, {"is_data", "is_data", EVENT_MEMBER_FLAGS, MAY}}},
	[EVENT_ADD_DELAYED_DATA_REF] = {"add_delayed_data_ref", NULL,
		{{"bytenr", "bytenr", EVENT_MEMBER_START, MUST}, {"num_bytes", "num_bytes", EVENT_MEMBER_LEN, MUST},
			{"action", "action", EVENT_MEMBER_OP, MAY}, {"ref_root", "ref_root", EVENT_MEMBER_ROOT, MUST},
			{"owner", "owner", EVENT_MEMBER_INO, MUST}, {"offset", "offset", EVENT_MEMBER_BYTES, MUST}}},
	[EVENT_RUN_DELAYED_DATA_REF] = {"run_delayed_data_ref", NULL,
		{{"bytenr", "bytenr", EVENT_MEMBER_START, MUST}, {"num_bytes", "num_bytes", EVENT_MEMBER_LEN, MUST},
			{"action", "action", EVENT_MEMBER_OP, MAY}, {"ref_root", "ref_root", EVENT_MEMBER_ROOT, MUST},
			{"owner", "owner", EVENT_MEMBER_INO, MUST}, {"offset", "offset", EVENT_MEMBER_BYTES, MUST}}},
	[EVENT_SYNC_FILE] = {"btrfs_sync_file", NULL,
		{{"root_objectid", "root", EVENT_MEMBER_ROOT, MAY}, {"ino", "ino", EVENT_MEMBER_INO, MUST},
			{"parent", "parent", EVENT_MEMBER_START, MAY},
			{"datasync", "datasync", EVENT_MEMBER_FLAGS, MAY}}},
	/* Of system ftrace, and its one field is a text: the decoders know it by themselves. */
	[EVENT_PRINT] = {"print", NULL, {{0}}},
	[EVENT_LOST] = {"lost_events", NULL, {{0}}},
};

const struct event_info *event_info(enum event_kind kind)
{
	return &infos[kind];
}

const char *event_kind_name(enum event_kind kind)
{
	const char *name = infos[kind].name;

	return strncmp(name, "btrfs_", 6) == 0 ? name + 6 : name;
}

bool event_kind_has(enum event_kind kind, enum event_member member)
{
	for (const struct event_field *field = infos[kind].fields; field->raw != NULL; field++)
		if (field->member == member)
			return true;
	return false;
}

static bool same_name(const char *name, const char *text, size_t length)
{
	return name != NULL && strlen(name) == length && memcmp(name, text, length) == 0;
}

enum event_kind event_kind_of(const char *name, size_t length)
{
	for (int kind = EVENT_NONE + 1; kind < EVENT_LOST; kind++)
		if (same_name(infos[kind].name, name, length) || same_name(infos[kind].old_name, name, length))
			return (enum event_kind)kind;
	return EVENT_NONE;
}

void event_set(struct event *event, enum event_member member, uint64_t value)
{
	switch (member) {
	case EVENT_MEMBER_NONE:
		break;
	case EVENT_MEMBER_ROOT:
		event->root = value;
		break;
	case EVENT_MEMBER_INO:
		event->ino = value;
		break;
	case EVENT_MEMBER_START:
		event->start = value;
		break;
	case EVENT_MEMBER_LEN:
		event->len = value;
		break;
	case EVENT_MEMBER_BYTES:
		event->bytes = value;
		break;
	case EVENT_MEMBER_DIFF:
		event->diff = (int64_t)value;
		break;
	case EVENT_MEMBER_FLAGS:
		event->flags = (uint32_t)value;
		break;
	case EVENT_MEMBER_OP:
		event->op = value > UINT8_MAX ? 0 : (uint8_t)value;
		break;
	case EVENT_MEMBER_TYPE:
		event->type = value <= EVENT_TYPE_META_PREALLOC || value == EVENT_TYPE_UNKNOWN ? (uint8_t)value
											       : EVENT_TYPE_GARBAGE;
		break;
	}
}

uint64_t event_get(const struct event *event, enum event_member member)
{
	switch (member) {
	case EVENT_MEMBER_NONE:
		break;
	case EVENT_MEMBER_ROOT:
		return event->root;
	case EVENT_MEMBER_INO:
		return event->ino;
	case EVENT_MEMBER_START:
		return event->start;
	case EVENT_MEMBER_LEN:
		return event->len;
	case EVENT_MEMBER_BYTES:
		return event->bytes;
	case EVENT_MEMBER_DIFF:
		return (uint64_t)event->diff;
	case EVENT_MEMBER_FLAGS:
		return event->flags;
	case EVENT_MEMBER_OP:
		return event->op;
	case EVENT_MEMBER_TYPE:
		return event->type;
	}
	return 0;
}

static const char *op_name(unsigned op)
{
	switch (op) {
	case EVENT_OP_RESERVE:
		return "reserve";
	case EVENT_OP_RELEASE:
		return "release";
	case EVENT_OP_FREE:
		return "free";
	default:
		return NULL;
	}
}

static const char *type_name(unsigned type)
{
	switch (type) {
	case EVENT_TYPE_DATA:
		return "DATA";
	case EVENT_TYPE_META_PERTRANS:
		return "META_PERTRANS";
	case EVENT_TYPE_META_PREALLOC:
		return "META_PREALLOC";
	case EVENT_TYPE_GARBAGE:
		return "garbage";
	default:
		return "unknown";
	}
}

const char *event_op_name(const struct event *event)
{
	bool data_event = event->kind == EVENT_RESERVE_DATA || event->kind == EVENT_RELEASE_DATA;

	return data_event ? op_name(event->op) : NULL;
}

const char *event_type_name(const struct event *event)
{
	return event_has_type(event) ? type_name(event->type) : NULL;
}

static int field_text(const struct event *event, const struct event_field *field, char *text, size_t size)
{
	uint64_t value = event_get(event, field->member);
	bool data_event = event->kind == EVENT_RESERVE_DATA || event->kind == EVENT_RELEASE_DATA;

	if (field->member == EVENT_MEMBER_OP && data_event && op_name(event->op) == NULL)
		return snprintf(text, size, " %s=0x%" PRIx64, field->text, value);
	if (field->member == EVENT_MEMBER_OP && data_event)
		return snprintf(text, size, " %s=%s", field->text, op_name(event->op));
	if (field->member == EVENT_MEMBER_TYPE)
		return snprintf(text, size, " %s=%s", field->text, type_name(event->type));
	if (field->member == EVENT_MEMBER_DIFF)
		return snprintf(text, size, " %s=%" PRId64, field->text, event->diff);
	if (field->member == EVENT_MEMBER_FLAGS)
		return snprintf(text, size, " %s=0x%" PRIx64, field->text, value);
	return snprintf(text, size, " %s=%" PRIu64, field->text, value);
}

static int lost_text(const struct event *event, char *text, size_t size)
{
	if (event->bytes == 0)
		return snprintf(text, size, "CPU:%u [EVENTS DROPPED]", event->cpu);
	return snprintf(text, size, "CPU:%u [%" PRIu64 " EVENTS DROPPED]", event->cpu, event->bytes);
}

char *event_text(const struct event *event, char *text, size_t size)
{
	const struct event_info *info = event_info(event->kind < EVENT_COUNT ? event->kind : EVENT_NONE);
	int used;

	if (event->kind == EVENT_LOST) {
		lost_text(event, text, size);
		return text;
	}
	used = snprintf(text, size, "%s:", info->name);
	for (const struct event_field *field = info->fields; field->raw != NULL; field++) {
		if (used < 0 || (size_t)used >= size)
			break;
		used += field_text(event, field, text + used, size - (size_t)used);
	}
	return text;
}
