/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * scale - where values lie on an axis, at which round ones to put ticks, and what to write there.
 *
 * Places are in tenths of a pixel, so that drawings are made of whole numbers. Any values are fit, also low above high.
 */
#ifndef QGREPLAY_WEB_DRAW_SCALE_H
#define QGREPLAY_WEB_DRAW_SCALE_H

#include <stdint.h>

struct scale {
	uint64_t low;
	uint64_t high;
	int low_at; /* where `low` lies; may be greater than high_at */
	int high_at;
};

/* Values beyond either end lie at that end. */
int scale_at(const struct scale *scale, uint64_t value);

/* Multiples of `step` from `first` on, all within the scale. */
struct ticks {
	uint64_t first;
	uint64_t step;
	unsigned count;
};

/* At most `most` (2 at least) round values: 1, 2 or 5 times a power of ten, of times; powers of two, of bytes. */
struct ticks ticks_decimal(const struct scale *scale, unsigned most);
struct ticks ticks_binary(const struct scale *scale, unsigned most);

struct label {
	char text[40];
};

/* "20.5": a time in seconds with as many digits as tell one tick from the next. */
struct label label_time(uint64_t time_ns, const struct ticks *ticks);

/* "1.5 MiB": all labels of an axis in the unit of the greatest. */
struct label label_bytes(uint64_t bytes, const struct ticks *ticks);

#endif
