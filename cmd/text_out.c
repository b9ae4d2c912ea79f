/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/text_out.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "collector/text_line.h"

struct text_out {
	FILE *stream;
	struct event_names names;
	struct names *comms; /* such as can be read back */
	bool terminal;
	uint32_t *numbers; /* comm of the trace to one of ours, plus 1; 0: not looked at yet */
	size_t count;
	size_t capacity;
};

void text_out_note(FILE *stream, const char *label, const char *text)
{
	char *harmless;

	if (text == NULL)
		return;
	harmless = utf8_harmless(text);
	fprintf(stream, "# %s%s\n", label, harmless);
	free(harmless);
}

void text_out_head_begin(FILE *stream)
{
	fputs("# tracer: nop\n#\n", stream);
}

/* The release and the clock stand where the text reader looks for them. */
void text_out_head_end(FILE *stream, const struct text_out_head *head)
{
	text_out_note(stream, "os release : ", head->kernel);
	text_out_note(stream, "clockid: ", head->clock);
	text_out_note(stream, "sha256 of the trace: ", head->sha256);
	fputs("#\n#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION\n", stream);
}

struct text_out *text_out_new(FILE *stream, const struct event_names *names)
{
	struct text_out *out = memory_zeroed(sizeof(*out));

	out->stream = stream;
	out->names = *names;
	out->comms = names_new(NAMES_TASKS_MAX);
	out->terminal = fileno(stream) >= 0 && isatty(fileno(stream));
	return out;
}

void text_out_free(struct text_out *out)
{
	if (out == NULL)
		return;
	names_free(out->comms);
	free(out->numbers);
	free(out);
}

/* Asks the reader itself. */
static bool reads_back(const char *name)
{
	struct names *one = names_new(1);
	const struct event probe = {.kind = EVENT_TRANSACTION_COMMIT, .comm = names_number(one, name, strlen(name))};
	const struct event_names names = {.comms = one, .fsids = one, .texts = one};
	struct text_line line;
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	bool same;

	if (stream == NULL)
		abort();
	event_line(stream, &probe, &names);
	fclose(stream);
	same = memchr(text, '\n', size) == text + size - 1 && text_line_parse(&line, text, size - 1) &&
	       line.comm.length == strlen(name) && memcmp(line.comm.text, name, line.comm.length) == 0;
	free(text);
	names_free(one);
	return same;
}

static char *made_readable(const char *name)
{
	char *text = utf8_harmless(name);

	if (*text != '\0' && reads_back(text))
		return text;
	for (char *at = text; *at != '\0'; at++)
		if (!isalnum((unsigned char)*at) && strchr("/:.+", *at) == NULL)
			*at = '_';
	return text;
}

static uint32_t comm_of(struct text_out *out, uint32_t number)
{
	char *name;

	if (number == 0)
		return 0;
	if (number >= out->count) {
		out->numbers = memory_grown(out->numbers, &out->capacity, (size_t)number + 1, sizeof(*out->numbers));
		memset(out->numbers + out->count, 0, ((size_t)number + 1 - out->count) * sizeof(*out->numbers));
		out->count = (size_t)number + 1;
	}
	if (out->numbers[number] == 0) {
		name = made_readable(names_text(out->names.comms, number));
		out->numbers[number] = (*name != '\0' ? names_number(out->comms, name, strlen(name)) : 0) + 1;
		free(name);
	}
	return out->numbers[number] - 1;
}

enum err text_out_event(struct text_out *out, const struct event *event, struct error *error)
{
	const struct event_names names = {out->comms, out->names.fsids, out->names.texts};
	struct event written = *event;

	if (event->pid < 0)
		return error_set(error, ERR_INPUT,
			"event %" PRIu64 " has pid %" PRId32 ", which no line of text can hold", event->number,
			event->pid);
	written.comm = comm_of(out, event->comm);
	/* The bytes of an id of which only the beginning is known may be such as a terminal obeys. */
	if (out->terminal && strchr(names_text(out->names.fsids, event->fs), 'x') != NULL)
		written.fs = 0;
	event_line(out->stream, &written, &names);
	return ERR_OK;
}
