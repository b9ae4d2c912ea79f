/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * call - one request on its way through a handler, with all that the handler may use.
 *
 * A handler writes its answer to `response`, or returns an error, of which the dispatcher makes the answer: a page for
 * people, problem+json (RFC 9457) below /api/. What answers it becomes: by the status that call_refuse() was given;
 * else ERR_USAGE 400, ERR_LIMIT 413 of what was sent and 422 of what was asked for, ERR_SYSTEM 503, and 500 for the
 * rest.
 */
#ifndef QGREPLAY_WEB_MESSAGE_CALL_H
#define QGREPLAY_WEB_MESSAGE_CALL_H

#include "base/error.h"
#include "web/message/request.h"
#include "web/message/response.h"

struct site;
struct store;

struct call {
	const struct request *request;
	struct response *response;
	struct site *site; /* web/site.h: what all calls share */
	struct store
		*store;	  /* for reading, in one snapshot; of routes in LANE_WRITE: for writing; in LANE_NONE: NULL */
	unsigned refusal; /* status of call_refuse(), or 0 */
};

typedef enum err (*call_handler)(struct call *call, struct error *error);

/*
 * Ends a handler with an HTTP status and a reason, in one line for people that names the remedy; returns ERR_USAGE.
 * What the handler wrote until then is thrown away, headers too; headers that it adds after this go out with the
 * refusal (Retry-After), so the dispatcher only adds the body.
 * Example: return call_refuse(call, 404, error, "there is no trace %" PRIu64 ", see the list of traces", trace);
 */
enum err call_refuse(struct call *call, unsigned status, struct error *error, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* "Not Found": the reason phrase of a status. */
const char *call_reason(unsigned status);

#endif
