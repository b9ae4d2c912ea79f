/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "web/metrics.h"

static const struct route all[] = {
	{.method = HTTP_GET, .path = "/a"}, {.method = HTTP_PUT, .path = "/a"}, {.method = HTTP_GET, .path = "/b"}};

static const struct routes table = {all, 3};

static char *written(const struct metrics *metrics)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	metrics_write(metrics, stream);
	fclose(stream);
	return text;
}

static void has(const char *text, const char *line)
{
	const char *at = strstr(text, line);

	if (!at || (at != text && at[-1] != '\n') || at[strlen(line)] != '\n')
		fail_msg("no line '%s' in:\n%s", line, text);
}

static void test_requests_are_counted_by_route_and_status(void **state)
{
	struct metrics *metrics = metrics_new(&table);
	char *text;

	(void)state;
	metrics_count(metrics, &all[0], 200, 1000000);
	metrics_count(metrics, &all[0], 200, 1000001);
	metrics_count(metrics, &all[0], 404, 30000000);
	metrics_count(metrics, &all[1], 202, UINT64_C(20000000000));
	metrics_count(metrics, NULL, 404, 0);
	metrics_count(metrics, NULL, 100000, 0);
	text = written(metrics);
	has(text, "qgreplay_http_requests_total{route=\"/a\",method=\"GET\",status=\"200\"} 2");
	has(text, "qgreplay_http_requests_total{route=\"/a\",method=\"GET\",status=\"404\"} 1");
	has(text, "qgreplay_http_requests_total{route=\"/a\",method=\"PUT\",status=\"202\"} 1");
	has(text, "qgreplay_http_requests_total{route=\"none\",method=\"any\",status=\"404\"} 1");
	assert_null(strstr(text, "/b"));
	free(text);
	metrics_free(metrics);
}

/* Each bucket holds those of the ones below; what is longer than all is in +Inf alone. */
static void test_times_fall_into_buckets(void **state)
{
	struct metrics *metrics = metrics_new(&table);
	char *text;

	(void)state;
	metrics_count(metrics, &all[0], 200, 1000000);
	metrics_count(metrics, &all[0], 200, 1000001);
	metrics_count(metrics, &all[0], 200, UINT64_C(20000000000));
	text = written(metrics);
	has(text, "qgreplay_http_request_seconds_bucket{route=\"/a\",method=\"GET\",le=\"0.001\"} 1");
	has(text, "qgreplay_http_request_seconds_bucket{route=\"/a\",method=\"GET\",le=\"0.002\"} 2");
	has(text, "qgreplay_http_request_seconds_bucket{route=\"/a\",method=\"GET\",le=\"10\"} 2");
	has(text, "qgreplay_http_request_seconds_bucket{route=\"/a\",method=\"GET\",le=\"+Inf\"} 3");
	has(text, "qgreplay_http_request_seconds_sum{route=\"/a\",method=\"GET\"} 20.002000");
	has(text, "qgreplay_http_request_seconds_count{route=\"/a\",method=\"GET\"} 3");
	free(text);
	metrics_free(metrics);
}

static void test_connections_and_bytes_are_counted(void **state)
{
	struct metrics *metrics = metrics_new(&table);
	char *text;

	(void)state;
	metrics_connection(metrics, 1);
	metrics_connection(metrics, 1);
	metrics_connection(metrics, -1);
	metrics_received(metrics, 5);
	metrics_received(metrics, UINT64_C(1) << 40);
	metrics_cut(metrics);
	text = written(metrics);
	has(text, "qgreplay_http_connections 1");
	has(text, "qgreplay_http_connections_total 2");
	has(text, "qgreplay_http_connections_cut_total 1");
	has(text, "qgreplay_http_received_bytes_total 1099511627781");
	free(text);
	metrics_free(metrics);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests_are_counted_by_route_and_status),
		cmocka_unit_test(test_times_fall_into_buckets),
		cmocka_unit_test(test_connections_and_bytes_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
