/* SPDX-License-Identifier: GPL-2.0-only */
/* overview_trend - findings a day, drawn and as a table. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "web/draw/trend.h"
#include "web/html/html.h"
#include "web/page/overview_parts.h"

enum { DAY_SECONDS = 86400, DAYS_USUAL = 30, DAYS_MAX = 365, ROWS_MAX = 400 };

static const unsigned offered[] = {30, 90, DAYS_MAX};

struct trend {
	struct trend_day days[ROWS_MAX]; /* those of the store, in order; then those drawn, without a hole */
	size_t count;
};

static uint64_t number_of(const struct row_value *values, const char *column)
{
	const struct row_value *value = &values[list_column(LIST_TREND, column)];

	return value->kind == ROW_NUMBER && value->number > 0 ? (uint64_t)value->number : 0;
}

static enum err take(void *context, const struct row_value *values, size_t count, struct error *error)
{
	struct trend *trend = context;

	(void)count;
	(void)error;
	if (trend->count < ROWS_MAX)
		trend->days[trend->count++] = (struct trend_day){
			.day = number_of(values, "day") / DAY_SECONDS * DAY_SECONDS,
			.traces = number_of(values, "traces"),
			.errors = number_of(values, "errors"),
			.warnings = number_of(values, "warnings"),
		};
	return ERR_OK;
}

static enum err read_days(struct call *call, size_t *days, struct error *error)
{
	const char *text = request_query(call->request, "days");
	uint64_t number = DAYS_USUAL;

	if (text != NULL && !request_number(&number, text, false))
		number = 0;
	for (size_t i = 0; i < sizeof(offered) / sizeof(offered[0]); i++)
		if (offered[i] == number) {
			*days = number;
			return ERR_OK;
		}
	return call_refuse(call, 400, error, "days= is 30, 90 or 365, not '%s'", text);
}

/* The last day that is shown: today, unless all that there is has been before. */
static uint64_t last_day(const struct trend *trend, size_t count)
{
	uint64_t today = (uint64_t)time(NULL) / DAY_SECONDS * DAY_SECONDS;
	uint64_t newest = trend->count > 0 ? trend->days[trend->count - 1].day : today;

	return newest > today || today - newest >= count * DAY_SECONDS ? newest : today;
}

/* `count` days up to `last`, those in between without any trace too. */
static void fill(struct trend *filled, const struct trend *found, uint64_t last, size_t count)
{
	size_t at = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t back = (count - 1 - i) * DAY_SECONDS;
		uint64_t day = last > back ? last - back : 0;

		while (at < found->count && found->days[at].day < day)
			at++;
		filled->days[i] = at < found->count && found->days[at].day == day ? found->days[at]
										  : (struct trend_day){.day = day};
	}
	filled->count = count;
}

static void write_day(FILE *stream, uint64_t day)
{
	time_t moment = (time_t)day;
	struct tm date;
	char text[32];

	if (day <= INT64_MAX && gmtime_r(&moment, &date) != NULL && strftime(text, sizeof(text), "%Y-%m-%d", &date) > 0)
		html_format(stream, "<time datetime=\"%s\">%s</time>", text, text);
}

static void write_table(FILE *stream, const struct trend *trend)
{
	fputs("<details><summary>As a table</summary>\n<div class=\"table-wrap\"><table>\n<thead><tr>"
	      "<th scope=\"col\">Day</th><th scope=\"col\" class=\"number\">Errors</th>"
	      "<th scope=\"col\" class=\"number\">Warnings</th><th scope=\"col\" class=\"number\">Traces</th></tr>"
	      "</thead>\n<tbody>\n",
		stream);
	for (size_t i = trend->count; i-- > 0;) {
		const struct trend_day *day = &trend->days[i];

		if (day->traces == 0)
			continue;
		fputs("<tr><td>", stream);
		write_day(stream, day->day);
		html_format(stream,
			"</td><td class=\"number\">%" PRIu64 "</td><td class=\"number\">%" PRIu64
			"</td><td class=\"number\">%" PRIu64 "</td></tr>\n",
			day->errors, day->warnings, day->traces);
	}
	fputs("</tbody>\n</table></div>\n</details>\n", stream);
}

static void write_links(FILE *stream, size_t shown)
{
	fputs("<p class=\"actions small\">", stream);
	for (size_t i = 0; i < sizeof(offered) / sizeof(offered[0]); i++)
		if (offered[i] == shown)
			html_format(stream, "<span aria-current=\"true\">%u days</span>\n", offered[i]);
		else
			html_format(stream, "<a href=\"/?days=%u#trend\">%u days</a>\n", offered[i], offered[i]);
	fputs("</p>\n", stream);
}

static void write_section(FILE *stream, const struct trend *trend)
{
	char title[100];

	snprintf(title, sizeof(title), "Errors and warnings a day, %zu days", trend->count);
	fputs("<section aria-labelledby=\"trend\">\n<h2 id=\"trend\">Trend</h2>\n<figure class=\"diagram\">\n", stream);
	trend_draw(stream, trend->days, trend->count, title);
	fputs("<figcaption>Findings by the day that their trace was recorded, until ", stream);
	write_day(stream, trend->days[trend->count - 1].day);
	fputs(".</figcaption>\n<ul class=\"legend\">"
	      "<li><svg class=\"key\" width=\"12\" height=\"12\" aria-hidden=\"true\"><rect class=\"trend-error\" "
	      "width=\"12\" "
	      "height=\"12\"/></svg> errors</li>"
	      "<li><svg class=\"key\" width=\"12\" height=\"12\" aria-hidden=\"true\"><rect class=\"trend-warning\" "
	      "width=\"12\" height=\"12\"/></svg> warnings</li>"
	      "<li><svg class=\"key\" width=\"12\" height=\"12\" aria-hidden=\"true\"><rect class=\"trend-traces\" "
	      "y=\"3\" "
	      "width=\"12\" height=\"6\"/></svg> a trace was recorded that day</li></ul>\n</figure>\n",
		stream);
	write_links(stream, trend->count);
	write_table(stream, trend);
	fputs("</section>\n", stream);
}

enum err overview_trend(struct call *call, struct error *error)
{
	/* The newest ones, were there ever more than that. */
	const struct list_wish wish = {.sort = "day", .limit = ROWS_MAX};
	struct trend found = {.count = 0};
	const struct list_sink sink = {take, &found};
	struct list_place next;
	struct trend shown;
	size_t days = 0;
	enum err err = read_days(call, &days, error);

	if (err == ERR_OK)
		err = store_list(call->store, LIST_TREND, &wish, &sink, &next, error);
	if (err == ERR_OK) {
		fill(&shown, &found, last_day(&found, days), days);
		write_section(call->response->body, &shown);
	}
	return err;
}
