/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "analyzer/ledger/ranges.h"
#include "tests/unit/seeded.h"

enum { SECTOR = 4096, SECTORS = 160, CLAIMS = 24, STEPS = 4000 };

/* The same map as one state and one claim for each sector. */
struct model {
	enum range_state state[SECTORS];
	struct claim *claim[SECTORS];
};

struct fixture {
	struct claims claims;
	struct range_pool pool;
	struct ranges ranges;
	struct claim *named[CLAIMS]; /* the claim of index i has time i; one reference is ours */
	struct model model;
};

static void begin(struct fixture *fixture, enum range_state otherwise)
{
	*fixture = (struct fixture){0};
	claims_init(&fixture->claims);
	range_pool_init(&fixture->pool, &fixture->claims);
	ranges_init(&fixture->ranges, otherwise);
	for (size_t i = 0; i < CLAIMS; i++)
		fixture->named[i] = claim_new(&fixture->claims, &(struct event){.time_ns = i});
	for (size_t i = 0; i < SECTORS; i++)
		fixture->model.state[i] = otherwise;
}

/* Each piece holds one reference: when all are gone, ours alone is left. */
static void end(struct fixture *fixture)
{
	ranges_reset(&fixture->ranges, &fixture->pool, RANGE_CLEAR);
	assert_int_equal(fixture->ranges.count, 0);
	assert_true(fixture->ranges.reserved_bytes == 0);
	for (size_t i = 0; i < CLAIMS; i++) {
		assert_int_equal(fixture->named[i]->references, 1);
		claim_drop(&fixture->claims, fixture->named[i]);
	}
	range_pool_release(&fixture->pool);
	claims_release(&fixture->claims);
}

static struct claim_part sectors(uint64_t first, uint64_t last)
{
	return (struct claim_part){first * SECTOR, last * SECTOR};
}

static void model_set(struct fixture *fixture, struct claim_part span, int from, enum range_state to, struct claim *by)
{
	for (uint64_t i = span.start / SECTOR; i < span.end / SECTOR; i++) {
		if (from >= 0 && fixture->model.state[i] != (enum range_state)from)
			continue;
		fixture->model.state[i] = to;
		fixture->model.claim[i] = by;
	}
}

/* What was cleared long ago is as if it had never been told of; what is not known does not become known by it. */
static void model_forget(struct fixture *fixture, uint64_t before_ns)
{
	for (size_t i = 0; i < SECTORS; i++) {
		const struct claim *claim = fixture->model.claim[i];

		if (fixture->model.state[i] != RANGE_CLEAR || (claim != NULL && claim->event.time_ns >= before_ns))
			continue;
		fixture->model.state[i] = fixture->ranges.otherwise;
		fixture->model.claim[i] = NULL;
	}
}

static void compare_sums(struct fixture *fixture, struct claim_part span)
{
	struct range_sums expected = {{0}};
	struct range_sums sums = ranges_sum(&fixture->ranges, span.start, span.end);

	for (uint64_t i = span.start / SECTOR; i < span.end / SECTOR; i++)
		expected.of[fixture->model.state[i]] += SECTOR;
	for (size_t state = 0; state < RANGE_STATES; state++)
		assert_true(sums.of[state] == expected.of[state]);
}

/* Walks a span: pieces come in order, reach into it, say what the model says, and leave out only the default state. */
static void compare_walk(struct fixture *fixture, struct claim_part span)
{
	struct range *range = ranges_first(&fixture->ranges, span.start, span.end);
	uint64_t at = span.start / SECTOR;

	for (; range != NULL; range = ranges_next(range, span.end)) {
		uint64_t end = (range->end < span.end ? range->end : span.end) / SECTOR;

		assert_true(range->start < range->end && range->end > span.start && range->start < span.end);
		for (; at * SECTOR < range->start; at++) {
			assert_int_equal(fixture->model.state[at], fixture->ranges.otherwise);
			assert_null(fixture->model.claim[at]);
		}
		for (; at < end; at++) {
			assert_int_equal(fixture->model.state[at], range->state);
			assert_ptr_equal(fixture->model.claim[at], range->claim);
		}
	}
	for (; at < span.end / SECTOR; at++) {
		assert_int_equal(fixture->model.state[at], fixture->ranges.otherwise);
		assert_null(fixture->model.claim[at]);
	}
}

static void compare_totals(struct fixture *fixture)
{
	struct range *range = ranges_first(&fixture->ranges, 0, UINT64_MAX);
	uint64_t reserved = 0;
	size_t count = 0;

	for (; range != NULL; range = ranges_next(range, UINT64_MAX))
		count++;
	for (size_t i = 0; i < SECTORS; i++)
		reserved += fixture->model.state[i] == RANGE_RESERVED ? SECTOR : 0;
	assert_int_equal(fixture->ranges.count, count);
	assert_true(fixture->ranges.reserved_bytes == reserved);
}

static struct claim_part any_span(struct seeded *seeded)
{
	uint64_t first = seeded_below(seeded, SECTORS);
	uint64_t most = seeded_percent(seeded, 70) ? 6 : SECTORS;
	uint64_t last = first + 1 + seeded_below(seeded, most);

	return sectors(first, last < SECTORS ? last : SECTORS);
}

static void change(struct fixture *fixture, struct seeded *seeded)
{
	struct claim_part span = any_span(seeded);
	enum range_state from = (enum range_state)seeded_below(seeded, RANGE_STATES);
	enum range_state to = (enum range_state)seeded_below(seeded, RANGE_STATES);
	struct claim *by = seeded_percent(seeded, 80) ? fixture->named[seeded_below(seeded, CLAIMS)] : NULL;

	if (to == RANGE_UNKNOWN)
		by = NULL;
	if (seeded_percent(seeded, 50)) {
		ranges_set(&fixture->ranges, &fixture->pool, span, to, by);
		model_set(fixture, span, -1, to, by);
	} else {
		ranges_turn(&fixture->ranges, &fixture->pool, span, from, to, by);
		model_set(fixture, span, (int)from, to, by);
	}
}

/* Rare: everything is forgotten up to a time, or dropped. */
static void shrink(struct fixture *fixture, struct seeded *seeded)
{
	enum range_state otherwise = (enum range_state)seeded_below(seeded, RANGE_RESERVED);
	uint64_t before = seeded_below(seeded, CLAIMS + 1);

	if (seeded_percent(seeded, 10)) {
		ranges_reset(&fixture->ranges, &fixture->pool, otherwise);
		fixture->model = (struct model){{0}, {0}};
		model_set(fixture, sectors(0, SECTORS), -1, otherwise, NULL);
	} else {
		ranges_forget(&fixture->ranges, &fixture->pool, before);
		model_forget(fixture, before);
	}
}

static void run_seed(uint64_t seed, enum range_state otherwise)
{
	struct seeded seeded = seeded_by(seed);
	struct fixture fixture;

	begin(&fixture, otherwise);
	for (size_t step = 0; step < STEPS; step++) {
		if (seeded_percent(&seeded, 2))
			shrink(&fixture, &seeded);
		else
			change(&fixture, &seeded);
		compare_sums(&fixture, any_span(&seeded));
		compare_walk(&fixture, any_span(&seeded));
		compare_totals(&fixture);
	}
	compare_sums(&fixture, sectors(0, SECTORS));
	compare_walk(&fixture, sectors(0, SECTORS));
	end(&fixture);
}

static void test_random_operations_agree_with_an_array(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		printf("seed %u\n", (unsigned)seed);
		run_seed(seed, seed % 2 != 0 ? RANGE_UNKNOWN : RANGE_CLEAR);
	}
}

static void test_bytes_without_a_piece_are_in_the_default_state(void **state)
{
	struct fixture fixture;
	struct range_sums sums;

	(void)state;
	begin(&fixture, RANGE_UNKNOWN);
	ranges_set(&fixture.ranges, &fixture.pool, sectors(2, 3), RANGE_RESERVED, fixture.named[1]);
	sums = ranges_sum(&fixture.ranges, 0, 10 * SECTOR);
	assert_true(sums.of[RANGE_UNKNOWN] == 9 * SECTOR && sums.of[RANGE_RESERVED] == SECTOR);
	ranges_reset(&fixture.ranges, &fixture.pool, RANGE_CLEAR);
	sums = ranges_sum(&fixture.ranges, 0, 10 * SECTOR);
	assert_true(sums.of[RANGE_CLEAR] == 10 * SECTOR && sums.of[RANGE_RESERVED] == 0);
	end(&fixture);
}

/* Only a claim makes a piece of the default state worth keeping. */
static void test_the_default_state_is_kept_only_with_a_claim(void **state)
{
	struct fixture fixture;

	(void)state;
	begin(&fixture, RANGE_CLEAR);
	ranges_set(&fixture.ranges, &fixture.pool, sectors(0, 4), RANGE_CLEAR, NULL);
	assert_int_equal(fixture.ranges.count, 0);
	ranges_set(&fixture.ranges, &fixture.pool, sectors(0, 4), RANGE_CLEAR, fixture.named[0]);
	assert_int_equal(fixture.ranges.count, 1);
	ranges_set(&fixture.ranges, &fixture.pool, sectors(1, 2), RANGE_CLEAR, NULL);
	assert_int_equal(fixture.ranges.count, 2);
	end(&fixture);
}

static void test_forgetting_spares_the_young_and_the_reserved(void **state)
{
	struct fixture fixture;

	(void)state;
	begin(&fixture, RANGE_CLEAR);
	ranges_set(&fixture.ranges, &fixture.pool, sectors(0, 1), RANGE_CLEAR, fixture.named[4]);
	ranges_set(&fixture.ranges, &fixture.pool, sectors(1, 2), RANGE_CLEAR, fixture.named[5]);
	ranges_set(&fixture.ranges, &fixture.pool, sectors(2, 3), RANGE_RESERVED, fixture.named[1]);
	ranges_set(&fixture.ranges, &fixture.pool, sectors(3, 4), RANGE_RESERVED, NULL);
	ranges_forget(&fixture.ranges, &fixture.pool, 5);
	assert_int_equal(fixture.ranges.count, 3);
	assert_null(ranges_first(&fixture.ranges, 0, SECTOR));
	assert_ptr_equal(ranges_first(&fixture.ranges, SECTOR, 2 * SECTOR)->claim, fixture.named[5]);
	assert_true(fixture.ranges.reserved_bytes == 2 * SECTOR);
	end(&fixture);
}

/* In a map whose default is clear, what was made unknown stays so. */
static void test_forgetting_makes_nothing_known(void **state)
{
	struct fixture fixture;

	(void)state;
	begin(&fixture, RANGE_CLEAR);
	ranges_set(&fixture.ranges, &fixture.pool, sectors(0, 1), RANGE_UNKNOWN, NULL);
	ranges_forget(&fixture.ranges, &fixture.pool, 5);
	assert_true(ranges_sum(&fixture.ranges, 0, SECTOR).of[RANGE_UNKNOWN] == SECTOR);
	end(&fixture);
}

/* The kernel names ranges up to the last byte of 64 bits. */
static void test_the_end_of_64_bits_is_an_end(void **state)
{
	const uint64_t last = UINT64_MAX;
	struct fixture fixture;

	(void)state;
	begin(&fixture, RANGE_CLEAR);
	ranges_set(&fixture.ranges, &fixture.pool, (struct claim_part){0, last}, RANGE_RESERVED, fixture.named[0]);
	assert_true(fixture.ranges.reserved_bytes == last);
	ranges_set(&fixture.ranges, &fixture.pool, (struct claim_part){last - 10, last}, RANGE_CLEAR, fixture.named[1]);
	assert_true(fixture.ranges.reserved_bytes == last - 10);
	assert_true(ranges_sum(&fixture.ranges, last - 20, last).of[RANGE_CLEAR] == 10);
	assert_null(ranges_next(ranges_first(&fixture.ranges, last - 1, last), last));
	end(&fixture);
}

static void test_a_claim_is_dropped_with_its_last_piece(void **state)
{
	struct fixture fixture;

	(void)state;
	begin(&fixture, RANGE_CLEAR);
	ranges_set(&fixture.ranges, &fixture.pool, sectors(0, 9), RANGE_RESERVED, fixture.named[0]);
	ranges_set(&fixture.ranges, &fixture.pool, sectors(4, 5), RANGE_RESERVED, fixture.named[1]);
	assert_int_equal(fixture.named[0]->references, 3);
	assert_int_equal(fixture.named[1]->references, 2);
	ranges_turn(&fixture.ranges, &fixture.pool, sectors(0, 9), RANGE_RESERVED, RANGE_CLEAR, fixture.named[2]);
	assert_int_equal(fixture.named[0]->references, 1);
	assert_int_equal(fixture.named[1]->references, 1);
	end(&fixture);
}

static unsigned depth_of(const struct range *range)
{
	unsigned left, right;

	if (range == NULL)
		return 0;
	left = depth_of(RB_LEFT(range, link));
	right = depth_of(RB_RIGHT(range, link));
	return 1 + (left > right ? left : right);
}

static uint64_t *shuffled(uint64_t count, struct seeded *seeded)
{
	uint64_t *order = test_malloc(count * sizeof(*order));

	for (uint64_t i = 0; i < count; i++) {
		uint64_t other = seeded_below(seeded, i + 1);

		order[i] = order[other];
		order[other] = i;
	}
	return order;
}

/*
 * A red-black tree of n pieces is at most 2 log2(n + 1) deep: 40 for a million. Every second sector is reserved, in
 * any order and in rising order; then every second one of those is cleared.
 */
static void fill_a_million(struct fixture *fixture, const uint64_t *order, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		uint64_t at = 2 * (order != NULL ? order[i] : i);

		ranges_set(&fixture->ranges, &fixture->pool, sectors(at, at + 1), RANGE_RESERVED,
			fixture->named[at % CLAIMS]);
	}
	assert_int_equal(fixture->ranges.count, count);
	assert_true(fixture->ranges.reserved_bytes == count * SECTOR);
	assert_true(ranges_sum(&fixture->ranges, 0, count * SECTOR).of[RANGE_RESERVED] == count / 2 * SECTOR);
	assert_in_range(depth_of(RB_ROOT(&fixture->ranges.tree)), 20, 40);
	for (uint64_t i = 0; i < count; i += 2)
		ranges_turn(
			&fixture->ranges, &fixture->pool, sectors(2 * i, 2 * i + 1), RANGE_RESERVED, RANGE_CLEAR, NULL);
	assert_int_equal(fixture->ranges.count, count / 2);
	assert_true(fixture->ranges.reserved_bytes == count / 2 * SECTOR);
	assert_in_range(depth_of(RB_ROOT(&fixture->ranges.tree)), 19, 38);
}

static void test_a_million_pieces_stay_balanced(void **state)
{
	const uint64_t count = 1000000;
	struct seeded seeded = seeded_by(42);
	uint64_t *order = shuffled(count, &seeded);
	struct fixture fixture;

	(void)state;
	for (size_t rising = 0; rising < 2; rising++) {
		begin(&fixture, RANGE_CLEAR);
		fill_a_million(&fixture, rising != 0 ? NULL : order, count);
		end(&fixture);
	}
	test_free(order);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_operations_agree_with_an_array),
		cmocka_unit_test(test_bytes_without_a_piece_are_in_the_default_state),
		cmocka_unit_test(test_the_default_state_is_kept_only_with_a_claim),
		cmocka_unit_test(test_forgetting_spares_the_young_and_the_reserved),
		cmocka_unit_test(test_forgetting_makes_nothing_known),
		cmocka_unit_test(test_the_end_of_64_bits_is_an_end),
		cmocka_unit_test(test_a_claim_is_dropped_with_its_last_piece),
		cmocka_unit_test(test_a_million_pieces_stay_balanced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
