/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * report_page - the parts of the text report; used by report_*.c only.
 */
#ifndef QGREPLAY_ANALYZER_REPORT_REPORT_PAGE_H
#define QGREPLAY_ANALYZER_REPORT_REPORT_PAGE_H

#include "analyzer/report/report.h"

enum {
	PAGE_WIDTH = 96,	/* of running text */
	PAGE_FINDINGS_FULL = 3, /* findings of one kind that are told with evidence */
	PAGE_OCCURRENCES = 20	/* rows of a list of occurrences */
};

struct page {
	FILE *stream;
	const struct report_options *options;
	const struct report_trace *trace;
	uint64_t printed[FINDING_KIND_COUNT]; /* findings of each kind so far */
};

enum page_style { STYLE_PLAIN, STYLE_ERROR, STYLE_WARNING, STYLE_NOTE, STYLE_GOOD, STYLE_STRONG, STYLE_COUNT };

/* The escape sequences around `text`, when there is colour. */
void report_page_styled(const struct page *page, enum page_style style, const char *text);

/* A finding of severity error or warning, in full or, when enough of its kind were printed, in short. */
void report_page_finding(struct page *page, const struct finding *finding);

/* The label in front of a line about a finding; empty under another one. */
void report_page_label(const struct page *page, const char *label);

/* The known bugs that a finding looks like. */
void report_page_causes(const struct page *page, const struct finding *finding);

/* What of the kernel's log supports a finding, and all of the log's statements under the findings of a trace. */
void report_page_log_of(const struct page *page, const struct finding *finding);
void report_page_log(const struct page *page);

/* A note, in one line. */
void report_page_note(const struct page *page, const struct finding *finding);

#endif
