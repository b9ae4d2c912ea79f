/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/metrics.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/memory.h"

enum { STATUS_COUNT = 600 };

/* Upper ends of the buckets, in milliseconds; what takes longer is only in the sum of all. */
static const unsigned bucket_ms[] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000};

enum { BUCKET_COUNT = sizeof(bucket_ms) / sizeof(bucket_ms[0]) };

struct by_route {
	_Atomic uint64_t by_status[STATUS_COUNT];
	_Atomic uint64_t buckets[BUCKET_COUNT]; /* each counts what fell into it alone */
	_Atomic uint64_t count;
	_Atomic uint64_t took_ns;
};

struct metrics {
	const struct routes *routes;
	struct by_route *by_route; /* as many as there are routes, and one for what fitted none */
	_Atomic uint64_t received_bytes;
	_Atomic uint64_t connections_total;
	_Atomic int64_t connections;
	_Atomic uint64_t cut;
};

static void count_up(_Atomic uint64_t *count, uint64_t by)
{
	atomic_fetch_add_explicit(count, by, memory_order_relaxed);
}

static uint64_t value_of(const _Atomic uint64_t *count)
{
	return atomic_load_explicit(count, memory_order_relaxed);
}

struct metrics *metrics_new(const struct routes *routes)
{
	struct metrics *metrics = memory_zeroed(sizeof(*metrics));

	metrics->routes = routes;
	metrics->by_route = memory_zeroed((routes->count + 1) * sizeof(metrics->by_route[0]));
	return metrics;
}

void metrics_free(struct metrics *metrics)
{
	if (!metrics)
		return;
	free(metrics->by_route);
	free(metrics);
}

void metrics_count(struct metrics *metrics, const struct route *route, unsigned status, uint64_t took_ns)
{
	size_t place = route ? (size_t)(route - metrics->routes->all) : metrics->routes->count;
	struct by_route *counts = &metrics->by_route[place];

	count_up(&counts->by_status[status < STATUS_COUNT ? status : 0], 1);
	count_up(&counts->count, 1);
	count_up(&counts->took_ns, took_ns);
	for (unsigned i = 0; i < BUCKET_COUNT; i++) {
		if (took_ns <= bucket_ms[i] * UINT64_C(1000000)) {
			count_up(&counts->buckets[i], 1);
			return;
		}
	}
}

void metrics_received(struct metrics *metrics, uint64_t bytes)
{
	count_up(&metrics->received_bytes, bytes);
}

void metrics_connection(struct metrics *metrics, int change)
{
	atomic_fetch_add_explicit(&metrics->connections, change, memory_order_relaxed);
	if (change > 0)
		count_up(&metrics->connections_total, 1);
}

void metrics_cut(struct metrics *metrics)
{
	count_up(&metrics->cut, 1);
}

static void write_requests(const struct metrics *metrics, size_t place, const char *labels, FILE *stream)
{
	const struct by_route *counts = &metrics->by_route[place];

	for (unsigned status = 0; status < STATUS_COUNT; status++) {
		uint64_t count = value_of(&counts->by_status[status]);

		if (count)
			fprintf(stream, "qgreplay_http_requests_total{%s,status=\"%u\"} %" PRIu64 "\n", labels, status,
				count);
	}
}

static void write_seconds(const struct metrics *metrics, size_t place, const char *labels, FILE *stream)
{
	const struct by_route *counts = &metrics->by_route[place];
	uint64_t count = value_of(&counts->count);
	uint64_t up_to = 0;

	if (count == 0)
		return;
	for (unsigned i = 0; i < BUCKET_COUNT; i++) {
		up_to += value_of(&counts->buckets[i]);
		fprintf(stream, "qgreplay_http_request_seconds_bucket{%s,le=\"%g\"} %" PRIu64 "\n", labels,
			bucket_ms[i] / 1000.0, up_to);
	}
	fprintf(stream,
		"qgreplay_http_request_seconds_bucket{%s,le=\"+Inf\"} %" PRIu64 "\n"
		"qgreplay_http_request_seconds_sum{%s} %.6f\n"
		"qgreplay_http_request_seconds_count{%s} %" PRIu64 "\n",
		labels, count, labels, (double)value_of(&counts->took_ns) / 1e9, labels, count);
}

static void write_each(const struct metrics *metrics, FILE *stream,
	void (*write)(const struct metrics *metrics, size_t place, const char *labels, FILE *stream))
{
	for (size_t i = 0; i <= metrics->routes->count; i++) {
		const struct route *route = i < metrics->routes->count ? &metrics->routes->all[i] : NULL;
		char labels[256];

		snprintf(labels, sizeof(labels), "route=\"%s\",method=\"%s\"", route ? route->path : "none",
			route ? http_method_name(route->method) : "any");
		write(metrics, i, labels, stream);
	}
}

void metrics_write(const struct metrics *metrics, FILE *stream)
{
	fputs("# HELP qgreplay_http_requests_total Requests that were answered.\n"
	      "# TYPE qgreplay_http_requests_total counter\n",
		stream);
	write_each(metrics, stream, write_requests);
	fputs("# HELP qgreplay_http_request_seconds From the end of a request to the start of its answer.\n"
	      "# TYPE qgreplay_http_request_seconds histogram\n",
		stream);
	write_each(metrics, stream, write_seconds);
	fprintf(stream,
		"# HELP qgreplay_http_received_bytes_total Bytes that came as bodies.\n"
		"# TYPE qgreplay_http_received_bytes_total counter\n"
		"qgreplay_http_received_bytes_total %" PRIu64 "\n"
		"# HELP qgreplay_http_connections Connections that are open.\n"
		"# TYPE qgreplay_http_connections gauge\n"
		"qgreplay_http_connections %" PRId64 "\n"
		"# HELP qgreplay_http_connections_total Connections that came.\n"
		"# TYPE qgreplay_http_connections_total counter\n"
		"qgreplay_http_connections_total %" PRIu64 "\n"
		"# HELP qgreplay_http_connections_cut_total Connections that were cut off for being slow or idle.\n"
		"# TYPE qgreplay_http_connections_cut_total counter\n"
		"qgreplay_http_connections_cut_total %" PRIu64 "\n",
		value_of(&metrics->received_bytes), atomic_load_explicit(&metrics->connections, memory_order_relaxed),
		value_of(&metrics->connections_total), value_of(&metrics->cut));
}
