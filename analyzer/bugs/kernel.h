/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel - what the name of a kernel says about which stable release it is.
 *
 * A kernel's third number is that of the stable series only where nobody else put his own there: Debian, Ubuntu and
 * Red Hat count builds instead, and take fixes that the number does not show. So it is read as bounds: at least this
 * release, at most that one.
 */
#ifndef QGREPLAY_ANALYZER_BUGS_KERNEL_H
#define QGREPLAY_ANALYZER_BUGS_KERNEL_H

#include <stdbool.h>

/* The upper bound of a kernel that may have any fix of its series and later ones. */
#define KERNEL_ANY_FIX (~0UL)

struct kernel {
	bool known; /* false: nothing can be told */
	unsigned long major;
	unsigned long minor;
	unsigned long low;  /* it has all of stable release major.minor.low */
	unsigned long high; /* it has nothing that came after major.minor.high */
	bool candidate;	    /* somewhere before the release major.minor */
	unsigned long rc;   /* of a candidate: its number, 0 when other changes stand beside it */
};

/*
 * Reads what uname prints: a release such as "6.1.72", "6.19.0-rc3", "6.1.0-47-amd64", "5.14.0-503.el9.x86_64" or
 * "6.9.7-200.fc40.x86_64", which may be followed by a blank and the version ("#1 SMP Debian 6.1.170-3 (2026-05-08)").
 * NULL and anything else give an unknown kernel. Debian 12's build numbers are known from its changelog.
 */
struct kernel kernel_read(const char *text);

/* Whether the stable release is known to the number, and another than the name says: Debian's 6.1.0-56 is 6.1.192. */
bool kernel_is_translated(const struct kernel *kernel, const char *text);

#endif
