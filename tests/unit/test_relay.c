/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/relay.h"

enum { PART = 1000, MANY = 100 };

struct target {
	uint64_t next;
	uint64_t refused_at; /* the number of an event, or 0 */
	unsigned refusals;
};

static enum err take(void *context, const struct event *events, size_t count, struct error *error)
{
	struct target *target = context;

	for (size_t i = 0; i < count; i++) {
		if (events[i].number == target->refused_at) {
			target->refusals++;
			return error_set(error, ERR_LIMIT, "enough");
		}
		assert_int_equal(events[i].number, ++target->next);
	}
	return target->refusals == 0 ? ERR_OK : error_set(error, ERR_SYSTEM, "called again");
}

/* As a reader does: parts of events until the sink wants no more. */
static enum err feed(struct relay *relay, unsigned parts, struct error *error)
{
	const struct sink *sink = relay_sink(relay);
	struct event events[PART] = {{0}};
	uint64_t number = 0;
	enum err err = ERR_OK;

	for (unsigned part = 0; part < parts && err == ERR_OK; part++) {
		for (size_t i = 0; i < PART; i++)
			events[i].number = ++number;
		err = sink->take(sink->context, events, PART, error);
	}
	return err;
}

static void test_all_events_arrive_in_order(void **state)
{
	struct target target = {0};
	const struct sink sink = {take, &target};
	struct relay *relay = relay_new(&sink);

	(void)state;
	assert_int_equal(feed(relay, MANY, NULL), ERR_OK);
	assert_int_equal(relay_finish(relay, NULL), ERR_OK);
	assert_int_equal(target.next, (uint64_t)PART * MANY);
}

static void test_a_refusal_ends_the_reading(void **state)
{
	struct target target = {.refused_at = 1};
	const struct sink sink = {take, &target};
	struct relay *relay = relay_new(&sink);
	struct error told = {0}, left = {0};

	(void)state;
	assert_int_equal(feed(relay, MANY, &told), ERR_LIMIT);
	assert_string_equal(told.text, "enough");
	assert_int_equal(relay_finish(relay, &left), ERR_LIMIT);
	assert_string_equal(left.text, "enough");
	assert_int_equal(target.refusals, 1);
	assert_int_equal(target.next, 0);
}

static void test_a_refusal_at_the_end_is_not_lost(void **state)
{
	struct target target = {.refused_at = 999};
	const struct sink sink = {take, &target};
	struct relay *relay = relay_new(&sink);
	struct error error = {0};

	(void)state;
	assert_int_equal(feed(relay, 1, &error), ERR_OK);
	assert_int_equal(relay_finish(relay, &error), ERR_LIMIT);
	assert_string_equal(error.text, "enough");
	assert_int_equal(target.next, 998);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_events_arrive_in_order),
		cmocka_unit_test(test_a_refusal_ends_the_reading),
		cmocka_unit_test(test_a_refusal_at_the_end_is_not_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
