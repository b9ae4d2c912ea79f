/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules/unexplained.h"

void unexplained_touch(struct inode *inode, const struct event *event)
{
	if (inode->touched_pid != event->pid)
		inode->touched_else_ns = inode->touched_ns;
	inode->touched_pid = event->pid;
	inode->touched_ns = event->time_ns;
}

static bool soon_after(uint64_t before_ns, uint64_t time_ns)
{
	return before_ns != 0 && before_ns + WINDOW_DISORDER_NS >= time_ns;
}

static bool could_interfere(const struct event *other, const struct event *event)
{
	if (other->pid == event->pid || other->fs != event->fs || other->root != event->root)
		return false;
	if (other->kind == EVENT_UPDATE_RESERVE)
		return other->type == EVENT_TYPE_DATA && other->diff < 0;
	return (other->kind == EVENT_RESERVE_DATA || other->kind == EVENT_RELEASE_DATA) && other->ino == event->ino;
}

/* Whether nobody else does anything to the file, or takes anything back in its root, so near that they may have met. */
static bool is_alone(struct replay *replay, const struct inode *inode, const struct event *event)
{
	const struct event *update = &inode->root->last_update;
	uint64_t else_ns = inode->touched_pid == event->pid ? inode->touched_else_ns : inode->touched_ns;
	struct slot *slot;

	if (soon_after(else_ns, event->time_ns))
		return false;
	if (update->pid != event->pid && update->diff < 0 && soon_after(update->time_ns, event->time_ns))
		return false;
	for (size_t ahead = 1; ahead < RULES_LOOK_AHEAD; ahead++) {
		slot = window_ahead(&replay->window, ahead);
		if (slot == NULL || slot->event.time_ns > event->time_ns + WINDOW_DISORDER_NS)
			return true;
		if (slot->event.kind == EVENT_LOST || could_interfere(&slot->event, event))
			return false;
	}
	return false;
}

/* Whether all that bears on the event is in the trace, and in an order that nothing denies. */
static bool is_known(const struct replay *replay, const struct root *root)
{
	const struct fs *fs = root->fs;

	return root->head_known && root->contradictions == 0 && root->breaks == 0 && replay->books.gaps == 0 &&
	       fs->holes == 0 && !fs->suspected && !fs->silent_writes && fs->cleared_seen;
}

bool unexplained_exact(
	struct replay *replay, const struct inode *inode, const struct event *event, struct range_sums sums)
{
	return sums.of[RANGE_UNKNOWN] == 0 && is_known(replay, inode->root) && is_alone(replay, inode, event);
}

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

void unexplained_count(struct replay *replay, struct inode *inode, const struct event *event, struct range_sums sums)
{
	bool reserves = event->kind == EVENT_RESERVE_DATA;
	uint64_t expected = sums.of[reserves ? RANGE_CLEAR : RANGE_RESERVED];
	struct verdict_group_key key = {
		.kind = FINDING_UNEXPLAINED, .fs = event->fs, .root = event->root, .ino = event->ino};
	struct claim_part span = rules_span(event);
	struct verdict *verdict;

	if (!unexplained_exact(replay, inode, event, sums)) {
		replay->result.unproven.of[FINDING_UNEXPLAINED]++;
		return;
	}
	if (reserves)
		key.path = event->bytes > expected ? PATH_RESERVED_MORE : PATH_RESERVED_LESS;
	else
		key.path = event->bytes > expected ? PATH_CLEARED_MORE : PATH_CLEARED_LESS;
	verdict = verdict_new(key, event);
	verdict->certainty = CERTAINTY_LIKELY;
	verdict->occurrence.bytes = distance(event->bytes, expected);
	for (struct range *range = ranges_first(&inode->ranges, span.start, span.end); range != NULL;
		range = ranges_next(range, span.end))
		if (range->claim != NULL)
			verdict_evidence(verdict, &range->claim->event, ROLE_BEFORE);
	verdict_evidence(verdict, event, ROLE_CONTRADICTS);
	verdicts_add(&replay->verdicts, verdict);
}
