/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fuzz_request - what is made of the head of a request, on any bytes: a method, a target, and headers, a line each.
 * What is let pass is text, stays below its folder, finds a route of its own right, and says in one way how long it is.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "web/http/admit.h"
#include "web/http/pack.h"
#include "web/http/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool right)
{
	if (!right)
		abort();
}

static void check_path(const char *path)
{
	check(*path == '/' && target_is_text(path));
	check(!strstr(path, "/../") && !strstr(path, "/./"));
	for (const char *at = path; *at; at++)
		check((unsigned char)*at >= 0x20 && *at != 0x7f);
}

static void check_route(const char *path)
{
	for (unsigned method = 0; method < HTTP_METHOD_COUNT; method++) {
		struct route_match match;

		route_find(&web_routes, (enum http_method)method, path, &match);
		if (!match.route)
			continue;
		check(match.methods & 1U << match.route->method);
		check(match.route->method == (enum http_method)method || method == HTTP_HEAD);
		for (unsigned i = 0; i < REQUEST_CAPTURES_MAX; i++)
			check(!strchr(match.captures[i], '/'));
	}
}

static void check_target(char *target)
{
	struct target_pairs pairs = {0};
	char *query = strchr(target, '?');

	if (query)
		*query++ = '\0';
	if (!target_decode_path(target)) {
		check_path(target);
		check_route(target);
	}
	if (!target_decode_pairs(&pairs, query))
		for (size_t i = 0; i < pairs.count; i++)
			check(target_is_text(pairs.all[i].name) && target_is_text(pairs.all[i].value));
	check(pairs.count <= TARGET_PAIRS_MAX);
	target_pairs_release(&pairs);
}

static void take_headers(struct target_pairs *headers, char *text)
{
	char *rest = NULL;

	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char *value = strchr(line, ':');

		if (value)
			*value++ = '\0';
		target_pairs_add(headers, line, value ? value + strspn(value, " ") : "");
	}
}

static unsigned count_of(const struct request *request, const char *name)
{
	unsigned count = 0;

	for (size_t i = 0; i < request->headers.count; i++)
		count += strcasecmp(request->headers.all[i].name, name) == 0;
	return count;
}

static void check_headers(struct call *call, struct request *request)
{
	static const struct admit_rules rules = {.loopback = true, .host = "127.0.0.1", .upload_max_bytes = 1000};
	struct admit_body body;
	struct error error;
	char tag[PACK_TAG];

	if (admit_framing(call, &body, &error) == ERR_OK) {
		check(count_of(request, "Content-Length") + count_of(request, "Transfer-Encoding") <= 1);
		check(body.there || body.length == 0);
		for (size_t i = 0; i < web_routes.count; i++)
			if (admit_body(call, &rules, &web_routes.all[i], &body, &error) == ERR_OK &&
				web_routes.all[i].body == BODY_NONE)
				check(body.length == 0);
	}
	if (admit_host(call, &rules, &error) == ERR_OK)
		check(count_of(request, "Host") <= 1);
	admit_origin(call, &rules, &error);
	if (admit_headers(call, &error) == ERR_OK)
		for (size_t i = 0; i < request->headers.count; i++)
			check(*request->headers.all[i].name && target_is_text(request->headers.all[i].value));
	check(pack_choose(request_header(request, "Accept-Encoding")) < PACK_COUNT);
	pack_tag(tag, "", 0, true);
	pack_tag_known(request_header(request, "If-None-Match"), tag);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = memory_text((const char *)data, size);
	char *headers_text = strchr(text, '\n');
	struct target_pairs headers = {0};
	struct request request = {.method = HTTP_POST};
	struct call call = {.request = &request};

	if (headers_text)
		*headers_text++ = '\0';
	check_target(text);
	if (headers_text)
		take_headers(&headers, headers_text);
	request.headers = (struct request_pairs){headers.all, headers.count};
	check_headers(&call, &request);
	target_pairs_release(&headers);
	free(text);
	return 0;
}
