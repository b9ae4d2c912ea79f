/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * admit - who may come in: all that is decided by the head of a request, before any of its body is read.
 *
 * Each function refuses by call_refuse(), and is a function of the request alone.
 */
#ifndef QGREPLAY_WEB_HTTP_ADMIT_H
#define QGREPLAY_WEB_HTTP_ADMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "web/http/tokens.h"
#include "web/message/route.h"

struct admit_rules {
	const struct routes *routes;
	const struct tokens *tokens; /* NULL: everybody may do everything */
	const char *host;	     /* the address listened on */
	bool loopback;		     /* nobody from elsewhere gets here */
	bool tls;
	uint64_t upload_max_bytes;
};

/* How long the body is to be. */
struct admit_body {
	bool there;	 /* a length is given, or parts are to come until the last */
	uint64_t length; /* UINT64_MAX: in parts */
};

/* Names that are names, values that are text, and not too many: 400, 431. */
enum err admit_headers(struct call *call, struct error *error);

/*
 * What says where the body ends must say it once: two lengths, a length beside parts, or parts in any other coding are
 * how requests are smuggled past a proxy. 400.
 */
enum err admit_framing(struct call *call, struct admit_body *body, struct error *error);

/* A page of elsewhere must not get here by a name of its own that it lets point to this machine. 400, 421. */
enum err admit_host(struct call *call, const struct admit_rules *rules, struct error *error);

/* Finds out what the sender may do (request->right), and whether it is enough. 401, 403. */
enum err admit_right(struct call *call, struct request *request, const struct admit_rules *rules, enum right needed,
	struct error *error);

/* What changes something must come from a page of this server, or from no page. 403. */
enum err admit_origin(struct call *call, const struct admit_rules *rules, struct error *error);

/* A body as the route takes it. 400, 411, 413, 415. */
enum err admit_body(struct call *call, const struct admit_rules *rules, const struct route *route,
	const struct admit_body *body, struct error *error);

#endif
