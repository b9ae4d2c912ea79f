/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/csv.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

static void separate(struct csv *csv)
{
	if (csv->begun)
		fputc(',', csv->stream);
	csv->begun = true;
}

void csv_number(struct csv *csv, uint64_t value)
{
	separate(csv);
	fprintf(csv->stream, "%" PRIu64, value);
}

void csv_signed(struct csv *csv, int64_t value)
{
	separate(csv);
	fprintf(csv->stream, "%" PRId64, value);
}

static bool is_plain(const char *text)
{
	for (const char *at = text; *at != '\0'; at++)
		if (*at == ',' || *at == '"' || *at < ' ' || *at == 0x7f)
			return false;
	return *text != '\0';
}

static void put_quoted(FILE *stream, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '"')
			fputc('"', stream);
		fputc(*text, stream);
	}
}

/* A text of several lines stays one: each is made harmless by itself. */
void csv_text(struct csv *csv, const char *text)
{
	separate(csv);
	if (text == NULL)
		return;
	if (is_plain(text)) {
		fputs(text, csv->stream);
		return;
	}
	fputc('"', csv->stream);
	for (;;) {
		size_t length = strcspn(text, "\n");
		char *line = memory_text(text, length);

		utf8_make_harmless(line);
		put_quoted(csv->stream, line);
		free(line);
		if (text[length] == '\0')
			break;
		fputc('\n', csv->stream);
		text += length + 1;
	}
	fputc('"', csv->stream);
}

void csv_end(struct csv *csv)
{
	fputc('\n', csv->stream);
	csv->begun = false;
}
