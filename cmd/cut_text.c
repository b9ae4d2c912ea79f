/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/cut_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/explain/explain.h"
#include "base/event_line.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "cmd/text_out.h"
#include "collector/marker.h"
#include "collector/text.h"

static void put_head(FILE *stream, const struct cut_text *text)
{
	const struct report_trace *trace = text->trace;
	char *headline = explain_headline(text->wanted, trace->comms);
	char *name = utf8_harmless(trace->name);

	fprintf(stream, CUT_TEXT_MARK "%s': %zu of its %" PRIu64 " events.\n", name, text->count,
		trace->result->events);
	fprintf(stream, "# They replay to finding %" PRIu32 " of that trace: %s, %s (%s):\n", text->wanted->id,
		finding_kind_name(text->wanted->kind), finding_certainty_name(text->wanted->certainty),
		explain_signature(text->wanted).text);
	fprintf(stream, "# %s.\n", headline);
	fputs("# No event was altered; those between are left out, so nothing else can be concluded from this.\n",
		stream);
	if (!text->shrunk)
		fputs("# The search for a smaller cut ended at its limit.\n", stream);
	if (text->options->fresh)
		fputs("# Replay it with: qgreplay check --fresh\n", stream);
	if (text->options->limits != NULL)
		fputs("# Replay it with the same --limits.\n", stream);
	text_out_head_end(stream, &(struct text_out_head){trace->kernel, trace->clock, trace->sha256});
	free(headline);
	free(name);
}

void cut_text_write(struct cut_text *text)
{
	const struct event_names names = {text->trace->comms, text->trace->fsids, text->trace->texts};
	FILE *stream = open_memstream(&text->text, &text->size);

	if (stream == NULL)
		abort();
	put_head(stream, text);
	for (size_t i = 0; i < text->count; i++)
		event_line(stream, &text->events[i], &names);
	fclose(stream);
}

/* The text as a stream, and the events that come of it. */
struct reading {
	const struct cut_text *text;
	size_t at;
	struct trace_info info;
	struct event *events;
	size_t count;
	size_t capacity;
};

static enum err read_text(void *context, unsigned char *buffer, size_t size, size_t *got, struct error *error)
{
	struct reading *reading = context;
	size_t left = reading->text->size - reading->at;

	(void)error;
	*got = left < size ? left : size;
	memcpy(buffer, reading->text->text + reading->at, *got);
	reading->at += *got;
	return ERR_OK;
}

static enum err keep(void *context, const struct event *events, size_t count, struct error *error)
{
	struct reading *reading = context;

	(void)error;
	reading->events =
		memory_grown(reading->events, &reading->capacity, reading->count + count, sizeof(*reading->events));
	memcpy(reading->events + reading->count, events, count * sizeof(*events));
	reading->count += count;
	return ERR_OK;
}

/* Both numbers of a text belong to a table of their own. */
static bool same_text(const struct reading *reading, const struct event *written, const struct event *read)
{
	return written->kind != EVENT_PRINT || strcmp(names_text(reading->text->trace->texts, written->flags),
						       names_text(reading->info.texts, read->flags)) == 0;
}

static bool same_member(const struct event *written, const struct event *read, enum event_member member)
{
	return (written->kind == EVENT_PRINT && member == EVENT_MEMBER_FLAGS) ||
	       event_get(written, member) == event_get(read, member);
}

static bool same_event(const struct reading *reading, const struct event *written, const struct event *read)
{
	const struct report_trace *trace = reading->text->trace;

	for (int member = EVENT_MEMBER_NONE; member <= EVENT_MEMBER_TYPE; member++)
		if (!same_member(written, read, (enum event_member)member))
			return false;
	return written->kind == read->kind && written->time_ns == read->time_ns && written->cpu == read->cpu &&
	       written->pid == read->pid && same_text(reading, written, read) &&
	       strcmp(names_text(trace->comms, written->comm), names_text(reading->info.comms, read->comm)) == 0 &&
	       strcmp(names_text(trace->fsids, written->fs), names_text(reading->info.fsids, read->fs)) == 0;
}

static enum err differs(const struct event *written, struct error *error)
{
	char text[EVENT_TEXT_MAX];

	return error_set(error, ERR_INPUT,
		"event %" PRIu64 " cannot be a line of text (the name of its task, its pid or its filesystem): %s",
		written->number, event_text(written, text, sizeof(text)));
}

/* The same one by one; then those that were read get the trace's numbers of names. */
static enum err compare(struct reading *reading, struct error *error)
{
	const struct event *written = reading->text->events;

	for (size_t i = 0; i < reading->count && i < reading->text->count; i++) {
		struct event *read = &reading->events[i];

		if (!same_event(reading, &written[i], read))
			return differs(&written[i], error);
		read->comm = written[i].comm;
		read->fs = written[i].fs;
		read->flags = written[i].flags;
	}
	if (reading->count < reading->text->count)
		return differs(&written[reading->count], error);
	return reading->count == reading->text->count ? ERR_OK : differs(&reading->events[reading->text->count], error);
}

enum err cut_text_verify(const struct cut_text *text, struct cut *cut, struct error *error)
{
	struct reading reading = {.text = text};
	const struct bytes bytes = {read_text, &reading};
	const struct sink sink = {keep, &reading};
	enum err err;

	reading.info.comms = names_new(NAMES_TASKS_MAX);
	reading.info.fsids = names_new(NAMES_FSIDS_MAX);
	reading.info.texts = marker_texts_new();
	err = text_read(&bytes, &reading.info, &sink, error);
	if (err == ERR_OK)
		err = compare(&reading, error);
	if (err == ERR_OK && !cut_shows(cut, reading.events, reading.count))
		err = error_set(error, ERR_INPUT, "what was read back does not show it");
	names_free(reading.info.comms);
	names_free(reading.info.fsids);
	names_free(reading.info.texts);
	free(reading.info.kernel);
	free(reading.info.clock);
	free(reading.events);
	return err;
}
