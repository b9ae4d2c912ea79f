/* SPDX-License-Identifier: GPL-2.0-only */
#include "schema/rows/csv.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

static void separate(struct csv *csv)
{
	if (csv->begun)
		fputc(',', csv->stream);
	csv->begun = true;
}

void csv_unsigned(struct csv *csv, uint64_t value)
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

void csv_text(struct csv *csv, const char *text)
{
	char *harmless;
	bool formula = csv->defused && text != NULL && *text != '\0' && strchr("=+-@\t\r", *text) != NULL;

	separate(csv);
	if (text == NULL)
		return;
	if (is_plain(text) && !formula) {
		fputs(text, csv->stream);
		return;
	}
	harmless = utf8_harmless(text);
	fputs(formula ? "\"'" : "\"", csv->stream);
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

void csv_names(struct csv *csv, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		csv_text(csv, names[i]);
	csv_end(csv);
}

void csv_values(struct csv *csv, const struct row_value *values, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (values[i].kind == ROW_NUMBER)
			csv_signed(csv, values[i].number);
		else
			csv_text(csv, values[i].kind == ROW_TEXT ? values[i].bytes : NULL);
	}
	csv_end(csv);
}
