/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cut_text - the chosen events of a cut as ftrace text, and the proof that the text is as good as they were.
 */
#ifndef QGREPLAY_CMD_CUT_TEXT_H
#define QGREPLAY_CMD_CUT_TEXT_H

#include "analyzer/cut.h"
#include "analyzer/report/report.h"
#include "base/error.h"

/* How each cut begins. */
#define CUT_TEXT_MARK "# tracer: nop\n#\n# Cut by qgreplay from '"

struct cut_text {
	const struct report_trace *trace;
	const struct finding *wanted;
	const struct replay_options *options;
	const struct event *events;
	size_t count;
	bool shrunk; /* none of the events can be left out alone */
	char *text;  /* made by cut_text_write(), to be freed */
	size_t size;
};

/* Makes the text: a head that says what it is, then a line for each event. */
void cut_text_write(struct cut_text *text);

/*
 * Reads the text back: the events must be the same bit for bit, and show the finding. Errors: ERR_INPUT with the event
 * that no text can hold.
 */
enum err cut_text_verify(const struct cut_text *text, struct cut *cut, struct error *error);

#endif
