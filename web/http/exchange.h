/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * exchange - one request on its way: from its first line to the last byte of its answer.
 *
 * Lives from the moment when the request's line is there until exchange_ended(). The threads that move bytes never
 * wait: while a lane works on an exchange, its connection is suspended, and nobody else touches it.
 */
#ifndef QGREPLAY_WEB_HTTP_EXCHANGE_H
#define QGREPLAY_WEB_HTTP_EXCHANGE_H

#include <microhttpd.h>

#include "web/http/server.h"

struct exchange;

/* For a target as it stands in the request's line, which is copied. */
struct exchange *exchange_new(struct server *server, struct MHD_Connection *connection, const char *target);

/* One call of the library: head, a part of the body, or its end. */
enum MHD_Result exchange_step(
	struct exchange *exchange, const char *method, const char *version, const char *bytes, size_t *count);

/* The answer was sent, or will never be. */
void exchange_ended(struct exchange *exchange);

#endif
