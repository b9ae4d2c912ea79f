/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/decode.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/fsid.h"
#include "base/memory.h"
#include "collector/format.h"
#include "collector/marker.h"

enum { NO_PLACE = UINT8_MAX };
enum { FSID_SLOTS = 16, TYPES = 1 << 16, NO_FIELD = UINT16_MAX };

struct field {
	uint16_t offset;
	uint8_t size; /* 1, 2, 4 or 8 */
	bool is_signed;
	uint8_t member;
	uint8_t place; /* of the member in struct event when it holds all 64 bits, else NO_PLACE */
};

struct layout {
	uint32_t record_bytes; /* a record must have as many */
	uint16_t fsid;	       /* offset, or NO_FIELD (before 4.8) */
	uint8_t kind;
	uint8_t type; /* of a record without a field for it */
	uint8_t field_count;
	struct field fields[EVENT_FIELDS_MAX];
};

struct fsid {
	unsigned char bytes[FSID_BYTES];
	uint16_t number; /* 0: the slot is free */
};

struct decoder {
	bool big_endian;
	bool has_common; /* once a format has been learnt */
	struct field type;
	struct field pid;
	struct names *names;
	struct names *texts;
	uint32_t text;		       /* offset of the text in a record of "print", which goes to the end of it */
	struct fsid fsids[FSID_SLOTS]; /* by the last byte: what was met, so that no text is made per event */
	uint8_t layout_of[TYPES];      /* by common_type: number + 1, 0 for other events */
	struct layout layouts[UINT8_MAX];
	uint8_t layout_count;
};

struct decoder *decoder_new(bool big_endian, struct names *fsids, struct names *texts)
{
	struct decoder *decoder = memory_zeroed(sizeof(*decoder));

	decoder->big_endian = big_endian;
	decoder->names = fsids;
	decoder->texts = texts;
	return decoder;
}

void decoder_free(struct decoder *decoder)
{
	free(decoder);
}

/* What event_set() does for these members is a plain store: done here, it saves a call for each field. */
static uint8_t place_of(enum event_member member)
{
	static const uint8_t places[] = {
		[EVENT_MEMBER_ROOT] = offsetof(struct event, root),
		[EVENT_MEMBER_INO] = offsetof(struct event, ino),
		[EVENT_MEMBER_START] = offsetof(struct event, start),
		[EVENT_MEMBER_LEN] = offsetof(struct event, len),
		[EVENT_MEMBER_BYTES] = offsetof(struct event, bytes),
		[EVENT_MEMBER_DIFF] = offsetof(struct event, diff),
	};
	bool is_wide = member >= EVENT_MEMBER_ROOT && member <= EVENT_MEMBER_DIFF;

	return is_wide ? places[member] : NO_PLACE;
}

/* False when there is no such field, or none that holds a number. */
static bool find_number(struct span text, const char *name, struct field *field)
{
	struct format_field found;

	if (!format_field(text, name, &found) || found.offset >= NO_FIELD)
		return false;
	if (found.size != 1 && found.size != 2 && found.size != 4 && found.size != 8)
		return false;
	*field = (struct field){
		(uint16_t)found.offset, (uint8_t)found.size, found.is_signed, EVENT_MEMBER_NONE, NO_PLACE};
	return true;
}

static void need(struct layout *layout, uint32_t end)
{
	if (layout->record_bytes < end)
		layout->record_bytes = end;
}

static bool same_place(const struct field *a, const struct field *b)
{
	return a->offset == b->offset && a->size == b->size;
}

/* The fields that all events of a kernel have in the same place. */
static bool learn_common(struct decoder *decoder, struct span text, struct layout *layout)
{
	struct field type, pid;

	if (!find_number(text, "common_type", &type) || !find_number(text, "common_pid", &pid) || type.size != 2)
		return false;
	if (decoder->has_common && (!same_place(&type, &decoder->type) || !same_place(&pid, &decoder->pid)))
		return false;
	decoder->has_common = true;
	decoder->type = type;
	decoder->type.is_signed = false; /* it is an index */
	decoder->pid = pid;
	need(layout, (uint32_t)type.offset + type.size);
	need(layout, (uint32_t)pid.offset + pid.size);
	return true;
}

static void learn_fsid(struct span text, struct layout *layout)
{
	struct format_field fsid;

	layout->fsid = NO_FIELD;
	if (!format_field(text, "fsid", &fsid) || fsid.size != FSID_BYTES || fsid.offset >= NO_FIELD)
		return;
	layout->fsid = (uint16_t)fsid.offset;
	need(layout, fsid.offset + FSID_BYTES);
}

/* NULL, or the name of the field that the event cannot do without. */
static const char *learn_fields(enum event_kind kind, struct span text, struct layout *layout)
{
	for (const struct event_field *wanted = event_info(kind)->fields; wanted->raw != NULL; wanted++) {
		struct field *field = &layout->fields[layout->field_count];

		if (!find_number(text, wanted->raw, field)) {
			if (wanted->required)
				return wanted->raw;
			if (wanted->member == EVENT_MEMBER_TYPE)
				layout->type = EVENT_TYPE_UNKNOWN;
			continue;
		}
		field->member = (uint8_t)wanted->member;
		field->place = place_of(wanted->member);
		need(layout, (uint32_t)field->offset + field->size);
		layout->field_count++;
	}
	return NULL;
}

static enum err refuse(enum event_kind kind, const char *what, struct error *error)
{
	return error_set(error, ERR_INPUT, "the format of event '%s' has no usable %s: record it again",
		event_info(kind)->name, what);
}

enum err decoder_learn(struct decoder *decoder, struct span text, struct error *error)
{
	struct span name = format_name(text);
	enum event_kind kind = event_kind_of((const char *)name.data, name.size);
	struct layout *layout = &decoder->layouts[decoder->layout_count];
	const char *missing;
	uint32_t id;

	if (kind == EVENT_NONE || kind == EVENT_PRINT)
		return ERR_OK;
	*layout = (struct layout){.kind = (uint8_t)kind};
	if (decoder->layout_count == UINT8_MAX - 1)
		return refuse(kind, "place: it stands there too often", error);
	if (!format_id(text, &id) || id >= TYPES || decoder->layout_of[id] != 0)
		return refuse(kind, "number of its own", error);
	if (!learn_common(decoder, text, layout))
		return refuse(kind, "common_type and common_pid", error);
	learn_fsid(text, layout);
	missing = learn_fields(kind, text, layout);
	if (missing != NULL)
		return refuse(kind, missing, error);
	decoder->layout_of[id] = ++decoder->layout_count;
	return ERR_OK;
}

void decoder_learn_ftrace(struct decoder *decoder, struct span text)
{
	struct span name = format_name(text);
	struct layout *layout = &decoder->layouts[decoder->layout_count];
	struct format_field buf;
	uint32_t id;

	if (decoder->text != 0 || event_kind_of((const char *)name.data, name.size) != EVENT_PRINT)
		return;
	*layout = (struct layout){.kind = EVENT_PRINT, .fsid = NO_FIELD};
	if (decoder->layout_count == UINT8_MAX - 1 || !format_id(text, &id) || id >= TYPES ||
		decoder->layout_of[id] != 0)
		return;
	if (!format_field(text, "buf", &buf) || buf.offset == 0 || buf.offset >= NO_FIELD ||
		!learn_common(decoder, text, layout))
		return;
	decoder->text = buf.offset;
	decoder->layout_of[id] = ++decoder->layout_count;
}

static inline uint64_t value_of(const struct field *field, const unsigned char *record, bool big_endian)
{
	uint64_t value = cursor_peek(record + field->offset, field->size, big_endian);
	unsigned unused = 64 - 8u * field->size;

	return field->is_signed && unused != 0 ? (uint64_t)((int64_t)(value << unused) >> unused) : value;
}

static uint16_t new_fsid(struct decoder *decoder, struct fsid *slot, const unsigned char *bytes)
{
	char text[FSID_TEXT + 1];
	uint32_t number;

	fsid_write(bytes, FSID_BYTES, text);
	number = names_number(decoder->names, text, FSID_TEXT);
	if (number > UINT16_MAX)
		number = 0;
	memcpy(slot->bytes, bytes, FSID_BYTES);
	slot->number = (uint16_t)number;
	return slot->number;
}

static uint16_t fsid_of(struct decoder *decoder, const unsigned char *bytes)
{
	struct fsid *slot = &decoder->fsids[bytes[FSID_BYTES - 1] % FSID_SLOTS];

	if (slot->number != 0 && memcmp(slot->bytes, bytes, FSID_BYTES) == 0)
		return slot->number;
	return new_fsid(decoder, slot, bytes);
}

static void set_members(struct event *event, const struct layout *layout, const unsigned char *record, bool big_endian)
{
	for (unsigned i = 0; i < layout->field_count; i++) {
		const struct field *field = &layout->fields[i];
		uint64_t value = value_of(field, record, big_endian);

		if (field->place != NO_PLACE)
			memcpy((unsigned char *)event + field->place, &value, sizeof(value));
		else
			event_set(event, (enum event_member)field->member, value);
	}
}

/* Apart, so that decoder_event() stays as fast as without it. */
static __attribute__((noinline)) void set_text(const struct decoder *decoder, struct span record, struct event *event)
{
	if (event->kind == EVENT_PRINT && decoder->text < record.size)
		event->flags = marker_number(decoder->texts, record.data + decoder->text, record.size - decoder->text);
}

enum decoded decoder_event(struct decoder *decoder, const struct tasks *tasks, struct span record, struct event *event)
{
	const struct field *type = &decoder->type;
	const struct layout *layout;
	uint8_t known;

	if (record.size < (size_t)type->offset + type->size)
		return DECODED_SHORT;
	known = !decoder->has_common ? 0 : decoder->layout_of[value_of(type, record.data, decoder->big_endian)];
	if (known == 0)
		return DECODED_OTHER;
	layout = &decoder->layouts[known - 1];
	if (record.size < layout->record_bytes)
		return DECODED_SHORT;
	event->kind = layout->kind;
	event->type = layout->type;
	event->pid = (int32_t)value_of(&decoder->pid, record.data, decoder->big_endian);
	event->comm = tasks_name(tasks, event->pid);
	if (layout->fsid != NO_FIELD)
		event->fs = fsid_of(decoder, record.data + layout->fsid);
	set_members(event, layout, record.data, decoder->big_endian);
	if (layout->field_count == 0)
		set_text(decoder, record, event);
	return DECODED_EVENT;
}
