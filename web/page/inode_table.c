/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/page/inode_table.h"

#include <inttypes.h>

#include "analyzer/explain/words.h"
#include "web/html/html.h"

static bool is_shown(const struct window *window, const struct range_box *box)
{
	return box->to_ns >= window->from_ns && box->from_ns <= window->to_ns;
}

/* A time that leads to its event. */
static void write_time(FILE *stream, uint64_t trace, uint64_t seq, uint64_t time_ns)
{
	html_format(stream, "<a href=\"/traces/%" PRIu64 "/events?around=%" PRIu64 "#e%" PRIu64 "\">", trace, seq, seq);
	html_trace_time(stream, time_ns);
	fputs("</a>", stream);
}

static void write_task(FILE *stream, const struct inode_map *map, int32_t pid, uint32_t comm)
{
	if (pid != -1)
		html_text(stream, words_task(map->row.comms, (struct task_ref){pid, comm}).text);
}

static void write_row(FILE *stream, uint64_t trace, const struct inode_map *map, const struct range_box *box)
{
	fputs("<tr><td class=\"nowrap\">", stream);
	html_range(stream, box->start, box->len);
	fputs("</td><td class=\"number\">", stream);
	html_bytes(stream, box->len);
	fputs("</td><td class=\"number\">", stream);
	if (box->from_seq != 0)
		write_time(stream, trace, box->from_seq, box->from_ns);
	else
		fputs("<span class=\"muted\">before</span>", stream);
	fputs("</td><td class=\"nowrap\">", stream);
	write_task(stream, map, box->pid, box->comm);
	fputs("</td><td class=\"number\">", stream);
	if (box->to_seq != 0)
		write_time(stream, trace, box->to_seq, box->to_ns);
	fputs("</td><td>", stream);
	html_text(stream, ranges_end_words(box->end));
	fputs(box->over_gap ? " <span class=\"muted\">(events were lost meanwhile)</span></td><td class=\"nowrap\">"
			    : "</td><td class=\"nowrap\">",
		stream);
	write_task(stream, map, box->end_pid, box->end_comm);
	fputs("</td><td class=\"number\">", stream);
	if (box->finding != 0)
		html_format(stream, "<a href=\"/traces/%" PRIu64 "/findings/%u\">%u</a>", trace, box->finding,
			box->finding);
	fputs("</td></tr>\n", stream);
}

static void write_link(FILE *stream, const struct subject *subject, const struct window *window, uint64_t ino)
{
	html_format(stream, "<a href=\"/api/v1/ranges?trace=%" PRIu64 "&amp;root=", subject->trace_id);
	html_root(stream, subject->root);
	html_format(stream, "&amp;ino=%" PRIu64 "&amp;fs=%" PRIu64, ino, subject->fs);
	window_query(stream, window, "&amp;");
}

static void write_rest(
	FILE *stream, const struct subject *subject, const struct window *window, size_t count, uint64_t ino)
{
	fputs("<p class=\"more\">", stream);
	if (count > INODE_TABLE_ROWS)
		html_format(stream, "%s not listed here. ",
			words_count(count - INODE_TABLE_ROWS, "reservation is", "reservations are").text);
	write_link(stream, subject, window, ino);
	fputs("\">All as JSON</a> · ", stream);
	write_link(stream, subject, window, ino);
	fputs("&amp;format=csv\">CSV</a></p>\n", stream);
}

void inode_table(FILE *stream, const struct subject *subject, const struct window *window, const struct inode_map *map,
	uint64_t ino)
{
	size_t box_count;
	const struct range_box *boxes = range_map_boxes(map->map, &box_count);
	size_t count = 0;

	fputs("<h2 id=\"ranges\">Reservations</h2>\n<div class=\"table-wrap\" tabindex=\"0\" role=\"region\" "
	      "aria-labelledby=\"ranges\"><table>\n<thead><tr><th scope=\"col\">Bytes of the file</th><th "
	      "scope=\"col\" "
	      "class=\"number\">Length</th><th scope=\"col\" class=\"number\">Reserved at</th><th scope=\"col\">By</th>"
	      "<th scope=\"col\" class=\"number\">Ended at</th><th scope=\"col\">How</th><th scope=\"col\">By</th><th "
	      "scope=\"col\" class=\"number\">Finding</th></tr></thead>\n<tbody>\n",
		stream);
	for (size_t i = 0; i < box_count; i++)
		if (is_shown(window, &boxes[i]) && count++ < INODE_TABLE_ROWS)
			write_row(stream, subject->trace_id, map, &boxes[i]);
	if (count == 0)
		fputs("<tr><td colspan=\"8\" class=\"muted\">Nothing was reserved here.</td></tr>\n", stream);
	fputs("</tbody>\n</table></div>\n", stream);
	write_rest(stream, subject, window, count, ino);
}
