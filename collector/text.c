/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/text.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "collector/batch.h"
#include "collector/marker.h"
#include "collector/text_body.h"
#include "collector/text_fsids.h"
#include "collector/text_line.h"
#include "collector/text_lost.h"
#include "collector/text_split.h"

enum { KNOWN_NAMES = 64, KNOWN_NAME_MAX = 40, NOTE_MAX = 256 };

/* The last event names seen, by hash: looking one up in the table of all kinds is slow. */
struct known_name {
	unsigned char length;
	unsigned char kind; /* enum event_kind */
	char name[KNOWN_NAME_MAX];
};

struct text {
	struct trace_info *info;
	struct batch batch;
	struct text_lost lost;
	struct text_body_fields fields;
	struct text_fsids fsids;
	struct known_name known[KNOWN_NAMES];
	struct text_split split;
};

static bool begins(const struct text_split_line *line, const char *word)
{
	size_t length = strlen(word);

	return line->length >= length && memcmp(line->text, word, length) == 0;
}

/* What trace-cmd and the kernel print beside events: heads, empty lines, call stacks ("=> function", perf's columns).
 */
static bool is_remark(const struct text_split_line *line)
{
	static const char *const heads[] = {"cpus=", "version = ", "CPU ", " =>", "\t"};

	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
		if (begins(line, heads[i]))
			return true;
	for (size_t i = 0; i < line->length; i++)
		if (line->text[i] != ' ')
			return false;
	return true;
}

/* Heads of perf script --header and of the latency format: the only ones that name the kernel or the clock. */
static void note_remark(struct trace_info *info, const struct text_split_line *line)
{
	static const char release[] = "# os release : ";
	static const char latency[] = " latency trace v1.1.5 on ";
	static const char clock[] = "# clockid: ";
	const char *end = line->text + line->length;
	const char *at = memmem(line->text, line->length, latency, sizeof(latency) - 1);
	char **note = &info->kernel;

	if (line->length > NOTE_MAX)
		return;
	if (at != NULL) {
		at += sizeof(latency) - 1;
	} else if (begins(line, release)) {
		at = line->text + sizeof(release) - 1;
	} else if (begins(line, clock)) {
		at = line->text + sizeof(clock) - 1;
		note = &info->clock;
	}
	if (at != NULL && at < end && *note == NULL)
		*note = memory_text(at, (size_t)(end - at));
}

bool text_recognised(const unsigned char *data, size_t size)
{
	static const char *const heads[] = {"# tracer: ", "# entries-in-buffer/", "cpus="};
	const char *at = (const char *)data;
	const char *end = at + size;
	bool has_zeros = size > 0 && memchr(data, 0, size) != NULL;

	while (at < end) {
		const char *line_end = memchr(at, '\n', (size_t)(end - at));
		struct text_split_line line = {
			at, (size_t)((line_end != NULL ? line_end : end) - at), false, false, false};
		struct text_lost_mark mark;
		struct text_line parsed;

		if (line.length > 0 && line.text[line.length - 1] == '\r')
			line.length--;
		for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
			if (begins(&line, heads[i]) && !has_zeros)
				return true;
		if (text_line_parse(&parsed, line.text, line.length) || text_lost_parse(&mark, line.text, line.length))
			return true;
		at = line_end != NULL ? line_end + 1 : end;
	}
	return false;
}

static bool is_system(const struct text_span *system, const char *name)
{
	return system->length == strlen(name) && memcmp(system->text, name, system->length) == 0;
}

static enum event_kind kind_of_name(const struct text_line *line)
{
	enum event_kind kind = event_kind_of(line->name.text, line->name.length);

	return kind == EVENT_NONE && marker_is_line(line) ? EVENT_PRINT : kind;
}

/* EVENT_NONE for what is not ours: other names, and known names of another system. */
static enum event_kind kind_of(struct text *text, const struct text_line *line)
{
	const struct text_span *name = &line->name;
	struct known_name *known;
	uint32_t hash = 0;

	if (name->length == 0 || name->length > KNOWN_NAME_MAX)
		return marker_is_line(line) ? EVENT_PRINT : EVENT_NONE;
	for (size_t i = 0; i < name->length; i++)
		hash = hash * 31 + (unsigned char)name->text[i];
	known = &text->known[(hash ^ hash >> 6) % KNOWN_NAMES];
	if (known->length != name->length || memcmp(known->name, name->text, name->length) != 0) {
		known->length = (unsigned char)name->length;
		known->kind = (unsigned char)kind_of_name(line);
		memcpy(known->name, name->text, name->length);
	}
	if (line->system.length > 0 && !is_system(&line->system, known->kind == EVENT_PRINT ? "ftrace" : "btrfs"))
		return EVENT_NONE;
	return (enum event_kind)known->kind;
}

/* perf script prints its own records like events, but without a colon: "PERF_RECORD_LOST lost 17". */
static bool is_perf_loss(const struct text_line *line, struct text_lost_mark *mark)
{
	static const char record[] = "PERF_RECORD_LOST";
	static const char lost[] = " lost ";
	const char *at = line->body.text;
	const char *end = at + line->body.length;

	if (line->name.length > 0 || line->body.length < sizeof(record) - 1 ||
		memcmp(at, record, sizeof(record) - 1) != 0)
		return false;
	*mark = (struct text_lost_mark){.cpu = line->cpu};
	at = memmem(at, line->body.length, lost, sizeof(lost) - 1);
	if (at != NULL) {
		at += sizeof(lost) - 1;
		text_line_number(&at, end, UINT64_MAX, &mark->events);
	}
	return true;
}

/* Tells the CPU's clock on; events of all kinds bound a gap. */
static enum err end_gap(struct text *text, const struct text_line *line, struct error *error)
{
	struct event lost;

	if (!text_lost_event(&text->lost, line->cpu, line->time_ns, &lost))
		return ERR_OK;
	return batch_add(&text->batch, &lost, error);
}

static bool parse_body(struct text *text, const struct text_line *line, struct event *event, char *fsid)
{
	if (event->kind != EVENT_PRINT)
		return text_body_parse(&text->fields, event, line->body.text, line->body.length, fsid);
	event->flags = marker_number_of_line(text->info->texts, line);
	fsid[0] = '\0';
	return true;
}

static enum err take_event(struct text *text, const struct text_line *line, bool usable, struct error *error)
{
	struct event event = {.kind = (uint8_t)kind_of(text, line)};
	char fsid[FSID_TEXT + 1];
	enum err err;

	if (event.kind == EVENT_NONE) {
		text->info->skipped_events++;
		return end_gap(text, line, error);
	}
	if (!usable || !parse_body(text, line, &event, fsid)) {
		text->info->garbled_lines++;
		text_lost_add(&text->lost, &(struct text_lost_mark){.cpu = line->cpu, .events = 1});
		return ERR_OK;
	}
	err = end_gap(text, line, error);
	if (err != ERR_OK)
		return err;
	event.time_ns = line->time_ns;
	event.cpu = line->cpu;
	event.pid = line->pid;
	if (line->comm.length > 0)
		event.comm = names_number(text->info->comms, line->comm.text, line->comm.length);
	if (fsid[0] != '\0')
		event.fs = text_fsids_number(&text->fsids, fsid);
	return batch_add(&text->batch, &event, error);
}

/*
 * Zeros and text in one line are a hole that may have held lines of any CPU; nothing but zeros is an odd line between
 * two good ones.
 */
static bool is_hole(const struct text_split_line *line)
{
	if (!line->zeros || line->length == 0)
		return line->zeros;
	return line->text[0] != '\0' || memcmp(line->text, line->text + 1, line->length - 1) != 0;
}

static enum err take_comment(struct text *text, const struct text_split_line *line, struct error *error)
{
	struct event lost;

	if (text_lost_gap(&text->lost, line->text, line->length, &lost))
		return batch_add(&text->batch, &lost, error);
	note_remark(text->info, line);
	text_lost_comment(&text->lost, line->text, line->length);
	return ERR_OK;
}

static enum err take_line(struct text *text, const struct text_split_line *line, struct error *error)
{
	struct text_lost_mark mark;
	struct text_line parsed;

	if (line->cut) {
		text->info->garbled_lines++;
	} else if (line->length > 0 && line->text[0] == '#') {
		return take_comment(text, line, error);
	} else if (text_line_parse(&parsed, line->text, line->length)) {
		if (!is_perf_loss(&parsed, &mark))
			return take_event(text, &parsed, !line->zeros, error);
		text_lost_add(&text->lost, &mark);
	} else if (text_lost_parse(&mark, line->text, line->length)) {
		text_lost_add(&text->lost, &mark);
	} else if (is_hole(line)) {
		text->info->garbled_lines++;
		text_lost_add(&text->lost, &(struct text_lost_mark){.everywhere = true});
	} else if (line->too_long || line->zeros || !is_remark(line)) {
		text->info->garbled_lines++;
	}
	return ERR_OK;
}

static enum err take_rest(struct text *text, struct error *error)
{
	enum err err = ERR_OK;
	struct event event;

	while (err == ERR_OK && text_lost_rest(&text->lost, &event))
		err = batch_add(&text->batch, &event, error);
	return err == ERR_OK ? batch_flush(&text->batch, error) : err;
}

enum err text_read(const struct bytes *bytes, struct trace_info *info, const struct sink *sink, struct error *error)
{
	struct text *text = memory_zeroed(sizeof(*text));
	struct text_split_line line;
	bool more = true;
	enum err err;

	text->info = info;
	text->fsids.names = info->fsids;
	batch_init(&text->batch, sink);
	text_body_init(&text->fields);
	text_split_init(&text->split, bytes);
	do {
		err = text_split_next(&text->split, &line, &more, error);
		if (err == ERR_OK && more)
			err = take_line(text, &line, error);
	} while (err == ERR_OK && more);
	if (err == ERR_OK && text_lost_backwards(&text->lost))
		err = error_set(error, ERR_INPUT, "its lines run backwards in time: put them in order with 'tac'");
	if (err == ERR_OK)
		err = take_rest(text, error);
	text_lost_release(&text->lost);
	free(text);
	return err;
}
