/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <zlib.h>
#include <zstd.h>

#include "web/http/pack.h"

static void test_packing_is_what_the_sender_can_take(void **state)
{
	static const struct {
		const char *header;
		enum pack pack;
	} cases[] = {
		{NULL, PACK_NONE},
		{"", PACK_NONE},
		{"identity", PACK_NONE},
		{"gzip", PACK_GZIP},
		{"GZIP;q=1.0", PACK_GZIP},
		{"gzip, deflate, br, zstd", PACK_ZSTD},
		{"zstd;q=0.5, gzip", PACK_GZIP},
		{"zstd;q=0, gzip;q=0.001", PACK_GZIP},
		{"gzip;q=0", PACK_NONE},
		{"gzip; q=0.000", PACK_NONE},
		{"*", PACK_ZSTD},
		{"*;q=0", PACK_NONE},
		{"gzip, *;q=0", PACK_GZIP},
		{"zstd;q=0, *", PACK_GZIP},
		{"xgzip, gzipx", PACK_NONE},
		{"gzip;q=x", PACK_NONE},
		{",,gzip,,", PACK_GZIP},
		{"gzip;foo=1", PACK_GZIP},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (pack_choose(cases[i].header) != cases[i].pack)
			fail_msg(
				"'%s': %d", cases[i].header ? cases[i].header : "(none)", pack_choose(cases[i].header));
}

static char *repeated(size_t size)
{
	char *text = malloc(size + 1);

	for (size_t i = 0; i < size; i++)
		text[i] = (char)('a' + i * i % 23);
	text[size] = '\0';
	return text;
}

/* By the libraries' own readers, for sizes around the buffer that is used. */
static void test_packed_bodies_unpack_to_the_same(void **state)
{
	static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 3000000};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(sizes) / sizeof(sizes[0]); i++) {
		enum pack pack = i % 2 ? PACK_ZSTD : PACK_GZIP;
		size_t size = sizes[i / 2];
		char *text = repeated(size);
		char *back = malloc(size + 1);
		char *packed = NULL;
		size_t packed_size = 0;
		FILE *stream = open_memstream(&packed, &packed_size);

		assert_int_equal(pack_write(pack, text, size, stream, NULL), ERR_OK);
		fclose(stream);
		if (pack == PACK_ZSTD) {
			assert_int_equal(ZSTD_decompress(back, size + 1, packed, packed_size), size);
		} else {
			z_stream inflating = {.next_in = (unsigned char *)packed,
				.avail_in = (unsigned)packed_size,
				.next_out = (unsigned char *)back,
				.avail_out = (unsigned)size + 1};

			assert_int_equal(inflateInit2(&inflating, 15 + 16), Z_OK);
			assert_int_equal(inflate(&inflating, Z_FINISH), Z_STREAM_END);
			assert_int_equal(inflating.total_out, size);
			assert_int_equal(inflating.avail_in, 0);
			inflateEnd(&inflating);
		}
		assert_memory_equal(back, text, size);
		free(back);
		free(text);
		free(packed);
	}
}

static void test_tags_are_known_again(void **state)
{
	char tag[PACK_TAG];
	char weak[PACK_TAG];
	char other[PACK_TAG];
	char list[128];

	(void)state;
	pack_tag(tag, "abc", 3, false);
	pack_tag(weak, "abc", 3, true);
	pack_tag(other, "abd", 3, false);
	assert_int_equal(strlen(tag), 18);
	assert_memory_equal(weak, "W/", 2);
	assert_string_equal(weak + 2, tag);
	assert_string_not_equal(other, tag);
	assert_true(pack_tag_known(tag, tag));
	assert_true(pack_tag_known(weak, tag));
	assert_true(pack_tag_known(tag, weak));
	assert_true(pack_tag_known("*", tag));
	assert_false(pack_tag_known(NULL, tag));
	assert_false(pack_tag_known("", tag));
	assert_false(pack_tag_known(other, tag));
	assert_false(pack_tag_known("\"\"", tag));
	snprintf(list, sizeof(list), "%s, \"x\" ,%s", other, weak);
	assert_true(pack_tag_known(list, tag));
	snprintf(list, sizeof(list), "%s, \"x\" ,%.17s", other, tag);
	assert_false(pack_tag_known(list, tag));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_packing_is_what_the_sender_can_take),
		cmocka_unit_test(test_packed_bodies_unpack_to_the_same),
		cmocka_unit_test(test_tags_are_known_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
