/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules.h"

#include <stdlib.h>

#include "base/memory.h"

enum suspect_state {
	SUSPECT_NEXT,  /* waits for the task's next event */
	SUSPECT_TOUCH, /* waits for what touches the bytes next */
	SUSPECT_GUILTY /* accepted: only consequences are still added */
};

struct suspect {
	struct suspect *next;
	struct suspect **link; /* what points to it among the undecided */
	enum suspect_state state;
	struct task *task;	 /* that points here as long as its next event is awaited */
	struct verdict *verdict; /* NULL once its group is too large to keep */
	struct claim *claim;	 /* the free */
	struct event free;
	bool owner_complete;
	bool owner_newer; /* the bytes were reserved only after the task's own operation */
	bool granted; /* the task's own operation had metadata: it may have succeeded, and be followed by a truncate */
	bool underflowed;    /* the counter missed the bytes later */
	bool released_clear; /* an op=release found the bytes clear meanwhile */
};

static void watch(struct replay *replay, struct suspect *suspect)
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
static void convict(struct replay *replay, struct suspect *suspect)
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

/* Collects the bytes of a span that are reserved, but not by this operation. Returns whether an owner is complete. */
static bool collect_owners(struct verdict *verdict, struct inode *inode, struct claim_part span,
	const struct claim *operation, bool unknown_too)
{
	struct range *range = ranges_first(&inode->ranges, span.start, span.end);
	bool complete = false;

	for (; range != NULL; range = ranges_next(range, span.end)) {
		struct claim_part part = ranges_within(range, span);

		if (range->state == RANGE_CLEAR || (range->state == RANGE_UNKNOWN && !unknown_too))
			continue;
		if (range->claim != NULL && claim_is_part(range->claim, operation))
			continue;
		verdict_claim(verdict, range->claim, part);
		complete = complete || (range->claim != NULL && range->claim->complete);
	}
	return complete;
}

static void add_story(struct verdict *verdict, const struct claim *operation, const struct event *event)
{
	verdict_evidence(verdict, &operation->event, ROLE_TASK_RESERVES);
	if (operation->meta_failures > 0) {
		struct event failure = claim_noted(operation, &operation->meta_failure);

		verdict_evidence(verdict, &failure, ROLE_META_FAILS);
	}
	verdict_evidence(verdict, event, ROLE_TASK_FREES);
}

/*
 * Conditions (i) to (iii) of rule 7a. An operation that was refused its data, or has taken back what it held, is over:
 * what its task frees then is of the next one, as when a direct write drops the page cache (btrfs_launder_folio()).
 */
static bool has_shape_of_error_path(const struct task *task, const struct event *event)
{
	const struct claim *operation = task->operation;
	struct claim_part span = rules_span(event);
	struct claim_part reserved;

	if (operation == NULL || operation->unsure || operation->failed || operation->taken_back ||
		!task->reserve_is_last_data || task->evicting)
		return false;
	if (!rules_same_file(&operation->event, event))
		return false;
	reserved = rules_span(&operation->event);
	return span.start >= reserved.start && span.end <= reserved.end;
}

/*
 * Metadata that is given back is the order of an error path; but a write whose extent joins another gives some back
 * too, and what is dirtied after it is cleared by a direct write that may follow.
 */
static enum finding_certainty certainty_of(const struct claim *operation, bool newer)
{
	return !operation->meta_taken || (operation->meta_returned && !newer) ? CERTAINTY_PROVEN : CERTAINTY_LIKELY;
}

/* Whether some of the bytes were reserved only after the operation that frees them. */
static bool owner_is_newer(const struct occurrence *freed, const struct claim *operation)
{
	for (size_t i = 0; i < freed->owner_count; i++)
		if (freed->owners[i].task.pid >= 0 && freed->owners[i].time_ns > operation->event.time_ns)
			return true;
	return false;
}

/*
 * Of some reserves of the operation it is not known which bytes they newly set: bytes of an owner whom nobody knows may
 * then be its own.
 */
static bool may_be_its_own(const struct claim *operation, const struct occurrence *freed)
{
	uint64_t bytes = 0;

	for (; operation != NULL; operation = operation->earlier)
		if (operation->part_count > CLAIM_PARTS)
			bytes = rules_plus(bytes, operation->event.bytes);
	for (size_t i = 0; i < freed->owner_count; i++)
		if (freed->owners[i].task.pid >= 0)
			return false;
	return bytes >= freed->bytes;
}

struct suspect *foreign_look(
	struct replay *replay, struct task *task, const struct event *event, struct inode *inode, struct claim *claim)
{
	struct verdict_group_key key = {.kind = FINDING_FOREIGN_FREE,
		.path = PATH_TRACED_FREE,
		.fs = event->fs,
		.root = event->root,
		.ino = event->ino};
	struct claim_part span = rules_span(event);
	struct range_sums sums;
	struct suspect *suspect;
	struct verdict *verdict;
	bool unknown_too;
	bool complete;
	bool newer;

	if (!has_shape_of_error_path(task, event))
		return NULL;
	sums = ranges_sum(&inode->ranges, span.start, span.end);
	unknown_too = sums.of[RANGE_UNKNOWN] > 0 && event->bytes == sums.of[RANGE_RESERVED] + sums.of[RANGE_UNKNOWN];
	verdict = verdict_new(key, event);
	complete = collect_owners(verdict, inode, span, task->operation, unknown_too);
	if (unknown_too && ranges_first(&inode->ranges, span.start, span.end) == NULL)
		verdict_claim(verdict, NULL, span);
	if (may_be_its_own(task->operation, &verdict->occurrence)) {
		replay->result.unproven.of[FINDING_FOREIGN_FREE] += verdict->occurrence.bytes > 0;
		verdict_free(verdict);
		return NULL;
	}
	newer = owner_is_newer(&verdict->occurrence, task->operation);
	verdict->certainty = certainty_of(task->operation, newer);
	verdict->relies_on_ordered = task->operation->meta_taken;
	add_story(verdict, task->operation, event);
	suspect = memory_zeroed(sizeof(*suspect));
	*suspect = (struct suspect){.verdict = verdict,
		.claim = claim_keep(claim),
		.task = task,
		.free = *event,
		.owner_complete = complete,
		.owner_newer = newer,
		.granted = task->operation->meta_taken};
	claim->suspect = suspect;
	watch(replay, suspect);
	owed_take(replay, claim, verdict);
	return suspect;
}

struct verdict *foreign_verdict(const struct claim *claim)
{
	return claim->suspect != NULL ? claim->suspect->verdict : NULL;
}

void foreign_counter_seen(struct suspect *suspect, const struct event *event)
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

/*
 * A direct write flushes its range, drops it from the page cache, and with it what others have dirtied meanwhile, and
 * only then reserves (btrfs_launder_folio()): then the free is no error of the operation before.
 */
static bool writes_directly(const struct suspect *suspect, const struct event *next)
{
	return suspect->owner_newer && next->kind == EVENT_RESERVE_DATA && rules_same_file(next, &suspect->free);
}

void foreign_next(struct replay *replay, struct suspect *suspect, const struct event *event)
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
		convict(replay, suspect);
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
		verdict_consequence(suspect->verdict, CONSEQUENCE_SHORT_RELEASE, event, bytes);
		verdict_evidence(suspect->verdict, event, ROLE_RELEASE_SHORT);
	}
	if (suspect->state == SUSPECT_NEXT)
		suspect->released_clear = suspect->released_clear || releases;
	else if (suspect->state == SUSPECT_TOUCH && releases)
		convict(replay, suspect);
	else if (suspect->state == SUSPECT_TOUCH)
		acquit(replay, suspect);
}

void foreign_tell(struct replay *replay, struct inode *inode, const struct event *event)
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
void foreign_underflow(struct replay *replay, const struct event *update, uint64_t missing_bytes)
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

void foreign_gap(struct replay *replay, const struct fs *fs, uint64_t from_ns)
{
	struct suspect *next;

	for (struct suspect *suspect = replay->suspects; suspect != NULL; suspect = next) {
		next = suspect->next;
		if (fs != NULL && suspect->free.fs != fs->number)
			continue;
		if (ended_before(suspect, from_ns)) {
			convict(replay, suspect);
			continue;
		}
		replay->result.unproven.of[FINDING_FOREIGN_FREE]++;
		acquit(replay, suspect);
	}
}

void foreign_end(struct replay *replay, uint64_t last_ns)
{
	foreign_gap(replay, NULL, last_ns);
}

void foreign_beyond_limit(const struct claim *claim, const struct event *event, uint64_t bytes)
{
	if (claim->suspect != NULL && claim->suspect->verdict != NULL)
		verdict_consequence(claim->suspect->verdict, CONSEQUENCE_BEYOND_LIMIT, event, bytes);
}

void foreign_release_all(struct replay *replay)
{
	struct suspect *next;

	while (replay->suspects != NULL)
		acquit(replay, replay->suspects);
	for (struct suspect *suspect = replay->guilty; suspect != NULL; suspect = next) {
		next = suspect->next;
		free(suspect);
	}
}

void foreign_order_broken(struct replay *replay, struct root *root, uint64_t time_ns)
{
	root->break_ns = time_ns + 1;
	root->breaks++;
	for (size_t i = replay->verdicts.count; i-- > 0;) {
		struct verdict *verdict = replay->verdicts.all[i];

		if (verdict->found_ns + WINDOW_DISORDER_NS < time_ns)
			break;
		if (verdict->key.path != PATH_ROLLBACK || verdict->key.root != root->totals.root ||
			verdict->key.fs != root->fs->number || verdict->revoked)
			continue;
		verdict->revoked = true;
		replay->result.unproven.of[FINDING_FOREIGN_FREE]++;
	}
}

static struct suspect *guilty_rollback(struct replay *replay, struct verdict *verdict, struct claim *claim)
{
	struct suspect *suspect = memory_zeroed(sizeof(*suspect));

	*suspect = (struct suspect){.verdict = verdict, .claim = claim_keep(claim), .free = claim->event};
	claim->suspect = suspect;
	watch(replay, suspect);
	convict(replay, suspect);
	return suspect;
}

/* Whether the owner's reserve stands so near on another CPU that it may as well have come after the rollback. */
static bool order_is_doubtful(const struct verdict *verdict, const struct event *event)
{
	static const uint64_t near_ns = 5000;

	for (size_t i = 0; i < verdict->evidence_count; i++) {
		const struct evidence *evidence = &verdict->evidence[i];

		if (evidence->role != ROLE_OWNER_RESERVES)
			continue;
		if (evidence->event.number > event->number ||
			(evidence->event.cpu != event->cpu && evidence->event.time_ns + near_ns > event->time_ns))
			return true;
	}
	return false;
}

void foreign_rollback(struct replay *replay, const struct claim *operation, const struct event *event)
{
	struct verdict_group_key key = {.kind = FINDING_FOREIGN_FREE,
		.path = PATH_ROLLBACK,
		.fs = event->fs,
		.root = operation->event.root,
		.ino = operation->event.ino};
	struct inode *inode = books_inode(&replay->books, event->fs, key.root, key.ino);
	struct event named = *event;
	struct verdict *verdict;
	struct claim *claim;

	named.ino = operation->event.ino;
	named.start = operation->event.start;
	named.len = operation->event.len;
	claim = claim_new(&replay->books.claims, &named);
	verdict = verdict_new(key, &named);
	for (size_t i = 0; i < operation->part_count; i++)
		collect_owners(verdict, inode, operation->parts[i], operation, false);
	if (operation->taken_by != NULL)
		verdict_evidence(verdict, &operation->taken_by->event, ROLE_RANGE_TAKEN);
	add_story(verdict, operation, event);
	for (size_t i = 0; i < operation->part_count; i++)
		books_turn(&replay->books, inode, operation->parts[i], RANGE_RESERVED, RANGE_CLEAR, claim);
	if (order_is_doubtful(verdict, event))
		verdict->certainty = CERTAINTY_LIKELY;
	if (inode->root->break_ns != 0 && event->time_ns < inode->root->break_ns + WINDOW_DISORDER_NS) {
		replay->result.unproven.of[FINDING_FOREIGN_FREE]++;
		verdict_free(verdict);
	} else {
		owed_take(replay, claim, verdict);
		guilty_rollback(replay, verdict, claim);
	}
	claim_drop(&replay->books.claims, claim);
}
