/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/csv.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/utf8.h"

static void separate(struct csv *csv)
{
	if (csv->begun)
		fputc(',', csv->stream);
	csv->begun = true;
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

void csv_text(struct csv *csv, const char *text)
{
	char *harmless;

	separate(csv);
	if (text == NULL)
		return;
	if (is_plain(text)) {
		fputs(text, csv->stream);
		return;
	}
	harmless = utf8_harmless(text);
	fputc('"', csv->stream);
	for (const char *at = harmless; *at != '\0'; at++) {
		if (*at == '"')
			fputc('"', csv->stream);
		fputc(*at, csv->stream);
	}
	fputc('"', csv->stream);
	free(harmless);
}

void csv_end(struct csv *csv)
{
	fputc('\n', csv->stream);
	csv->begun = false;
}
