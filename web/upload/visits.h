/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * visits - how often each address may come: a bucket of tokens for each of those that came last.
 *
 * Pure: the clock is the caller's. A fixed number of buckets: whoever has been away longest loses his, which is full
 * again by then, unless more than VISITS_MAX addresses come within a minute.
 */
#ifndef QGREPLAY_WEB_UPLOAD_VISITS_H
#define QGREPLAY_WEB_UPLOAD_VISITS_H

#include <stdint.h>

enum { VISITS_MAX = 512, VISITS_KEY = 16 };

struct visits_bucket {
	unsigned char key[VISITS_KEY];
	uint64_t at_ms; /* when `saved` was true; 0: never used */
	uint64_t saved; /* each millisecond gives as many as there are visits a minute; a visit takes 60,000 */
};

struct visits {
	struct visits_bucket buckets[VISITS_MAX];
};

/*
 * One visit from `remote` (an address as text) at `now_ms` (above 0, never going back), where `a_minute` (above 0)
 * visits a minute are allowed, as many at once. Returns 0 when it is allowed, else in how many seconds the next one is.
 */
unsigned visits_take(struct visits *visits, const char *remote, unsigned a_minute, uint64_t now_ms);

#endif
