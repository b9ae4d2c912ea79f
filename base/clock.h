/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * clock - time since some moment in the past, which nobody can set: for spans and limits, not for dates.
 *
 * Not for the analyzer, whose results depend on the trace alone.
 */
#ifndef QGREPLAY_BASE_CLOCK_H
#define QGREPLAY_BASE_CLOCK_H

#include <stdint.h>

uint64_t clock_ns(void);
uint64_t clock_ms(void);

#endif
