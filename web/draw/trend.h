/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trend - findings a day as bars, errors below warnings, and on which days there was any trace at all: a day without
 * bars is a good one only if something was looked at.
 *
 * Pure: writes an <svg> with the classes of style.css.
 */
#ifndef QGREPLAY_WEB_DRAW_TREND_H
#define QGREPLAY_WEB_DRAW_TREND_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct trend_day {
	uint64_t day; /* its midnight, UTC, in seconds since 1970 */
	uint64_t traces;
	uint64_t errors;
	uint64_t warnings;
};

enum { TREND_WIDTH = 560, TREND_HEIGHT = 170 };

/* Days in order, without a hole; at least one. `title` tells those who cannot see it what it is. */
void trend_draw(FILE *stream, const struct trend_day *days, size_t count, const char *title);

/* The least of 1, 2, 5, 10, 20, 50, ... that is not below `value`; 1 for 0. */
uint64_t trend_top(uint64_t value);

#endif
