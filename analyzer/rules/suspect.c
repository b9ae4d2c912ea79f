/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules/suspect.h"

#include <stdlib.h>

#include "analyzer/rules/owed.h"

void suspect_watch(struct replay *replay, struct suspect *suspect)
{
	suspect->next = replay->suspects;
	suspect->link = &replay->suspects;
	if (suspect->next != NULL)
		suspect->next->link = &suspect->next;
	replay->suspects = suspect;
}

static void unwatch(struct suspect *suspect)
{
	*suspect->link = suspect->next;
	if (suspect->next != NULL)
		suspect->next->link = suspect->link;
	suspect->next = NULL;
}

static void acquit(struct replay *replay, struct suspect *suspect)
{
	struct claim *claim = suspect->claim;

	unwatch(suspect);
	if (suspect->task != NULL)
		suspect->task->suspect = NULL;
	owed_acquit(replay, claim);
	claim->suspect = NULL;
	claim_drop(&replay->books.claims, claim);
	verdict_free(suspect->verdict);
	free(suspect);
}

/* From here on the suspect only collects consequences, as long as a range remembers its free; it lives to the end. */
void suspect_convict(struct replay *replay, struct suspect *suspect)
{
	unwatch(suspect);
	if (suspect->task != NULL)
		suspect->task->suspect = NULL;
	suspect->task = NULL;
	suspect->state = SUSPECT_GUILTY;
	suspect->verdict = verdicts_add(&replay->verdicts, suspect->verdict);
	suspect->next = replay->guilty;
	replay->guilty = suspect;
	claim_drop(&replay->books.claims, suspect->claim);
}

struct verdict *suspect_verdict(const struct claim *claim)
{
	return claim->suspect != NULL ? claim->suspect->verdict : NULL;
}

void suspect_counter_seen(struct suspect *suspect, const struct event *event)
{
	if (event->root == suspect->free.root)
		verdict_evidence(suspect->verdict, event, ROLE_COUNTER);
}

static bool is_metadata(const struct event *event)
{
	return event->kind == EVENT_META_RESERVE || event->kind == EVENT_META_CONVERT ||
	       event->kind == EVENT_META_FREE_ALL_PERTRANS ||
	       (event->kind == EVENT_UPDATE_RESERVE && event->type != EVENT_TYPE_DATA);
}

static bool is_free(const struct event *event)
{
	return event->kind == EVENT_RELEASE_DATA && event->op == EVENT_OP_FREE;
}

static bool reserves_the_same(const struct event *event, const struct event *freed)
{
	return event->kind == EVENT_RESERVE_DATA && rules_same_file(event, freed) && event->start == freed->start &&
	       event->len == freed->len;
}

/* What a truncate, an eviction or a direct write goes on with; the task of an error path does neither. */
static bool could_be_innocent(const struct suspect *suspect, const struct event *next)
{
	return is_free(next) || is_metadata(next) || reserves_the_same(next, &suspect->free);
}

/* Without a type the diff means nothing either. */
static bool returns_metadata(const struct event *event)
{
	return event->kind == EVENT_META_RESERVE && (event->diff <= 0 || event->type == EVENT_TYPE_GARBAGE);
}

/* A folio is a power of two, and lies at a multiple of itself. */
static bool is_folio(const struct event *event)
{
	return (event->len & (event->len - 1)) == 0 && (event->start & (event->len - 1)) == 0;
}

/*
 * A direct write flushes its range, drops it from the page cache, folio by folio and with it what others have dirtied
 * meanwhile, and only then reserves from its start on (btrfs_launder_folio()): then the free is no error of the
 * operation before.
 */
static bool writes_directly(const struct suspect *suspect, const struct event *next)
{
	const struct claim_part freed = rules_span(&suspect->free);

	if (!suspect->owner_newer || !is_folio(&suspect->free) || !rules_same_file(next, &suspect->free))
		return false;
	return is_free(next) ? next->start >= freed.end : next->kind == EVENT_RESERVE_DATA && next->start < freed.end;
}

void suspect_next(struct replay *replay, struct suspect *suspect, const struct event *event)
{
	/* A truncate is over when its task turns to another filesystem. */
	bool goes_on = event->fs == suspect->free.fs;
	bool writes = goes_on && writes_directly(suspect, event);
	bool innocent = writes || (goes_on && could_be_innocent(suspect, event));

	if (goes_on && (event->kind == EVENT_ORDERED_ADD || returns_metadata(event))) {
		acquit(replay, suspect);
		return;
	}
	if (suspect->released_clear || !innocent ||
		(suspect->owner_complete && !writes && !(suspect->granted && innocent))) {
		suspect->verdict->relies_on_evicts = innocent && !suspect->released_clear;
		verdict_evidence(suspect->verdict, event, ROLE_NEXT);
		suspect_convict(replay, suspect);
		return;
	}
	if (reserves_the_same(event, &suspect->free))
		suspect->verdict->certainty = CERTAINTY_LIKELY;
	suspect->state = SUSPECT_TOUCH;
	suspect->task->suspect = NULL;
	suspect->task = NULL;
}

static void touch(struct replay *replay, struct suspect *suspect, const struct event *event, uint64_t bytes)
{
	bool releases = event->kind == EVENT_RELEASE_DATA && event->op == EVENT_OP_RELEASE;

	if (releases && suspect->verdict != NULL) {
		suspect->verdict->relies_on_evicts = false;
		verdict_consequence(suspect->verdict, CONSEQUENCE_SHORT_RELEASE, event, bytes);
		verdict_evidence(suspect->verdict, event, ROLE_RELEASE_SHORT);
	}
	if (suspect->state == SUSPECT_NEXT)
		suspect->released_clear = suspect->released_clear || releases;
	else if (suspect->state == SUSPECT_TOUCH && releases)
		suspect_convict(replay, suspect);
	else if (suspect->state == SUSPECT_TOUCH)
		acquit(replay, suspect);
}

void suspect_tell(struct replay *replay, struct inode *inode, const struct event *event)
{
	struct claim_part span = rules_span(event);
	struct range *range;

	if (replay->suspects == NULL && replay->guilty == NULL)
		return;
	range = ranges_first(&inode->ranges, span.start, span.end);
	for (; range != NULL; range = ranges_next(range, span.end)) {
		struct claim_part part = ranges_within(range, span);

		if (range->state == RANGE_CLEAR && range->claim != NULL && range->claim->suspect != NULL)
			touch(replay, range->claim->suspect, event, part.end - part.start);
	}
}

static bool paid_short(const struct consequence *consequence, const struct event *update)
{
	const struct event *release = &consequence->event;

	return consequence->kind == CONSEQUENCE_SHORT_RELEASE && release->root == update->root &&
	       release->fs == update->fs && release->len == 0 - (uint64_t)update->diff;
}

static bool misses(struct suspect *suspect, const struct event *update, uint64_t missing_bytes)
{
	struct verdict *verdict = suspect->verdict;

	if (verdict == NULL || suspect->underflowed)
		return false;
	for (size_t i = 0; i < verdict->consequence_count && !suspect->underflowed; i++)
		suspect->underflowed = paid_short(&verdict->consequences[i], update);
	if (!suspect->underflowed)
		return false;
	verdict_consequence(verdict, CONSEQUENCE_UNDERFLOW, update, missing_bytes);
	verdict->consequences[verdict->consequence_count - 1].ino = verdict->key.ino;
	return true;
}

/*
 * A kernel that drops an ordered extent's whole length, whatever was reserved for it (before 5.9 in part), misses there
 * what the free had taken.
 */
void suspect_underflow(struct replay *replay, const struct event *update, uint64_t missing_bytes)
{
	struct suspect *const lists[] = {replay->guilty, replay->suspects};

	for (size_t i = 0; i < 2; i++)
		for (struct suspect *suspect = lists[i]; suspect != NULL; suspect = suspect->next)
			if (misses(suspect, update, missing_bytes))
				return;
}

/* A task that has been silent since its free does not go on with it: its operation had ended in an error. */
static bool ended_before(const struct suspect *suspect, uint64_t time_ns)
{
	return suspect->state == SUSPECT_NEXT && time_ns > suspect->free.time_ns &&
	       time_ns - suspect->free.time_ns > WINDOW_DISORDER_NS;
}

void suspect_gap(struct replay *replay, const struct fs *fs, uint64_t from_ns)
{
	struct suspect *next;

	for (struct suspect *suspect = replay->suspects; suspect != NULL; suspect = next) {
		next = suspect->next;
		if (fs != NULL && suspect->free.fs != fs->number)
			continue;
		if (ended_before(suspect, from_ns)) {
			suspect_convict(replay, suspect);
			continue;
		}
		replay->result.unproven.of[FINDING_FOREIGN_FREE]++;
		acquit(replay, suspect);
	}
}

void suspect_end(struct replay *replay, uint64_t last_ns)
{
	suspect_gap(replay, NULL, last_ns);
}

void suspect_beyond_limit(const struct claim *claim, const struct event *event, uint64_t bytes)
{
	if (claim->suspect != NULL && claim->suspect->verdict != NULL)
		verdict_consequence(claim->suspect->verdict, CONSEQUENCE_BEYOND_LIMIT, event, bytes);
}

void suspect_release_all(struct replay *replay)
{
	struct suspect *next;

	while (replay->suspects != NULL)
		acquit(replay, replay->suspects);
	for (struct suspect *suspect = replay->guilty; suspect != NULL; suspect = next) {
		next = suspect->next;
		free(suspect);
	}
}
