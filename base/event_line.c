/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/event_line.h"

#include <inttypes.h>
#include <string.h>

#include "base/fsid.h"

static const uint64_t second_ns = 1000000000;

static void write_time(FILE *stream, uint64_t time_ns)
{
	uint64_t seconds = time_ns / second_ns;
	uint64_t rest = time_ns % second_ns;

	/* The reader refuses seconds that could wrap, but takes any number without a dot as it is. */
	if (seconds >= UINT64_MAX / second_ns)
		fprintf(stream, "%" PRIu64 ": ", time_ns);
	else if (rest % 1000 == 0)
		fprintf(stream, "%5" PRIu64 ".%06" PRIu64 ": ", seconds, rest / 1000);
	else
		fprintf(stream, "%5" PRIu64 ".%09" PRIu64 ": ", seconds, rest);
}

static int hex_value(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/*
 * An id of which only the beginning is known came from trace-cmd report -R, which prints the bytes up to the first zero
 * as characters: "4a00xxxx-..." was "fsid=J".
 */
static void write_partial(FILE *stream, const char *fsid)
{
	fputs("fsid=", stream);
	for (; hex_value(fsid[0]) >= 0 && hex_value(fsid[1]) >= 0; fsid += fsid[2] == '-' ? 3 : 2) {
		int byte = hex_value(fsid[0]) << 4 | hex_value(fsid[1]);

		if (byte == 0)
			break;
		fputc(byte, stream);
	}
	fputc(' ', stream);
}

static void write_fsid(FILE *stream, const char *fsid)
{
	if (strchr(fsid, 'x') != NULL)
		write_partial(stream, fsid);
	else
		fprintf(stream, "%s: ", fsid);
}

void event_line(FILE *stream, const struct event *event, const struct event_names *names)
{
	char text[EVENT_TEXT_MAX];
	const char *body;

	event_text(event, text, sizeof(text));
	if (event->kind == EVENT_LOST) {
		fprintf(stream, "%s\n# gap of CPU %u: %" PRIu64 " to %" PRIu64 " ns\n", text, event->cpu, event->start,
			event->time_ns);
		return;
	}
	body = strchr(text, ' ');
	fprintf(stream, "%16s-%-7" PRId32 " [%03u] ..... ",
		event->comm != 0 ? names_text(names->comms, event->comm) : "<...>", event->pid, event->cpu);
	write_time(stream, event->time_ns);
	if (event->kind == EVENT_PRINT) {
		fprintf(stream, "tracing_mark_write: %s\n", names_text(names->texts, event->flags));
		return;
	}
	fprintf(stream, "%s: ", event_info(event->kind)->name);
	if (event->fs != 0)
		write_fsid(stream, names_text(names->fsids, event->fs));
	fprintf(stream, "%s\n", body != NULL ? body + 1 : "");
}
