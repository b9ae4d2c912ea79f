/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * metamorph_text - the same events in other words: a trace written as text, with the names of today's kernels or of
 * older ones, with operations as words or as numbers, and read back.
 */
#ifndef QGREPLAY_TESTS_METAMORPH_TEXT_H
#define QGREPLAY_TESTS_METAMORPH_TEXT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/event_line.h"
#include "collector/source.h"
#include "tests/tools/metamorph_vary.h"

struct text_form {
	const char *name;
	bool old_names;
	bool hexadecimal;
};

static const struct text_form text_forms[] = {
	{"as text", false, false},
	{"as text with old names", true, false},
	{"as text with numbers for operations", false, true},
};

enum { TEXT_FORMS = sizeof(text_forms) / sizeof(text_forms[0]) };

/* A line with one word of it put into other words. */
static inline void write_changed(FILE *stream, const char *line, const char *from, const char *to)
{
	const char *at = strstr(line, from);

	if (at == NULL)
		fputs(line, stream);
	else
		fprintf(stream, "%.*s%s%s", (int)(at - line), line, to, at + strlen(from));
}

static inline void write_line(FILE *stream, const char *line, const struct event *event, const struct text_form *form)
{
	static const char *const words[] = {[EVENT_OP_RESERVE] = "op=reserve\n",
		[EVENT_OP_RELEASE] = "op=release\n",
		[EVENT_OP_FREE] = "op=free\n"};
	const struct event_info *info = event_info(event->kind);
	bool data = event->kind == EVENT_RESERVE_DATA || event->kind == EVENT_RELEASE_DATA;
	char number[16];

	if (form->old_names && event->kind != EVENT_LOST && info->old_name != NULL) {
		write_changed(stream, line, info->name, info->old_name);
	} else if (form->hexadecimal && data && event->op < sizeof(words) / sizeof(words[0]) &&
		   words[event->op] != NULL) {
		snprintf(number, sizeof(number), "op=0x%x\n", event->op);
		write_changed(stream, line, words[event->op], number);
	} else {
		fputs(line, stream);
	}
}

/* Writes the trace into an unlinked file of memory, which is the caller's to close. */
static inline int write_text(const struct events *whole, const struct trace_info *info, const struct text_form *form)
{
	int fd = memfd_create("metamorph", MFD_CLOEXEC);
	FILE *stream = fdopen(dup(fd), "w");
	const struct event_names names = {info->comms, info->fsids, info->texts};
	char *line = NULL;
	size_t size = 0;
	FILE *one = open_memstream(&line, &size);

	for (size_t i = 0; i < whole->count; i++) {
		rewind(one);
		event_line(one, &whole->all[i], &names);
		fputc('\0', one);
		fflush(one);
		write_line(stream, line, &whole->all[i], form);
	}
	fclose(one);
	free(line);
	fclose(stream);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

/* Puts the numbers of names into those of the whole trace. */
static inline void rename_events(struct events *events, const struct trace_info *from, const struct trace_info *to)
{
	for (size_t i = 0; i < events->count; i++) {
		struct event *event = &events->all[i];
		const char *comm = names_text(from->comms, event->comm);
		const char *fsid = names_text(from->fsids, event->fs);
		const char *text = event->kind == EVENT_PRINT ? names_text(from->texts, event->flags) : "";

		if (event->comm != 0)
			event->comm = names_number(to->comms, comm, strlen(comm));
		if (event->fs != 0)
			event->fs = (uint16_t)names_number(to->fsids, fsid, strlen(fsid));
		if (text[0] != '\0')
			event->flags = names_number(to->texts, text, strlen(text));
	}
}

#endif
