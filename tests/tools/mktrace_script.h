/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mktrace_script - events from a text, one a line:
 *
 *     CPU TIME PID[:COMM] KIND [FIELD=VALUE]...      TIME in seconds, up to nine decimals; KIND as the kernel's event,
 *                                                    with or without btrfs_ and qgroup_ in front
 *     CPU TIME PID[:COMM] print TEXT...              a marker
 *     lost CPU [COUNT]                               events of the CPU are missing here
 *     buffer NAME                                    what follows goes to this instance ("-": the main buffer)
 *     fsid UUID                                      of all events
 *     # ...                                          a comment
 *
 * Fields have the names of the record or of the printed text; those not given are 0. Values are decimal, 0x..., or
 * words: reserve release free, DATA META_PERTRANS META_PREALLOC, REGULAR NOCOW PREALLOC COMPRESSED DIRECT joined by |.
 */
#ifndef QGREPLAY_TESTS_MKTRACE_SCRIPT_H
#define QGREPLAY_TESTS_MKTRACE_SCRIPT_H

#include <ctype.h>
#include <errno.h>

#include "mktrace_feed.h"

struct script {
	const char *path;
	unsigned line;
	unsigned buffer;
	struct record *records;
	size_t count;
	size_t room;
	size_t next;
	char *cmdlines;
	struct feed *feed;
};

struct word {
	const char *text;
	uint64_t value;
};

static const struct word script_words[] = {
	{"reserve", 1},
	{"release", 2},
	{"free", 4},
	{"DATA", 0},
	{"META_PERTRANS", 1},
	{"META_PREALLOC", 2},
	{"REGULAR", 1},
	{"NOCOW", 2},
	{"PREALLOC", 4},
	{"COMPRESSED", 8},
	{"DIRECT", 16},
};

static inline void script_fail(const struct script *script, const char *what, const char *text)
{
	errx(2, "%s:%u: %s '%s'", script->path, script->line, what, text);
}

static inline uint64_t script_one(const struct script *script, const char *text, size_t length)
{
	char copy[64];
	char *end;
	uint64_t value;

	for (size_t i = 0; i < sizeof(script_words) / sizeof(script_words[0]); i++)
		if (strlen(script_words[i].text) == length && memcmp(script_words[i].text, text, length) == 0)
			return script_words[i].value;
	snprintf(copy, sizeof(copy), "%.*s", (int)length, text);
	errno = 0;
	value = copy[0] == '-' ? (uint64_t)strtoll(copy, &end, 0) : strtoull(copy, &end, 0);
	if (errno != 0 || end == copy || *end != '\0')
		script_fail(script, "not a value:", text);
	return value;
}

static inline uint64_t script_value(const struct script *script, const char *text)
{
	uint64_t value = 0;

	for (;;) {
		size_t length = strcspn(text, "|");
		value |= script_one(script, text, length);
		if (text[length] == '\0')
			return value;
		text += length + 1;
	}
}

static inline uint64_t script_time(const struct script *script, const char *text)
{
	char *end;
	uint64_t ns = strtoull(text, &end, 10) * 1000000000;
	uint64_t unit = 100000000;

	if (*end == '.')
		for (end++; isdigit((unsigned char)*end) && unit > 0; end++, unit /= 10)
			ns += unit * (uint64_t)(*end - '0');
	if (end == text || *end != '\0')
		script_fail(script, "not a time:", text);
	return ns;
}

static inline bool script_same_kind(const char *name, const char *text)
{
	static const char *const prefixes[] = {"", "btrfs_", "btrfs_qgroup_", "qgroup_"};

	for (size_t i = 0; name != NULL && i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		size_t length = strlen(prefixes[i]);
		if (strncmp(name, prefixes[i], length) == 0 && strcmp(name + length, text) == 0)
			return true;
	}
	return false;
}

static inline enum kind script_kind(const struct script *script, const char *text)
{
	for (int kind = 0; kind < KIND_COUNT; kind++)
		if (script_same_kind(kinds[kind].name, text) || script_same_kind(kinds[kind].old_name, text))
			return (enum kind)kind;
	script_fail(script, "no such event:", text);
	return KIND_COUNT;
}

static inline void script_field(const struct script *script, struct record *record, char *text)
{
	const struct field *fields = kinds[record->kind].fields;
	char *equals = strchr(text, '=');

	if (equals == NULL)
		script_fail(script, "not FIELD=VALUE:", text);
	*equals = '\0';
	for (size_t i = 0; fields[i].raw != NULL; i++) {
		if (strcmp(fields[i].raw, text) != 0 && strcmp(fields[i].text, text) != 0)
			continue;
		record->values[i] = script_value(script, equals + 1);
		return;
	}
	script_fail(script, "the event has no field", text);
}

static inline void script_defaults(struct record *record)
{
	if (record->kind == KIND_RESERVE)
		record->values[5] = 1;
	if (record->kind == KIND_ORDERED_ADD || record->kind == KIND_ORDERED_REMOVE)
		record->values[10] = UINT64_MAX;
}

static inline void script_task(struct script *script, struct record *record, char *text)
{
	char *colon = strchr(text, ':');
	char line[96];
	size_t length = strlen(script->cmdlines);

	if (colon != NULL) {
		*colon = '\0';
		snprintf(line, sizeof(line), "%s %.64s\n", text, colon + 1);
		if (strstr(script->cmdlines, line) == NULL) {
			script->cmdlines = out_memory(realloc(script->cmdlines, length + strlen(line) + 1));
			strcpy(script->cmdlines + length, line);
		}
	}
	record->pid = (int)(int64_t)script_value(script, text);
}

static inline void script_keep(struct script *script, const struct record *record)
{
	if (record->cpu >= CPUS_MAX)
		script_fail(script, "too large a number of a CPU in", "this line");
	if (record->cpu >= script->feed->cpus)
		script->feed->cpus = record->cpu + 1;
	if (script->count == script->room) {
		script->room = script->room == 0 ? 256 : script->room * 2;
		script->records = out_memory(realloc(script->records, script->room * sizeof(*script->records)));
	}
	script->records[script->count++] = *record;
}

static inline void script_event(struct script *script, char *cpu, char *rest)
{
	struct record record = {.buffer = script->buffer, .cpu = (unsigned)script_value(script, cpu)};
	char *time = strtok_r(NULL, " \t", &rest);
	char *task = strtok_r(NULL, " \t", &rest);
	char *kind = strtok_r(NULL, " \t", &rest);

	if (kind == NULL)
		script_fail(script, "neither event nor directive:", cpu);
	record.time_ns = script_time(script, time);
	script_task(script, &record, task);
	record.kind = script_kind(script, kind);
	script_defaults(&record);
	if (record.kind == KIND_PRINT)
		record.text = out_memory(strdup(rest));
	else
		for (char *field; (field = strtok_r(NULL, " \t", &rest)) != NULL;)
			script_field(script, &record, field);
	script_keep(script, &record);
}

static inline void script_buffer(struct script *script, const char *name)
{
	struct feed *feed = script->feed;

	if (name == NULL)
		script_fail(script, "a name is missing behind", "buffer");
	if (strcmp(name, "-") == 0)
		name = "";
	for (script->buffer = 0; script->buffer < feed->buffers; script->buffer++)
		if (strcmp(feed->buffer_names[script->buffer], name) == 0)
			return;
	if (feed->buffers == BUFFERS_MAX)
		script_fail(script, "one buffer too many:", name);
	feed->buffer_names[feed->buffers++] = out_memory(strdup(name));
}

static inline void script_lost(struct script *script, const char *cpu, const char *count)
{
	struct record record = {.lost = true, .buffer = script->buffer};

	if (cpu == NULL)
		script_fail(script, "the CPU is missing behind", "lost");
	record.cpu = (unsigned)script_value(script, cpu);
	record.lost_count = count == NULL ? 0 : script_value(script, count);
	script_keep(script, &record);
}

static inline void script_fsid(struct script *script, const char *text)
{
	unsigned digits = 0;

	for (; text != NULL && *text != '\0'; text++) {
		char digit[2] = {*text, '\0'};
		if (*text == '-')
			continue;
		if (!isxdigit((unsigned char)*text) || digits == 32)
			script_fail(script, "not a UUID at", text);
		unsigned char *byte = &script->feed->fsid[digits++ / 2];
		*byte = (unsigned char)(*byte * 16U + (unsigned)strtoul(digit, NULL, 16));
	}
	if (digits != 32)
		script_fail(script, "a UUID has 32 digits:", "fsid");
}

static inline void script_line(struct script *script, char *line)
{
	char *rest = line;
	char *word;

	line[strcspn(line, "\r\n")] = '\0';
	word = strtok_r(line, " \t", &rest);
	if (word == NULL || word[0] == '#')
		return;
	if (strcmp(word, "buffer") == 0) {
		script_buffer(script, strtok_r(NULL, " \t", &rest));
	} else if (strcmp(word, "fsid") == 0) {
		script_fsid(script, strtok_r(NULL, " \t", &rest));
	} else if (strcmp(word, "lost") == 0) {
		char *cpu = strtok_r(NULL, " \t", &rest);
		script_lost(script, cpu, strtok_r(NULL, " \t", &rest));
	} else {
		script_event(script, word, rest);
	}
}

static inline void script_rewind(void *context)
{
	((struct script *)context)->next = 0;
}

static inline bool script_next(void *context, struct record *record)
{
	struct script *script = context;

	if (script->next == script->count)
		return false;
	*record = script->records[script->next++];
	return true;
}

static inline void script_read(struct script *script, struct feed *feed, const char *path)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
	char *line = NULL;
	size_t room = 0;

	if (file == NULL)
		err(2, "cannot read '%s'", path);
	*script = (struct script){.path = path, .feed = feed, .cmdlines = out_memory(strdup(""))};
	*feed = (struct feed){script_rewind, script_next, script, 1, 1, {""}, NULL, {0}};
	while (getline(&line, &room, file) >= 0) {
		script->line++;
		script_line(script, line);
	}
	free(line);
	if (file != stdin)
		fclose(file);
	feed->cmdlines = script->cmdlines;
}

static inline void script_release(struct script *script)
{
	for (size_t i = 0; i < script->count; i++)
		free((char *)(uintptr_t)script->records[i].text);
	for (unsigned i = 1; i < script->feed->buffers; i++)
		free((char *)(uintptr_t)script->feed->buffer_names[i]);
	free(script->records);
	free(script->cmdlines);
}

#endif
