/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "web/message/route.h"

static const struct route all[] = {
	{.method = HTTP_GET, .path = "/"},
	{.method = HTTP_GET, .path = "/traces/{trace}"},
	{.method = HTTP_PUT, .path = "/traces/{name}"},
	{.method = HTTP_GET, .path = "/traces/{trace}/findings/{finding}"},
	{.method = HTTP_GET, .path = "/traces/last"},
	{.method = HTTP_HEAD, .path = "/tus/{file}"},
	{.method = HTTP_PATCH, .path = "/tus/{file}"},
	{.method = HTTP_GET, .path = "/{a}/b"},
	{.method = HTTP_GET, .path = "/{a}/{b}/{c}/{d}"},
};

static const struct routes table = {all, sizeof(all) / sizeof(all[0])};

static void test_paths_find_their_routes(void **state)
{
	static const struct {
		enum http_method method;
		const char *path;
		int route; /* -1: none */
		unsigned methods;
		const char *captures[4];
	} cases[] = {
		{HTTP_GET, "/", 0, 1U << HTTP_GET, {""}},
		{HTTP_GET, "/traces/1", 1, 1U << HTTP_GET | 1U << HTTP_PUT, {"1", ""}},
		{HTTP_PUT, "/traces/a b.dat", 2, 1U << HTTP_GET | 1U << HTTP_PUT, {"a b.dat", ""}},
		{HTTP_POST, "/traces/1", -1, 1U << HTTP_GET | 1U << HTTP_PUT, {""}},
		{HTTP_GET, "/traces/1/findings/2", 3, 1U << HTTP_GET, {"1", "2", ""}},
		/* What is written out goes before what is captured, also where the other has the method. */
		{HTTP_GET, "/traces/last", 4, 1U << HTTP_GET, {""}},
		{HTTP_PUT, "/traces/last", -1, 1U << HTTP_GET, {""}},
		{HTTP_GET, "/traces/b", 1, 1U << HTTP_GET | 1U << HTTP_PUT, {"b", ""}},
		{HTTP_GET, "/other/b", 7, 1U << HTTP_GET, {"other", ""}},
		{HTTP_HEAD, "/traces/1", 1, 1U << HTTP_GET | 1U << HTTP_PUT, {"1", ""}},
		{HTTP_HEAD, "/tus/x", 5, 1U << HTTP_HEAD | 1U << HTTP_PATCH, {"x", ""}},
		{HTTP_GET, "/tus/x", -1, 1U << HTTP_HEAD | 1U << HTTP_PATCH, {""}},
		{HTTP_GET, "/w/x/y/z", 8, 1U << HTTP_GET, {"w", "x", "y", "z"}},
		{HTTP_GET, "", -1, 0, {""}},
		{HTTP_GET, "traces/1", -1, 0, {""}},
		{HTTP_GET, "/traces", -1, 0, {""}},
		{HTTP_GET, "/traces/", -1, 0, {""}},
		{HTTP_GET, "/traces/1/", -1, 0, {""}},
		{HTTP_GET, "//", -1, 0, {""}},
		{HTTP_GET, "/TRACES/1", -1, 0, {""}},
		{HTTP_GET, "/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a", -1, 0, {""}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct route_match match;

		route_find(&table, cases[i].method, cases[i].path, &match);
		if (match.route != (cases[i].route < 0 ? NULL : &all[cases[i].route]))
			fail_msg("%s %s", http_method_name(cases[i].method), cases[i].path);
		assert_int_equal(match.methods, cases[i].methods);
		for (unsigned j = 0; j < REQUEST_CAPTURES_MAX && cases[i].captures[j]; j++)
			assert_string_equal(match.captures[j], cases[i].captures[j]);
	}
}

static void test_what_is_too_long_to_capture_is_not_there(void **state)
{
	for (size_t length = ROUTE_CAPTURE_MAX - 1; length <= ROUTE_CAPTURE_MAX; length++) {
		char path[ROUTE_CAPTURE_MAX + 16] = "/traces/";
		struct route_match match;

		(void)state;
		memset(path + 8, 'a', length);
		path[8 + length] = '\0';
		route_find(&table, HTTP_GET, path, &match);
		assert_int_equal(match.route != NULL, length < ROUTE_CAPTURE_MAX);
	}
}

/* Two routes of one shape would take each other's requests: of one path there is one a method, and one right. */
static void test_the_server_has_each_route_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < web_routes.count; i++) {
		const struct route *route = &web_routes.all[i];
		struct route_match match;
		char path[256];
		size_t length = 0;

		for (const char *at = route->path; *at; at++) {
			path[length++] = *at == '{' ? 'x' : *at;
			if (*at == '{')
				at = strchr(at, '}');
		}
		path[length] = '\0';
		route_find(&web_routes, route->method, path, &match);
		if (match.route != route)
			fail_msg("%s %s is never found", http_method_name(route->method), route->path);
		assert_non_null(route->handler);
		assert_int_equal(route->body == BODY_UPLOAD, route->receiver != NULL);
		if (route->method != HTTP_GET && route->method != HTTP_HEAD && route->method != HTTP_OPTIONS)
			assert_true(route->right >= RIGHT_UPLOAD);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths_find_their_routes),
		cmocka_unit_test(test_what_is_too_long_to_capture_is_not_there),
		cmocka_unit_test(test_the_server_has_each_route_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
