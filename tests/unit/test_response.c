/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

#include "web/message/call.h"
#include "web/message/response.h"

static void test_a_body_in_memory_is_whole(void **state)
{
	struct response response;
	struct error error;

	(void)state;
	response_init(&response);
	assert_int_equal(response.status, 200);
	assert_string_equal(response.type, RESPONSE_HTML);
	for (unsigned i = 0; i < 10000; i++)
		fprintf(response.body, "%04u\n", i);
	assert_int_equal(response_finish(&response, &error), ERR_OK);
	assert_int_equal(response.size, 50000);
	assert_int_equal(response.fd, -1);
	assert_memory_equal(response.bytes, "0000\n0001\n", 10);
	assert_memory_equal(response.bytes + 49990, "9998\n9999\n", 10);
	response_release(&response);
}

static void test_an_empty_body_is_none(void **state)
{
	struct response response;

	(void)state;
	response_init(&response);
	assert_int_equal(response_finish(&response, NULL), ERR_OK);
	assert_int_equal(response.size, 0);
	response_release(&response);
}

/* Around the moment when it goes over into a file, no byte is lost or doubled. */
static void test_a_large_body_goes_to_a_file(void **state)
{
	static const uint64_t sizes[] = {RESPONSE_MEMORY, RESPONSE_MEMORY + 1, 3 * RESPONSE_MEMORY + 7};

	(void)state;
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct response response;
		unsigned char bytes[4096];
		uint64_t place = 0;
		ssize_t got;

		response_init(&response);
		for (uint64_t at = 0; at < sizes[i]; at++)
			putc((int)(at * 7 % 251), response.body);
		assert_int_equal(response_finish(&response, NULL), ERR_OK);
		assert_int_equal(response.size, sizes[i]);
		assert_int_equal(response.fd >= 0, sizes[i] > RESPONSE_MEMORY);
		while (response.fd >= 0 && (got = pread(response.fd, bytes, sizeof(bytes), (off_t)place)) > 0)
			for (ssize_t j = 0; j < got; j++)
				assert_int_equal(bytes[j], place++ * 7 % 251);
		assert_int_equal(place, response.fd >= 0 ? sizes[i] : 0);
		response_release(&response);
	}
}

static void test_no_room_is_an_error(void **state)
{
	struct response response;
	struct error error;

	(void)state;
	setenv("TMPDIR", "/nonexistent", 1);
	response_init(&response);
	for (unsigned i = 0; i <= RESPONSE_MEMORY; i++)
		putc('a', response.body);
	assert_int_equal(response_finish(&response, &error), ERR_SYSTEM);
	assert_non_null(strstr(error.text, "TMPDIR"));
	unsetenv("TMPDIR");
	/* What tells of it takes the place of the answer. */
	response_restart(&response);
	fputs("no room", response.body);
	assert_int_equal(response_finish(&response, &error), ERR_OK);
	assert_int_equal(response.size, 7);
	assert_memory_equal(response.bytes, "no room", 7);
	response_release(&response);
}

static void test_headers_hold_nothing_that_ends_them(void **state)
{
	struct response response;

	(void)state;
	response_init(&response);
	response_header(&response, "X-A", "a\r\nSet-Cookie: %s", "b\xc3\xbc\x7f");
	assert_int_equal(response.header_count, 1);
	assert_string_equal(response.headers[0].value, "a??Set-Cookie: b???");
	response_see_other(&response, "/traces/%d", 7);
	assert_int_equal(response.status, 303);
	assert_string_equal(response.headers[1].name, "Location");
	assert_string_equal(response.headers[1].value, "/traces/7");
	response_release(&response);
}

static void test_another_answer_takes_the_place(void **state)
{
	struct response response;

	(void)state;
	response_init(&response);
	response.status = 303;
	response.type = RESPONSE_CSV;
	response_header(&response, "X-A", "a");
	fputs("first", response.body);
	response_restart(&response);
	assert_int_equal(response.status, 200);
	assert_string_equal(response.type, RESPONSE_HTML);
	assert_int_equal(response.header_count, 0);
	fputs("second", response.body);
	assert_int_equal(response_finish(&response, NULL), ERR_OK);
	assert_int_equal(response.size, 6);
	assert_memory_equal(response.bytes, "second", 6);
	response_release(&response);
}

/* A handler that holds the stream may write on after a refusal, more than the stream buffers. */
static void test_a_stream_outlives_a_restart(void **state)
{
	struct response response;
	FILE *stream;

	(void)state;
	response_init(&response);
	stream = response.body;
	for (size_t i = 0; i < 400000; i++)
		fputs("first ", stream);
	response_restart(&response);
	assert_ptr_equal(response.body, stream);
	fputs("more", stream);
	response_clear(&response);
	fputs("second", stream);
	assert_int_equal(response_finish(&response, NULL), ERR_OK);
	assert_int_equal(response.size, 6);
	assert_memory_equal(response.bytes, "second", 6);
	response_release(&response);
}

static void test_a_refusal_has_its_status_and_words(void **state)
{
	struct call call = {0};
	struct error error;

	(void)state;
	assert_int_equal(call_refuse(&call, 404, &error, "there is no trace %d%%", 7), ERR_USAGE);
	assert_int_equal(call.refusal, 404);
	assert_string_equal(error.text, "there is no trace 7%");
	assert_string_equal(call_reason(404), "Not Found");
	assert_string_equal(call_reason(599), "Error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_body_in_memory_is_whole),
		cmocka_unit_test(test_an_empty_body_is_none),
		cmocka_unit_test(test_a_large_body_goes_to_a_file),
		cmocka_unit_test(test_no_room_is_an_error),
		cmocka_unit_test(test_headers_hold_nothing_that_ends_them),
		cmocka_unit_test(test_another_answer_takes_the_place),
		cmocka_unit_test(test_a_stream_outlives_a_restart),
		cmocka_unit_test(test_a_refusal_has_its_status_and_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
