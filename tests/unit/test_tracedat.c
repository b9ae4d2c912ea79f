/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "collector/tracedat.h"
#include "tests/unit/tracedat_build.h"

enum { SEEN_MAX = 32 };

/* What came out of a file. */
struct seen {
	struct event events[SEEN_MAX];
	size_t count;
	struct trace_info info;
	struct error error;
	char kernel[40];
	char clock[40];
};

static enum err take(void *context, const struct event *events, size_t count, struct error *error)
{
	struct seen *seen = context;

	(void)error;
	for (size_t i = 0; i < count && seen->count < SEEN_MAX; i++)
		seen->events[seen->count++] = events[i];
	return ERR_OK;
}

static enum err read_bytes(const struct build *build, struct seen *seen)
{
	unsigned char *copy = malloc(build->size); /* so that a byte too far is noticed */
	struct sink sink = {take, seen};
	struct tracedat *tracedat = NULL;
	enum err result;

	memcpy(copy, build->bytes, build->size);
	memset(seen, 0, sizeof(*seen));
	seen->info.comms = names_new(100);
	seen->info.fsids = names_new(100);
	seen->info.texts = names_new(100);
	result = tracedat_open(&tracedat, copy, build->size, &seen->info, &seen->error);
	if (result == ERR_OK)
		result = tracedat_read(tracedat, &sink, &seen->error);
	tracedat_close(tracedat);
	assert_int_equal(result, seen->error.code);
	strncpy(seen->kernel, seen->info.kernel != NULL ? seen->info.kernel : "", sizeof(seen->kernel) - 1);
	strncpy(seen->clock, seen->info.clock != NULL ? seen->info.clock : "", sizeof(seen->clock) - 1);
	free(seen->info.kernel);
	free(seen->info.clock);
	names_free(seen->info.comms);
	names_free(seen->info.fsids);
	names_free(seen->info.texts);
	free(copy);
	return result;
}

static void assert_refused(const struct build *build, const char *why)
{
	struct seen seen;

	assert_int_not_equal(read_bytes(build, &seen), ERR_OK);
	if (strstr(seen.error.text, why) == NULL)
		fail_msg("'%s' does not say '%s'", seen.error.text, why);
}

static void buffers_are_merged(void **state)
{
	/* The main buffer has 100 and 110, 101 and 111; the other, named first, has 100 and 110 on CPU 0. */
	static const uint64_t times[] = {100, 100, 101, 110, 110, 111};
	static const unsigned cpus[] = {0, 0, 1, 0, 0, 1};
	struct build build;
	struct seen seen;
	size_t main_at, other_at, options;

	(void)state;
	start_v7(&build, "none");
	other_at = put_pages(&build, 100, 1);
	main_at = put_pages(&build, 100, COUNT_OF_CPUS);
	options = start_last_options(&build);
	put_buffer_option(&build, "other", other_at, 1);
	put_buffer_option(&build, "", main_at, COUNT_OF_CPUS);
	finish(&build, options);
	set(&build, other_at + 16 + 16 + 8, 43, 4); /* the pid of its first event */
	assert_int_equal(read_bytes(&build, &seen), ERR_OK);
	assert_int_equal(seen.count, 6);
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(seen.events[i].number, i + 1);
		assert_int_equal(seen.events[i].time_ns, times[i]);
		assert_int_equal(seen.events[i].cpu, cpus[i]);
		assert_int_equal(seen.events[i].bytes, times[i]);
		assert_int_equal(seen.events[i].kind, EVENT_TRANSACTION_COMMIT);
	}
	assert_int_equal(seen.events[0].pid, 42);
	assert_int_equal(seen.events[1].pid, 43);
	assert_string_equal(seen.kernel, "6.1.0");
	assert_string_equal(seen.clock, "local");
}

static void losses_are_told_where_they_are(void **state)
{
	struct build build;
	struct seen seen;
	size_t section, at, options;

	(void)state;
	start_v7(&build, "none");
	section = build.size;
	at = open_section(&build, 3, 0);
	put_page(&build, 100, 1, 0);
	put_page(&build, 150, 0, UINT32_C(3) << 30); /* 9 lost, and nothing behind them on the page */
	put_page(&build, 200, 1, UINT32_C(3) << 30); /* 9 more */
	put_page(&build, 300, 1, UINT32_C(1) << 31); /* nobody knows how many */
	put_page(&build, 400, 0, UINT32_C(3) << 30); /* nothing survived */
	close_section(&build, at);
	options = start_last_options(&build);
	put_buffer_option(&build, "", section, 1);
	set(&build, build.size - 8, 5 * PAGE, 8);
	finish(&build, options);
	assert_int_equal(read_bytes(&build, &seen), ERR_OK);
	assert_int_equal(seen.count, 6);
	assert_int_equal(seen.events[1].kind, EVENT_LOST);
	assert_int_equal(seen.events[1].bytes, 18);
	assert_int_equal(seen.events[1].start, 100);
	assert_int_equal(seen.events[1].time_ns, 200);
	assert_int_equal(seen.events[2].time_ns, 200);
	assert_int_equal(seen.events[3].kind, EVENT_LOST);
	assert_int_equal(seen.events[3].bytes, 0);
	assert_int_equal(seen.events[3].start, 200);
	assert_int_equal(seen.events[5].kind, EVENT_LOST);
	assert_int_equal(seen.events[5].bytes, 9);
	assert_int_equal(seen.events[5].start, 300);
	assert_int_equal(seen.events[5].time_ns, 400);
}

/* A copy that lost a block in the middle, or was made larger than it is. */
static void holes_are_losses(void **state)
{
	struct build build;
	struct seen seen;
	size_t page;

	(void)state;
	page = make_plain(&build) - 21 - 16 - COUNT_OF_CPUS * (size_t)PAGE;
	memset(build.bytes + page, 0, PAGE);
	assert_int_equal(read_bytes(&build, &seen), ERR_OK);
	assert_int_equal(seen.count, 3);
	assert_int_equal(seen.events[0].kind, EVENT_LOST);
	assert_int_equal(seen.events[0].cpu, 0);
	assert_int_equal(seen.events[0].bytes, 0);
	make_plain(&build);
	memset(build.bytes + build.size, 0, 64);
	build.size += 64;
	assert_refused(&build, "holds zeros");
}

static void lies_of_a_buffer_are_refused(void **state)
{
	/* Spoils `size` bytes at `at` behind the page size in the option BUFFER. */
	static const struct {
		size_t at;
		uint64_t value;
		unsigned size;
		const char *why;
	} lies[] = {
		{0, 0, 4, "page size"},
		{0, 500, 4, "page size"},
		{0, UINT32_MAX, 4, "page size"},
		{4, 3, 4, "buffer option"},
		{4, UINT32_MAX, 4, "buffer option"},
		{8, 65536, 4, "CPU 65536"},
		{12, UINT64_MAX, 8, "cut off"},
		{12, FILE_MAX, 8, "cut off"},
		{20, UINT64_MAX, 8, "cut off"},
		{20, PAGE + 1, 8, "overlap"},
		{20, PAGE - 1, 8, "claims"},
		{20, 15, 8, "CPU 0"},
	};
	struct build build;
	struct seen seen;

	(void)state;
	make_plain(&build);
	assert_int_equal(read_bytes(&build, &seen), ERR_OK);
	assert_int_equal(seen.count, 4);
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		size_t option = make_plain(&build);
		size_t first_page = option - 21 - 16 - COUNT_OF_CPUS * (size_t)PAGE;

		set(&build, first_page + 8, PAGE - 16, 8); /* a page that is full, with padding at its end */
		set(&build, first_page + 16 + 40, 29 | 1 << 5, 4);
		set(&build, first_page + 16 + 44, PAGE - 16 - 44, 4);
		set(&build, option + lies[i].at, lies[i].value, lies[i].size);
		assert_refused(&build, lies[i].why);
	}
}

static void damaged_data_are_refused_with_their_place(void **state)
{
	struct build build;
	size_t page;

	(void)state;
	page = make_plain(&build) - 21 - 16 - COUNT_OF_CPUS * (size_t)PAGE;
	set(&build, page + PAGE + 8, 4096, 8);
	assert_refused(&build, "CPU 1, the page at byte");
	make_plain(&build);
	set(&build, page + 16, 28, 4); /* 28 words where 9 are left */
	assert_refused(&build, "CPU 0, the page at byte");
	make_plain(&build);
	set(&build, page + 16, 3 | 0x20, 4); /* shorter by a word than the format says */
	assert_refused(&build, "CPU 0, the record of 12 bytes at time 0.000000101");
}

static void lies_about_sections_are_refused(void **state)
{
	struct build build;
	size_t options, section;

	(void)state;
	make_plain(&build);
	set(&build, build.options_at, 0, 8);
	assert_refused(&build, "not finished");
	set(&build, build.options_at, FILE_MAX, 8);
	assert_refused(&build, "cut off");
	set(&build, build.options_at, build.options_at + 8, 8);
	assert_refused(&build, "section 16 is at byte");

	make_plain(&build);
	set(&build, build.size - 8, build.options_at + 8, 8);
	assert_refused(&build, "section 16 is at byte");
	start_v7(&build, "none");
	options = start_last_options(&build);
	put_place(&build, 0, options - 16); /* itself */
	close_section(&build, options);
	assert_refused(&build, "circle");

	start_v7(&build, "none");
	options = start_last_options(&build);
	finish(&build, options);
	assert_refused(&build, "no buffer");

	start_v7(&build, "none");
	section = put_pages(&build, 100, 1);
	options = start_last_options(&build);
	put_buffer_option(&build, "", section, 1);
	put_buffer_option(&build, "", section, 1);
	finish(&build, options);
	assert_refused(&build, "two main buffers");

	start_v7(&build, "none");
	section = put_pages(&build, 100, 1);
	options = start_last_options(&build);
	put_buffer_option(&build, "", section, 1);
	put_buffer_option(&build, "copy", section, 1);
	finish(&build, options);
	assert_refused(&build, "overlap");
	start_v7(&build, "lzma");
	assert_refused(&build, "'lzma'");
}

static void chunks_are_unpacked(void **state)
{
	struct build pages = {.size = 0}, build;
	struct seen seen;
	unsigned char packed[2 * PAGE];
	uLongf size = sizeof(packed);

	(void)state;
	put_page(&pages, 100, 2, 0);
	put_page(&pages, 200, 1, 0);
	assert_int_equal(compress(packed, &size, pages.bytes, pages.size), Z_OK);
	make_packed(&build, (uint32_t[]){1, (uint32_t)size, 2 * PAGE}, packed, size);
	assert_int_equal(read_bytes(&build, &seen), ERR_OK);
	assert_int_equal(seen.count, 3);
	assert_int_equal(seen.events[2].time_ns, 200);

	make_packed(&build, (uint32_t[]){2, (uint32_t)size, 2 * PAGE}, packed, size);
	assert_refused(&build, "not the chunks");
	make_packed(&build, (uint32_t[]){UINT32_MAX, (uint32_t)size, 2 * PAGE}, packed, size);
	assert_refused(&build, "not the chunks");
	make_packed(&build, (uint32_t[]){1, (uint32_t)size - 1, 2 * PAGE}, packed, size);
	assert_refused(&build, "not the chunks");
	make_packed(&build, (uint32_t[]){1, UINT32_MAX, 2 * PAGE}, packed, size);
	assert_refused(&build, "not the chunks");
	make_packed(&build, (uint32_t[]){1, (uint32_t)size, 2 * PAGE + 1}, packed, size);
	assert_refused(&build, "CPU 0, the chunk before byte");
	make_packed(&build, (uint32_t[]){1, (uint32_t)size, PAGE}, packed, size);
	assert_refused(&build, "CPU 0, the chunk before byte");
	make_packed(&build, (uint32_t[]){1, (uint32_t)size, UINT32_MAX}, packed, size);
	assert_refused(&build, "too much memory");
	packed[size / 2] ^= 0xff;
	make_packed(&build, (uint32_t[]){1, (uint32_t)size, 2 * PAGE}, packed, size);
	assert_refused(&build, "CPU 0, the chunk before byte");
}

static void version_6_is_read(void **state)
{
	struct build build;
	struct seen seen;

	(void)state;
	make_v6(&build, COUNT_OF_CPUS, "flyrecord");
	assert_int_equal(read_bytes(&build, &seen), ERR_OK);
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.events[0].time_ns, 100);
	assert_int_equal(seen.events[0].cpu, 1);
	assert_string_equal(seen.kernel, "6.1.0");
	assert_string_equal(seen.clock, "mono");
	make_v6(&build, 65537, "flyrecord");
	assert_refused(&build, "65537 CPUs");
	make_v6(&build, 40, "flyrecord");
	assert_refused(&build, "CPU");
	make_v6(&build, COUNT_OF_CPUS, "latency  ");
	assert_refused(&build, "latency");
	make_v6(&build, COUNT_OF_CPUS, "flywheel ");
	assert_refused(&build, "no table of CPU data");
	build.bytes[10] = '9';
	assert_refused(&build, "version '9'");
}

static void every_cut_is_noticed(void **state)
{
	struct build build;
	size_t size;

	(void)state;
	make_v6(&build, COUNT_OF_CPUS, "flyrecord");
	size = build.size;
	for (build.size = 1; build.size < size; build.size++)
		assert_refused(&build, build.size < 10 ? "not a trace.dat" : ": ");
	make_plain(&build);
	size = build.size;
	for (build.size = 1; build.size < size; build.size++)
		assert_refused(&build, build.size < 10 ? "not a trace.dat" : ": ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buffers_are_merged),
		cmocka_unit_test(losses_are_told_where_they_are),
		cmocka_unit_test(holes_are_losses),
		cmocka_unit_test(lies_of_a_buffer_are_refused),
		cmocka_unit_test(damaged_data_are_refused_with_their_place),
		cmocka_unit_test(lies_about_sections_are_refused),
		cmocka_unit_test(chunks_are_unpacked),
		cmocka_unit_test(version_6_is_read),
		cmocka_unit_test(every_cut_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
