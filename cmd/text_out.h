/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * text_out - a trace as ftrace text, with a head that carries what the text source reads of a kernel and a clock.
 *
 * What is written is read back to the same events, bit for bit, times of lost ones included, but for task names that no
 * line can hold: they get an underscore where the reader would stumble.
 */
#ifndef QGREPLAY_CMD_TEXT_OUT_H
#define QGREPLAY_CMD_TEXT_OUT_H

#include <stdio.h>

#include "base/error.h"
#include "base/event_line.h"

/* What the head says; NULL is not said. */
struct text_out_head {
	const char *kernel;
	const char *clock;
	const char *sha256; /* of the trace that it was made of */
};

/* The head in two parts: lines of comment may stand between them. Texts may hold any bytes. */
void text_out_head_begin(FILE *stream);
void text_out_head_end(FILE *stream, const struct text_out_head *head);

/* One line of comment: `label`, then `text` made harmless. With a NULL text nothing is written. */
void text_out_note(FILE *stream, const char *label, const char *text);

struct text_out;

/* The tables of `names` may grow while events are written. Freed by text_out_free(), which accepts NULL. */
struct text_out *text_out_new(FILE *stream, const struct event_names *names);
void text_out_free(struct text_out *out);

/* Errors: ERR_INPUT for what no text can hold, a pid below 0. Those of the stream are the caller's to ask for. */
enum err text_out_event(struct text_out *out, const struct event *event, struct error *error);

#endif
