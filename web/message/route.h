/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * route - the table of everything that the server answers: web/routes.c holds it, the dispatcher enforces it.
 */
#ifndef QGREPLAY_WEB_MESSAGE_ROUTE_H
#define QGREPLAY_WEB_MESSAGE_ROUTE_H

#include "web/message/call.h"

/* Where a handler runs. Only those of LANE_NONE run on the threads that move bytes, and must never wait. */
enum lane {
	LANE_NONE,
	LANE_READ,  /* reads the store */
	LANE_WRITE, /* writes the store: one at a time */
	LANE_DISK,  /* reads and writes files of the spool, not the store */
	LANE_COUNT
};

enum route_body {
	BODY_NONE,  /* must be empty */
	BODY_SMALL, /* up to ROUTE_BODY_SMALL bytes, in memory: a form or JSON */
	BODY_UPLOAD /* a file of any size, given to the route's receiver as it comes; multipart/form-data: its part
		       with the name of a file, or its field "trace" */
};

enum { ROUTE_BODY_SMALL = 64 * 1024 };

/*
 * Takes a body as it comes. All functions run in LANE_DISK, one at a time, those of one body in order. Errors are as
 * those of handlers: the body is then read no further, and the answer tells why. In begin(), `call` has the request's
 * line and headers; `name` is that of the file where multipart says one, else NULL; `size` is the announced size, or
 * UINT64_MAX. What begin() made is request->receipt of the handler that follows end(), and is freed by drop(), which
 * runs after the handler, or as soon as the sender has gone; it accepts NULL.
 */
struct receiver {
	enum err (*begin)(struct call *call, const char *name, uint64_t size, void **receipt, struct error *error);
	enum err (*take)(struct call *call, void *receipt, const void *bytes, size_t count, struct error *error);
	enum err (*end)(struct call *call, void *receipt, struct error *error);
	void (*drop)(struct site *site, void *receipt);
};

struct route {
	enum http_method method;
	const char *path; /* "/traces/{trace}/findings/{finding}"; also its name in the metrics and in openapi.json */
	enum right right; /* that the sender must have */
	enum lane lane;
	enum route_body body;
	const struct receiver *receiver; /* of BODY_UPLOAD */
	call_handler handler;
};

struct routes {
	const struct route *all;
	size_t count;
};

/* All routes of the server. */
extern const struct routes web_routes;

enum { ROUTE_CAPTURE_MAX = 512 };

/* What a path that matched holds at each {name}: decoded by the caller before, '/' never within. */
struct route_match {
	const struct route *route; /* NULL: no route has this path, or none has it with this method */
	unsigned methods; /* bits of the methods that routes of this path have: 0: there is no such path (404); else 405
			   */
	char captures[REQUEST_CAPTURES_MAX][ROUTE_CAPTURE_MAX];
};

/* Finds the route for a method and a path. A HEAD finds the GET where no route is for HEAD. */
void route_find(const struct routes *routes, enum http_method method, const char *path, struct route_match *match);

#endif
