/* SPDX-License-Identifier: GPL-2.0-only */
/* Streams of numbers, byte for byte as the description of their format has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/memory.h"
#include "schema/block/stream.h"

enum { VALUES = 3, FRAME_MAX = 1024 };

#define FF7 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff
#define ZERO7 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80

/* Written by hand; three values each. */
static const struct {
	const char *what;
	uint8_t bytes[32];
	size_t size;
	bool refused;
	uint64_t values[VALUES];
} cases[] = {
	{"nothing", {0}, 0, true, {0}},
	{"all are 7", {0, 7}, 2, false, {7, 7, 7}},
	{"all are 300", {0, 0xac, 2}, 3, false, {300, 300, 300}},
	{"the greatest", {0, FF7, 0xff, 0xff, 1}, 11, false, {UINT64_MAX, UINT64_MAX, UINT64_MAX}},
	{"65 bits", {0, FF7, 0xff, 0xff, 2}, 11, true, {0}},
	{"71 bits", {0, ZERO7, 0x80, 0x80, 0x80, 0}, 12, true, {0}},
	{"a number that ends early", {0, 0x80}, 2, true, {0}},
	{"no value", {0}, 1, true, {0}},
	{"base and one plane", {1, 5, 1, 1, 0, 1, 255}, 7, false, {5, 6, 260}},
	{"two planes", {1, 0, 2, 1, 1, 2, 3, 0, 1}, 9, false, {257, 258, 259}},
	{"beyond 64 bits", {1, FF7, 0xff, 0xff, 1, 1, 1, 0, 1, 2}, 16, false, {UINT64_MAX, 0, 1}},
	{"eight planes", {1, 0, 8, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8}, 19, false,
		{0x0807060504030201, 0x0807060504030201, 0x0807060504030201}},
	{"no planes", {1, 5, 0}, 3, true, {0}},
	{"nine planes", {1, 0, 9, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8, 0, 9}, 21, true, {0}},
	{"a plane too short", {1, 5, 1, 1, 0, 1}, 6, true, {0}},
	{"a plane too few", {1, 5, 2, 1, 0, 1, 2}, 7, true, {0}},
	{"an unknown plane", {1, 5, 1, 3, 0, 1, 2}, 7, true, {0}},
	{"a dictionary of 5 and 3", {2, 2, 10, 3, 1, 0, 1, 1}, 8, false, {5, 3, 3}},
	{"all the same of it", {2, 2, 10, 3, 0, 1}, 6, false, {3, 3, 3}},
	{"an index beyond it", {2, 2, 10, 3, 1, 0, 1, 2}, 8, true, {0}},
	{"an empty one", {2, 0, 1, 0, 0, 0}, 6, true, {0}},
	{"one with an entry too few", {2, 2, 10}, 3, true, {0}},
	{"one of 65537", {2, 0x81, 0x80, 4, 0, 0}, 6, true, {0}},
	{"an unknown method", {3, 7, 7, 7, 7}, 5, true, {0}},
	{"a frame too long", {1, 5, 1, 2, 4, 1, 2, 3}, 8, true, {0}},
	{"a frame of 2^64 - 1 bytes", {1, 5, 1, 2, FF7, 0xff, 0xff, 1, 2}, 15, true, {0}},
	{"a frame that is none", {1, 5, 1, 2, 3, 1, 2, 3}, 8, true, {0}},
};

static void test_bytes_by_hand(void **state)
{
	struct stream_decoder *decoder = stream_decoder_new();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t *bytes = memory_resized(NULL, cases[i].size, 1);
		struct bytes_in in = {bytes, bytes + cases[i].size};
		uint64_t values[VALUES] = {0};

		memcpy(bytes, cases[i].bytes, cases[i].size);
		print_message("%s\n", cases[i].what);
		assert_int_equal(stream_decode(decoder, &in, values, VALUES), !cases[i].refused);
		if (!cases[i].refused) {
			assert_memory_equal(values, cases[i].values, sizeof(values));
			assert_ptr_equal(in.at, in.end);
		}
		free(bytes);
	}
	stream_decoder_free(decoder);
}

/* A frame of `content` bytes where there should be `count`. */
static bool decodes_frame(size_t content, size_t count)
{
	static const uint8_t plane[2 * FRAME_MAX];
	struct stream_decoder *decoder = stream_decoder_new();
	uint64_t *values = memory_resized(NULL, count, sizeof(*values));
	uint8_t frame[FRAME_MAX];
	size_t size = ZSTD_compress(frame, sizeof(frame), plane, content, 1);
	struct bytes_out out = {NULL, 0, 0};
	struct bytes_in in;
	bool decoded;

	bytes_put(&out, "\1\0\1\2", 4);
	bytes_put_number(&out, size);
	bytes_put(&out, frame, size);
	in = (struct bytes_in){out.data, out.data + out.size};
	decoded = stream_decode(decoder, &in, values, count);
	for (size_t i = 0; i < count && decoded; i++)
		assert_true(values[i] == 0);
	free(out.data);
	free(values);
	stream_decoder_free(decoder);
	return decoded;
}

static void test_frames_are_as_long_as_they_must_be(void **state)
{
	(void)state;
	assert_true(decodes_frame(FRAME_MAX, FRAME_MAX));
	assert_false(decodes_frame(FRAME_MAX - 1, FRAME_MAX));
	assert_false(decodes_frame(FRAME_MAX + 1, FRAME_MAX));
	assert_false(decodes_frame(2 * FRAME_MAX, 1));
	assert_false(decodes_frame(0, 1));
}

/* More entries than the coder makes: its indexes are two bytes wide. */
static void test_wide_dictionaries_are_read(void **state)
{
	struct stream_decoder *decoder = stream_decoder_new();
	struct bytes_out out = {NULL, 0, 0};
	uint64_t values[VALUES];
	struct bytes_in in;

	(void)state;
	bytes_put_byte(&out, 2);
	bytes_put_number(&out, 300);
	for (int i = 0; i < 300; i++)
		bytes_put_number(&out, 2); /* one more than the one before */
	bytes_put(&out, "\1\0\2\377\1\0\1\0", 8);
	in = (struct bytes_in){out.data, out.data + out.size};
	assert_true(stream_decode(decoder, &in, values, VALUES));
	assert_true(values[0] == 1 && values[1] == 259 && values[2] == 256);
	free(out.data);
	stream_decoder_free(decoder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes_by_hand),
		cmocka_unit_test(test_frames_are_as_long_as_they_must_be),
		cmocka_unit_test(test_wide_dictionaries_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
