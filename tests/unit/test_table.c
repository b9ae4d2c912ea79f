/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "analyzer/ledger/table.h"
#include "tests/unit/seeded.h"

enum { MANY = 5000 };

struct thing {
	struct table_entry entry;
	bool inside;
};

/* Keys like those of inodes: small numbers, each part alone repeated often. */
static struct table_key key_of(size_t index)
{
	return (struct table_key){index % 3, 256 + index / 3 % 40, 257 + index / 120};
}

static void add(struct table *table, struct thing *thing, struct table_key key)
{
	thing->entry.key = key;
	thing->inside = true;
	table_add(table, &thing->entry);
}

/* The list holds what is inside, in the order in which it was added, and both ways. */
static void check_order(const struct table *table, size_t count)
{
	const struct table_entry *older = NULL;
	size_t seen = 0;

	for (const struct table_entry *entry = table->oldest; entry != NULL; entry = entry->younger) {
		assert_ptr_equal(entry->older, older);
		assert_true(((const struct thing *)entry)->inside);
		older = entry;
		seen++;
	}
	assert_ptr_equal(table->youngest, older);
	assert_int_equal(seen, count);
	assert_int_equal(table->count, count);
}

static void test_an_empty_table_finds_nothing(void **state)
{
	struct table table;

	(void)state;
	table_init(&table);
	assert_null(table_find(&table, (struct table_key){0, 0, 0}));
	check_order(&table, 0);
	table_release(&table);
}

static void test_every_part_of_the_key_counts(void **state)
{
	struct thing things[4] = {0};
	static const struct table_key keys[] = {{1, 256, 257}, {2, 256, 257}, {1, 257, 257}, {1, 256, 258}};
	struct table table;

	(void)state;
	table_init(&table);
	add(&table, &things[0], keys[0]);
	for (size_t i = 1; i < 4; i++)
		assert_null(table_find(&table, keys[i]));
	for (size_t i = 1; i < 4; i++)
		add(&table, &things[i], keys[i]);
	for (size_t i = 0; i < 4; i++)
		assert_ptr_equal(table_find(&table, keys[i]), &things[i]);
	table_release(&table);
}

static void test_many_entries_are_all_found_in_order(void **state)
{
	struct thing *things = test_calloc(MANY, sizeof(*things));
	struct table table;

	(void)state;
	table_init(&table);
	for (size_t i = 0; i < MANY; i++)
		add(&table, &things[i], key_of(i));
	check_order(&table, MANY);
	assert_ptr_equal(table.oldest, &things[0]);
	assert_ptr_equal(table.oldest->younger, &things[1]);
	assert_true(table.bucket_count >= MANY / 2);
	for (size_t i = 0; i < MANY; i++)
		assert_ptr_equal(table_find(&table, key_of(i)), &things[i]);
	table_release(&table);
	test_free(things);
}

/* No bucket may hold more than a few of the keys that traces have: the spread is that of a good hash. */
static void test_small_keys_are_spread(void **state)
{
	struct thing *things = test_calloc(MANY, sizeof(*things));
	struct table table;
	size_t longest = 0;

	(void)state;
	table_init(&table);
	for (size_t i = 0; i < MANY; i++)
		add(&table, &things[i], key_of(i));
	for (size_t i = 0; i < table.bucket_count; i++) {
		size_t length = 0;

		for (const struct table_entry *entry = table.buckets[i]; entry != NULL; entry = entry->next)
			length++;
		longest = length > longest ? length : longest;
	}
	assert_in_range(longest, 1, 12);
	table_release(&table);
	test_free(things);
}

static void test_random_additions_and_removals(void **state)
{
	struct thing *things = test_calloc(MANY, sizeof(*things));
	struct seeded seeded = seeded_by(3);
	struct table table;
	size_t count = 0;

	(void)state;
	printf("seed 3\n");
	table_init(&table);
	for (size_t i = 0; i < 10 * MANY; i++) {
		size_t index = seeded_below(&seeded, MANY);
		struct thing *thing = &things[index];

		assert_ptr_equal(table_find(&table, key_of(index)), thing->inside ? thing : NULL);
		if (thing->inside) {
			table_remove(&table, &thing->entry);
			thing->inside = false;
			count--;
		} else {
			add(&table, thing, key_of(index));
			count++;
		}
	}
	check_order(&table, count);
	for (size_t i = 0; i < MANY; i++)
		assert_ptr_equal(table_find(&table, key_of(i)), things[i].inside ? &things[i] : NULL);
	table_release(&table);
	test_free(things);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_empty_table_finds_nothing),
		cmocka_unit_test(test_every_part_of_the_key_counts),
		cmocka_unit_test(test_many_entries_are_all_found_in_order),
		cmocka_unit_test(test_small_keys_are_spread),
		cmocka_unit_test(test_random_additions_and_removals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
