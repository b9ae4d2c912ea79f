/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/json.h"

#include <inttypes.h>

#include "base/utf8.h"

void json_init(struct json *json, FILE *stream, unsigned broken_depth)
{
	*json = (struct json){.stream = stream, .broken_depth = broken_depth, .first = true};
}

static void break_line(struct json *json)
{
	fputc('\n', json->stream);
	for (unsigned i = 0; i < json->depth; i++)
		fputs("  ", json->stream);
}

/* How many bytes stand for themselves; most texts are nothing else. */
static size_t plain_length(const char *text)
{
	size_t length = 0;

	while (text[length] >= 0x20 && text[length] < 0x7f && text[length] != '"' && text[length] != '\\')
		length++;
	return length;
}

static void write_text(FILE *stream, const char *text)
{
	fputc('"', stream);
	while (*text != '\0') {
		size_t plain = plain_length(text);
		size_t length = plain > 0 ? plain : utf8_length(text);
		unsigned char byte = (unsigned char)*text;

		if (plain > 0)
			fwrite(text, 1, plain, stream);
		else if (length == 0)
			fputs("\\ufffd", stream);
		else if (byte == '"' || byte == '\\')
			fprintf(stream, "\\%c", byte);
		else if (byte == '\n')
			fputs("\\n", stream);
		else if (byte < 0x20 || byte == 0x7f)
			fprintf(stream, "\\u%04x", byte);
		else
			fwrite(text, 1, length, stream);
		text += length != 0 ? length : 1;
	}
	fputc('"', stream);
}

/* What stands in front of every value: the comma after the one before it, the line break, the key. */
static void start_value(struct json *json, const char *key)
{
	if (!json->first)
		fputc(',', json->stream);
	if (json->depth > 0 && json->depth <= json->broken_depth)
		break_line(json);
	else if (!json->first)
		fputc(' ', json->stream);
	json->first = false;
	if (key == NULL)
		return;
	write_text(json->stream, key);
	fputs(": ", json->stream);
}

static void open_container(struct json *json, const char *key, char bracket)
{
	start_value(json, key);
	fputc(bracket, json->stream);
	json->depth++;
	json->first = true;
}

static void close_container(struct json *json, char bracket)
{
	bool broken = !json->first && json->depth <= json->broken_depth;

	json->depth--;
	if (broken)
		break_line(json);
	fputc(bracket, json->stream);
	json->first = false;
}

void json_object(struct json *json, const char *key)
{
	open_container(json, key, '{');
}

void json_object_end(struct json *json)
{
	close_container(json, '}');
}

void json_array(struct json *json, const char *key)
{
	open_container(json, key, '[');
}

void json_array_end(struct json *json)
{
	close_container(json, ']');
}

void json_number(struct json *json, const char *key, uint64_t value)
{
	start_value(json, key);
	fprintf(json->stream, "%" PRIu64, value);
}

void json_signed(struct json *json, const char *key, int64_t value)
{
	start_value(json, key);
	fprintf(json->stream, "%" PRId64, value);
}

void json_decimal(struct json *json, const char *key, const char *digits)
{
	start_value(json, key);
	fputs(digits, json->stream);
}

void json_bool(struct json *json, const char *key, bool value)
{
	start_value(json, key);
	fputs(value ? "true" : "false", json->stream);
}

void json_null(struct json *json, const char *key)
{
	start_value(json, key);
	fputs("null", json->stream);
}

void json_text(struct json *json, const char *key, const char *text)
{
	if (text == NULL) {
		json_null(json, key);
		return;
	}
	start_value(json, key);
	write_text(json->stream, text);
}
