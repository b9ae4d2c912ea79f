/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * http - the server as HTTP sees it: takes requests, finds their routes, runs their handlers, sends what they answer.
 *
 * web/http is the only room that knows the HTTP library. Threads: two move bytes, those of the lanes run handlers, and
 * one cuts off who is too slow.
 */
#ifndef QGREPLAY_WEB_HTTP_HTTP_H
#define QGREPLAY_WEB_HTTP_HTTP_H

#include "web/message/route.h"
#include "web/site.h"

struct http;

struct http_options {
	const struct routes *routes;
	struct site *site;
	/* Writes the answer for a request that was refused: a page, or problem+json. From any thread. */
	void (*refuse)(struct call *call, unsigned status, const char *reason);
};

/* Listens and serves, as site->options say, until http_stop(). Errors: those of web_serve(). */
enum err http_start(struct http **result, const struct http_options *options, struct error *error);

/* "http://127.0.0.1:8470", as long as it serves. */
const char *http_url(const struct http *http);

/* Takes no connection any more, lets requests that have begun end, 10 s at most, and ends all. Accepts NULL. */
void http_stop(struct http *http);

#endif
