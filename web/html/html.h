/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * html - writes pages: the frame that all have, and values, each escaped for the place where it stands.
 *
 * Whatever comes from a trace, a file name or a URL goes through one of these. Literal markup is written by fputs() and
 * fprintf() with nothing but literals and numbers.
 */
#ifndef QGREPLAY_WEB_HTML_HTML_H
#define QGREPLAY_WEB_HTML_HTML_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "web/message/call.h"

/* Text between tags, and in attributes that stand in double quotes. NULL writes nothing. Control characters but tabs
 * and line ends, marks that turn the direction of a line, and bytes that are no UTF-8 become U+FFFD. */
void html_text(FILE *stream, const char *text);

/* A part of a URL: one segment of a path, a name or a value of its query. Also fit for an attribute. */
void html_url(FILE *stream, const char *text);

/* Like fprintf(), where %s is escaped as html_text() does, and %d, %u, %zu, PRIu64 and their like are numbers. No other
 * conversion, width or flag. */
void html_format(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Which entry of the navigation a page belongs to. */
enum html_place {
	PLACE_OVERVIEW,
	PLACE_FINDINGS,
	PLACE_TRACES,
	PLACE_SIGNATURES,
	PLACE_BUGS,
	PLACE_UPLOAD,
	PLACE_ABOUT,
	PLACE_NONE
};

struct html_crumb {
	const char *text;
	const char *url; /* written already escaped; NULL: here */
};

struct html_page {
	const char *title;
	enum html_place place;
	const struct html_crumb *crumbs; /* ends with text NULL; or NULL */
	unsigned refresh_s;		 /* the browser is to ask again after so many seconds; 0: not */
	const char *script;		 /* a file of web/static beside app.js that this page needs, or NULL */
	bool chart;			 /* needs the chart library */
};

/* From the first byte to the open <main>, with the title as its <h1>; and from there to the end. */
void html_begin(struct call *call, const struct html_page *page);
void html_end(struct call *call);

/* "4 KiB", exact bytes in its title, so that a look shows how much and a longer one how many. */
void html_bytes(FILE *stream, uint64_t bytes);
/* "53,248" */
void html_number(FILE *stream, uint64_t number);
/* A time of a trace, in seconds as ftrace prints it. */
void html_trace_time(FILE *stream, uint64_t time_ns);
/* "1.5 s", "20 ms" */
void html_span(FILE *stream, uint64_t span_ns);
/* The name of a file without the folders that it was given with: a part of `name`, or "" for NULL. */
const char *html_file_name(const char *name);
/* The same, written, with the whole name in its title. */
void html_file(FILE *stream, const char *name);
/* A moment, as <time> in UTC; 0: "unknown". */
void html_date(FILE *stream, uint64_t seconds);
/* A badge; not by colour alone. `word` is error, warning, note; proven, likely; queued, running, done, failed; open,
 * known, fixed, ignored. */
void html_badge(FILE *stream, const char *word);
/* [start, start + len) */
void html_range(FILE *stream, uint64_t start, uint64_t len);
/* A root as people name it: signed where it is one of the special trees. */
void html_root(FILE *stream, uint64_t root);

#endif
