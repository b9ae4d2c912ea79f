/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/text_body.h"

#include <string.h>

#include "collector/text_words.h"

static const char array_head[] = "ARRAY[";

void text_body_init(struct text_body_fields *fields)
{
	memset(fields, 0, sizeof(*fields));
	for (int kind = 0; kind < EVENT_COUNT; kind++) {
		const struct event_field *from = event_info((enum event_kind)kind)->fields;
		struct text_body_field *to = fields->fields[kind];

		for (; from->raw != NULL; from++, to++) {
			*to = (struct text_body_field){.raw = from->raw,
				.text = from->text,
				.raw_length = (unsigned char)strlen(from->raw),
				.text_length = (unsigned char)strlen(from->text),
				.member = (unsigned char)from->member,
				.required = from->required};
			fields->counts[kind]++;
		}
	}
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/*
 * "2f077664-b46e-4eb4-9cbe-2af92dee194d: " in front of the fields, or nothing; false when it is something else. A
 * mangled one must not pass for none: the event would go to another filesystem.
 */
static bool parse_uuid(const char **at, const char *end, char *fsid)
{
	const char *text = *at;
	const char *blank = memchr(text, ' ', (size_t)(end - text));

	fsid[0] = '\0';
	if (end - text <= FSID_TEXT || text[FSID_TEXT] != ':' || !fsid_read(text, fsid))
		return memchr(text, '=', (size_t)((blank != NULL ? blank : end) - text)) != NULL;
	*at = text + FSID_TEXT + 1;
	return true;
}

/* "ARRAY[2f, 07, 76, ...]", the raw bytes of an id. */
static bool parse_array(const char **at, const char *end, char *fsid)
{
	const char *text = *at + sizeof(array_head) - 1;
	unsigned char bytes[FSID_BYTES];

	if ((size_t)(end - text) < 4 * FSID_BYTES - 1)
		return false;
	for (size_t i = 0; i < FSID_BYTES; i++, text += 4) {
		if (hex_value(text[0]) < 0 || hex_value(text[1]) < 0)
			return false;
		if (i + 1 < FSID_BYTES ? text[2] != ',' || text[3] != ' ' : text[2] != ']')
			return false;
		bytes[i] = (unsigned char)(hex_value(text[0]) << 4 | hex_value(text[1]));
	}
	fsid_write(bytes, FSID_BYTES, fsid);
	*at = text - 1;
	return true;
}

/* Where a value ends that may hold blanks: in front of the blank before the next "key=". */
static const char *end_of_characters(const char *text, const char *end)
{
	const char *blank = NULL;

	for (const char *at = text; at < end; at++) {
		if (*at == ' ')
			blank = at;
		else if (*at == '=' && blank != NULL)
			return blank;
	}
	return end;
}

/* "J", the same as characters: trace-cmd takes an id that is printable up to its first zero for a text. */
static bool parse_characters(const char **at, const char *end, char *fsid)
{
	const char *stop = end_of_characters(*at, end);
	size_t size = (size_t)(stop - *at);
	unsigned char bytes[FSID_BYTES + 1] = {0};

	if (size > FSID_BYTES)
		return false;
	memcpy(bytes, *at, size);
	fsid_write(bytes, size < FSID_BYTES ? size + 1 : size, fsid);
	*at = stop;
	return true;
}

static bool parse_raw(const char **at, const char *end, char *fsid)
{
	if ((size_t)(end - *at) >= sizeof(array_head) - 1 && memcmp(*at, array_head, sizeof(array_head) - 1) == 0)
		return parse_array(at, end, fsid);
	return parse_characters(at, end, fsid);
}

static bool is_called(const struct text_body_field *field, const char *key, size_t length)
{
	return (field->text_length == length && memcmp(field->text, key, length) == 0) ||
	       (field->raw_length == length && memcmp(field->raw, key, length) == 0);
}

/* Looks at the expected field first: most texts have the fields in the order of the table. */
static unsigned find_field(
	const struct text_body_field *fields, unsigned count, unsigned expected, const char *key, size_t length)
{
	for (unsigned i = 0; i < count; i++) {
		unsigned at = (expected + i) % count;

		if (is_called(&fields[at], key, length))
			return at;
	}
	return count;
}

static bool has_required(const struct text_body_field *fields, unsigned count, unsigned seen)
{
	for (unsigned i = 0; i < count; i++)
		if (fields[i].required && (seen & 1u << i) == 0)
			return false;
	return true;
}

/* Without its field a type is unknown, and not DATA, which is 0. */
static void set_defaults(const struct text_body_field *fields, unsigned count, struct event *event)
{
	for (unsigned i = 0; i < count; i++)
		if (fields[i].member == EVENT_MEMBER_TYPE)
			event->type = EVENT_TYPE_UNKNOWN;
}

struct pair {
	const char *key, *value, *end;
};

/* The next "key=value" at `*at`; words without a "=" are passed over. */
static bool next_pair(const char **at, const char *end, struct pair *pair)
{
	const char *from = *at;

	while (from < end) {
		const char *equals = NULL;

		while (from < end && *from == ' ')
			from++;
		pair->key = from;
		for (; from < end && *from != ' '; from++)
			if (*from == '=' && equals == NULL)
				equals = from;
		*at = from;
		if (equals == NULL)
			continue;
		pair->value = equals + 1;
		pair->end = from;
		return true;
	}
	return false;
}

static bool is_fsid(const struct pair *pair)
{
	static const char fsid[] = "fsid=";

	return pair->value - pair->key == sizeof(fsid) - 1 && memcmp(pair->key, fsid, sizeof(fsid) - 1) == 0;
}

bool text_body_parse(const struct text_body_fields *fields, struct event *event, const char *text, size_t length,
	char fsid[FSID_TEXT + 1])
{
	const struct text_body_field *own = fields->fields[event->kind];
	unsigned count = fields->counts[event->kind];
	const char *end = text + length;
	unsigned expected = 0, seen = 0;
	struct pair pair;

	set_defaults(own, count, event);
	if (!parse_uuid(&text, end, fsid))
		return false;
	while (next_pair(&text, end, &pair)) {
		unsigned at;
		uint64_t value;

		if (is_fsid(&pair)) {
			text = pair.value;
			if (!parse_raw(&text, end, fsid))
				return false;
			continue;
		}
		at = find_field(own, count, expected, pair.key, (size_t)(pair.value - 1 - pair.key));
		if (at == count || (seen & 1u << at) != 0)
			continue;
		if (!text_words_value(event->kind, own[at].member, pair.value, (size_t)(pair.end - pair.value), &value))
			return false;
		event_set(event, own[at].member, value);
		seen |= 1u << at;
		expected = at + 1;
	}
	return has_required(own, count, seen);
}
