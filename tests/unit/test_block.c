/* SPDX-License-Identifier: GPL-2.0-only */
/* Event blocks: every event comes back bit for bit, in any order of asking, and nothing is passed over wrongly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "collector/source.h"
#include "tests/unit/block_make.h"

/* Where in struct event each column is, and how wide: written down once more, to be held against the code's table. */
#define SAME(member) same_column(columns->member, &events->member, sizeof(events->member), columns->events)

static bool same_column(const void *column, const void *first, size_t width, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (memcmp((const char *)column + i * width, (const char *)first + i * sizeof(struct event), width) !=
			0)
			return false;
	return true;
}

/* Whether the columns of `set`, and no others, are there and right. */
static bool has_exactly(const struct block_columns *columns, uint32_t set, const struct event *events)
{
	const void *const all[BLOCK_COLUMN_COUNT] = {columns->time_ns, columns->kind, columns->cpu, columns->pid,
		columns->comm, columns->fs, columns->root, columns->ino, columns->start, columns->len, columns->bytes,
		columns->diff, columns->flags, columns->op, columns->type};

	for (unsigned i = 0; i < BLOCK_COLUMN_COUNT; i++)
		if ((all[i] != NULL) != (set >> i & 1))
			return false;
	return (all[BLOCK_TIME] == NULL || SAME(time_ns)) && (all[BLOCK_KIND] == NULL || SAME(kind)) &&
	       (all[BLOCK_CPU] == NULL || SAME(cpu)) && (all[BLOCK_PID] == NULL || SAME(pid)) &&
	       (all[BLOCK_COMM] == NULL || SAME(comm)) && (all[BLOCK_FS] == NULL || SAME(fs)) &&
	       (all[BLOCK_ROOT] == NULL || SAME(root)) && (all[BLOCK_INO] == NULL || SAME(ino)) &&
	       (all[BLOCK_START] == NULL || SAME(start)) && (all[BLOCK_LEN] == NULL || SAME(len)) &&
	       (all[BLOCK_BYTES] == NULL || SAME(bytes)) && (all[BLOCK_DIFF] == NULL || SAME(diff)) &&
	       (all[BLOCK_FLAGS] == NULL || SAME(flags)) && (all[BLOCK_OP] == NULL || SAME(op)) &&
	       (all[BLOCK_TYPE] == NULL || SAME(type));
}

struct pair {
	struct block_coder *coder;
	struct block_decoder *decoder;
};

static int make_pair(void **state)
{
	struct pair *pair = memory_zeroed(sizeof(*pair));

	pair->coder = block_coder_new();
	pair->decoder = block_decoder_new();
	*state = pair;
	return 0;
}

static int free_pair(void **state)
{
	struct pair *pair = *state;

	block_coder_free(pair->coder);
	block_decoder_free(pair->decoder);
	free(pair);
	return 0;
}

static void assert_row(const struct block *block, const struct event *events, size_t count)
{
	uint64_t first = UINT64_MAX;
	uint64_t last = 0;

	for (size_t i = 0; i < count; i++) {
		first = events[i].time_ns < first ? events[i].time_ns : first;
		last = events[i].time_ns > last ? events[i].time_ns : last;
	}
	assert_int_equal(block->events, count);
	assert_true(block->first_seq == events[0].number);
	assert_true(block->first_ns == first && block->last_ns == last);
}

static void assert_kind_counts(const struct block *block, const struct event *events, size_t count)
{
	uint32_t wanted[UINT8_MAX + 1] = {0};
	uint32_t counts[EVENT_COUNT];

	for (size_t i = 0; i < count; i++)
		wanted[events[i].kind]++;
	assert_true(block_kind_counts(block->skip, block->skip_size, counts));
	assert_memory_equal(counts, wanted, sizeof(counts));
}

static void assert_comes_back(const struct pair *pair, const struct event *events, size_t count)
{
	struct event event;
	struct block block;

	block_encode(pair->coder, events, count, &block);
	assert_row(&block, events, count);
	assert_kind_counts(&block, events, count);
	assert_int_equal(block_decode_start(pair->decoder, &block, NULL), ERR_OK);
	assert_int_equal(block_decode(pair->decoder, BLOCK_ALL, NULL), ERR_OK);
	assert_true(has_exactly(block_columns(pair->decoder), BLOCK_ALL, events));
	for (uint32_t i = 0; i < count; i++) {
		block_event(block_columns(pair->decoder), i, &event);
		assert_memory_equal(&event, &events[i], offsetof(struct event, type) + sizeof(event.type));
	}
}

static void test_all_manners_come_back(void **state)
{
	static const size_t counts[] = {1, 2, 3, 63, 64, 65, 255, 256, 257, 1000, BLOCK_EVENTS, BLOCK_EVENTS_MAX};

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]) * MANNER_COUNT; i++) {
		size_t count = counts[i / MANNER_COUNT];
		struct event *events = make_events(i, (enum manner)(i % MANNER_COUNT), count);

		print_message("seed %zu, %zu events\n", i, count);
		assert_comes_back(*state, events, count);
		free(events);
	}
}

/* Lengths and contents at random; the coder and the decoder have seen other blocks before. */
static void test_random_blocks_come_back(void **state)
{
	struct seeded seeded = seeded_by(1);

	for (uint64_t seed = 100; seed < 400; seed++) {
		size_t count = 1 + seeded_below(&seeded, 700);
		struct event *events = make_events(seed, (enum manner)seeded_below(&seeded, MANNER_COUNT), count);

		print_message("seed %" PRIu64 "\n", seed);
		assert_comes_back(*state, events, count);
		free(events);
	}
}

/* More of different values than a dictionary takes, and more than one byte counts. */
static void test_many_different_values_come_back(void **state)
{
	static const uint64_t different[] = {2, 255, 256, 257, 300, 60000};

	for (size_t i = 0; i < sizeof(different) / sizeof(different[0]); i++) {
		struct event *events = make_events(i, MANNER_LIKELY, BLOCK_EVENTS);

		for (size_t j = 0; j < BLOCK_EVENTS; j++) {
			events[j].ino = (j * 7919 % different[i]) * UINT64_C(0x123456789abcdef);
			events[j].root = j % 2 == 0 ? UINT64_MAX : events[j].ino;
		}
		assert_comes_back(*state, events, BLOCK_EVENTS);
		free(events);
	}
}

/* Each single column, and columns bit by bit at random: nothing that was not asked for is there. */
static void test_any_columns_in_any_order(void **state)
{
	const struct pair *pair = *state;
	struct event *events = make_events(7, MANNER_LIKELY, 5000);
	struct seeded seeded = seeded_by(7);
	struct block block;

	block_encode(pair->coder, events, 5000, &block);
	for (unsigned i = 0; i < 200; i++) {
		uint32_t asked = i < BLOCK_COLUMN_COUNT ? BLOCK_BIT(i) : (uint32_t)seeded_below(&seeded, BLOCK_ALL + 1);
		uint32_t more = (uint32_t)seeded_below(&seeded, BLOCK_ALL + 1);

		assert_int_equal(block_decode_start(pair->decoder, &block, NULL), ERR_OK);
		assert_true(has_exactly(block_columns(pair->decoder), 0, events));
		assert_int_equal(block_decode(pair->decoder, asked, NULL), ERR_OK);
		assert_true(has_exactly(block_columns(pair->decoder), asked, events));
		assert_int_equal(block_decode(pair->decoder, more, NULL), ERR_OK);
		assert_true(has_exactly(block_columns(pair->decoder), asked | more, events));
	}
	free(events);
}

static enum err count_back(void *context, const struct event *events, size_t count, struct error *error)
{
	(void)error;
	for (size_t at = 0; at < count; at += BLOCK_EVENTS) {
		size_t some = count - at < BLOCK_EVENTS ? count - at : BLOCK_EVENTS;

		assert_comes_back(context, events + at, some);
	}
	return ERR_OK;
}

static void read_trace(struct pair *pair, const char *path)
{
	const struct sink sink = {count_back, pair};
	struct source *source = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int spool = memfd_create("spool", MFD_CLOEXEC);

	print_message("%s\n", path);
	assert_true(fd >= 0 && spool >= 0);
	assert_int_equal(source_open(&source, fd, spool, path, NULL), ERR_OK);
	assert_int_equal(source_read(source, &sink, NULL), ERR_OK);
	source_close(source);
	close(spool);
	close(fd);
}

static void test_traces_of_real_kernels_come_back(void **state)
{
	glob_t found;

	assert_int_equal(glob("tests/traces/kernel/*.dat.zst", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++)
		read_trace(*state, found.gl_pathv[i]);
	globfree(&found);
}

/* Hand-made: eleven pairs in all, so that each answer can be read off. */
static void test_passes_over_what_is_not_there(void **state)
{
	const struct pair *pair = *state;
	struct event events[11];
	struct block block;
	const struct {
		struct block_wish wish;
		bool may;
	} cases[] = {
		{{0, false, false, 0, 0}, true},
		{{1U << EVENT_RESERVE_DATA, false, false, 0, 0}, true},
		{{1U << EVENT_PRINT, false, false, 0, 0}, false},
		{{1U << EVENT_PRINT | 1U << EVENT_LOST, false, false, 0, 0}, true},
		{{0, true, false, 256, 0}, true},
		{{0, true, false, 257, 0}, true},
		{{0, true, false, 258, 0}, false},
		{{0, true, false, 0, 0}, true},
		{{0, false, true, 0, 1004}, true},
		{{0, false, true, 0, 1010}, false},
		{{0, true, true, 256, 1004}, true},
		{{0, true, true, 257, 1004}, false},
		{{0, true, true, 257, 1005}, true},
		{{1U << EVENT_PRINT, true, true, 257, 1005}, false},
	};

	memset(events, 0, sizeof(events));
	for (unsigned i = 0; i < 11; i++) {
		events[i].number = i + 1;
		events[i].kind = i == 10 ? EVENT_LOST : EVENT_RESERVE_DATA;
		events[i].root = i == 10 ? 0 : 256 + i % 2;
		events[i].ino = i == 10 ? 0 : 1000 + i;
	}
	block_encode(pair->coder, events, 11, &block);
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("case %u\n", i);
		assert_int_equal(block_may_hold(block.skip, block.skip_size, &cases[i].wish), cases[i].may);
	}
}

/* All pairs that are there may be, and of those that are not, few; `pairs` different ones, too many for a list when
 * `step` is large.
 */
static void assert_few_wrong(const struct pair *pair, uint64_t pairs, uint64_t step)
{
	struct event *events = make_events(3, MANNER_LIKELY, BLOCK_EVENTS);
	unsigned wrong[3] = {0};
	struct block block;

	for (size_t i = 0; i < BLOCK_EVENTS; i++) {
		events[i].root = 256 + i % pairs % 3;
		events[i].ino = i % pairs * step;
	}
	block_encode(pair->coder, events, BLOCK_EVENTS, &block);
	for (size_t i = 0; i < pairs; i++) {
		struct block_wish wish = {0, true, true, events[i].root, events[i].ino};

		assert_true(block_may_hold(block.skip, block.skip_size, &wish));
		wish.has_root = false;
		assert_true(block_may_hold(block.skip, block.skip_size, &wish));
		wish = (struct block_wish){0, true, false, events[i].root, 0};
		assert_true(block_may_hold(block.skip, block.skip_size, &wish));
	}
	for (size_t i = 0; i < 10000; i++) {
		struct block_wish wish = {0, true, true, events[0].root, BLOCK_EVENTS + i};

		wrong[0] += block_may_hold(block.skip, block.skip_size, &wish);
		wish.has_root = false;
		wrong[1] += block_may_hold(block.skip, block.skip_size, &wish);
		wish = (struct block_wish){0, true, false, 1000 + i, 0};
		wrong[2] += block_may_hold(block.skip, block.skip_size, &wish);
	}
	print_message("%" PRIu64 " pairs: %zu bytes, wrong of 10000: %u %u %u\n", pairs, block.skip_size, wrong[0],
		wrong[1], wrong[2]);
	assert_true(wrong[0] <= 150 && wrong[1] <= 150 && wrong[2] <= 150);
	free(events);
}

static void test_filter_of_many_pairs(void **state)
{
	assert_few_wrong(*state, 150, UINT64_C(0x1234567891));
	assert_few_wrong(*state, 1200, UINT64_C(0x1234567891));
	assert_few_wrong(*state, BLOCK_EVENTS, UINT64_C(0x1234567891));
	assert_few_wrong(*state, 1200, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_all_manners_come_back, make_pair, free_pair),
		cmocka_unit_test_setup_teardown(test_random_blocks_come_back, make_pair, free_pair),
		cmocka_unit_test_setup_teardown(test_many_different_values_come_back, make_pair, free_pair),
		cmocka_unit_test_setup_teardown(test_any_columns_in_any_order, make_pair, free_pair),
		cmocka_unit_test_setup_teardown(test_traces_of_real_kernels_come_back, make_pair, free_pair),
		cmocka_unit_test_setup_teardown(test_passes_over_what_is_not_there, make_pair, free_pair),
		cmocka_unit_test_setup_teardown(test_filter_of_many_pairs, make_pair, free_pair),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
