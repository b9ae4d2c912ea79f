/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * seeded - for tests: numbers that look random and are the same for the same seed, on every machine (xorshift64*).
 */
#ifndef QGREPLAY_TESTS_SEEDED_H
#define QGREPLAY_TESTS_SEEDED_H

#include <stdbool.h>
#include <stdint.h>

struct seeded {
	uint64_t state;
};

/* Near seeds give unlike numbers (the finaliser of splitmix64). */
static inline struct seeded seeded_by(uint64_t seed)
{
	uint64_t state = seed + 0x9e3779b97f4a7c15u;

	state = (state ^ state >> 30) * 0xbf58476d1ce4e5b9u;
	state = (state ^ state >> 27) * 0x94d049bb133111ebu;
	return (struct seeded){(state ^ state >> 31) | 1};
}

static inline uint64_t seeded_next(struct seeded *seeded)
{
	seeded->state ^= seeded->state >> 12;
	seeded->state ^= seeded->state << 25;
	seeded->state ^= seeded->state >> 27;
	return seeded->state * 0x2545f4914f6cdd1du;
}

/* A number below `limit`; 0 when that is 0. */
static inline uint64_t seeded_below(struct seeded *seeded, uint64_t limit)
{
	return limit > 0 ? (seeded_next(seeded) >> 11) % limit : 0;
}

static inline bool seeded_percent(struct seeded *seeded, uint64_t percent)
{
	return seeded_below(seeded, 100) < percent;
}

#endif
