/* SPDX-License-Identifier: GPL-2.0-only */
/* A trace out of the store: what was put in comes out, and nothing that the rows say does harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <sys/mman.h>
#include <unistd.h>

#include "collector/source.h"
#include "collector/stored.h"
#include "schema/rows/rows_file.h"
#include "tests/unit/block_make.h"

enum { EVENTS = 3000, BLOCK = 700 };

/* What is written into the file instead of a whole and healthy trace. */
struct spoil {
	bool no_trace;
	bool two_traces;
	uint64_t claimed_events; /* 0: as many as there are */
	uint64_t damaged;	 /* first event of the block whose payload is changed */
	uint64_t missing;	 /* of the one that is left out */
	uint64_t twice;		 /* of the one that comes twice */
	uint64_t odd_kind;	 /* event whose kind is none */
	uint64_t large;		 /* first event of the block that claims to hold too many */
	bool hole_in_names;
	bool number_for_name;
};

static struct event *events;

static void put_trace(struct rows_writer *writer, uint64_t count)
{
	struct row row;

	row_begin(&row, ROW_TRACE);
	for (int i = 0; i <= ROW_TRACE_LOST_EVENTS; i++) {
		if (i == ROW_TRACE_SOURCE)
			row_add_text(&row, "text");
		else if (i == ROW_TRACE_KERNEL)
			row_add_text(&row, "6.18.44");
		else if (i == ROW_TRACE_SKIPPED_EVENTS)
			row_add_number(&row, 12);
		else if (i == ROW_TRACE_GARBLED_LINES)
			row_add_number(&row, 13);
		else if (i == ROW_TRACE_EVENTS)
			row_add_number(&row, count);
		else
			row_add_null(&row);
	}
	assert_int_equal(row_put(rows_writer_sink(writer), &row, NULL), ERR_OK);
}

static void put_name(struct rows_writer *writer, const char *space, uint64_t number, const char *name)
{
	struct row row;

	row_begin(&row, ROW_NAME);
	row_add_text(&row, space);
	row_add_number(&row, number);
	if (name != NULL)
		row_add_text(&row, name);
	else
		row_add_number(&row, 1);
	assert_int_equal(row_put(rows_writer_sink(writer), &row, NULL), ERR_OK);
}

static void put_block(struct rows_writer *writer, const struct block *block, const struct spoil *spoil)
{
	unsigned char *payload = memory_zeroed(block->payload_size);
	struct row row;

	memcpy(payload, block->payload, block->payload_size);
	if (block->first_seq == spoil->damaged)
		payload[block->payload_size / 2] ^= 1;
	row_begin(&row, ROW_EVENT_BLOCK);
	row_add_number(&row, block->first_seq);
	row_add_number(&row, block->first_seq == spoil->large ? BLOCK_EVENTS_MAX + 1 : block->events);
	row_add_number(&row, block->first_ns);
	row_add_number(&row, block->last_ns);
	row_add_blob(&row, block->skip, block->skip_size);
	row_add_number(&row, block->checksum);
	row_add_blob(&row, payload, block->payload_size);
	for (int i = 0; i < (block->first_seq == spoil->twice ? 2 : 1); i++)
		if (block->first_seq != spoil->missing)
			assert_int_equal(row_put(rows_writer_sink(writer), &row, NULL), ERR_OK);
	free(payload);
}

static void put_blocks(struct rows_writer *writer, const struct spoil *spoil)
{
	struct block_coder *coder = block_coder_new();
	struct block block;

	for (size_t i = 0; i < EVENTS; i += BLOCK) {
		struct event part[BLOCK];
		size_t count = EVENTS - i < BLOCK ? EVENTS - i : BLOCK;

		memcpy(part, events + i, count * sizeof(*part));
		for (size_t j = 0; j < count; j++)
			if (part[j].number == spoil->odd_kind)
				part[j].kind = EVENT_COUNT;
		block_encode(coder, part, count, &block);
		put_block(writer, &block, spoil);
	}
	block_coder_free(coder);
}

static uint64_t counted(void)
{
	uint64_t count = 0;

	for (size_t i = 0; i < EVENTS; i++)
		count += events[i].kind != EVENT_LOST;
	return count;
}

static int file_of(const struct spoil *spoil)
{
	int fd = memfd_create("stored", MFD_CLOEXEC);
	struct rows_writer *writer = rows_writer_new(fd);

	assert_true(fd >= 0);
	for (int i = 0; i < (spoil->no_trace ? 0 : spoil->two_traces ? 2 : 1); i++)
		put_trace(writer, spoil->claimed_events != 0 ? spoil->claimed_events : counted());
	put_name(writer, "fsid", 1, "b09a6e3c-e68a-11f1-a2b8-3537647cf663");
	put_name(writer, "unheard-of", 77, "x");
	put_name(writer, "task", 1, "same?");
	put_name(writer, "task", 2, "other");
	put_name(writer, "task", spoil->hole_in_names ? 4 : 3, spoil->number_for_name ? NULL : "same?");
	put_name(writer, "task", 4, "wl");
	put_name(writer, "text", 1, "hello");
	put_blocks(writer, spoil);
	assert_int_equal(rows_writer_finish(writer, NULL), ERR_OK);
	rows_writer_free(writer);
	return fd;
}

struct seen {
	uint64_t count;
	uint64_t last;
	uint64_t refuse_at; /* number of an event, or 0 */
	unsigned damages;
	struct error damage;
};

/* Stored number 3 is another 1, 5 and above are unknown. */
static uint32_t comm_due(uint32_t stored)
{
	static const uint32_t due[] = {0, 1, 2, 1, 3};

	return stored < sizeof(due) / sizeof(due[0]) ? due[stored] : 0;
}

static enum err take(void *context, const struct event *all, size_t count, struct error *error)
{
	struct seen *seen = context;

	(void)error;
	for (size_t i = 0; i < count; i++) {
		struct event due = events[all[i].number - 1];

		if (all[i].number == seen->refuse_at)
			return ERR_STOPPED;
		due.comm = comm_due(due.comm);
		due.fs = due.fs == 1;
		if (due.kind == EVENT_PRINT)
			due.flags = due.flags == 1;
		assert_memory_equal(&due, &all[i], sizeof(due));
		assert_true(all[i].number > seen->last);
		seen->last = all[i].number;
		seen->count++;
	}
	return ERR_OK;
}

static void test_all_comes_back(void **state)
{
	int fd = file_of(&(struct spoil){0});
	struct seen seen = {0};
	const struct sink sink = {take, &seen};
	struct source *source;
	const struct trace_info *info;

	(void)state;
	assert_int_equal(source_open_stored(&source, fd, "x", NULL), ERR_OK);
	info = source_info(source);
	assert_int_equal(info->kind, ROW_SOURCE_TEXT);
	assert_string_equal(info->kernel, "6.18.44");
	assert_null(info->clock);
	assert_int_equal(info->skipped_events, 12);
	assert_int_equal(info->garbled_lines, 13);
	assert_string_equal(names_text(info->comms, 3), "wl");
	assert_int_equal(names_count(info->comms), 3);
	assert_string_equal(names_text(info->texts, 1), "hello");
	for (int i = 0; i < 2; i++) {
		seen = (struct seen){0};
		assert_int_equal(source_read(source, &sink, NULL), ERR_OK);
		assert_int_equal(seen.count, EVENTS);
	}
	source_close(source);
	close(fd);
}

/* Such a file is a trace only for who knows it for one. */
static void test_is_not_recognised(void **state)
{
	int fd = file_of(&(struct spoil){0});
	struct error error = {0};
	struct source *source;

	(void)state;
	assert_int_equal(source_open(&source, fd, -1, "x", &error), ERR_INPUT);
	close(fd);
}

static void test_what_is_wrong_is_told(void **state)
{
	static const struct {
		struct spoil spoil;
		const char *text;
	} cases[] = {
		{{.no_trace = true}, "the row of trace 'x' is missing"},
		{{.two_traces = true}, "trace 'x' is described twice"},
		{{.claimed_events = UINT64_MAX}, "to 18446744073709551615 are missing"},
		{{.damaged = 1 + BLOCK}, "block at event 701 of trace 'x' is damaged: its checksum is wrong"},
		{{.missing = 1 + BLOCK}, "its events 701 to 1400 are missing"},
		{{.missing = 1}, "its events 1 to 700 are missing"},
		{{.missing = 1 + 4 * BLOCK}, "are missing"},
		{{.twice = 1 + BLOCK}, "block at event 701 of trace 'x' is damaged: its number is out of order"},
		{{.odd_kind = 1500}, "block at event 1401 of trace 'x' is damaged: it holds an event of no kind"},
		{{.large = 1}, "block at event 1 of trace 'x' is damaged: it claims 65537 events"},
		{{.hole_in_names = true}, "the names of trace 'x' are damaged"},
		{{.number_for_name = true}, "the names of trace 'x' are damaged"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int fd = file_of(&cases[i].spoil);
		struct seen seen = {0};
		const struct sink sink = {take, &seen};
		struct source *source = NULL;
		struct error error = {0};
		enum err err = source_open_stored(&source, fd, "x", &error);

		if (err == ERR_OK)
			err = source_read(source, &sink, &error);
		assert_int_equal(err, ERR_INPUT);
		if (strstr(error.text, cases[i].text) == NULL)
			fail_msg("'%s' does not say '%s'", error.text, cases[i].text);
		source_close(source);
		close(fd);
	}
}

static void note_damage(void *context, const struct error *error)
{
	struct seen *seen = context;

	seen->damages++;
	seen->damage = *error;
}

static void test_the_rest_stays_readable(void **state)
{
	int fd = file_of(&(struct spoil){.damaged = 1 + BLOCK, .missing = 1 + 2 * BLOCK});
	struct seen seen = {0};
	const struct stored_options options = {.name = "x", .damaged = note_damage, .context = &seen};
	const struct sink sink = {take, &seen};
	struct source *source;

	(void)state;
	assert_int_equal(source_open_stored_part(&source, fd, &options, NULL), ERR_OK);
	assert_int_equal(source_read(source, &sink, NULL), ERR_OK);
	assert_int_equal(seen.count, EVENTS - 2 * BLOCK);
	assert_int_equal(seen.damages, 1);
	assert_string_equal(seen.damage.text, "block at event 701 of trace 'x' is damaged: its checksum is wrong");
	source_close(source);
	close(fd);
}

/* Of a whole trace, what is not there is told of as well, each hole once. */
static void test_what_is_missing_of_a_whole_trace_is_told(void **state)
{
	static const struct {
		struct spoil spoil;
		uint64_t events;
		unsigned damages;
		const char *last;
	} cases[] = {
		{{0}, EVENTS, 0, ""},
		{{.missing = 1}, EVENTS - BLOCK, 1, "its events 1 to 700 are missing"},
		{{.missing = 1 + BLOCK}, EVENTS - BLOCK, 1, "its events 701 to 1400 are missing"},
		{{.damaged = 1 + BLOCK}, EVENTS - BLOCK, 1, "block at event 701 of trace 'x' is damaged"},
		{{.damaged = 1, .missing = 1 + 2 * BLOCK}, EVENTS - 2 * BLOCK, 2,
			"its events 1401 to 2100 are missing"},
		{{.claimed_events = EVENTS + 1}, EVENTS, 1, "are missing"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int fd = file_of(&cases[i].spoil);
		struct seen seen = {0};
		const struct stored_options options = {
			.name = "x", .whole = true, .damaged = note_damage, .context = &seen};
		const struct sink sink = {take, &seen};
		struct source *source;

		assert_int_equal(source_open_stored_part(&source, fd, &options, NULL), ERR_OK);
		assert_int_equal(source_read(source, &sink, NULL), ERR_OK);
		assert_int_equal(seen.count, cases[i].events);
		assert_int_equal(seen.damages, cases[i].damages);
		if (strstr(seen.damage.text, cases[i].last) == NULL)
			fail_msg("'%s' does not say '%s'", seen.damage.text, cases[i].last);
		source_close(source);
		close(fd);
	}
}

static void test_the_sink_may_stop(void **state)
{
	int fd = file_of(&(struct spoil){0});
	struct seen seen = {.refuse_at = 1000};
	const struct sink sink = {take, &seen};
	struct error error = {0};
	struct source *source;

	(void)state;
	assert_int_equal(source_open_stored(&source, fd, "x", NULL), ERR_OK);
	assert_int_equal(source_read(source, &sink, &error), ERR_STOPPED);
	assert_int_equal(seen.last, 999);
	assert_string_equal(error.text, "");
	source_close(source);
	close(fd);
}

struct bounds {
	const struct trace_info *info;
};

static enum err take_any(void *context, const struct event *all, size_t count, struct error *error)
{
	const struct bounds *bounds = context;

	(void)error;
	for (size_t i = 0; i < count; i++) {
		assert_in_range(all[i].kind, EVENT_NONE + 1, EVENT_COUNT - 1);
		assert_in_range(all[i].comm, 0, names_count(bounds->info->comms));
		assert_in_range(all[i].fs, 0, names_count(bounds->info->fsids));
		if (all[i].kind == EVENT_PRINT)
			assert_in_range(all[i].flags, 0, names_count(bounds->info->texts));
	}
	return ERR_OK;
}

/* Whoever may write into the store: a few bytes of the rows are others, the checksums of payloads among them. */
static void test_no_bytes_do_harm(void **state)
{
	int fd = file_of(&(struct spoil){0});
	off_t size = lseek(fd, 0, SEEK_END);
	unsigned opened = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 2000; seed++) {
		struct seeded seeded = seeded_by(seed);
		unsigned char kept[3];
		off_t places[3];
		struct source *source = NULL;
		struct error error = {0};

		for (int i = 0; i < 3; i++) {
			unsigned char byte = (unsigned char)seeded_next(&seeded);

			/* Most of the file are payloads; half of the changes are before them. */
			places[i] = (off_t)seeded_below(&seeded, seeded_percent(&seeded, 50) ? 500 : (uint64_t)size);
			assert_int_equal(pread(fd, &kept[i], 1, places[i]), 1);
			assert_int_equal(pwrite(fd, &byte, 1, places[i]), 1);
		}
		if (source_open_stored(&source, fd, "x", &error) == ERR_OK) {
			struct bounds bounds = {source_info(source)};
			const struct sink sink = {take_any, &bounds};

			opened++;
			source_read(source, &sink, &error);
		}
		source_close(source);
		for (int i = 2; i >= 0; i--)
			assert_int_equal(pwrite(fd, &kept[i], 1, places[i]), 1);
	}
	assert_in_range(opened, 100, 1999);
	close(fd);
}

static int set_up(void **state)
{
	struct seeded seeded = seeded_by(1);

	(void)state;
	events = memory_zeroed(EVENTS * sizeof(*events));
	for (size_t i = 0; i < EVENTS; i++) {
		make_likely(&seeded, &events[i > 0 ? i - 1 : 0], &events[i]);
		events[i].number = i + 1;
		events[i].comm = (uint32_t)seeded_below(&seeded, 7);
		events[i].fs = (uint16_t)seeded_below(&seeded, 3);
		events[i].flags = (uint32_t)seeded_below(&seeded, 3);
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(events);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_comes_back),
		cmocka_unit_test(test_is_not_recognised),
		cmocka_unit_test(test_what_is_wrong_is_told),
		cmocka_unit_test(test_the_rest_stays_readable),
		cmocka_unit_test(test_what_is_missing_of_a_whole_trace_is_told),
		cmocka_unit_test(test_the_sink_may_stop),
		cmocka_unit_test(test_no_bytes_do_harm),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
