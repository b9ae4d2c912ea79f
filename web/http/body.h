/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * body - what has come of the body of a request and was not handed on yet.
 *
 * A small body is kept whole. Of an upload there are at most BODY_BUFFER bytes and a little, which are taken away when
 * body_is_full(). Of multipart/form-data the upload is the part with the name of a file, or the field "trace", and all
 * else is the form.
 */
#ifndef QGREPLAY_WEB_HTTP_BODY_H
#define QGREPLAY_WEB_HTTP_BODY_H

#include <microhttpd.h>
#include <stdbool.h>

#include "web/http/target.h"
#include "web/message/route.h"

enum { BODY_BUFFER = 256 * 1024 };

struct body {
	enum route_body kind;
	char *bytes; /* of the upload, or of a small body */
	size_t size;
	size_t capacity;
	struct MHD_PostProcessor *parts; /* of multipart/form-data */
	bool file_seen;			 /* that part has begun */
	bool told_empty;		 /* a part has begun, without a byte of it so far */
	char *file_name;		 /* what multipart calls it, or NULL */
	struct target_pairs form;
	char **texts; /* that the form points at */
	size_t text_count;
	size_t text_capacity;
	size_t form_bytes;
	bool field_open; /* the value of the last pair may go on: it is the last of `texts` */
	size_t field_size;
	size_t field_capacity; /* 0: that text is as long as it is */
	unsigned status;       /* why it was refused, or 0 */
	const char *why;
};

/* Begins a body of a route; `connection` is only asked about its headers. */
void body_init(struct body *body, enum route_body kind, struct MHD_Connection *connection, bool multipart);
void body_release(struct body *body);

/* Takes bytes as they come. False when it is refused: `status` and `why` say more. */
bool body_take(struct body *body, const char *bytes, size_t count);

bool body_is_full(const struct body *body);

/* After the last byte: a small urlencoded body becomes the form. False as above. */
bool body_end(struct body *body, bool urlencoded);

#endif
