/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * case_file - for tests: an accounting case, a text file with events in and verdicts out (tests/cases/README.md).
 *
 * Up to the line that begins with "# expect" it is a trace in any text form that the program reads; the lines that
 * begin with '#' tell the story. Behind it stands one expectation a line.
 */
#ifndef QGREPLAY_TESTS_CASE_FILE_H
#define QGREPLAY_TESTS_CASE_FILE_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/finding.h"
#include "base/memory.h"

enum { CASE_LINES_MAX = 64, CASE_WORDS_MAX = 24 };

struct case_line {
	char *words[CASE_WORDS_MAX];
	size_t count;
	bool met;
};

struct case_file {
	char *text; /* the whole file; the words point into it */
	size_t trace_size;
	const char *limits; /* between the lines "# limits" and "# expect", or NULL */
	size_t limits_size;
	bool fresh;			/* a line "# fresh" says so: the trace begins at mount */
	enum finding_severity severity; /* the lowest that counts */
	struct case_line lines[CASE_LINES_MAX];
	size_t line_count;
};

/* The value of "key=value" among the words behind the first `from`, or NULL. */
static inline const char *case_value(const struct case_line *line, size_t from, const char *key)
{
	size_t length = strlen(key);

	for (size_t i = from; i < line->count; i++)
		if (strncmp(line->words[i], key, length) == 0 && line->words[i][length] == '=')
			return line->words[i] + length + 1;
	return NULL;
}

static inline char *case_read_all(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t capacity = 0, size = 0, got;

	if (file == NULL)
		return NULL;
	do {
		text = memory_grown(text, &capacity, size + 4096, 1);
		got = fread(text + size, 1, 4095, file);
		size += got;
	} while (got > 0);
	text[size] = '\0';
	fclose(file);
	return text;
}

static inline bool case_severity(struct case_file *file, const char *word)
{
	for (int severity = 0; severity < SEVERITY_COUNT; severity++) {
		if (strcmp(word, finding_severity_name((enum finding_severity)severity)) != 0)
			continue;
		file->severity = (enum finding_severity)severity;
		return true;
	}
	return false;
}

static inline bool case_split(struct case_line *line, char *text)
{
	char *rest = NULL;

	*line = (struct case_line){.count = 0};
	for (char *word = strtok_r(text, " \t", &rest); word != NULL; word = strtok_r(NULL, " \t", &rest)) {
		if (line->count == CASE_WORDS_MAX)
			return false;
		line->words[line->count++] = word;
	}
	return true;
}

/* What `btrfs qgroup show` says is no part of the trace. */
static inline void case_take_limits(struct case_file *file)
{
	static const char head[] = "\n# limits\n";
	const char *found = strstr(file->text, head);

	if (found == NULL || (size_t)(found - file->text) >= file->trace_size)
		return;
	file->limits = found + sizeof(head) - 1;
	file->limits_size = file->trace_size - (size_t)(file->limits - file->text);
	file->trace_size = (size_t)(found + 1 - file->text);
}

/* NULL, or what is wrong with the file. */
static inline const char *case_parse(struct case_file *file)
{
	char *expect = strstr(file->text, "\n# expect");
	const char *fresh = strstr(file->text, "\n# fresh\n");
	struct case_line head;
	char *rest = NULL;
	char *line;

	if (file->text[0] != '#')
		return "the first line must tell the story, behind a '#'";
	if (expect == NULL)
		return "no line begins with '# expect'";
	file->trace_size = (size_t)(expect + 1 - file->text);
	case_take_limits(file);
	file->fresh = fresh != NULL && fresh < expect;
	line = strtok_r(expect + 1, "\n", &rest);
	if (line == NULL || !case_split(&head, line) || head.count != 3 || !case_severity(file, head.words[2]))
		return "say '# expect error', '# expect warning' or '# expect note'";
	while ((line = strtok_r(NULL, "\n", &rest)) != NULL) {
		if (line[0] == '#')
			continue;
		if (file->line_count == CASE_LINES_MAX || !case_split(&file->lines[file->line_count], line))
			return "too many expectations";
		file->line_count += file->lines[file->line_count].count > 0;
	}
	return file->line_count > 0 ? NULL : "expects nothing: write 'nothing' when there is no finding";
}

/* Reads and parses a file; returns NULL, or what is wrong. Ended by case_release() in either case. */
static inline const char *case_open(struct case_file *file, const char *path)
{
	*file = (struct case_file){.text = case_read_all(path)};
	return file->text == NULL ? "cannot be read" : case_parse(file);
}

static inline void case_release(struct case_file *file)
{
	free(file->text);
}

#endif
