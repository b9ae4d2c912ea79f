/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/event_choice.h"

#include <stdio.h>
#include <string.h>

#include "cmd/command.h"

static const uint64_t second_ns = 1000000000;

enum { FRACTION_DIGITS = 9, REPORT_DIGITS = 6, REPORT_ROUNDING_NS = 500 };

const struct event_choice event_choice_all = {.slice = {0, UINT64_MAX}, .first_ns = 0, .last_ns = UINT64_MAX};

enum err event_choice_kind(struct event_choice *choice, const char *text, struct error *error)
{
	for (int kind = EVENT_NONE + 1; kind < EVENT_COUNT; kind++) {
		bool named = strcmp(event_kind_name((enum event_kind)kind), text) == 0 ||
			     (int)event_kind_of(text, strlen(text)) == kind;

		if (!named)
			continue;
		choice->wish.kinds |= UINT32_C(1) << kind;
		return ERR_OK;
	}
	return error_set(error, ERR_USAGE,
		"there is no kind of event '%s', use a name such as qgroup_reserve_data, print or lost_events", text);
}

/* A place in a trace: an event's number, or a time within `rounding_ns`. */
struct place {
	bool is_time;
	uint64_t value;
	uint64_t rounding_ns;
};

static bool read_digits(const char *text, size_t length, uint64_t *value)
{
	*value = 0;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9' || __builtin_mul_overflow(*value, 10, value) ||
			__builtin_add_overflow(*value, (uint64_t)(text[i] - '0'), value))
			return false;
	}
	return length > 0;
}

static bool read_seconds(struct place *place, const char *text, const char *dot)
{
	size_t digits = strlen(dot + 1);
	uint64_t fraction;

	place->is_time = true;
	place->rounding_ns = digits == REPORT_DIGITS ? REPORT_ROUNDING_NS : 0;
	if (digits > FRACTION_DIGITS || !read_digits(text, (size_t)(dot - text), &place->value) ||
		!read_digits(dot + 1, digits, &fraction))
		return false;
	for (; digits < FRACTION_DIGITS; digits++)
		fraction *= 10;
	return !__builtin_mul_overflow(place->value, second_ns, &place->value) &&
	       !__builtin_add_overflow(place->value, fraction, &place->value);
}

static enum err read_place(struct place *place, const char *text, const char *option, struct error *error)
{
	const char *dot = strchr(text, '.');
	size_t digits = strspn(text, "0123456789");
	bool read;

	*place = (struct place){.is_time = strcmp(text + digits, "ns") == 0};
	if (dot != NULL)
		read = read_seconds(place, text, dot);
	else
		read = read_digits(text, digits, &place->value) && (place->is_time || text[digits] == '\0');
	if (read)
		return ERR_OK;
	return error_set(error, ERR_USAGE,
		"%s wants the number of an event, seconds such as 19.838568, or nanoseconds such as 19838568000ns, "
		"not '%s'",
		option, text);
}

enum err event_choice_from(struct event_choice *choice, const char *text, struct error *error)
{
	struct place place;
	enum err err = read_place(&place, text, "--from", error);

	if (err == ERR_OK && place.is_time)
		choice->first_ns = place.value > place.rounding_ns ? place.value - place.rounding_ns : 0;
	else if (err == ERR_OK)
		choice->slice.first_seq = place.value;
	return err;
}

enum err event_choice_to(struct event_choice *choice, const char *text, struct error *error)
{
	struct place place;
	enum err err = read_place(&place, text, "--to", error);

	if (err == ERR_OK && place.is_time)
		choice->last_ns =
			place.value < UINT64_MAX - place.rounding_ns ? place.value + place.rounding_ns : UINT64_MAX;
	else if (err == ERR_OK)
		choice->slice.last_seq = place.value;
	return err;
}

bool event_choice_is_all(const struct event_choice *choice)
{
	const struct event_choice *all = &event_choice_all;

	return choice->wish.kinds == 0 && !choice->wish.has_root && !choice->wish.has_ino &&
	       choice->slice.first_seq <= 1 && choice->slice.last_seq == all->slice.last_seq &&
	       choice->first_ns == all->first_ns && choice->last_ns == all->last_ns;
}

static bool is_of(const struct event *event, enum event_member member, bool restricted, uint64_t value)
{
	return !restricted || event->kind == EVENT_LOST ||
	       (event_kind_has((enum event_kind)event->kind, member) && event_get(event, member) == value);
}

bool event_choice_takes(const struct event_choice *choice, const struct event *event)
{
	const struct block_wish *wish = &choice->wish;

	return event->number >= choice->slice.first_seq && event->number <= choice->slice.last_seq &&
	       event->time_ns >= choice->first_ns && event->time_ns <= choice->last_ns &&
	       (wish->kinds == 0 || (wish->kinds >> event->kind & 1) != 0) &&
	       is_of(event, EVENT_MEMBER_ROOT, wish->has_root, wish->root) &&
	       is_of(event, EVENT_MEMBER_INO, wish->has_ino, wish->ino);
}

struct stored_spool_part event_choice_part(const struct event_choice *choice)
{
	return (struct stored_spool_part){choice->slice, choice->first_ns, choice->last_ns, choice->wish};
}
