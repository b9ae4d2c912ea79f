/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/range_map.h"
#include "base/event.h"
#include "tests/unit/seeded.h"

enum { INO = 257, K = 1024, EVENTS_MAX = 16, BOXES_MAX = 8 };

/*
 * One event of a story, its number and time are its place: R reserve, L release, F free, U update of the counter
 * (data), M of metadata reserved for an operation, P the sweep at a commit, C its end, O and D reserve and free of
 * another inode, E evict, N new inode, G lost events since time `start`.
 */
struct step {
	char what;
	int32_t pid;
	uint64_t start; /* in KiB, as all that follow */
	uint64_t len;
	int64_t bytes;
};

/* from and to are places in the story, 0: before it, or still there. */
struct expected {
	uint64_t start;
	uint64_t len;
	uint64_t from;
	uint64_t to;
	int32_t pid;
	enum range_end end;
	int32_t end_pid;
};

struct story {
	const char *name;
	bool heads;
	uint64_t guesses;
	struct step steps[EVENTS_MAX];
	struct expected boxes[BOXES_MAX]; /* in the order of begin, then of bytes */
};

static const struct story stories[] = {
	{"reserved, then released by writeback", false, 0, {{'R', 1, 0, 8, 8}, {'L', 9, 0, 8, 8}},
		{{0, 8, 1, 2, 1, RANGE_RELEASED, 9}}},
	{"a part is released, the rest is still there", false, 0, {{'R', 1, 0, 16, 16}, {'L', 9, 4, 4, 4}},
		{{0, 4, 1, 0, 1, RANGE_STILL, -1}, {4, 4, 1, 2, 1, RANGE_RELEASED, 9},
			{8, 8, 1, 0, 1, RANGE_STILL, -1}}},
	{"what is reserved already stays its owner's", false, 0, {{'R', 1, 4, 4, 4}, {'R', 2, 0, 12, 8}},
		{{4, 4, 1, 0, 1, RANGE_STILL, -1}, {0, 4, 2, 0, 2, RANGE_STILL, -1}, {8, 4, 2, 0, 2, RANGE_STILL, -1}}},
	{"the classic: one frees what is another's", false, 0,
		{{'R', 1, 0, 4, 4}, {'R', 2, 0, 8, 4}, {'F', 2, 0, 8, 8}},
		{{0, 4, 1, 3, 1, RANGE_FREED_OTHER, 2}, {4, 4, 2, 3, 2, RANGE_FREED, 2}}},
	{"a reserve that fails is taken back by the counter alone", false, 0,
		{{'R', 1, 0, 4, 4}, {'U', 1, 0, 0, 4}, {'R', 2, 0, 8, 4}, {'U', 2, 0, 0, 4}, {'M', 2, 0, 0, 16},
			{'M', 2, 0, 0, -16}, {'U', 2, 0, 0, -4}},
		{{0, 4, 1, 0, 1, RANGE_STILL, -1}, {4, 4, 3, 7, 2, RANGE_TAKEN_BACK, 2}}},
	{"a drop of the same size in a commit takes nothing back", false, 0,
		{{'R', 1, 0, 4, 4}, {'U', 1, 0, 0, 4}, {'M', 1, 0, 0, 16}, {'P', 1, 0, 0, -16}, {'U', 1, 0, 0, -4}},
		{{0, 4, 1, 0, 1, RANGE_STILL, -1}}},
	{"a writer that finds no space commits, and then gives up", false, 0,
		{{'R', 1, 0, 4, 4}, {'U', 1, 0, 0, 4}, {'P', 1, 0, 0, -16}, {'U', 1, 0, 0, -4}, {'C', 1, 0, 0, 0},
			{'U', 1, 0, 0, -4}},
		{{0, 4, 1, 6, 1, RANGE_TAKEN_BACK, 1}}},
	{"a free of another inode takes nothing back", false, 0,
		{{'R', 1, 0, 4, 4}, {'U', 1, 0, 0, 4}, {'D', 1, 0, 4, 4}, {'U', 1, 0, 0, -4}},
		{{0, 4, 1, 0, 1, RANGE_STILL, -1}}},
	{"who reserves elsewhere is through here", false, 0,
		{{'R', 1, 0, 4, 4}, {'U', 1, 0, 0, 4}, {'O', 1, 0, 4, 4}, {'U', 1, 0, 0, 4}, {'U', 1, 0, 0, -4}},
		{{0, 4, 1, 0, 1, RANGE_STILL, -1}}},
	{"the counter's part of a free takes nothing back", false, 0,
		{{'R', 1, 0, 4, 4}, {'U', 1, 0, 0, 4}, {'R', 1, 8, 4, 4}, {'U', 1, 0, 0, 4}, {'F', 1, 0, 4, 4},
			{'U', 1, 0, 0, -4}},
		{{0, 4, 1, 5, 1, RANGE_FREED, 1}, {8, 4, 3, 0, 1, RANGE_STILL, -1}}},
	{"a reserve that the limit refuses is not in the counter", false, 0,
		{{'R', 1, 0, 4, 4}, {'U', 1, 0, 0, 4}, {'R', 2, 8, 4, 4}, {'R', 2, 16, 4, 4}, {'U', 2, 0, 0, 4}},
		{{0, 4, 1, 0, 1, RANGE_STILL, -1}, {8, 4, 3, 4, 2, RANGE_TAKEN_BACK, 2},
			{16, 4, 4, 0, 2, RANGE_STILL, -1}}},
	{"a release of what was reserved before the map", true, 0, {{'L', 9, 0, 8, 8}},
		{{0, 8, 0, 1, -1, RANGE_RELEASED, 9}}},
	{"a reserve finds all of it reserved before the map", true, 0, {{'R', 1, 0, 8, 0}},
		{{0, 8, 0, 0, -1, RANGE_STILL, -1}}},
	{"a part before the map, which one is plain by its size", true, 0, {{'R', 1, 4, 4, 4}, {'R', 2, 0, 16, 4}},
		{{8, 8, 0, 0, -1, RANGE_STILL, -1}, {4, 4, 1, 0, 1, RANGE_STILL, -1},
			{0, 4, 2, 0, 2, RANGE_STILL, -1}}},
	{"nobody can say which part", true, 1, {{'L', 9, 0, 16, 4}}, {{0}}},
	{"without a head there can be none", false, 1, {{'L', 9, 0, 8, 8}}, {{0}}},
	{"reserved anew: it was cleared unseen", false, 0, {{'R', 1, 0, 8, 8}, {'R', 2, 0, 8, 8}},
		{{0, 8, 1, 2, 1, RANGE_UNSEEN, 2}, {0, 8, 2, 0, 2, RANGE_STILL, -1}}},
	{"a release finds nothing: it was cleared unseen", false, 0, {{'R', 1, 0, 8, 8}, {'L', 9, 0, 8, 0}},
		{{0, 8, 1, 2, 1, RANGE_UNSEEN, 9}}},
	{"an eviction ends all", false, 0, {{'R', 1, 0, 4, 4}, {'R', 2, 8, 4, 4}, {'E', 9, 0, 0, 0}},
		{{0, 4, 1, 3, 1, RANGE_EVICTED, 9}, {8, 4, 2, 3, 2, RANGE_EVICTED, 9}}},
	{"an eviction is traced before its frees", false, 0,
		{{'R', 1, 0, 4, 4}, {'R', 2, 8, 4, 4}, {'E', 9, 0, 0, 0}, {'F', 9, 0, 4, 4}, {'R', 1, 8, 4, 4}},
		{{0, 4, 1, 4, 1, RANGE_FREED_OTHER, 9}, {8, 4, 2, 3, 2, RANGE_EVICTED, 9},
			{8, 4, 5, 0, 1, RANGE_STILL, -1}}},
	{"a refusal that another task's reserve shows", false, 0,
		{{'R', 1, 0, 4, 4}, {'U', 1, 0, 0, 4}, {'R', 2, 8, 16, 16}, {'R', 3, 8, 4, 4}},
		{{0, 4, 1, 0, 1, RANGE_STILL, -1}, {8, 16, 3, 4, 2, RANGE_TAKEN_BACK, 3},
			{8, 4, 4, 0, 3, RANGE_STILL, -1}}},
	{"a new inode of the same number has nothing", false, 0, {{'R', 1, 0, 4, 4}, {'N', 2, 0, 0, 0}},
		{{0, 4, 1, 2, 1, RANGE_UNSEEN, 2}}},
	{"what was reserved in a gap begins there", false, 0, {{'G', -1, 0, 0, 0}, {'L', 9, 0, 8, 8}},
		{{0, 8, 0, 2, -1, RANGE_RELEASED, 9}}},
	{"the kernel's free of all, to the end of all files", false, 0,
		{{'R', 1, 0, 4, 4}, {'F', 1, 0, UINT64_MAX / K, 4}}, {{0, 4, 1, 2, 1, RANGE_FREED, 1}}},
};

static struct event event_of(const struct step *step, uint64_t place)
{
	struct event event = {
		.number = place,
		.time_ns = place * 1000,
		.pid = step->pid,
		.ino = INO,
		.start = step->start * K,
		.len = step->len * K,
		.bytes = (uint64_t)step->bytes * K,
	};

	switch (step->what) {
	case 'R':
		event.kind = EVENT_RESERVE_DATA;
		event.op = EVENT_OP_RESERVE;
		break;
	case 'L':
	case 'F':
		event.kind = EVENT_RELEASE_DATA;
		event.op = step->what == 'L' ? EVENT_OP_RELEASE : EVENT_OP_FREE;
		break;
	case 'E':
		event.kind = EVENT_INODE_EVICT;
		break;
	case 'O':
		event.ino = INO + 1;
		event.kind = EVENT_RESERVE_DATA;
		break;
	case 'D':
		event.ino = INO + 1;
		event.kind = EVENT_RELEASE_DATA;
		event.op = EVENT_OP_FREE;
		break;
	case 'C':
		event.kind = EVENT_TRANSACTION_COMMIT;
		break;
	case 'N':
		event.kind = EVENT_INODE_NEW;
		break;
	case 'G':
		event.kind = EVENT_LOST;
		break;
	default:
		event.kind = EVENT_UPDATE_RESERVE;
		event.diff = step->bytes * K;
		event.type = step->what == 'U'	 ? EVENT_TYPE_DATA
			     : step->what == 'M' ? EVENT_TYPE_META_PREALLOC
						 : EVENT_TYPE_META_PERTRANS;
	}
	return event;
}

static void compare(const struct story *story, struct range_map *map, uint64_t end)
{
	size_t count;
	const struct range_box *boxes = range_map_boxes(map, &count);

	for (size_t i = 0; i < BOXES_MAX; i++) {
		const struct expected *expected = &story->boxes[i];

		if ((expected->len == 0) != (i >= count))
			fail_msg("%s: %zu boxes", story->name, count);
		if (i >= count)
			return;
		if (boxes[i].start != expected->start * K || boxes[i].len != expected->len * K ||
			boxes[i].from_seq != expected->from || boxes[i].to_seq != expected->to ||
			boxes[i].pid != expected->pid || boxes[i].end != expected->end ||
			boxes[i].end_pid != expected->end_pid)
			fail_msg("%s: box %zu", story->name, i);
		assert_int_equal(boxes[i].from_ns, expected->from * 1000);
		assert_int_equal(boxes[i].to_ns, (expected->to == 0 ? end : expected->to) * 1000);
	}
}

static void test_stories(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct range_map *map = range_map_new(INO, 0, stories[i].heads);
		uint64_t place = 1;

		for (; stories[i].steps[place - 1].what != 0; place++) {
			struct event event = event_of(&stories[i].steps[place - 1], place);

			range_map_take(map, &event);
		}
		range_map_finish(map, place * 1000);
		compare(&stories[i], map, place);
		if (range_map_guesses(map) != stories[i].guesses)
			fail_msg("%s: %d guesses", stories[i].name, (int)range_map_guesses(map));
		range_map_free(map);
	}
}

static void test_gap_is_noted(void **state)
{
	static const struct step steps[] = {
		{'R', 1, 0, 4, 4}, {'G', -1, 1, 0, 0}, {'R', 2, 8, 4, 4}, {'L', 9, 0, 12, 8}};
	struct range_map *map = range_map_new(INO, 0, false);
	const struct range_box *boxes;
	size_t count;

	(void)state;
	for (uint64_t place = 1; place <= 4; place++) {
		struct event event = event_of(&steps[place - 1], place);

		range_map_take(map, &event);
	}
	range_map_finish(map, 5000);
	boxes = range_map_boxes(map, &count);
	assert_int_equal(count, 2);
	assert_true(boxes[0].over_gap);
	assert_false(boxes[1].over_gap);
	assert_int_equal(range_map_gaps(map, &count)[0].to_ns, 2000);
	assert_int_equal(range_map_gaps(map, &count)[0].from_ns, 1024);
	range_map_free(map);
}

/* A finding strikes what holds its bytes at its moment, its end included, and nothing beside. */
static void test_marks(void **state)
{
	static const struct step steps[] = {{'R', 1, 0, 4, 4}, {'R', 2, 0, 8, 4}, {'F', 2, 0, 8, 8}, {'R', 3, 0, 4, 4}};
	struct range_map *map = range_map_new(INO, 0, false);
	const struct range_box *boxes;
	size_t count;

	(void)state;
	for (uint64_t place = 1; place <= 4; place++) {
		struct event event = event_of(&steps[place - 1], place);

		range_map_take(map, &event);
	}
	range_map_finish(map, 5000);
	range_map_mark(map, &(struct range_mark){7, 3000, 0, 4 * K});
	range_map_mark(map, &(struct range_mark){9, 3000, 0, 4 * K});
	boxes = range_map_boxes(map, &count);
	assert_int_equal(count, 3);
	assert_int_equal(boxes[0].finding, 7);
	assert_int_equal(boxes[1].finding, 0);
	assert_int_equal(boxes[2].finding, 0);
	range_map_free(map);
}

/* Whatever comes: boxes do not overlap in time and bytes at once, and none is of no bytes. */
static void test_random(void **state)
{
	struct seeded random = seeded_by(1);

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct range_map *map = range_map_new(INO, 0, round % 2 == 0);
		const struct range_box *boxes;
		size_t count;

		for (uint64_t place = 1; place <= 60; place++) {
			struct step step = {"RRRRLLFUUMPCENGOD"[seeded_below(&random, 17)],
				(int32_t)seeded_below(&random, 3), seeded_below(&random, 12), seeded_below(&random, 9),
				(int64_t)seeded_below(&random, 9)};
			struct event event = event_of(&step, place);

			if (seeded_below(&random, 200) == 0)
				event.len = UINT64_MAX;
			if (seeded_below(&random, 2) == 0)
				event.diff = -event.diff;
			range_map_take(map, &event);
		}
		range_map_finish(map, 61000);
		boxes = range_map_boxes(map, &count);
		for (size_t i = 0; i < count; i++) {
			assert_true(boxes[i].len > 0);
			assert_true(boxes[i].from_ns <= boxes[i].to_ns);
			for (size_t j = i + 1; j < count; j++) {
				bool apart = boxes[i].start >= boxes[j].start
						     ? boxes[i].start - boxes[j].start >= boxes[j].len
						     : boxes[j].start - boxes[i].start >= boxes[i].len;

				if (boxes[i].from_seq != 0 && boxes[j].from_seq != 0)
					assert_true(apart || boxes[i].to_ns <= boxes[j].from_ns ||
						    boxes[j].to_ns <= boxes[i].from_ns);
			}
		}
		range_map_free(map);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stories),
		cmocka_unit_test(test_gap_is_noted),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
