/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/message/route.h"

#include <stdio.h>
#include <string.h>

enum { SEGMENTS_MAX = 16 };

/* A path in its parts between slashes: pointers into it, and lengths. */
struct segments {
	const char *start[SEGMENTS_MAX];
	size_t length[SEGMENTS_MAX];
	unsigned count;
};

static bool split(struct segments *segments, const char *path)
{
	segments->count = 0;
	if (*path != '/')
		return false;
	while (*path == '/') {
		if (segments->count == SEGMENTS_MAX)
			return false;
		path++;
		segments->start[segments->count] = path;
		segments->length[segments->count] = strcspn(path, "/");
		path += segments->length[segments->count++];
	}
	return true;
}

/* Bits, one a segment from the first down, set where the pattern is literal; 0 when it does not fit. Of two patterns
 * that fit, the one with the higher rank is literal earlier. */
static uint32_t rank_of(const char *pattern, const struct segments *path)
{
	struct segments parts;
	uint32_t rank = 1;

	if (!split(&parts, pattern) || parts.count != path->count)
		return 0;
	for (unsigned i = 0; i < parts.count; i++) {
		bool literal = parts.start[i][0] != '{';

		if (literal && (parts.length[i] != path->length[i] ||
				       memcmp(parts.start[i], path->start[i], parts.length[i]) != 0))
			return 0;
		if (!literal && (path->length[i] == 0 || path->length[i] >= ROUTE_CAPTURE_MAX))
			return 0;
		rank = rank << 1 | literal;
	}
	return rank;
}

static void capture(struct route_match *match, const struct segments *path)
{
	struct segments parts;
	unsigned count = 0;

	split(&parts, match->route->path);
	for (unsigned i = 0; i < parts.count && count < REQUEST_CAPTURES_MAX; i++) {
		if (parts.start[i][0] != '{')
			continue;
		snprintf(match->captures[count++], ROUTE_CAPTURE_MAX, "%.*s", (int)path->length[i], path->start[i]);
	}
}

void route_find(const struct routes *routes, enum http_method method, const char *path, struct route_match *match)
{
	const struct route *by_method[HTTP_METHOD_COUNT] = {NULL};
	struct segments parts = {.count = 0};
	uint32_t best = 0;

	memset(match, 0, sizeof(*match));
	if (!split(&parts, path))
		return;
	for (size_t i = 0; i < routes->count; i++) {
		const struct route *route = &routes->all[i];
		uint32_t rank = rank_of(route->path, &parts);

		if (rank == 0 || rank < best)
			continue;
		if (rank > best) {
			memset(by_method, 0, sizeof(by_method));
			match->methods = 0;
			best = rank;
		}
		by_method[route->method] = route;
		match->methods |= 1U << route->method;
	}
	match->route = by_method[method];
	if (!match->route && method == HTTP_HEAD)
		match->route = by_method[HTTP_GET];
	if (match->route)
		capture(match, &parts);
}
