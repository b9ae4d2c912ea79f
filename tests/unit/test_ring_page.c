/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <traceevent/kbuffer.h>

#include "collector/ring_page.h"

enum { PAGE_BYTES = 256, RECORDS_MAX = 16 };

/* A page under construction, in either byte order and with either size of long. */
struct maker {
	struct ring_layout layout;
	unsigned char bytes[PAGE_BYTES];
	size_t head;
	size_t used;
};

static const struct ring_layout layouts[] = {{false, 8}, {false, 4}, {true, 8}, {true, 4}};

static void store(unsigned char *to, uint64_t value, unsigned size, bool big_endian)
{
	for (unsigned i = 0; i < size; i++)
		to[i] = (unsigned char)(value >> 8 * (big_endian ? size - 1 - i : i));
}

static void set_commit(struct maker *maker, uint64_t commit)
{
	store(maker->bytes + 8, commit, maker->layout.long_bytes, maker->layout.big_endian);
}

static void start(struct maker *maker, struct ring_layout layout, uint64_t time)
{
	memset(maker, 0, sizeof(*maker));
	maker->layout = layout;
	maker->head = 8 + layout.long_bytes;
	store(maker->bytes, time, 8, layout.big_endian);
}

static void put(struct maker *maker, uint64_t word)
{
	store(maker->bytes + maker->head + maker->used, word, 4, maker->layout.big_endian);
	maker->used += 4;
	set_commit(maker, maker->used);
}

/* The first word of an entry: 5 bits of type and 27 of time, in the order in which the machine fills bit fields. */
static void put_entry(struct maker *maker, uint32_t type, uint32_t delta)
{
	put(maker, maker->layout.big_endian ? type << 27 | delta : type | delta << 5);
}

static struct span page_of(const struct maker *maker)
{
	return (struct span){maker->bytes, sizeof(maker->bytes)};
}

static enum ring_step walk(const struct maker *maker, struct ring_record *records, size_t *count)
{
	struct ring_walk walk;
	struct ring_loss loss;
	enum ring_step step;

	*count = 0;
	assert_int_equal(ring_walk_start(&walk, &maker->layout, page_of(maker), &loss, NULL), ERR_OK);
	while ((step = ring_walk_next(&walk, &records[*count])) == RING_RECORD && *count < RECORDS_MAX - 1)
		++*count;
	return step;
}

static void make_all_kinds(struct maker *maker, struct ring_layout layout)
{
	start(maker, layout, 1000);
	put_entry(maker, 2, 5); /* two words of data, at 1005 */
	put(maker, 0x11111111);
	put(maker, 0x22222222);
	put_entry(maker, 30, 3); /* 3 + 1 * 2^27 later */
	put(maker, 1);
	put_entry(maker, 0, 4); /* a length of 4 + 12 bytes, at 134218740 */
	put(maker, 16);
	put(maker, 0x33333333);
	put(maker, 0x33333333);
	put(maker, 0x33333333);
	put_entry(maker, 29, 6); /* taken back: 8 bytes behind the first word */
	put(maker, 8);
	put(maker, 0x44444444);
	put_entry(maker, 31, 7); /* at 7 + 2 * 2^27 */
	put(maker, 2);
	put_entry(maker, 1, 0);
	put(maker, 0x55555555);
}

static void walks_records_of_every_kind(void **state)
{
	struct ring_record records[RECORDS_MAX];
	struct maker maker;
	size_t count;

	(void)state;
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		make_all_kinds(&maker, layouts[i]);
		assert_int_equal(walk(&maker, records, &count), RING_END);
		assert_int_equal(count, 3);
		assert_int_equal(records[0].time, 1005);
		assert_int_equal(records[0].size, 8);
		assert_int_equal(records[0].data[0], 0x11);
		assert_int_equal(records[1].time, 1005 + 3 + 134217728 + 4);
		assert_int_equal(records[1].size, 12);
		assert_int_equal(records[1].data[11], 0x33);
		assert_int_equal(records[2].time, 7 + 2 * 134217728);
		assert_int_equal(records[2].size, 4);
		assert_int_equal(records[2].data[3], 0x55);
	}
}

static void kbuffer_sees_the_same(void **state)
{
	struct ring_record records[RECORDS_MAX];
	struct maker maker;
	size_t count;

	(void)state;
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		struct kbuffer *kbuffer = kbuffer_alloc(layouts[i].long_bytes == 8 ? KBUFFER_LSIZE_8 : KBUFFER_LSIZE_4,
			layouts[i].big_endian ? KBUFFER_ENDIAN_BIG : KBUFFER_ENDIAN_LITTLE);
		unsigned long long time;

		make_all_kinds(&maker, layouts[i]);
		walk(&maker, records, &count);
		kbuffer_load_subbuffer(kbuffer, maker.bytes);
		for (size_t record = 0; record < count; record++) {
			assert_ptr_equal(kbuffer_read_event(kbuffer, &time), records[record].data);
			assert_int_equal(time, records[record].time);
			assert_int_equal(kbuffer_event_size(kbuffer), records[record].size);
			kbuffer_next_event(kbuffer, NULL);
		}
		assert_null(kbuffer_read_event(kbuffer, &time));
		kbuffer_free(kbuffer);
	}
}

/* The kernel's clock may have more than the 59 bits of an absolute time stamp. */
static void an_absolute_time_keeps_its_upper_bits(void **state)
{
	struct ring_record records[RECORDS_MAX];
	struct maker maker;
	size_t count;

	(void)state;
	start(&maker, layouts[0], UINT64_C(0x8800000000000001));
	put_entry(&maker, 31, 7);
	put(&maker, 1);
	put_entry(&maker, 1, 1);
	put(&maker, 0);
	assert_int_equal(walk(&maker, records, &count), RING_END);
	assert_int_equal(records[0].time, UINT64_C(0x8800000000000000) + 134217728 + 7 + 1);
}

static void an_entry_that_does_not_fit_is_damage(void **state)
{
	/* type and second word of an entry that is the last of eight bytes of data */
	static const struct {
		uint32_t type;
		uint32_t second;
	} cases[] = {{2, 0}, {28, 0}, {29, 5}, {29, UINT32_MAX}, {0, 5}, {0, 3}, {0, 0}, {0, UINT32_MAX}};
	struct ring_record records[RECORDS_MAX];
	struct maker maker;
	size_t count;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t layout = 0; layout < sizeof(layouts) / sizeof(layouts[0]); layout++) {
			start(&maker, layouts[layout], 0);
			put_entry(&maker, cases[i].type, 1);
			put(&maker, cases[i].second);
			assert_int_equal(walk(&maker, records, &count), RING_DAMAGED);
			assert_int_equal(count, 0);
		}
	}
	for (uint32_t type = 29; type <= 32; type++) { /* a second word that is not there */
		start(&maker, layouts[0], 0);
		put_entry(&maker, type % 32, 1);
		assert_int_equal(walk(&maker, records, &count), RING_DAMAGED);
	}
	start(&maker, layouts[0], 0);
	put_entry(&maker, 1, 1);
	put(&maker, 0);
	put_entry(&maker, 1, 1);
	set_commit(&maker, 10); /* half a word */
	assert_int_equal(walk(&maker, records, &count), RING_DAMAGED);
	assert_int_equal(count, 1);
}

static enum err start_walk(const struct maker *maker, size_t page_bytes, struct ring_loss *loss)
{
	struct ring_walk unused;
	struct error error = {ERR_OK, ""};
	enum err result =
		ring_walk_start(&unused, &maker->layout, (struct span){maker->bytes, page_bytes}, loss, &error);

	assert_int_equal(error.text[0] != '\0', result != ERR_OK);
	return result;
}

static void lost_events_are_told(void **state)
{
	struct ring_loss loss;
	struct maker maker;

	(void)state;
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		make_all_kinds(&maker, layouts[i]);
		assert_int_equal(start_walk(&maker, PAGE_BYTES, &loss), ERR_OK);
		assert_false(loss.lost);
		set_commit(&maker, maker.used | UINT32_C(1) << 31);
		assert_int_equal(start_walk(&maker, PAGE_BYTES, &loss), ERR_OK);
		assert_true(loss.lost);
		assert_int_equal(loss.count, 0);
		set_commit(&maker, maker.used | UINT32_C(3) << 30);
		store(maker.bytes + maker.head + maker.used, 4711, layouts[i].long_bytes, layouts[i].big_endian);
		assert_int_equal(start_walk(&maker, PAGE_BYTES, &loss), ERR_OK);
		assert_true(loss.lost);
		assert_int_equal(loss.count, 4711);
		/* The number stands behind the data: it must fit as well. */
		assert_int_equal(start_walk(&maker, maker.head + maker.used + layouts[i].long_bytes, &loss), ERR_OK);
		assert_int_equal(
			start_walk(&maker, maker.head + maker.used + layouts[i].long_bytes - 1, &loss), ERR_INPUT);
	}
}

static void a_page_holds_what_it_says(void **state)
{
	struct ring_record records[RECORDS_MAX];
	struct ring_loss loss;
	struct maker maker;
	size_t count;

	(void)state;
	start(&maker, layouts[0], 1);
	assert_int_equal(walk(&maker, records, &count), RING_END);
	assert_int_equal(count, 0);
	assert_int_equal(start_walk(&maker, 16, &loss), ERR_OK);
	assert_int_equal(start_walk(&maker, 15, &loss), ERR_INPUT);
	assert_int_equal(start_walk(&maker, 0, &loss), ERR_INPUT);
	set_commit(&maker, PAGE_BYTES - 16);
	assert_int_equal(start_walk(&maker, PAGE_BYTES, &loss), ERR_OK);
	set_commit(&maker, PAGE_BYTES - 15);
	assert_int_equal(start_walk(&maker, PAGE_BYTES, &loss), ERR_INPUT);
}

static enum err layout_from(const char *text, struct ring_layout *layout)
{
	struct span span = {(const unsigned char *)text, strlen(text)};

	return ring_layout_of(layout, span, true, NULL);
}

/* The first text is that of a 6.1 kernel on x86-64, the second that of a 32-bit one. */
static void the_layout_is_the_kernels(void **state)
{
	struct ring_layout layout;

	(void)state;
	assert_int_equal(layout_from("\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
				     "\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n"
				     "\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
				     "\tfield: char data;\toffset:16;\tsize:4080;\tsigned:0;\n",
				 &layout),
		ERR_OK);
	assert_true(layout.big_endian);
	assert_int_equal(layout.long_bytes, 8);
	assert_int_equal(layout_from("\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
				     "\tfield: local_t commit;\toffset:8;\tsize:4;\tsigned:1;\n"
				     "\tfield: char data;\toffset:12;\tsize:4084;\tsigned:1;\n",
				 &layout),
		ERR_OK);
	assert_int_equal(layout.long_bytes, 4);
	assert_int_equal(layout_from("", &layout), ERR_INPUT);
	assert_int_equal(layout_from("\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
				     "\tfield: local_t commit;\toffset:8;\tsize:2;\tsigned:1;\n"
				     "\tfield: char data;\toffset:10;\tsize:4084;\tsigned:1;\n",
				 &layout),
		ERR_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(walks_records_of_every_kind),
		cmocka_unit_test(kbuffer_sees_the_same),
		cmocka_unit_test(an_absolute_time_keeps_its_upper_bits),
		cmocka_unit_test(an_entry_that_does_not_fit_is_damage),
		cmocka_unit_test(lost_events_are_told),
		cmocka_unit_test(a_page_holds_what_it_says),
		cmocka_unit_test(the_layout_is_the_kernels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
