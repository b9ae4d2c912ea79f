/* SPDX-License-Identifier: GPL-2.0-only */
/* Stretches of time as they stand in URLs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "web/page/window.h"

enum { SECOND = 1000000000 };

static void test_times(void **state)
{
	static const struct {
		const char *text;
		uint64_t time_ns;
		const char *written;
	} times[] = {
		{"0", 0, "0"},
		{"19.838568", 19838568000, "19.838568"},
		{"19.838568001", 19838568001, "19.838568001"},
		{"20", 20000000000, "20"},
		{"20.", 20000000000, "20"},
		{".5", 500000000, "0.5"},
		{"0100.50", 100500000000, "100.5"},
		{"18446744073.709551615", UINT64_MAX, "18446744073.709551615"},
	};
	static const char *const wrong[] = {"", ".", "-1", "+1", " 1", "1 ", "1e3", "1,5", "1.2.3", "0x10",
		"19.8385680011", "18446744073.709551616", "18446744074", "99999999999999999999", "١"};
	uint64_t time_ns;

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		assert_true(window_read_time(times[i].text, &time_ns));
		assert_int_equal(time_ns, times[i].time_ns);
		assert_string_equal(window_time(time_ns).text, times[i].written);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (window_read_time(wrong[i], &time_ns))
			fail_msg("'%s' is taken", wrong[i]);
}

struct asked {
	struct request_pair pairs[2];
	struct request request;
	struct response response;
	struct call call;
	struct error error;
};

static void ask(struct asked *asked, const char *from, const char *to)
{
	*asked = (struct asked){.pairs = {{"from", from}, {"to", to}}};
	asked->request = (struct request){.path = "/x", .query = {asked->pairs, 2}};
	response_init(&asked->response);
	asked->call = (struct call){.request = &asked->request, .response = &asked->response};
}

/* A trace from 10 s to 20 s. */
static void test_windows(void **state)
{
	static const struct {
		const char *from;
		const char *to;
		uint64_t from_ns;
		uint64_t to_ns;
		bool whole;
	} windows[] = {
		{"", "", 10 * (uint64_t)SECOND, 20 * (uint64_t)SECOND, true},
		{"12", "13.5", 12 * (uint64_t)SECOND, 13500000000, false},
		{"", "15", 10 * (uint64_t)SECOND, 15 * (uint64_t)SECOND, false},
		{"0", "100", 10 * (uint64_t)SECOND, 20 * (uint64_t)SECOND, true},
		{"15", "15", 15 * (uint64_t)SECOND, 15000000100, false},
		{"20", "20", 19999999900, 20 * (uint64_t)SECOND, false},
		{"30", "40", 19999999900, 20 * (uint64_t)SECOND, false},
	};
	static const char *const refused[][2] = {{"13", "12"}, {"x", ""}, {"", "1.2.3"}};
	struct window window;
	struct asked asked;

	(void)state;
	for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
		ask(&asked, windows[i].from, windows[i].to);
		assert_int_equal(
			window_read(&asked.call, 10 * (uint64_t)SECOND, 20 * (uint64_t)SECOND, &window, &asked.error),
			ERR_OK);
		assert_int_equal(window.from_ns, windows[i].from_ns);
		assert_int_equal(window.to_ns, windows[i].to_ns);
		assert_int_equal(window.whole, windows[i].whole);
		response_release(&asked.response);
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		ask(&asked, refused[i][0], refused[i][1]);
		assert_int_not_equal(
			window_read(&asked.call, 10 * (uint64_t)SECOND, 20 * (uint64_t)SECOND, &window, &asked.error),
			ERR_OK);
		assert_int_equal(asked.call.refusal, 400);
		response_release(&asked.response);
	}
}

static void must_have(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no %s in %s", part, text);
}

/* Of 12 to 16 s in 10 to 20 s: links go by halves, and by four. */
static void test_links(void **state)
{
	struct window window;
	struct asked asked;

	(void)state;
	ask(&asked, "12", "16");
	assert_int_equal(
		window_read(&asked.call, 10 * (uint64_t)SECOND, 20 * (uint64_t)SECOND, &window, &asked.error), ERR_OK);
	window_links(&asked.call, &window);
	fputc('\0', asked.response.body);
	assert_int_equal(response_finish(&asked.response, NULL), ERR_OK);
	must_have(asked.response.bytes, "data-zoom=\"earlier\" href=\"?from=10&amp;to=14\"");
	must_have(asked.response.bytes, "data-zoom=\"later\" href=\"?from=14&amp;to=18\"");
	must_have(asked.response.bytes, "data-zoom=\"in\" href=\"?from=13.5&amp;to=14.5\"");
	must_have(asked.response.bytes, "data-zoom=\"out\" href=\"?\"");
	must_have(asked.response.bytes, "data-zoom=\"whole\" href=\"?\"");
	response_release(&asked.response);
}

/* Whatever times a store holds. */
static void test_extremes(void **state)
{
	static const uint64_t traces[][2] = {{0, 0}, {5, 3}, {UINT64_MAX, UINT64_MAX}, {0, UINT64_MAX}, {UINT64_MAX, 0},
		{UINT64_MAX - 1, UINT64_MAX}};
	static const char *const texts[] = {"", "0", "7", "18446744073.709551615"};

	(void)state;
	for (size_t i = 0; i < sizeof(traces) / sizeof(traces[0]); i++) {
		for (size_t j = 0; j < 16; j++) {
			struct window window;
			struct asked asked;

			ask(&asked, texts[j / 4], texts[j % 4]);
			if (window_read(&asked.call, traces[i][0], traces[i][1], &window, &asked.error) == ERR_OK) {
				assert_true(window.from_ns < window.to_ns);
				window_links(&asked.call, &window);
				window_link(&asked.call, &window, traces[i][1]);
			}
			response_release(&asked.response);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
