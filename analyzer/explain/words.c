/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/explain/words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* The kernel's names have 15 bytes at most; a text trace may claim anything. */
enum { TASK_NAME_MAX = 64 };

#define NS_PER_SECOND 1000000000u
#define NS_PER_US 1000u

static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

struct words words_number(uint64_t value)
{
	struct words words;
	char digits[24];
	int count = snprintf(digits, sizeof(digits), "%" PRIu64, value);
	size_t to = 0;

	for (int i = 0; i < count; i++) {
		if (i > 0 && (count - i) % 3 == 0)
			words.text[to++] = ',';
		words.text[to++] = digits[i];
	}
	words.text[to] = '\0';
	return words;
}

/* "52 KiB", "1.5 MiB", "100 bytes": rounded to one decimal. */
static struct words human(uint64_t bytes)
{
	struct words words;
	unsigned unit = 0;
	uint64_t size = 1;

	while (unit + 1 < sizeof(units) / sizeof(units[0]) && bytes / size >= 1024) {
		size *= 1024;
		unit++;
	}
	if (bytes % size == 0)
		snprintf(words.text, sizeof(words.text), "%" PRIu64 " %s", bytes / size, units[unit]);
	else
		snprintf(words.text, sizeof(words.text), "%.1f %s", (double)bytes / (double)size, units[unit]);
	return words;
}

struct words words_bytes(uint64_t bytes)
{
	struct words words = words_number(bytes);
	size_t used = strlen(words.text);

	if (bytes < 1024)
		snprintf(words.text + used, sizeof(words.text) - used, bytes == 1 ? " byte" : " bytes");
	else
		snprintf(words.text + used, sizeof(words.text) - used, " bytes (%.20s)", human(bytes).text);
	return words;
}

struct words words_time(uint64_t time_ns)
{
	struct words words;
	uint64_t us = time_ns / NS_PER_US + (time_ns % NS_PER_US >= NS_PER_US / 2 ? 1 : 0);

	snprintf(words.text, sizeof(words.text), "%" PRIu64 ".%06" PRIu64, us / 1000000, us % 1000000);
	return words;
}

struct words words_span(uint64_t span_ns)
{
	struct words words;
	double us = (double)span_ns / NS_PER_US;

	if (span_ns >= NS_PER_SECOND)
		snprintf(words.text, sizeof(words.text), "%.1f s", us / 1e6);
	else if (span_ns >= NS_PER_SECOND / 1000)
		snprintf(words.text, sizeof(words.text), "%.1f ms", us / 1e3);
	else
		snprintf(words.text, sizeof(words.text), "%.0f us", us);
	return words;
}

struct words words_range(uint64_t start, uint64_t len)
{
	struct words words;
	uint64_t end;

	if (__builtin_add_overflow(start, len, &end))
		snprintf(words.text, sizeof(words.text), "[%" PRIu64 ", beyond 2^64)", start);
	else
		snprintf(words.text, sizeof(words.text), "[%" PRIu64 ", %" PRIu64 ")", start, end);
	return words;
}

struct words words_qgroup(uint64_t qgid)
{
	struct words words;

	snprintf(words.text, sizeof(words.text), "%" PRIu64 "/%" PRIu64, qgid >> 48, qgid & ((UINT64_C(1) << 48) - 1));
	return words;
}

struct words words_task(const struct names *comms, struct task_ref task)
{
	struct words words;
	const char *name = task.comm != 0 ? names_text(comms, task.comm) : "";
	char *harmless;
	size_t keep;

	if (task.pid < 0) {
		snprintf(words.text, sizeof(words.text), "an unknown task");
		return words;
	}
	if (*name == '\0') {
		snprintf(words.text, sizeof(words.text), "pid %" PRId32, task.pid);
		return words;
	}
	harmless = utf8_harmless(name);
	keep = strlen(harmless);
	if (keep > TASK_NAME_MAX)
		for (keep = TASK_NAME_MAX; ((unsigned char)harmless[keep] & 0xc0) == 0x80;)
			keep--;
	snprintf(words.text, sizeof(words.text), "%.*s-%" PRId32, (int)keep, harmless, task.pid);
	free(harmless);
	return words;
}

struct words words_count(uint64_t count, const char *one, const char *plural)
{
	struct words words = words_number(count);
	size_t used = strlen(words.text);

	snprintf(words.text + used, sizeof(words.text) - used, " %s", count == 1 ? one : plural);
	return words;
}

size_t words_columns(const char *text)
{
	size_t columns = 0;

	for (; *text != '\0'; text++)
		if (((unsigned char)*text & 0xc0) != 0x80)
			columns++;
	return columns;
}

/* Up to the next space; a range such as "[0, 4096)" is one word, and so is "(4 KiB)". */
static size_t word_length(const char *text)
{
	size_t length = strcspn(text, " ");

	if ((text[0] == '[' || (text[0] == '(' && text[1] >= '0' && text[1] <= '9')) &&
		memchr(text, ')', length) == NULL && text[length] == ' ')
		length += 1 + strcspn(text + length + 1, " ");
	return length;
}

void words_wrapped(FILE *stream, const char *text, const char *indent, unsigned width)
{
	size_t column = 0;

	while (*text != '\0') {
		size_t length = word_length(text);
		char word[256];
		size_t columns;

		if (length >= sizeof(word))
			length = sizeof(word) - 1;
		memcpy(word, text, length);
		word[length] = '\0';
		columns = words_columns(word);
		if (column > 0 && column + 1 + columns > width) {
			fputc('\n', stream);
			column = 0;
		}
		column += (size_t)fprintf(stream, "%s%s", column == 0 ? indent : " ", word) - length + columns;
		text += length;
		text += strspn(text, " ");
	}
	fputc('\n', stream);
}
