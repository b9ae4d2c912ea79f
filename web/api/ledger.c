/* SPDX-License-Identifier: GPL-2.0-only */
/* ledger - the curves of a root's counter, at the width asked for. */
#include <inttypes.h>

#include "base/json.h"
#include "web/api/api.h"
#include "web/message/query.h"
#include "web/page/curve.h"

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

static void write_ledger(
	struct call *call, const struct subject *subject, const struct window *window, const struct curve *curve)
{
	struct json json;

	call->response->type = RESPONSE_JSON;
	json_init(&json, call->response->body, 1);
	json_object(&json, NULL);
	json_number(&json, "trace", subject->trace_id);
	json_number(&json, "root", subject->root);
	json_number(&json, "fs", subject->fs);
	json_text(&json, "fsid", subject->fsid);
	json_number(&json, "from_ns", window->from_ns);
	json_number(&json, "to_ns", window->to_ns);
	json_number(&json, "span", curve->span);
	write_points(&json, curve);
	json_object_end(&json);
	fputc('\n', call->response->body);
}

enum err api_ledger(struct call *call, struct error *error)
{
	static const char *const names[] = {"trace", "root", "fs", "from", "to", "points", NULL};
	const struct request *request = call->request;
	const struct subject_wish wish = {
		request_query(request, "trace"), request_query(request, "root"), request_query(request, "fs")};
	struct subject subject = {0};
	struct curve curve = {0};
	struct window window;
	uint64_t points;
	enum err err = query_check(call, names, error);

	if (err == ERR_OK && (wish.trace == NULL || wish.root == NULL))
		err = call_refuse(call, 400, error, "a ledger is asked for by 'trace' and 'root'");
	if (err == ERR_OK)
		err = read_points(call, &points, error);
	if (err == ERR_OK)
		err = subject_read(call, &wish, &subject, error);
	if (err == ERR_OK)
		err = window_read(call, subject.first_ns, subject.last_ns, &window, error);
	if (err == ERR_OK)
		err = curve_read(call, &subject, &window, points, &curve, error);
	if (err == ERR_OK)
		write_ledger(call, &subject, &window, &curve);
	curve_release(&curve);
	subject_release(&subject);
	return err;
}
