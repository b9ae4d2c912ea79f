/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "analyzer/ledger/flight.h"
#include "tests/unit/seeded.h"

enum { ENTRIES = 200, STEPS = 5000 };

struct fixture {
	struct claims claims;
	struct flight flight;
	/* The model: entries in the order in which they were added. */
	struct flight_entry *entries[ENTRIES];
	uint64_t amounts[ENTRIES];
	size_t count;
};

static void begin(struct fixture *fixture)
{
	*fixture = (struct fixture){0};
	claims_init(&fixture->claims);
	flight_init(&fixture->flight, &fixture->claims);
}

static void end(struct fixture *fixture)
{
	flight_release(&fixture->flight);
	claims_release(&fixture->claims);
}

/* An entry of its own release; the ledger's reference is the only one. */
static struct flight_entry *add(struct fixture *fixture, uint64_t bytes)
{
	struct claim *claim = claim_new(&fixture->claims, &(struct event){.bytes = bytes});
	struct flight_entry *entry = flight_add(&fixture->flight, bytes, claim, 7);

	claim_drop(&fixture->claims, claim);
	fixture->entries[fixture->count] = entry;
	fixture->amounts[fixture->count++] = bytes;
	return entry;
}

static void model_remove(struct fixture *fixture, size_t index)
{
	for (size_t i = index + 1; i < fixture->count; i++) {
		fixture->entries[i - 1] = fixture->entries[i];
		fixture->amounts[i - 1] = fixture->amounts[i];
	}
	fixture->count--;
}

static size_t model_oldest(const struct fixture *fixture, uint64_t bytes)
{
	size_t index = 0;

	while (index < fixture->count && fixture->amounts[index] != bytes)
		index++;
	return index;
}

static bool model_has(const struct fixture *fixture, uint64_t bytes, bool finished_only)
{
	for (size_t i = 0; i < fixture->count; i++)
		if (fixture->amounts[i] == bytes && (!finished_only || fixture->entries[i]->claim->finished))
			return true;
	return false;
}

static void compare(const struct fixture *fixture)
{
	const struct flight_entry *entry = fixture->flight.oldest;
	const struct flight_entry *older = NULL;
	uint64_t bytes = 0;

	for (size_t i = 0; i < fixture->count; i++) {
		assert_ptr_equal(entry, fixture->entries[i]);
		assert_ptr_equal(entry->older, older);
		assert_true(entry->bytes == fixture->amounts[i]);
		assert_int_equal(entry->claim->references, 1);
		bytes += entry->bytes;
		older = entry;
		entry = entry->younger;
	}
	assert_null(entry);
	assert_ptr_equal(fixture->flight.youngest, older);
	assert_true(fixture->flight.bytes == bytes);
}

static void step(struct fixture *fixture, struct seeded *seeded)
{
	uint64_t bytes = (1 + seeded_below(seeded, 5)) * 4096;
	size_t index = fixture->count > 0 ? seeded_below(seeded, fixture->count) : 0;

	if (seeded_percent(seeded, 45) && fixture->count < ENTRIES) {
		add(fixture, bytes);
	} else if (seeded_percent(seeded, 50)) {
		index = model_oldest(fixture, bytes);
		assert_int_equal(flight_drop(&fixture->flight, bytes), index < fixture->count);
		if (index < fixture->count)
			model_remove(fixture, index);
	} else if (fixture->count > 0 && seeded_percent(seeded, 50)) {
		flight_remove(&fixture->flight, fixture->entries[index]);
		model_remove(fixture, index);
	} else if (fixture->count > 0) {
		fixture->entries[index]->claim->finished = true;
	}
	for (int finished = 0; finished < 2; finished++)
		assert_int_equal(
			flight_has(&fixture->flight, bytes, finished != 0), model_has(fixture, bytes, finished != 0));
}

static void test_random_operations_agree_with_a_list(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 10; seed++) {
		struct seeded seeded = seeded_by(seed);
		struct fixture fixture;

		printf("seed %u\n", (unsigned)seed);
		begin(&fixture);
		for (size_t i = 0; i < STEPS; i++) {
			step(&fixture, &seeded);
			compare(&fixture);
		}
		flight_clear(&fixture.flight);
		assert_null(fixture.flight.oldest);
		assert_null(fixture.flight.youngest);
		assert_true(fixture.flight.bytes == 0);
		end(&fixture);
	}
}

static void test_a_drop_takes_the_oldest_of_its_amount(void **state)
{
	struct fixture fixture;
	struct flight_entry *first, *second;

	(void)state;
	begin(&fixture);
	first = add(&fixture, 8192);
	add(&fixture, 4096);
	second = add(&fixture, 8192);
	assert_ptr_equal(fixture.flight.oldest, first);
	assert_true(flight_drop(&fixture.flight, 8192));
	assert_int_equal(fixture.flight.oldest->bytes, 4096);
	assert_ptr_equal(fixture.flight.youngest, second);
	assert_true(flight_drop(&fixture.flight, 8192));
	assert_int_equal(fixture.flight.bytes, 4096);
	end(&fixture);
}

/* Amounts are never summed up: the kernel drops one extent at a time. */
static void test_a_drop_of_no_such_amount_changes_nothing(void **state)
{
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	assert_false(flight_drop(&fixture.flight, 4096));
	add(&fixture, 4096);
	add(&fixture, 4096);
	assert_false(flight_drop(&fixture.flight, 8192));
	assert_false(flight_has(&fixture.flight, 8192, false));
	assert_int_equal(fixture.flight.bytes, 8192);
	end(&fixture);
}

static void test_the_middle_can_be_removed(void **state)
{
	struct fixture fixture;
	struct flight_entry *first, *middle, *last;

	(void)state;
	begin(&fixture);
	first = add(&fixture, 4096);
	middle = add(&fixture, 4096);
	last = add(&fixture, 4096);
	flight_remove(&fixture.flight, middle);
	assert_ptr_equal(first->younger, last);
	assert_ptr_equal(last->older, first);
	assert_ptr_equal(first->younger_equal, last);
	assert_ptr_equal(last->older_equal, first);
	assert_int_equal(fixture.flight.bytes, 8192);
	end(&fixture);
}

static void test_finished_entries_are_told_apart(void **state)
{
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	add(&fixture, 4096);
	assert_true(flight_has(&fixture.flight, 4096, false));
	assert_false(flight_has(&fixture.flight, 4096, true));
	add(&fixture, 4096)->claim->finished = true;
	assert_true(flight_has(&fixture.flight, 4096, true));
	assert_int_equal(fixture.flight.oldest->commits, 7);
	end(&fixture);
}

static void test_an_entry_is_found_by_its_release(void **state)
{
	struct fixture fixture;
	struct flight_entry *first, *second;
	struct claim *other;

	(void)state;
	begin(&fixture);
	first = add(&fixture, 4096);
	second = add(&fixture, 4096);
	assert_ptr_equal(first->claim->in_flight, first);
	assert_ptr_equal(second->claim->in_flight, second);
	other = claim_keep(first->claim);
	flight_drop(&fixture.flight, 4096);
	assert_null(other->in_flight);
	claim_drop(&fixture.claims, other);
	other = claim_new(&fixture.claims, &(struct event){.bytes = 8192});
	assert_null(other->in_flight);
	claim_drop(&fixture.claims, other);
	end(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_operations_agree_with_a_list),
		cmocka_unit_test(test_a_drop_takes_the_oldest_of_its_amount),
		cmocka_unit_test(test_a_drop_of_no_such_amount_changes_nothing),
		cmocka_unit_test(test_the_middle_can_be_removed),
		cmocka_unit_test(test_finished_entries_are_told_apart),
		cmocka_unit_test(test_an_entry_is_found_by_its_release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
