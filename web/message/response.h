/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * response - what the server answers: a status, headers, and a body that a handler writes to a stream.
 *
 * A body that grows beyond RESPONSE_MEMORY goes on in an unlinked file, so that no table is too long to be sent.
 */
#ifndef QGREPLAY_WEB_MESSAGE_RESPONSE_H
#define QGREPLAY_WEB_MESSAGE_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

enum { RESPONSE_MEMORY = 1024 * 1024, RESPONSE_HEADERS_MAX = 16 };

struct response_header {
	char *name;
	char *value;
};

struct response {
	unsigned status;   /* 200 unless the handler says otherwise */
	const char *type;  /* a text that outlives the response: RESPONSE_HTML, ... */
	FILE *body;	   /* to be written by the handler */
	bool fixed;	   /* the same until the program changes: may be kept by the browser without asking */
	bool private_body; /* changes with every look at it: gets no ETag, and is not to be stored */
	struct response_header headers[RESPONSE_HEADERS_MAX];
	size_t header_count;
	/* What response_finish() makes of the body: either is set. */
	const char *bytes;
	int fd; /* -1: none; the response's, closed by response_release() */
	uint64_t size;
	struct response_body *held; /* of response.c alone */
};

#define RESPONSE_HTML "text/html; charset=utf-8"
#define RESPONSE_TEXT "text/plain; charset=utf-8"
#define RESPONSE_CSV "text/csv; charset=utf-8"
#define RESPONSE_JSON "application/json"
#define RESPONSE_PROBLEM "application/problem+json"
#define RESPONSE_SVG "image/svg+xml"
#define RESPONSE_METRICS "text/plain; version=0.0.4; charset=utf-8"

/* An empty response, 200, text/html; to be released. */
void response_init(struct response *response);
void response_release(struct response *response);

/* Adds a header; both texts are copied, and bytes that no header may hold become '?'. Those beyond the most that there
 * can be are a fault of the program, which ends. */
void response_header(struct response *response, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* "See other": to a path of this server. */
void response_see_other(struct response *response, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Throws away what was written of the body. The stream stays the same: who holds it may go on writing. Where
 * response_finish() failed there is none any more, and a new one takes its place.
 */
void response_clear(struct response *response);

/* The same, and the headers and all else too: another answer takes its place. */
void response_restart(struct response *response);

/* After the handler: `bytes` or `fd`, and `size`, are what to send. Errors: ERR_SYSTEM when there was no space. */
enum err response_finish(struct response *response, struct error *error);

#endif
