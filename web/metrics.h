/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * metrics - counts and times of requests by route and status, from any thread.
 */
#ifndef QGREPLAY_WEB_METRICS_H
#define QGREPLAY_WEB_METRICS_H

#include <stdint.h>
#include <stdio.h>

#include "web/message/route.h"

struct metrics;

struct metrics *metrics_new(const struct routes *routes);
void metrics_free(struct metrics *metrics);

/* One request was answered; `route` NULL where none fitted. */
void metrics_count(struct metrics *metrics, const struct route *route, unsigned status, uint64_t took_ns);

/* Bytes that came in as bodies of uploads; and connections: +1 when one came, -1 when it went; those cut off for being
 * slow or idle. */
void metrics_received(struct metrics *metrics, uint64_t bytes);
void metrics_connection(struct metrics *metrics, int change);
void metrics_cut(struct metrics *metrics);

/* In the format of Prometheus: qgreplay_http_requests_total, qgreplay_http_request_seconds (a histogram), ... */
void metrics_write(const struct metrics *metrics, FILE *stream);

#endif
