/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/text_lost.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "collector/text_line.h"

/* Fewer may be chance. */
enum { STEPS_MIN = 16 };

/* Moves `*at` behind `word` if the text goes on with it. */
static bool take(const char **at, const char *end, const char *word)
{
	size_t length = strlen(word);

	if ((size_t)(end - *at) < length || memcmp(*at, word, length) != 0)
		return false;
	*at += length;
	return true;
}

/* "[LOST 270 EVENTS]", "[LOST EVENTS]", "[199 EVENTS DROPPED]", "[EVENTS DROPPED]" */
static bool parse_bracket(const char **at, const char *end, uint64_t *events)
{
	bool lost;

	*events = 0;
	if (!take(at, end, "["))
		return false;
	lost = take(at, end, "LOST ");
	if (text_line_number(at, end, UINT64_MAX, events) && !take(at, end, " "))
		return false;
	return take(at, end, lost ? "EVENTS]" : "EVENTS DROPPED]") && *at == end;
}

static bool parse_everywhere(const char *at, const char *end, struct text_lost_mark *mark)
{
	mark->everywhere = true;
	mark->cpu = 0;
	return take(&at, end, "LOST ") && text_line_number(&at, end, UINT64_MAX, &mark->events) &&
	       take(&at, end, " events");
}

bool text_lost_parse(struct text_lost_mark *mark, const char *text, size_t length)
{
	static const char head[] = "CPU:";
	const char *end = text + length;
	const char *at = text;
	uint64_t cpu;

	while (at < end && *at == ' ')
		at++;
	if (at < end && *at == 'L')
		return parse_everywhere(at, end, mark);
	if (length == 0 || text[length - 1] != ']')
		return false;
	at = memmem(at, (size_t)(end - at), head, sizeof(head) - 1);
	if (at == NULL || (at > text && at[-1] != ' '))
		return false;
	at += sizeof(head) - 1;
	if (!text_line_number(&at, end, UINT16_MAX, &cpu) || !take(&at, end, " "))
		return false;
	mark->everywhere = false;
	mark->cpu = (uint16_t)cpu;
	return parse_bracket(&at, end, &mark->events);
}

void text_lost_comment(struct text_lost *lost, const char *text, size_t length)
{
	const char *end = text + length;
	const char *at = text;
	uint64_t kept;
	uint64_t written;

	if (take(&at, end, "# entries-in-buffer/entries-written: ") && text_line_number(&at, end, UINT64_MAX, &kept) &&
		take(&at, end, "/") && text_line_number(&at, end, UINT64_MAX, &written) && written > kept)
		lost->heads_cut = true;
}

void text_lost_release(struct text_lost *lost)
{
	free(lost->cpus);
	memset(lost, 0, sizeof(*lost));
}

static struct text_lost_cpu *cpu_of(struct text_lost *lost, uint16_t cpu)
{
	if (cpu >= lost->count) {
		size_t count = (size_t)cpu + 1;

		lost->cpus = memory_grown(lost->cpus, &lost->capacity, count, sizeof(*lost->cpus));
		memset(lost->cpus + lost->count, 0, (count - lost->count) * sizeof(*lost->cpus));
		lost->count = count;
	}
	return &lost->cpus[cpu];
}

static void wait_on(struct text_lost *lost, uint16_t cpu, uint64_t events)
{
	struct text_lost_cpu *at = cpu_of(lost, cpu);

	lost->waiting += !at->waits;
	at->waits = true;
	at->number_unknown = at->number_unknown || events == 0 || events > UINT64_MAX - at->events;
	at->events = at->number_unknown ? 0 : at->events + events;
}

/* Each CPU may have lost any of them, so that nobody knows how many it were. */
static void wait_everywhere(struct text_lost *lost, uint64_t events)
{
	size_t seen = 0;

	for (size_t cpu = 0; cpu < lost->count; cpu++)
		seen += lost->cpus[cpu].seen;
	for (size_t cpu = 0; cpu < lost->count; cpu++)
		if (lost->cpus[cpu].seen)
			wait_on(lost, (uint16_t)cpu, seen == 1 ? events : 0);
	if (seen == 0)
		wait_on(lost, 0, events);
}

void text_lost_add(struct text_lost *lost, const struct text_lost_mark *mark)
{
	if (mark->everywhere)
		wait_everywhere(lost, mark->events);
	else
		wait_on(lost, mark->cpu, mark->events);
}

static void fill(struct text_lost *lost, struct text_lost_cpu *at, uint64_t time_ns, struct event *event)
{
	memset(event, 0, sizeof(*event));
	event->kind = EVENT_LOST;
	event->cpu = (uint16_t)(at - lost->cpus);
	event->time_ns = time_ns;
	event->start = at->last_ns;
	event->bytes = at->events;
	at->waits = false;
	at->number_unknown = false;
	at->events = 0;
	lost->waiting--;
}

bool text_lost_gap(struct text_lost *lost, const char *text, size_t length, struct event *event)
{
	const char *end = text + length;
	const char *at = text;
	uint64_t cpu;
	uint64_t from_ns;
	uint64_t to_ns;

	if (!take(&at, end, "# gap of CPU ") || !text_line_number(&at, end, UINT16_MAX, &cpu) ||
		!take(&at, end, ": ") || !text_line_number(&at, end, UINT64_MAX, &from_ns) || !take(&at, end, " to ") ||
		!text_line_number(&at, end, UINT64_MAX, &to_ns) || !take(&at, end, " ns"))
		return false;
	if (cpu >= lost->count || !lost->cpus[cpu].waits)
		return false;
	fill(lost, &lost->cpus[cpu], to_ns, event);
	event->start = from_ns;
	return true;
}

bool text_lost_event(struct text_lost *lost, uint16_t cpu, uint64_t time_ns, struct event *event)
{
	struct text_lost_cpu *at = cpu_of(lost, cpu);
	bool waited;

	if (lost->heads_cut && !at->seen && !at->waits && lost->last_ns != 0)
		wait_on(lost, cpu, 0);
	waited = at->waits;
	if (waited)
		fill(lost, at, time_ns, event);
	lost->steps += at->seen && time_ns != at->last_ns;
	lost->falls += at->seen && time_ns < at->last_ns;
	at->seen = true;
	at->last_ns = time_ns;
	lost->last_ns = time_ns;
	return waited;
}

bool text_lost_backwards(const struct text_lost *lost)
{
	return lost->steps >= STEPS_MIN && lost->falls >= lost->steps - lost->steps / 20;
}

bool text_lost_rest(struct text_lost *lost, struct event *event)
{
	for (; lost->waiting > 0 && lost->rest < lost->count; lost->rest++)
		if (lost->cpus[lost->rest].waits) {
			fill(lost, &lost->cpus[lost->rest], lost->last_ns, event);
			return true;
		}
	return false;
}
