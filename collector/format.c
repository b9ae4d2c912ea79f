/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/format.h"

enum { FIELD_END_MAX = 1 << 16 };

/* Takes the part up to `end` off the front of `rest`; the whole of it when there is no `end`. */
static struct span take_until(struct span *rest, char end)
{
	const unsigned char *found = rest->size == 0 ? NULL : memchr(rest->data, end, rest->size);
	struct span part = {rest->data, found == NULL ? rest->size : (size_t)(found - rest->data)};
	size_t used = part.size + (found != NULL);

	rest->data += used;
	rest->size -= used;
	return part;
}

static bool is_blank(unsigned char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r';
}

static struct span trimmed(struct span text)
{
	for (; text.size > 0 && is_blank(text.data[0]); text.data++)
		text.size--;
	while (text.size > 0 && is_blank(text.data[text.size - 1]))
		text.size--;
	return text;
}

/* Whether `text` begins with `prefix`; what follows it, without blanks around it, goes to `rest`. */
static bool begins(struct span text, const char *prefix, struct span *rest)
{
	size_t length = strlen(prefix);

	text = trimmed(text);
	if (text.size < length || memcmp(text.data, prefix, length) != 0)
		return false;
	*rest = trimmed((struct span){text.data + length, text.size - length});
	return true;
}

static bool number_of(struct span text, uint32_t *number)
{
	uint64_t value = 0;

	if (text.size == 0 || text.size > 9)
		return false;
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		value = value * 10 + (uint64_t)(text.data[i] - '0');
	}
	*number = (uint32_t)value;
	return true;
}

static bool find_line(struct span text, const char *prefix, struct span *rest)
{
	while (text.size > 0) {
		if (begins(take_until(&text, '\n'), prefix, rest))
			return true;
	}
	return false;
}

struct span format_name(struct span text)
{
	struct span name = {text.data, 0};

	find_line(text, "name:", &name);
	return name;
}

bool format_id(struct span text, uint32_t *id)
{
	struct span digits;

	return find_line(text, "ID:", &digits) && number_of(digits, id);
}

/* "u8 fsid[16]" declares fsid, "struct btrfs_root * root" declares root. */
static bool declares(struct span declaration, const char *name)
{
	struct span left = take_until(&declaration, '[');
	size_t length = strlen(name);

	left = trimmed(left);
	if (left.size <= length || memcmp(left.data + left.size - length, name, length) != 0)
		return false;
	return is_blank(left.data[left.size - length - 1]) || left.data[left.size - length - 1] == '*';
}

static bool attributes_of(struct span rest, struct format_field *field)
{
	bool has_offset = false;
	bool has_size = false;
	uint32_t is_signed = 0;
	struct span value;

	while (rest.size > 0) {
		struct span part = take_until(&rest, ';');

		if (begins(part, "offset:", &value))
			has_offset = number_of(value, &field->offset);
		else if (begins(part, "size:", &value))
			has_size = number_of(value, &field->size);
		else if (begins(part, "signed:", &value) && !number_of(value, &is_signed))
			return false;
	}
	field->is_signed = is_signed != 0;
	return has_offset && has_size && (uint64_t)field->offset + field->size <= FIELD_END_MAX;
}

bool format_field(struct span text, const char *name, struct format_field *field)
{
	while (text.size > 0) {
		struct span line = take_until(&text, '\n');
		struct span rest;

		if (begins(line, "field:", &rest) && declares(take_until(&rest, ';'), name))
			return attributes_of(rest, field);
	}
	return false;
}
