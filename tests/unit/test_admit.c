/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "web/http/admit.h"

/* A request with these headers, each "Name: value". */
struct asked {
	struct request_pair pairs[4];
	char texts[4][256];
	struct request request;
	struct call call;
};

static struct call *ask(struct asked *asked, enum http_method method, const char *const headers[4])
{
	memset(asked, 0, sizeof(*asked));
	asked->request.method = method;
	for (size_t i = 0; i < 4 && headers[i]; i++) {
		char *colon;

		snprintf(asked->texts[i], sizeof(asked->texts[i]), "%s", headers[i]);
		colon = strchr(asked->texts[i], ':');
		*colon = '\0';
		asked->pairs[i] = (struct request_pair){asked->texts[i], colon + 2};
		asked->request.headers.count++;
	}
	asked->request.headers.all = asked->pairs;
	asked->call.request = &asked->request;
	return &asked->call;
}

static void test_framing_is_said_once(void **state)
{
	static const struct {
		const char *headers[4];
		unsigned refusal;
		bool there;
		uint64_t length;
	} cases[] = {
		{{"Host: a"}, 0, false, 0},
		{{"Content-Length: 0"}, 0, true, 0},
		{{"content-length: 17"}, 0, true, 17},
		{{"Transfer-Encoding: Chunked"}, 0, true, UINT64_MAX},
		{{"Content-Length: 3", "Content-Length: 3"}, 400, true, 0},
		{{"Content-Length: 3", "content-length: 4"}, 400, true, 0},
		{{"Content-Length: 3", "Transfer-Encoding: chunked"}, 400, true, 0},
		{{"Transfer-Encoding: chunked", "Transfer-Encoding: chunked"}, 400, true, 0},
		{{"Transfer-Encoding: gzip, chunked"}, 400, true, 0},
		{{"Transfer-Encoding: xchunked"}, 400, true, 0},
		{{"Transfer-Encoding: "}, 400, true, 0},
		{{"Content-Length: "}, 400, true, 0},
		{{"Content-Length: +3"}, 400, true, 0},
		{{"Content-Length: 3, 3"}, 400, true, 0},
		{{"Content-Length: 99999999999999999999"}, 400, true, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct asked asked;
		struct admit_body body;
		struct error error;

		admit_framing(ask(&asked, HTTP_POST, cases[i].headers), &body, &error);
		if (asked.call.refusal != cases[i].refusal)
			fail_msg("%s: %u", cases[i].headers[0], asked.call.refusal);
		assert_int_equal(body.there, cases[i].there);
		if (!cases[i].refusal)
			assert_true(body.length == cases[i].length);
	}
}

static void test_header_names_are_names(void **state)
{
	static const struct {
		const char *headers[4];
		unsigned refusal;
	} cases[] = {
		{{"X-A_b.1~!: text\twith tab"}, 0},
		{{"X-A: s\xc3\xbc\xc3\x9f"}, 0},
		{{"X-A : b"}, 400},
		{{" X-A: b"}, 400},
		{{": b"}, 400},
		{{"X\x80: b"}, 400},
		{{"X-A: b\x01"}, 400},
		{{"X-A: b\x7f"}, 400},
		{{"X-A: \xff"}, 400},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct asked asked;
		struct error error;

		admit_headers(ask(&asked, HTTP_GET, cases[i].headers), &error);
		if (asked.call.refusal != cases[i].refusal)
			fail_msg("'%s': %u", cases[i].headers[0], asked.call.refusal);
	}
}

static void test_only_names_of_this_machine_get_to_loopback(void **state)
{
	static const struct {
		const char *headers[4];
		unsigned loopback;
		unsigned open;
	} cases[] = {
		{{"Host: localhost"}, 0, 0},
		{{"Host: LOCALHOST:8470"}, 0, 0},
		{{"Host: x.localhost:1"}, 0, 0},
		{{"Host: 127.0.0.1:8470"}, 0, 0},
		{{"Host: 127.9.9.9"}, 0, 0},
		{{"Host: [::1]:8470"}, 0, 0},
		{{"Host: evil.example"}, 421, 0},
		{{"Host: evil.example:8470"}, 421, 0},
		{{"Host: localhost.evil.example"}, 421, 0},
		{{"Host: 127.0.0.1.evil.example"}, 421, 0},
		{{"Host: evil-localhost"}, 421, 0},
		{{"Host: 192.168.0.1"}, 421, 0},
		{{"Host: [::2]"}, 421, 0},
		{{"Host: "}, 400, 400},
		{{"Host: :8470"}, 400, 400},
		{{"Host: [::1"}, 400, 400},
		{{"Host: [::1]x"}, 400, 400},
		{{"Host: a:b"}, 400, 400},
		{{"Host: a/b"}, 400, 400},
		{{"Host: user@localhost"}, 400, 400},
		{{"Host: localhost", "Host: localhost"}, 400, 400},
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		const struct admit_rules rules = {.loopback = i % 2 == 0, .host = "127.0.0.1"};
		unsigned due = rules.loopback ? cases[i / 2].loopback : cases[i / 2].open;
		struct asked asked;
		struct error error;

		admit_host(ask(&asked, HTTP_GET, cases[i / 2].headers), &rules, &error);
		if (asked.call.refusal != due)
			fail_msg("'%s': %u", cases[i / 2].headers[0], asked.call.refusal);
	}
}

static void test_changes_come_from_pages_of_this_server(void **state)
{
	static const struct {
		const char *headers[4];
		enum http_method method;
		unsigned refusal;
	} cases[] = {
		{{"Host: localhost:1"}, HTTP_POST, 0},
		{{"Host: localhost:1", "Origin: http://localhost:1"}, HTTP_POST, 0},
		{{"Host: localhost:1", "Origin: HTTP://LOCALHOST:1", "Sec-Fetch-Site: same-origin"}, HTTP_POST, 0},
		{{"Host: localhost:1", "Sec-Fetch-Site: none"}, HTTP_POST, 0},
		{{"Host: localhost:1", "Origin: http://localhost:2"}, HTTP_POST, 403},
		{{"Host: localhost:1", "Origin: http://localhost"}, HTTP_POST, 403},
		{{"Host: localhost:1", "Origin: https://localhost:1"}, HTTP_POST, 403},
		{{"Host: localhost:1", "Origin: null"}, HTTP_POST, 403},
		{{"Host: localhost:1", "Origin: http://localhost:1", "Sec-Fetch-Site: cross-site"}, HTTP_POST, 403},
		{{"Host: localhost:1", "Sec-Fetch-Site: same-site"}, HTTP_PUT, 403},
		{{"Host: localhost:1", "Origin: http://evil"}, HTTP_PATCH, 403},
		{{"Host: localhost:1", "Origin: http://evil"}, HTTP_DELETE, 403},
		{{"Host: localhost:1", "Origin: http://evil", "Sec-Fetch-Site: cross-site"}, HTTP_GET, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct admit_rules rules = {.loopback = true};
		struct asked asked;
		struct error error;

		admit_origin(ask(&asked, cases[i].method, cases[i].headers), &rules, &error);
		if (asked.call.refusal != cases[i].refusal)
			fail_msg("case %zu: %u", i, asked.call.refusal);
	}
}

static void test_bodies_are_as_their_routes_take_them(void **state)
{
	static const struct route upload = {.body = BODY_UPLOAD};
	static const struct route small = {.body = BODY_SMALL};
	static const struct route none = {.body = BODY_NONE};
	static const struct {
		const struct route *route;
		struct admit_body body;
		const char *type;
		unsigned refusal;
	} cases[] = {
		{&none, {false, 0}, NULL, 0},
		{&none, {true, 0}, NULL, 0},
		{&none, {true, 1}, NULL, 413},
		{&none, {true, UINT64_MAX}, NULL, 413},
		{&small, {false, 0}, NULL, 0},
		{&small, {true, ROUTE_BODY_SMALL}, "Content-Type: application/json", 0},
		{&small, {true, ROUTE_BODY_SMALL + 1}, "Content-Type: application/json", 413},
		{&small, {true, UINT64_MAX}, "Content-Type: application/json; charset=utf-8", 0},
		{&small, {true, 1}, "Content-Type: multipart/form-data; boundary=x", 0},
		{&small, {true, 1}, "Content-Type: APPLICATION/X-WWW-FORM-URLENCODED", 0},
		{&small, {true, 1}, "Content-Type: application/jsonx", 415},
		{&small, {true, 1}, "Content-Type: application/merge-patch+json", 415},
		{&small, {true, 1}, "Content-Type: text/plain", 415},
		{&small, {true, 1}, NULL, 415},
		{&upload, {false, 0}, NULL, 411},
		{&upload, {true, 0}, NULL, 0},
		{&upload, {true, 1000}, NULL, 0},
		{&upload, {true, 1001}, "Content-Type: text/plain", 413},
		{&upload, {true, 1001}, "Content-Type: multipart/form-data; boundary=x", 0},
		{&upload, {true, 1000 + 65537}, "Content-Type: multipart/form-data; boundary=x", 413},
		{&upload, {true, UINT64_MAX}, NULL, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct admit_rules rules = {.upload_max_bytes = 1000};
		const char *const headers[4] = {cases[i].type};
		struct asked asked;
		struct error error;

		admit_body(ask(&asked, HTTP_POST, headers), &rules, cases[i].route, &cases[i].body, &error);
		if (asked.call.refusal != cases[i].refusal)
			fail_msg("case %zu: %u", i, asked.call.refusal);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_framing_is_said_once),
		cmocka_unit_test(test_header_names_are_names),
		cmocka_unit_test(test_only_names_of_this_machine_get_to_loopback),
		cmocka_unit_test(test_changes_come_from_pages_of_this_server),
		cmocka_unit_test(test_bodies_are_as_their_routes_take_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
