/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/explain/words.h"
#include "web/draw/ranges.h"
#include "web/draw/ranges_cells.h"
#include "web/html/html.h"

static void write_key(FILE *stream, const char *class, const char *text)
{
	html_format(stream,
		"<li><svg class=\"key\" width=\"14\" height=\"12\" aria-hidden=\"true\">"
		"<rect class=\"%s\" x=\"1\" y=\"1\" width=\"12\" height=\"10\"/></svg> %s</li>\n",
		class, text);
}

static void write_end_key(FILE *stream, const char *class, const char *text)
{
	html_format(stream,
		"<li><svg class=\"key\" width=\"14\" height=\"12\" aria-hidden=\"true\">"
		"<path class=\"%s\" d=\"M7 1V11\"/></svg> %s</li>\n",
		class, text);
}

void ranges_legend(FILE *stream, const struct ranges *ranges)
{
	struct ranges_owner owners[RANGES_OWNERS];
	size_t count = ranges_owners(ranges, owners);
	bool seen[RANGE_END_COUNT] = {false};
	bool unknown = false;
	bool struck = false;
	bool gap = false;

	for (size_t i = 0; i < ranges->box_count; i++) {
		seen[ranges->boxes[i].end] = true;
		unknown = unknown || ranges->boxes[i].pid == -1;
		struck = struck || ranges->boxes[i].finding != 0;
		gap = gap || ranges->boxes[i].over_gap;
	}
	fputs("<ul class=\"legend\">\n", stream);
	for (size_t i = 0; i < count && i < RANGES_OWNERS; i++) {
		char class[32];

		snprintf(class, sizeof(class), "range owner-%zu", i);
		write_key(stream, class,
			words_task(ranges->comms, (struct task_ref){owners[i].pid, owners[i].comm}).text);
	}
	if (count > RANGES_OWNERS)
		write_key(
			stream, "range owner-7", words_count(count - RANGES_OWNERS, "other task", "other tasks").text);
	if (unknown)
		write_key(stream, "range unknown", "reserved by whom is not known");
	if (gap)
		write_key(stream, "range range-gap owner-0", "events were lost meanwhile: it may have ended unseen");
	for (enum range_end end = 0; end < RANGE_END_COUNT; end++)
		if (seen[end] && ranges_end_class(end) != NULL)
			write_end_key(stream, ranges_end_class(end), ranges_end_words(end));
	if (struck)
		write_end_key(stream, "end-struck", "struck by a finding");
	fputs("</ul>\n", stream);
}
