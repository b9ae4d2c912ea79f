/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/csv.h"

#include <inttypes.h>
#include <string.h>

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

void csv_text(struct csv *csv, const char *text)
{
	separate(csv);
	if (text == NULL)
		return;
	if (*text != '\0' && strpbrk(text, ",\"\r\n") == NULL) {
		fputs(text, csv->stream);
		return;
	}
	fputc('"', csv->stream);
	for (; *text != '\0'; text++) {
		if (*text == '"')
			fputc('"', csv->stream);
		fputc(*text, csv->stream);
	}
	fputc('"', csv->stream);
}

void csv_end(struct csv *csv)
{
	fputc('\n', csv->stream);
	csv->begun = false;
}
