/* SPDX-License-Identifier: GPL-2.0-only */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "analyzer/explain/words.h"
#include "web/html/html.h"

/* Trees that the kernel makes have the last 256 numbers; people know them as -9 and the like. */
#define ROOT_SPECIAL_FIRST (UINT64_MAX - 255)

enum { YEARS_MAX = 9999 };

void html_number(FILE *stream, uint64_t number)
{
	fputs(words_number(number).text, stream);
}

/* "4 KiB" of "4,096 bytes (4 KiB)"; all of it where there is no shorter form. */
static void write_human(FILE *stream, const char *words)
{
	const char *human = strchr(words, '(');

	if (human == NULL)
		fputs(words, stream);
	else
		fwrite(human + 1, 1, strlen(human) - 2, stream);
}

void html_bytes(FILE *stream, uint64_t bytes)
{
	struct words words = words_bytes(bytes);

	if (bytes < 1024) {
		fputs(words.text, stream);
		return;
	}
	fputs("<data value=\"", stream);
	html_format(stream, "%" PRIu64 "\" title=\"%s bytes\">", bytes, words_number(bytes).text);
	write_human(stream, words.text);
	fputs("</data>", stream);
}

void html_trace_time(FILE *stream, uint64_t time_ns)
{
	fputs(words_time(time_ns).text, stream);
}

void html_span(FILE *stream, uint64_t span_ns)
{
	fputs(words_span(span_ns).text, stream);
}

const char *html_file_name(const char *name)
{
	const char *slash = name != NULL ? strrchr(name, '/') : NULL;

	if (slash == NULL || slash[1] == '\0')
		return name != NULL ? name : "";
	return slash + 1;
}

void html_file(FILE *stream, const char *name)
{
	const char *file = html_file_name(name);

	if (name == NULL || file == name)
		html_text(stream, file);
	else
		html_format(stream, "<span title=\"%s\">%s</span>", name, file);
}

void html_date(FILE *stream, uint64_t seconds)
{
	time_t moment = (time_t)seconds;
	struct tm date;
	char text[32];

	if (seconds == 0 || seconds > INT64_MAX || gmtime_r(&moment, &date) == NULL ||
		date.tm_year > YEARS_MAX - 1900) {
		fputs("unknown", stream);
		return;
	}
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &date);
	fprintf(stream, "<time datetime=\"%s\" title=\"", text);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &date);
	fprintf(stream, "%s\">%.16s</time>", text, text);
}

void html_badge(FILE *stream, const char *word)
{
	static const char *const known[] = {"error", "warning", "note", "proven", "likely", "queued", "running", "done",
		"failed", "open", "known", "fixed", "ignored"};
	const char *class = "other";

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (word != NULL && strcmp(known[i], word) == 0)
			class = known[i];
	html_format(stream, "<span class=\"badge badge-%s\">%s</span>", class, word);
}

void html_range(FILE *stream, uint64_t start, uint64_t len)
{
	html_text(stream, words_range(start, len).text);
}

void html_root(FILE *stream, uint64_t root)
{
	html_format(stream, root >= ROOT_SPECIAL_FIRST ? "%" PRId64 : "%" PRIu64, root);
}
