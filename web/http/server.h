/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * server - what all exchanges share. Of web/http alone.
 */
#ifndef QGREPLAY_WEB_HTTP_SERVER_H
#define QGREPLAY_WEB_HTTP_SERVER_H

#include <stdatomic.h>

#include "web/http/admit.h"
#include "web/http/http.h"
#include "web/http/lanes.h"
#include "web/http/peers.h"

struct server {
	const struct http_options *options;
	struct site *site;
	struct lanes *lanes;
	struct peers *peers;
	struct admit_rules rules;
	_Atomic unsigned begun;	   /* requests that came and whose answers are not sent yet */
	_Atomic unsigned in_lanes; /* of those, the ones that a lane has: their connections are suspended */
	_Atomic bool draining;	   /* connections end with their next answer */
	_Atomic bool stopping;	   /* nothing goes into a lane any more */
};

#endif
