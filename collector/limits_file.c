/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/limits_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "collector/limits_json.h"

enum { FILE_MAX = 4 << 20, WORDS_MAX = 16 };

enum column { COLUMN_OTHER, COLUMN_QGROUP, COLUMN_USAGE, COLUMN_MAX_RFER, COLUMN_MAX_EXCL };

struct line {
	const char *name; /* of the file */
	size_t number;
	char *words[WORDS_MAX]; /* the first ones */
	size_t count;
};

struct header {
	enum column columns[WORDS_MAX];
	size_t count; /* 0: there was none yet */
	bool shows_limits;
};

static const struct {
	const char *word;
	const char *next; /* the word behind it that belongs to it, or NULL */
	enum column column;
} titles[] = {
	{"qgroupid", NULL, COLUMN_QGROUP},
	{"referenced", NULL, COLUMN_USAGE},
	{"exclusive", NULL, COLUMN_USAGE},
	{"rfer", NULL, COLUMN_USAGE},
	{"excl", NULL, COLUMN_USAGE},
	{"max", "referenced", COLUMN_MAX_RFER},
	{"max", "exclusive", COLUMN_MAX_EXCL},
	{"max_rfer", NULL, COLUMN_MAX_RFER},
	{"max_excl", NULL, COLUMN_MAX_EXCL},
};

static enum err refuse(const struct line *line, const char *what, const char *remedy, struct error *error)
{
	return error_set(error, ERR_INPUT, "cannot read the limits in '%s': line %zu: '%s' %s", line->name,
		line->number, what, remedy);
}

bool limits_qgroup_read(const char *text, uint64_t *qgid)
{
	enum { LEVEL_SHIFT = 48 };
	char *end;
	unsigned long long level, id;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	level = strtoull(text, &end, 10);
	if (errno != 0 || *end != '/' || end[1] < '0' || end[1] > '9' || level > UINT16_MAX)
		return false;
	id = strtoull(end + 1, &end, 10);
	if (errno != 0 || *end != '\0' || id >> LEVEL_SHIFT != 0)
		return false;
	*qgid = (uint64_t)level << LEVEL_SHIFT | id;
	return true;
}

bool limits_value_read(const char *text, uint64_t *value)
{
	unsigned long long number;
	char *end;

	*value = LIMIT_NONE;
	if (strcmp(text, "none") == 0 || strcmp(text, "---") == 0)
		return true;
	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno != 0 || *end != '\0')
		return false;
	/* A limit of 0 would let nothing be written at all; older versions print it where there is none. */
	if (number != 0)
		*value = number;
	return true;
}

/* The columns up to the first whose content may hold blanks. */
static enum err read_header(struct header *header, const struct line *line, struct error *error)
{
	enum { TITLES = sizeof(titles) / sizeof(titles[0]) };

	*header = (struct header){.count = 0};
	for (size_t at = 0; at < line->count;) {
		size_t i = 0;

		while (i < TITLES &&
			(strcasecmp(line->words[at], titles[i].word) != 0 ||
				(titles[i].next != NULL && (at + 1 == line->count || strcasecmp(line->words[at + 1],
											     titles[i].next) != 0))))
			i++;
		if (i == TITLES)
			break;
		header->columns[header->count++] = titles[i].column;
		header->shows_limits = header->shows_limits || titles[i].column >= COLUMN_MAX_RFER;
		at += titles[i].next != NULL ? 2 : 1;
	}
	if (header->shows_limits)
		return ERR_OK;
	return refuse(line, line->words[0], "heads a table without limits, use `btrfs qgroup show -re --raw`", error);
}

static enum err read_row(
	struct limits *limits, const struct header *header, const struct line *line, struct error *error)
{
	struct limit limit = {0, LIMIT_NONE, LIMIT_NONE};

	if (line->count < header->count)
		return refuse(line, line->words[0], "begins a row that is cut short, save the whole table", error);
	for (size_t i = 0; i < header->count; i++) {
		const char *word = line->words[i];
		uint64_t *value = header->columns[i] == COLUMN_MAX_RFER ? &limit.max_rfer : &limit.max_excl;

		if (header->columns[i] == COLUMN_QGROUP && !limits_qgroup_read(word, &limit.qgid))
			return refuse(line, word, "is no qgroup, expected an id such as 0/257", error);
		if (header->columns[i] >= COLUMN_MAX_RFER && !limits_value_read(word, value))
			return refuse(line, word, "is no number of bytes, use `btrfs qgroup show -re --raw`", error);
	}
	limits_add(limits, limit);
	return ERR_OK;
}

static void split(struct line *line, char *text)
{
	char *rest = NULL;

	line->count = 0;
	for (char *word = strtok_r(text, " \t\r", &rest); word != NULL && line->count < WORDS_MAX;
		word = strtok_r(NULL, " \t\r", &rest))
		line->words[line->count++] = word;
}

/* Rules under the header, and what btrfs says of quotas beside the table. */
static bool says_nothing(const struct line *line)
{
	return line->count == 0 || line->words[0][0] == '#' || strncmp(line->words[0], "WARNING", 7) == 0 ||
	       (line->words[0][0] == '-' && line->words[0][1] == '-');
}

static enum err read_table(struct limits *limits, char *text, const char *name, struct error *error)
{
	struct line line = {.name = name};
	struct header header = {.count = 0};
	char *next = text;
	enum err err = ERR_OK;

	while (err == ERR_OK && next != NULL) {
		char *at = next;

		next = strchr(at, '\n');
		if (next != NULL)
			*next++ = '\0';
		line.number++;
		split(&line, at);
		if (says_nothing(&line))
			continue;
		if (strcasecmp(line.words[0], titles[0].word) == 0)
			err = read_header(&header, &line, error);
		else if (header.count > 0)
			err = read_row(limits, &header, &line, error);
		else
			err = refuse(&line, line.words[0],
				"is not the header of `btrfs qgroup show -re --raw`, save it with the table", error);
	}
	return err;
}

static enum err read_all(char **text, int fd, const char *name, struct error *error)
{
	size_t capacity = 0, size = 0;
	ssize_t got;

	do {
		*text = memory_grown(*text, &capacity, size + 4096, 1);
		got = read(fd, *text + size, 4095);
		if (got > 0)
			size += (size_t)got;
		if (size > FILE_MAX)
			return error_set(
				error, ERR_LIMIT, "cannot read the limits in '%s': it is larger than 4 MiB", name);
	} while (got > 0 || (got < 0 && errno == EINTR));
	if (got < 0)
		return error_set(error, ERR_INPUT, "cannot read '%s': %s", name, strerror(errno));
	(*text)[size] = '\0';
	if (memchr(*text, '\0', size) == NULL)
		return ERR_OK;
	return error_set(error, ERR_INPUT,
		"cannot read the limits in '%s': it is no text, expected the output of `btrfs qgroup show -re --raw`",
		name);
}

static enum err check(struct limits *limits, const char *name, struct error *error)
{
	uint64_t twice = 0;

	if (limits->count == 0)
		return error_set(error, ERR_INPUT,
			"cannot read the limits in '%s': no qgroup in it, expected the output of `btrfs qgroup show "
			"-re --raw`",
			name);
	if (limits_sort(limits, &twice))
		return ERR_OK;
	return error_set(error, ERR_INPUT,
		"cannot read the limits in '%s': qgroup %" PRIu64 "/%" PRIu64 " stands twice, give those of one "
		"filesystem",
		name, twice >> 48, twice & ((UINT64_C(1) << 48) - 1));
}

enum err limits_file_read(struct limits *limits, int fd, const char *name, struct error *error)
{
	char *text = NULL;
	enum err err = read_all(&text, fd, name, error);

	if (err == ERR_OK && text[strspn(text, " \t\r\n")] == '{')
		err = limits_json_read(limits, text, name, error);
	else if (err == ERR_OK)
		err = read_table(limits, text, name, error);
	if (err == ERR_OK)
		err = check(limits, name, error);
	free(text);
	return err;
}
