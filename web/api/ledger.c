/* SPDX-License-Identifier: GPL-2.0-only */
/* ledger - the curves of a root's counter, at the width asked for. */
#include <inttypes.h>

#include "base/json.h"
#include "schema/rows/csv.h"
#include "web/api/api.h"
#include "web/message/query.h"
#include "web/page/curve.h"
#include "web/page/found.h"
#include "web/page/gaps.h"

static enum err read_points(struct call *call, uint64_t *points, struct error *error)
{
	const char *text = request_query(call->request, "points");

	*points = CURVE_POINTS;
	if (text == NULL)
		return ERR_OK;
	if (!request_number(points, text, false) || *points < 2 || *points > CURVE_POINTS_MAX)
		return call_refuse(
			call, 400, error, "'points' is a number from 2 to %d, not '%s'", CURVE_POINTS_MAX, text);
	return ERR_OK;
}

/* Points are arrays, because a plot takes thousands of them. */
static void write_points(struct json *json, const struct curve *curve)
{
	json_array(json, "points");
	for (size_t i = 0; i < curve->count; i++) {
		const struct whatif_point *point = &curve->points[i];

		json_array(json, NULL);
		json_number(json, NULL, point->time_ns);
		json_number(json, NULL, point->was_low);
		json_number(json, NULL, point->was_high);
		json_number(json, NULL, point->should_low);
		json_number(json, NULL, point->should_high);
		json_array_end(json);
	}
	json_array_end(json);
}

struct ledger {
	struct subject subject;
	struct window window;
	struct curve curve;
	struct found found;
	struct gaps gaps;
};

/* What is drawn with the curves: where findings struck first, and where events are missing. */
static void write_marks(struct json *json, const struct ledger *ledger)
{
	const struct window *window = &ledger->window;

	json_array(json, "findings");
	for (size_t i = 0; i < ledger->found.count; i++) {
		const struct found_one *one = &ledger->found.all[i];

		if (one->time_ns < window->from_ns || one->time_ns > window->to_ns)
			continue;
		json_object(json, NULL);
		json_number(json, "number", one->number);
		json_number(json, "time_ns", one->time_ns);
		json_text(json, "headline", one->headline);
		json_object_end(json);
	}
	json_array_end(json);
	json_array(json, "gaps");
	for (size_t i = 0; i < ledger->gaps.count; i++) {
		const struct event *gap = &ledger->gaps.all[i];

		if (gap->time_ns < window->from_ns || gap->start > window->to_ns)
			continue;
		json_array(json, NULL);
		json_number(json, NULL, gap->start);
		json_number(json, NULL, gap->time_ns);
		json_array_end(json);
	}
	json_array_end(json);
}

static void write_ledger(struct call *call, const struct ledger *ledger)
{
	const struct subject *subject = &ledger->subject;
	struct json json;

	json_init(&json, call->response->body, 1);
	json_object(&json, NULL);
	json_number(&json, "trace", subject->trace_id);
	json_number(&json, "root", subject->root);
	json_number(&json, "fs", subject->fs);
	json_text(&json, "fsid", subject->fsid);
	json_number(&json, "from_ns", ledger->window.from_ns);
	json_number(&json, "to_ns", ledger->window.to_ns);
	json_number(&json, "span", ledger->curve.span);
	write_points(&json, &ledger->curve);
	write_marks(&json, ledger);
	json_object_end(&json);
	fputc('\n', call->response->body);
}

static void write_csv(struct call *call, const struct ledger *ledger)
{
	static const char *const columns[] = {"time_ns", "was_low", "was_high", "should_low", "should_high"};
	struct csv csv = {.stream = call->response->body};

	csv_names(&csv, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < ledger->curve.count; i++) {
		const struct whatif_point *point = &ledger->curve.points[i];

		csv_unsigned(&csv, point->time_ns);
		csv_unsigned(&csv, point->was_low);
		csv_unsigned(&csv, point->was_high);
		csv_unsigned(&csv, point->should_low);
		csv_unsigned(&csv, point->should_high);
		csv_end(&csv);
	}
}

enum err api_ledger(struct call *call, struct error *error)
{
	static const char *const names[] = {"trace", "root", "fs", "from", "to", "points", "format", NULL};
	const struct request *request = call->request;
	const struct subject_wish wish = {
		request_query(request, "trace"), request_query(request, "root"), request_query(request, "fs")};
	struct gaps_wish gaps = {.to_seq = INT64_MAX};
	struct ledger ledger = {0};
	uint64_t points;
	bool csv = false;
	enum err err = query_check(call, names, error);

	if (err == ERR_OK)
		err = query_wants_csv(call, &csv, error);
	if (err == ERR_OK && (wish.trace == NULL || wish.root == NULL))
		err = call_refuse(call, 400, error, "a ledger is asked for by 'trace' and 'root'");
	if (err == ERR_OK)
		err = read_points(call, &points, error);
	if (err == ERR_OK)
		err = subject_read(call, &wish, &ledger.subject, error);
	if (err == ERR_OK)
		err = window_read(call, ledger.subject.first_ns, ledger.subject.last_ns, &ledger.window, error);
	if (err == ERR_OK)
		err = curve_read(call, &ledger.subject, &ledger.window, points, &ledger.curve, error);
	if (err == ERR_OK)
		err = found_read(call, &ledger.subject, 0, &ledger.found, error);
	gaps.trace = ledger.subject.trace_id;
	if (err == ERR_OK)
		err = gaps_read(call, &gaps, &ledger.gaps, error);
	if (err == ERR_OK)
		(csv ? write_csv : write_ledger)(call, &ledger);
	curve_release(&ledger.curve);
	found_release(&ledger.found);
	gaps_release(&ledger.gaps);
	subject_release(&ledger.subject);
	return err;
}
