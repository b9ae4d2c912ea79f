/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * head - a request's line and headers, as the handlers see them, and whether they let it in.
 */
#ifndef QGREPLAY_WEB_HTTP_HEAD_H
#define QGREPLAY_WEB_HTTP_HEAD_H

#include <microhttpd.h>
#include <stdbool.h>

#include "web/http/admit.h"
#include "web/http/target.h"

struct head {
	char *target; /* as it was sent */
	char *line;   /* the same, decoded in place: path and query point into it */
	const char *method;
	bool old; /* HTTP/1.0, which knows no Transfer-Encoding */
	struct target_pairs query;
	struct target_pairs headers;
	struct request request;
	struct route_match match;
	struct admit_body body; /* as it was announced */
	bool unsure;		/* where the request ends: nothing behind it is another one */
};

/* For a target as it stands in the request's line, which is copied. */
void head_init(struct head *head, const char *target);
void head_release(struct head *head);

/*
 * Reads the headers of `connection`, finds the route, and asks admit.h about all of it. `call` refers to head->request.
 * Errors: a refusal.
 */
enum err head_admit(struct head *head, struct MHD_Connection *connection, const struct admit_rules *rules,
	struct call *call, struct error *error);

/*
 * A sender that waits for leave to send its body, or one whose request has no sure end, is answered at once, and the
 * connection ends with that; others are at the end of what they send.
 */
bool head_is_answered_early(const struct head *head);

#endif
