/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * window - the stretch of time that a picture shows: by the URL's from= and to=, in seconds of the trace's clock as
 * ftrace prints them ("19.838568", up to nine digits behind the point); and links to others.
 */
#ifndef QGREPLAY_WEB_PAGE_WINDOW_H
#define QGREPLAY_WEB_PAGE_WINDOW_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "web/message/call.h"

struct window {
	uint64_t from_ns;
	uint64_t to_ns;
	uint64_t whole_from_ns;
	uint64_t whole_to_ns;
	bool whole;
};

struct window_text {
	char text[40];
};

/* "19.838568": exactly, without zeros at the end. */
struct window_text window_time(uint64_t time_ns);

/* Reads such a text, all of it. */
bool window_read_time(const char *text, uint64_t *time_ns);

/* What of [first_ns, last_ns] the request asks for. Errors: 400 for what is no time, or a stretch that is none. */
enum err window_read(
	struct call *call, uint64_t first_ns, uint64_t last_ns, struct window *window, struct error *error);

/* "from=1.5&amp;to=2", of the window, and with a '?' or '&amp;' before it; nothing where it is whole. */
void window_query(FILE *stream, const struct window *window, const char *before);

/* Lets the window end earlier, at `to_ns`. */
void window_end(struct window *window, uint64_t to_ns);

/* Writes the address of the same page with a stretch around `time_ns`: as long as the window is, and a hundredth of the
 * trace at most. */
void window_link(struct call *call, const struct window *window, uint64_t time_ns);

/*
 * Links to the same page nearer, farther, earlier, later and whole, and a form for from and to. fs= goes along
 * as it stands in the URL.
 */
void window_links(struct call *call, const struct window *window);

#endif
