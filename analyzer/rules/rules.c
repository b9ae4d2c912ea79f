/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules/rules.h"

struct claim_part rules_span(const struct event *event)
{
	struct claim_part span = {event->start, 0};

	if (__builtin_add_overflow(event->start, event->len, &span.end))
		span.end = UINT64_MAX;
	return span;
}

bool rules_same_file(const struct event *a, const struct event *b)
{
	return a->ino == b->ino && a->root == b->root && a->fs == b->fs;
}

bool rules_below_zero(const struct event *event)
{
	return event->diff < 0 && event->bytes >> 63 == 0 && 0 - (uint64_t)event->diff > event->bytes;
}

void rules_contradiction(struct replay *replay, struct root *root)
{
	root->contradictions++;
	replay->result.contradictions++;
}

uint64_t rules_plus(uint64_t a, uint64_t b)
{
	uint64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}
