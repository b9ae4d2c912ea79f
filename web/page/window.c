/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/page/window.h"

#include <inttypes.h>
#include <string.h>

#include "web/html/html.h"

enum { SECOND_DIGITS = 9 };

static const uint64_t second_ns = 1000000000;

/* A stretch shorter than this has nothing more to tell. */
static const uint64_t least_ns = 100;

struct window_text window_time(uint64_t time_ns)
{
	struct window_text time;
	size_t end;

	snprintf(time.text, sizeof(time.text), "%" PRIu64 ".%09" PRIu64, time_ns / second_ns, time_ns % second_ns);
	for (end = strlen(time.text); time.text[end - 1] == '0'; end--)
		continue;
	time.text[time.text[end - 1] == '.' ? end - 1 : end] = '\0';
	return time;
}

bool window_read_time(const char *text, uint64_t *time_ns)
{
	uint64_t value = 0;
	int behind = -1; /* digits behind the point; -1: there was none yet */
	bool digit = false;

	for (; *text != '\0'; text++) {
		if (*text == '.' && behind < 0) {
			behind = 0;
			continue;
		}
		if (*text < '0' || *text > '9' || behind == SECOND_DIGITS)
			return false;
		if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
			__builtin_add_overflow(value, (uint64_t)(*text - '0'), &value))
			return false;
		digit = true;
		behind += behind >= 0;
	}
	for (int i = behind < 0 ? 0 : behind; i < SECOND_DIGITS; i++)
		if (__builtin_mul_overflow(value, (uint64_t)10, &value))
			return false;
	*time_ns = value;
	return digit;
}

static enum err read_edge(struct call *call, const char *name, uint64_t *time_ns, struct error *error)
{
	const char *text = request_query(call->request, name);

	if (text == NULL || text[0] == '\0')
		return ERR_OK;
	if (!window_read_time(text, time_ns))
		return call_refuse(call, 400, error,
			"'%s' is a time of the trace in seconds, such as 19.838568, not '%s'", name, text);
	return ERR_OK;
}

enum err window_read(struct call *call, uint64_t first_ns, uint64_t last_ns, struct window *window, struct error *error)
{
	uint64_t end = last_ns > first_ns ? last_ns : first_ns;
	enum err err;

	end = end - first_ns < least_ns && end <= UINT64_MAX - least_ns ? end + least_ns : end;
	*window = (struct window){first_ns, end, first_ns, end, false};
	err = read_edge(call, "from", &window->from_ns, error);
	if (err == ERR_OK)
		err = read_edge(call, "to", &window->to_ns, error);
	if (err != ERR_OK)
		return err;
	if (window->from_ns > window->to_ns)
		return call_refuse(call, 400, error, "'from' is later than 'to'");
	if (window->from_ns < first_ns)
		window->from_ns = first_ns;
	if (window->to_ns > end)
		window->to_ns = end;
	if (window->from_ns >= window->to_ns || window->to_ns - window->from_ns < least_ns) {
		window->from_ns = window->from_ns < end - least_ns ? window->from_ns : end - least_ns;
		window->to_ns = window->from_ns + least_ns;
	}
	window->whole = window->from_ns == first_ns && window->to_ns == end;
	return ERR_OK;
}

void window_query(FILE *stream, const struct window *window, const char *before)
{
	if (!window->whole)
		fprintf(stream, "%sfrom=%s&amp;to=%s", before, window_time(window->from_ns).text,
			window_time(window->to_ns).text);
}

/* A stretch of that length whose middle is `middle_ns`, moved into the trace. */
static struct window around(const struct window *window, uint64_t middle_ns, uint64_t length_ns)
{
	struct window other = *window;
	uint64_t all = window->whole_to_ns - window->whole_from_ns;

	if (length_ns >= all) {
		other.from_ns = window->whole_from_ns;
		other.to_ns = window->whole_to_ns;
		other.whole = true;
		return other;
	}
	other.from_ns =
		middle_ns - window->whole_from_ns > length_ns / 2 ? middle_ns - length_ns / 2 : window->whole_from_ns;
	if (window->whole_to_ns - other.from_ns < length_ns)
		other.from_ns = window->whole_to_ns - length_ns;
	other.to_ns = other.from_ns + length_ns;
	other.whole = false;
	return other;
}

void window_end(struct window *window, uint64_t to_ns)
{
	if (to_ns >= window->to_ns)
		return;
	window->to_ns = to_ns > window->from_ns + least_ns ? to_ns : window->from_ns + least_ns;
	window->whole = false;
}

/* "?fs=2&amp;from=1.5&amp;to=2" */
static void write_address(struct call *call, const struct window *to)
{
	FILE *stream = call->response->body;
	const char *fs = request_query(call->request, "fs");

	fputc('?', stream);
	if (fs != NULL) {
		fputs("fs=", stream);
		html_url(stream, fs);
	}
	window_query(stream, to, fs != NULL ? "&amp;" : "");
}

void window_link(struct call *call, const struct window *window, uint64_t time_ns)
{
	uint64_t part = (window->whole_to_ns - window->whole_from_ns) / 100;
	uint64_t length = window->to_ns - window->from_ns;
	uint64_t time = time_ns > window->whole_from_ns ? time_ns : window->whole_from_ns;
	struct window to;

	length = length < part ? length : part;
	to = around(
		window, time < window->whole_to_ns ? time : window->whole_to_ns, length > least_ns ? length : least_ns);
	write_address(call, &to);
}

/* `zoom` is what a script knows it by. */
struct turn {
	const char *zoom;
	const char *text;
	bool off;
};

static void write_link(struct call *call, const struct window *to, const struct turn *turn)
{
	FILE *stream = call->response->body;

	if (turn->off) {
		html_format(stream, "<span class=\"button\" aria-disabled=\"true\" data-zoom=\"%s\">%s</span>\n",
			turn->zoom, turn->text);
		return;
	}
	html_format(stream, "<a class=\"button\" data-zoom=\"%s\" href=\"", turn->zoom);
	write_address(call, to);
	html_format(stream, "\">%s</a>\n", turn->text);
}

static void write_form(struct call *call, const struct window *window)
{
	FILE *stream = call->response->body;
	const char *fs = request_query(call->request, "fs");

	if (fs != NULL)
		html_format(stream, "<input type=\"hidden\" name=\"fs\" value=\"%s\">\n", fs);
	html_format(stream,
		"<label>From <input name=\"from\" inputmode=\"decimal\" autocomplete=\"off\" value=\"%s\"></label>\n"
		"<label>To <input name=\"to\" inputmode=\"decimal\" autocomplete=\"off\" value=\"%s\"></label>\n"
		"<button type=\"submit\">Show</button>\n",
		window_time(window->from_ns).text, window_time(window->to_ns).text);
}

void window_links(struct call *call, const struct window *window)
{
	FILE *stream = call->response->body;
	uint64_t length = window->to_ns - window->from_ns;
	uint64_t middle = window->from_ns + length / 2;
	uint64_t step = length / 2;
	struct window nearer = around(window, middle, length / 4 > least_ns ? length / 4 : least_ns);
	struct window farther = around(window, middle, length > UINT64_MAX / 4 ? UINT64_MAX : length * 4);
	struct window earlier =
		around(window, middle - window->whole_from_ns > step ? middle - step : window->whole_from_ns, length);
	struct window later =
		around(window, window->whole_to_ns - middle > step ? middle + step : window->whole_to_ns, length);
	struct window whole = around(window, middle, UINT64_MAX);

	fputs("<form class=\"filter window\" method=\"get\" id=\"window\">\n<span class=\"window-links\" "
	      "role=\"group\" "
	      "aria-label=\"Stretch of time\">\n",
		stream);
	write_link(call, &earlier, &(struct turn){"earlier", "← Earlier", window->from_ns == window->whole_from_ns});
	write_link(call, &later, &(struct turn){"later", "Later →", window->to_ns == window->whole_to_ns});
	write_link(call, &nearer, &(struct turn){"in", "Zoom in", length <= least_ns});
	write_link(call, &farther, &(struct turn){"out", "Zoom out", window->whole});
	write_link(call, &whole, &(struct turn){"whole", "All", window->whole});
	fputs("</span>\n", stream);
	write_form(call, window);
	fputs("</form>\n", stream);
}
