/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "analyzer/ledger/window.h"

enum { MS = 1000000, HELD_MAX = 65536, A = 151, B = 152 };

static struct event reserve_by(int32_t pid, uint64_t time_ns, uint64_t bytes)
{
	return (struct event){.kind = EVENT_RESERVE_DATA,
		.time_ns = time_ns,
		.pid = pid,
		.fs = 1,
		.root = 256,
		.ino = 257,
		.len = 8192,
		.bytes = bytes,
		.op = EVENT_OP_RESERVE};
}

static struct event update_by(int32_t pid, uint64_t time_ns, int64_t diff)
{
	return (struct event){
		.kind = EVENT_UPDATE_RESERVE, .time_ns = time_ns, .pid = pid, .fs = 1, .root = 256, .diff = diff};
}

static struct event other_by(int32_t pid, uint64_t time_ns, enum event_kind kind)
{
	return (struct event){.kind = (uint8_t)kind, .time_ns = time_ns, .pid = pid, .fs = 1, .root = 256};
}

static void push(struct window *window, struct event event)
{
	window_push(window, &event);
}

/* A window in which counter updates have been seen, and nothing is held. */
static void begin(struct window *window)
{
	window_init(window);
	push(window, update_by(1, 0, 0));
	assert_non_null(window_ready(window, true));
	window_pop(window);
	assert_null(window_ready(window, true));
}

/* The fate of the reserve that is oldest, once `next` and, far later, something of another task has come. */
static enum fate fate_after(struct event reserve, struct event next)
{
	struct window window;
	struct slot *slot;
	enum fate fate;

	begin(&window);
	push(&window, reserve);
	push(&window, next);
	push(&window, other_by(1, 1000 * MS, EVENT_META_RESERVE));
	slot = window_ready(&window, false);
	fate = slot == NULL ? FATE_OPEN : slot->fate;
	window_release(&window);
	return fate;
}

static void test_the_charge_must_be_the_next_and_the_same(void **state)
{
	struct event reserve = reserve_by(A, 1 * MS, 4096);
	struct event charge = update_by(A, 1 * MS, 4096);
	struct event wrong = charge;

	(void)state;
	assert_int_equal(fate_after(reserve, charge), FATE_CHARGED);
	wrong.diff = 8192;
	assert_int_equal(fate_after(reserve, wrong), FATE_UNDONE);
	wrong = charge;
	wrong.diff = -4096;
	assert_int_equal(fate_after(reserve, wrong), FATE_UNDONE);
	wrong = charge;
	wrong.root = 257;
	assert_int_equal(fate_after(reserve, wrong), FATE_UNDONE);
	wrong = charge;
	wrong.fs = 2;
	assert_int_equal(fate_after(reserve, wrong), FATE_UNDONE);
	wrong = charge;
	wrong.type = EVENT_TYPE_META_PREALLOC;
	assert_int_equal(fate_after(reserve, wrong), FATE_UNDONE);
	wrong.type = EVENT_TYPE_UNKNOWN;
	assert_int_equal(fate_after(reserve, wrong), FATE_CHARGED);
}

/* Any qgroup event of the task settles it; what an interrupt or a finished write brings does not. */
static void test_which_events_settle_a_reserve(void **state)
{
	static const struct {
		enum event_kind kind;
		enum fate fate;
	} cases[] = {{EVENT_RESERVE_DATA, FATE_UNDONE}, {EVENT_RELEASE_DATA, FATE_UNDONE},
		{EVENT_META_RESERVE, FATE_UNDONE}, {EVENT_META_FREE_ALL_PERTRANS, FATE_UNDONE},
		{EVENT_TRANSACTION_COMMIT, FATE_UNDONE}, {EVENT_INODE_EVICT, FATE_UNDONE},
		{EVENT_ORDERED_ADD, FATE_UNDONE}, {EVENT_ORDERED_REMOVE, FATE_OPEN}, {EVENT_INODE_REQUEST, FATE_OPEN},
		{EVENT_NUM_DIRTY_EXTENTS, FATE_OPEN}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
			fate_after(reserve_by(A, 1 * MS, 4096), other_by(A, 2 * MS, cases[i].kind)), cases[i].fate);
}

static void test_another_task_settles_nothing(void **state)
{
	(void)state;
	assert_int_equal(fate_after(reserve_by(A, 1 * MS, 4096), update_by(B, 1 * MS, 4096)), FATE_OPEN);
	assert_int_equal(fate_after(reserve_by(A, 1 * MS, 4096), other_by(B, 1 * MS, EVENT_META_RESERVE)), FATE_OPEN);
}

static void test_a_reserve_of_nothing_new_has_no_fate(void **state)
{
	(void)state;
	assert_int_equal(fate_after(reserve_by(A, 1 * MS, 0), other_by(B, 2 * MS, EVENT_META_RESERVE)), FATE_NONE);
}

/* So that a rule can look at what comes shortly after. */
static void test_events_are_held_for_two_milliseconds(void **state)
{
	struct window window;

	(void)state;
	begin(&window);
	push(&window, other_by(A, 10 * MS, EVENT_META_RESERVE));
	assert_null(window_ready(&window, false));
	push(&window, other_by(B, 12 * MS - 1, EVENT_META_RESERVE));
	assert_null(window_ready(&window, false));
	push(&window, other_by(B, 12 * MS, EVENT_META_RESERVE));
	assert_non_null(window_ready(&window, false));
	assert_int_equal(window_ready(&window, false)->event.pid, A);
	window_pop(&window);
	assert_null(window_ready(&window, false));
	assert_non_null(window_ready(&window, true));
	window_release(&window);
}

static void test_an_open_reserve_holds_back_all_that_follow(void **state)
{
	struct window window;
	struct slot *slot;

	(void)state;
	begin(&window);
	push(&window, reserve_by(A, 1 * MS, 4096));
	push(&window, other_by(B, 1 * MS, EVENT_META_RESERVE));
	push(&window, other_by(B, 500 * MS, EVENT_META_RESERVE));
	assert_null(window_ready(&window, false));
	push(&window, update_by(A, 500 * MS, 4096));
	slot = window_ready(&window, false);
	assert_non_null(slot);
	assert_int_equal(slot->fate, FATE_CHARGED);
	window_pop(&window);
	assert_int_equal(window_ready(&window, false)->event.pid, B);
	window_release(&window);
}

/* A task that is gone must not make the window grow without end: at 65,536 events the oldest is decided as it stands.
 */
static void test_no_more_than_65536_events_are_held(void **state)
{
	struct window window;

	(void)state;
	begin(&window);
	push(&window, reserve_by(A, 1 * MS, 4096));
	for (size_t i = 1; i < HELD_MAX - 1; i++)
		push(&window, other_by(B, 900 * MS, EVENT_META_RESERVE));
	assert_null(window_ready(&window, false));
	push(&window, other_by(B, 900 * MS, EVENT_META_RESERVE));
	assert_int_equal(window_ready(&window, false)->fate, FATE_UNDONE);
	window_pop(&window);
	assert_null(window_ready(&window, false));
	/* Its charge comes too late, and must not be taken for that of what stands at its place now. */
	for (size_t i = 0; i < HELD_MAX; i++) {
		push(&window, other_by(B, 900 * MS, EVENT_META_RESERVE));
		if (window_ready(&window, false) != NULL)
			window_pop(&window);
	}
	push(&window, update_by(A, 900 * MS, 4096));
	for (size_t i = 0; window_ahead(&window, i) != NULL; i++)
		assert_int_equal(window_ahead(&window, i)->fate, FATE_NONE);
	window_release(&window);
}

static void test_a_reserve_is_unsure_while_its_task_is_silent_after_a_gap(void **state)
{
	struct window window;
	struct slot *slot;

	(void)state;
	begin(&window);
	push(&window, reserve_by(A, 1 * MS, 4096));
	push(&window, other_by(B, 10 * MS, EVENT_META_RESERVE));
	assert_null(window_ready(&window, false));
	push(&window, (struct event){.kind = EVENT_LOST, .time_ns = 11 * MS});
	slot = window_ready(&window, false);
	assert_non_null(slot);
	assert_int_equal(slot->fate, FATE_UNSURE);
	window_release(&window);
}

static void test_a_reserve_is_unsure_when_its_task_goes_on_after_a_gap(void **state)
{
	struct window window;

	(void)state;
	begin(&window);
	push(&window, reserve_by(A, 1 * MS, 4096));
	push(&window, (struct event){.kind = EVENT_LOST, .time_ns = 2 * MS});
	push(&window, other_by(A, 3 * MS, EVENT_META_RESERVE));
	push(&window, other_by(B, 30 * MS, EVENT_META_RESERVE));
	assert_non_null(window_ready(&window, false));
	assert_int_equal(window_ready(&window, false)->fate, FATE_UNSURE);
	window_release(&window);
}

/* What was settled before the gap stays so, and a reserve after it is decided as any other. */
static void test_a_gap_spoils_only_what_it_cuts(void **state)
{
	struct window window;

	(void)state;
	begin(&window);
	push(&window, reserve_by(A, 1 * MS, 4096));
	push(&window, update_by(A, 1 * MS, 4096));
	push(&window, (struct event){.kind = EVENT_LOST, .time_ns = 2 * MS});
	push(&window, reserve_by(A, 3 * MS, 4096));
	push(&window, update_by(A, 3 * MS, 4096));
	push(&window, other_by(B, 30 * MS, EVENT_META_RESERVE));
	assert_int_equal(window_ready(&window, false)->fate, FATE_CHARGED);
	for (size_t i = 0; i < 3; i++)
		window_pop(&window);
	assert_int_equal(window_ready(&window, false)->event.kind, EVENT_RESERVE_DATA);
	assert_int_equal(window_ready(&window, false)->fate, FATE_CHARGED);
	window_release(&window);
}

/* The charge of a reserve in the last moment may just not be in the trace; an older one would be. */
static void test_the_end_of_the_trace(void **state)
{
	struct window window;

	(void)state;
	for (uint64_t age = 0; age <= 4 * MS; age += MS) {
		begin(&window);
		push(&window, reserve_by(A, 10 * MS, 4096));
		push(&window, other_by(B, 10 * MS + age, EVENT_META_RESERVE));
		assert_int_equal(window_ready(&window, true)->fate, age < 2 * MS ? FATE_UNSURE : FATE_UNDONE);
		window_release(&window);
	}
}

static void test_without_counter_updates_nothing_is_sure(void **state)
{
	struct window window;

	(void)state;
	window_init(&window);
	push(&window, reserve_by(A, 1 * MS, 4096));
	push(&window, other_by(A, 2 * MS, EVENT_META_RESERVE));
	push(&window, reserve_by(B, 3 * MS, 4096));
	push(&window, other_by(A, 900 * MS, EVENT_META_RESERVE));
	assert_int_equal(window_ready(&window, false)->fate, FATE_UNSURE);
	window_pop(&window);
	window_pop(&window);
	assert_int_equal(window_ready(&window, true)->fate, FATE_UNSURE);
	window_release(&window);
}

static void test_looking_ahead_ends_at_the_newest(void **state)
{
	struct window window;

	(void)state;
	begin(&window);
	assert_null(window_ahead(&window, 0));
	push(&window, other_by(A, 1 * MS, EVENT_META_RESERVE));
	push(&window, other_by(B, 1 * MS, EVENT_META_RESERVE));
	assert_int_equal(window_ahead(&window, 0)->event.pid, A);
	assert_int_equal(window_ahead(&window, 1)->event.pid, B);
	assert_null(window_ahead(&window, 2));
	window_release(&window);
}

/* The ring turns many times and grows in between, and neither order nor fate is lost. */
static void test_order_is_kept_while_the_ring_grows(void **state)
{
	struct window window;
	uint64_t pushed = 0, popped = 0;

	(void)state;
	begin(&window);
	for (uint64_t round = 1; round <= 40; round++) {
		for (uint64_t i = 0; i < 100 * round; i++, pushed++) {
			struct event event = other_by(B, round * 10 * MS, EVENT_META_RESERVE);

			event.number = pushed;
			push(&window, event);
		}
		for (struct slot *slot; (slot = window_ready(&window, false)) != NULL; popped++) {
			assert_true(slot->event.number == popped);
			window_pop(&window);
		}
		assert_true(pushed - popped == 100 * round);
	}
	window_release(&window);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_charge_must_be_the_next_and_the_same),
		cmocka_unit_test(test_which_events_settle_a_reserve),
		cmocka_unit_test(test_another_task_settles_nothing),
		cmocka_unit_test(test_a_reserve_of_nothing_new_has_no_fate),
		cmocka_unit_test(test_events_are_held_for_two_milliseconds),
		cmocka_unit_test(test_an_open_reserve_holds_back_all_that_follow),
		cmocka_unit_test(test_no_more_than_65536_events_are_held),
		cmocka_unit_test(test_a_reserve_is_unsure_while_its_task_is_silent_after_a_gap),
		cmocka_unit_test(test_a_reserve_is_unsure_when_its_task_goes_on_after_a_gap),
		cmocka_unit_test(test_a_gap_spoils_only_what_it_cuts),
		cmocka_unit_test(test_the_end_of_the_trace),
		cmocka_unit_test(test_without_counter_updates_nothing_is_sure),
		cmocka_unit_test(test_looking_ahead_ends_at_the_newest),
		cmocka_unit_test(test_order_is_kept_while_the_ring_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
