/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * request - what somebody asks of the server, as its handlers see it: no type of the HTTP library, so that a test makes
 * one by hand.
 *
 * All texts are valid UTF-8 without NUL: a request that holds anything else is refused before it gets here. They live
 * as long as the request.
 */
#ifndef QGREPLAY_WEB_MESSAGE_REQUEST_H
#define QGREPLAY_WEB_MESSAGE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum http_method {
	HTTP_GET, /* also for HEAD, whose body is left out at the very end */
	HTTP_POST,
	HTTP_PUT,
	HTTP_PATCH,
	HTTP_DELETE,
	HTTP_OPTIONS,
	HTTP_HEAD, /* only for routes that name it: others are handed HTTP_GET */
	HTTP_METHOD_COUNT
};

/* What the sender may do; each includes those before it. */
enum right { RIGHT_NONE, RIGHT_READ, RIGHT_UPLOAD, RIGHT_ADMIN, RIGHT_COUNT };

struct request_pair {
	const char *name;
	const char *value;
};

struct request_pairs {
	const struct request_pair *all;
	size_t count;
};

enum { REQUEST_CAPTURES_MAX = 4 };

struct request {
	enum http_method method;
	const char *path;	    /* decoded, begins with '/' */
	struct request_pairs query; /* decoded */
	struct request_pairs form;  /* of a body application/x-www-form-urlencoded, or the fields of a multipart one */
	struct request_pairs headers;		    /* names are compared without case */
	const char *captures[REQUEST_CAPTURES_MAX]; /* what stands in the path at each {name} of the route, decoded */
	const char *body;			    /* of routes that take a small one, with a NUL behind it; or NULL */
	size_t body_size;
	const char *remote; /* address of the sender, without port */
	enum right right;
	void *receipt; /* of routes that take an upload: what their receiver made of the body */
};

/* The first value of that name; NULL when there is none. */
const char *request_query(const struct request *request, const char *name);
const char *request_form(const struct request *request, const char *name);
const char *request_header(const struct request *request, const char *name);

/* Whether the header Content-Type is of this media type, whatever its parameters. */
bool request_is_type(const struct request *request, const char *type);

/*
 * Reads an unsigned 64-bit number in decimal, the whole text; with `negative`, "-9" stands for its two's complement
 * (root -9 is 2^64-9). False for anything else, and for NULL.
 */
bool request_number(uint64_t *number, const char *text, bool negative);

/* The number captured at place `index`: false when it is none. */
bool request_capture(const struct request *request, unsigned index, bool negative, uint64_t *number);

const char *http_method_name(enum http_method method);

#endif
