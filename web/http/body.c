/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/http/body.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { PARTS_BUFFER = 4096 };

static bool refuse(struct body *body, unsigned status, const char *why)
{
	body->status = status;
	body->why = why;
	return false;
}

static char *keep_text(struct body *body, const char *text, size_t length)
{
	body->texts = memory_grown(body->texts, &body->text_capacity, body->text_count + 1, sizeof(body->texts[0]));
	return body->texts[body->text_count++] = memory_text(text, length);
}

static void append(struct body *body, const char *bytes, size_t count)
{
	if (count == 0)
		return;
	body->bytes = memory_grown(body->bytes, &body->capacity, body->size + count + 1, 1);
	memcpy(body->bytes + body->size, bytes, count);
	body->size += count;
	body->bytes[body->size] = '\0';
}

static bool begin_field(struct body *body, const char *name)
{
	const char *kept = keep_text(body, name, strlen(name));

	if (!target_is_text(kept))
		return refuse(body, 400, "the form has a name that is not UTF-8");
	if (!target_pairs_add(&body->form, kept, keep_text(body, "", 0)))
		return refuse(body, 413, "the form has more than 128 fields");
	body->field_open = true;
	body->field_size = 0;
	body->field_capacity = 0;
	return true;
}

/* The value of a field may come a byte at a time; the last kept text is what has come of it. */
static bool take_field(struct body *body, const char *name, const char *bytes, size_t count, bool first)
{
	char **value;

	body->form_bytes += strlen(name) * first + count;
	if (body->form_bytes > ROUTE_BODY_SMALL)
		return refuse(body, 413, "the form is larger than 65536 bytes, beside its file");
	if (first && !begin_field(body, name))
		return false;
	if (!body->field_open || count == 0)
		return true;
	value = &body->texts[body->text_count - 1];
	*value = memory_grown(*value, &body->field_capacity, body->field_size + count + 1, 1);
	memcpy(*value + body->field_size, bytes, count);
	body->field_size += count;
	(*value)[body->field_size] = '\0';
	body->form.all[body->form.count - 1].value = *value;
	if (memchr(bytes, '\0', count))
		return refuse(body, 400, "the form has a value with a NUL");
	return true;
}

static bool take_file(struct body *body, const char *name, const char *bytes, size_t count, bool first)
{
	if (first && body->file_seen)
		return refuse(body, 400, "the form has more than one file, send one at a time");
	if (first && name && !target_is_text(name))
		return refuse(body, 400, "the name of the file is not UTF-8");
	body->field_open = false;
	if (first && name)
		body->file_name = keep_text(body, name, strlen(name));
	body->file_seen = true;
	append(body, bytes, count);
	return true;
}

static bool is_same(const char *one, const char *other)
{
	return one && other ? strcmp(one, other) == 0 : one == other;
}

/* The library tells of a part when its head is there, even without a byte of it, and then of its begin once more. */
static bool is_told_again(const struct body *body, const char *key, const char *file_name, bool file)
{
	if (!body->told_empty)
		return false;
	return file ? body->file_seen && !body->field_open && is_same(file_name, body->file_name)
		    : body->field_open && strcmp(key, body->form.all[body->form.count - 1].name) == 0;
}

/* NOLINTNEXTLINE(readability-function-size): the parameters are those of the library. */
static enum MHD_Result take_part(void *context, enum MHD_ValueKind kind, const char *key, const char *filename,
	const char *type, const char *coding, const char *bytes, uint64_t offset, size_t count)
{
	struct body *body = context;
	bool file = key && body->kind == BODY_UPLOAD && (filename || strcmp(key, "trace") == 0);
	bool first;
	bool good;

	(void)kind;
	(void)type;
	(void)coding;
	if (body->status)
		return MHD_NO;
	first = offset == 0 && !(key && is_told_again(body, key, filename, file));
	body->told_empty = offset == 0 && count == 0;
	if (!key)
		good = refuse(body, 400, "the form has a part without a name");
	else if (file)
		good = take_file(body, filename, bytes, count, first);
	else
		good = take_field(body, key, bytes, count, first);
	return good ? MHD_YES : MHD_NO;
}

void body_init(struct body *body, enum route_body kind, struct MHD_Connection *connection, bool multipart)
{
	memset(body, 0, sizeof(*body));
	body->kind = kind;
	if (!multipart)
		return;
	body->parts = MHD_create_post_processor(connection, PARTS_BUFFER, take_part, body);
	if (!body->parts)
		refuse(body, 400, "its Content-Type multipart/form-data names no boundary");
}

void body_release(struct body *body)
{
	if (body->parts)
		MHD_destroy_post_processor(body->parts);
	for (size_t i = 0; i < body->text_count; i++)
		free(body->texts[i]);
	free(body->texts);
	free(body->bytes);
	target_pairs_release(&body->form);
	memset(body, 0, sizeof(*body));
}

bool body_take(struct body *body, const char *bytes, size_t count)
{
	if (body->status)
		return false;
	if (body->parts) {
		if (MHD_post_process(body->parts, bytes, count) != MHD_YES && !body->status)
			return refuse(body, 400, "its body is not multipart/form-data");
		return body->status == 0;
	}
	if (body->kind == BODY_SMALL && count > ROUTE_BODY_SMALL - body->size)
		return refuse(body, 413, "its body is larger than 65536 bytes");
	if (body->kind == BODY_NONE)
		return refuse(body, 413, "it has a body, and nothing is to be done with it");
	append(body, bytes, count);
	return true;
}

bool body_is_full(const struct body *body)
{
	return body->kind == BODY_UPLOAD && body->size >= BODY_BUFFER;
}

bool body_end(struct body *body, bool urlencoded)
{
	const char *why;

	if (body->status)
		return false;
	if (body->parts) {
		enum MHD_Result result = MHD_destroy_post_processor(body->parts);

		body->parts = NULL;
		if (result != MHD_YES && !body->status)
			return refuse(body, 400, "its body ends before the last boundary of multipart/form-data");
		for (size_t i = 0; i < body->form.count; i++)
			if (!target_is_text(body->form.all[i].value))
				return refuse(body, 400, "the form has a value that is not UTF-8");
		return body->status == 0;
	}
	if (body->kind != BODY_SMALL || !urlencoded || body->size == 0)
		return true;
	why = target_decode_pairs(&body->form, keep_text(body, body->bytes, body->size));
	return why ? refuse(body, 400, why) : true;
}
