/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rules - what each event means for the ledgers, one function for each kind of event, in one file for each concern.
 *
 * Internal to the replay. Every rule takes the replay and the event, changes the books, and adds verdicts.
 *
 *   rules_reserve.c  reserves: bits that are set, or were not set again
 *   rules_release.c  releases and frees: bits that are cleared
 *   rules_inode.c    the beginning and the end of an inode in memory
 *   rules_counter.c  update_reserve: the kernel's counters, and what a bare negative update was
 *   rules_rollback.c what a task takes back of its own operation
 *   rules_bits.c     extent bits as they are recorded: which range a rollback really cleared
 *   rules_broad.c    rollbacks of more than was asked for
 *   rules_finish.c   ordered extents that end without an extent on disk
 *   rules_commit.c   released extents on their way to the drop of their bytes
 *   rules_meta.c     reservations of metadata, and their balance
 *   rules_limit.c    limits of qgroups, and reserves beyond them
 *   rules_old.c      kernels whose counters have no usable type, or that have none
 *   rules_foreign.c  frees that have the shape of an error path taking what is not its own
 *   rules_suspect.c  such frees until what follows settles them, and what they bring about
 *   rules_handover.c rollbacks of bits that had changed hands
 *   rules_review.c   what must be taken back because the trace does not record enough
 *   rules_leak.c     bytes that nothing can free any more, and the law that bounds them
 *   rules_epoch.c    lost events, quota epochs, unmounts: when knowledge ends
 *   rules_stale.c    bits that a quota epoch left to the next
 *   rules_unexplained.c  contradictions that no rule explains
 *   rules_order.c    neighbours that the trace shows in the wrong order
 *   rules_task.c     what a task was in the middle of, settled by its next event
 *   rules_owed.c     bytes that foreign frees took, until what they were for has ended
 *   rules_owed_wait.c  the same, as it waits for a counter update or a commit
 *   rules_whatif.c   the counters as samples, and what the mismatches did to them
 */
#ifndef QGREPLAY_ANALYZER_RULES_H
#define QGREPLAY_ANALYZER_RULES_H

#include "analyzer/books.h"
#include "analyzer/records.h"
#include "analyzer/replay.h"
#include "analyzer/verdict.h"
#include "analyzer/window.h"
#include "base/limits.h"

/* A failing reserve, remembered for as long as another task may have seen its transient bits. */
struct failed_reserve {
	uint64_t time_ns;
	uint64_t ino;
	uint64_t root;
	struct claim_part span;
	uint16_t fs;
	int32_t pid;
};

/* How many failing reserves are remembered, and how many events ahead a rule may look. */
enum { FAILED_KEPT = 16, RULES_LOOK_AHEAD = 256 };

/* Bytes that a reserve has set again, or an error path taken again, until its counter update: the task's next event. */
struct owed_update {
	int32_t pid;
	struct claim *claim; /* the foreign free */
	uint64_t bytes;
	bool again;
};

/* What foreign frees took, and is still owed: for the what-if alone. */
struct owed {
	struct table inodes; /* ranges whose bits would be set */
	struct owed_update *updates;
	size_t update_count;
	size_t update_capacity;
	struct owed_flight *flights;
	size_t flight_count;
	size_t flight_capacity;
};

enum { FEED_SAMPLES = 1024 };

/* Samples on their way to the sink. */
struct whatif_feed {
	const struct whatif_sink *sink; /* or NULL */
	struct whatif_place *places;
	size_t place_count;
	size_t place_capacity;
	size_t sample_count;
	struct whatif_sample samples[FEED_SAMPLES];
};

struct replay {
	struct replay_options options;
	struct books books;
	struct window window;
	struct verdicts verdicts;
	struct records records;
	struct replay_result result;
	struct suspect *suspects;		   /* undecided */
	struct suspect *guilty;			   /* accepted; kept for their consequences */
	struct failed_reserve failed[FAILED_KEPT]; /* a ring */
	size_t failed_next;
	struct owed owed;
	struct whatif_feed feed;
	struct table usages;	/* of qgroups whose limits are known */
	uint64_t garbage_types; /* events with EVENT_TYPE_GARBAGE */
	struct event first_garbage;
};

/* The part of the file that a data event is about, cut at the end of 64 bits. */
struct claim_part rules_span(const struct event *event);

/* A sum that stays at the largest number instead of wrapping: amounts of a trace may be absurd. */
uint64_t rules_plus(uint64_t a, uint64_t b);

/* Whether two events are about the same inode of the same filesystem. */
bool rules_same_file(const struct event *a, const struct event *b);

/* Whether a counter update takes more than the counter holds. */
bool rules_below_zero(const struct event *event);

/* An exact contradiction between the kernel's word and the model: counted, and nothing is concluded from it. */
void rules_contradiction(struct replay *replay, struct root *root);

/* rules_reserve.c */
void rule_reserve(struct replay *replay, struct task *task, const struct slot *slot);
/* Whether an event may have met bits of a reserve that failed about then: they are set and cleared again at once. */
bool reserve_saw_failing(struct replay *replay, const struct event *event);

/* rules_release.c */
void rule_release_or_free(struct replay *replay, struct task *task, const struct event *event, bool ranges_done);

/* rules_inode.c */
void rule_inode_new(struct replay *replay, const struct event *event);
void rule_evict(struct replay *replay, struct task *task, const struct event *event);
/* The evicting task went on to something else: what is still set now is lost. */
void rule_evict_ends(struct replay *replay, struct task *task);
/* Somebody uses the inode again: iget() waits for the end of an eviction, so that of this inode is over. */
void rule_evict_over(struct replay *replay, struct inode *inode);

/* rules_counter.c */
void rule_update_reserve(struct replay *replay, struct task *task, const struct event *event, bool ranges_done);
void rule_transaction_commit(struct replay *replay, struct task *task, const struct event *event);
void rule_free_pertrans(struct replay *replay, struct task *task, const struct event *event);

/* The change of the ranges alone, made before the event's turn; the claim is the caller's. */
void range_clear_early(struct replay *replay, struct inode *inode, const struct event *event);
struct claim *range_reserve_early(struct replay *replay, struct inode *inode, const struct event *event);

/* rules_order.c */
/*
 * The oldest event of the window contradicts the model. Two CPUs' clocks are not one clock, and bits change a moment
 * before their event is traced (REPLAY 2, FACTS 2 and 17): looks for the order of it and its neighbours of other tasks,
 * within WINDOW_DISORDER_NS, that leaves the fewest contradictions up to the end of the window. If they are fewer than
 * as it is, makes that exchange, counts it, and returns true: the event then agrees with the model, but for `left_out`
 * (empty at the end of its span when there is nothing), bytes that were changed after it and stay as they are.
 */
bool order_exchange(struct replay *replay, struct inode *inode, const struct event *event, struct claim_part *left_out);
/* The same for a bare update that nothing explains: true when it is the rollback of `operation` now. */
bool order_exchange_rollback(struct replay *replay, const struct claim *operation, const struct event *event);

/* rules_rollback.c */
/*
 * What could be taken back of a task's operation: bytes still set and its own, bytes of the same pieces that others
 * have set since, and bytes of which nobody knows. `certain`: the pieces that it newly set are all known.
 */
struct rollback {
	uint64_t own_bytes;
	uint64_t others_bytes;
	uint64_t unknown_bytes;
	bool certain;
};
struct rollback rollback_of(struct replay *replay, const struct claim *operation, bool whole_chain);

/* Tries to explain a bare update as the rollback of the task's own operation; true when it is one. */
bool rule_rollback(struct replay *replay, struct task *task, const struct event *event, bool ranges_done);

/* The counter changed by another amount than was freed, off by a multiple of 2^32: rule 11. */
bool rule_truncated(struct replay *replay, struct task *task, const struct event *event, uint64_t freed_bytes);

/* rules_task.c */
void rule_task_goes_on(struct replay *replay, struct task *task, const struct event *event);
void rule_meta_reserve(struct replay *replay, struct task *task, const struct event *event);
void rule_meta_update(struct task *task, const struct event *event);

/* rules_stale.c */
/* A quota epoch has begun, as this counter's restart shows: bits of the one before may still be set. */
void stale_epoch(struct replay *replay, struct fs *fs, const struct chain *chain, const struct event *event);
/* A reserve of nothing new shows that unknown bits are set: those of an earlier epoch stay its own. */
void stale_adopt(struct replay *replay, struct inode *inode, struct claim_part span);
/* An op=free is about to clear its span: a finding when it gives back bytes that an earlier epoch reserved. */
bool stale_free(struct replay *replay, struct inode *inode, const struct event *event, struct range_sums sums);
/* The reserve of an earlier epoch (the first of them) that owns all that a release is about to clear, or NULL. */
struct claim *stale_owner(struct inode *inode, const struct event *event, struct range_sums sums);
/* The counter update of a free: its mismatch, if it is the root's last one, took effect here. */
void stale_counted(struct root *root, const struct event *freed, const struct event *update);
/* A commit is about to drop bytes: a finding, once, when such a release had put them into flight. */
void stale_drop(struct replay *replay, struct root *root, const struct event *event);
/* Whether such frees explain an underflow; it then becomes their consequence. */
bool stale_explains(struct root *root, const struct event *event, uint64_t missing_bytes);

/* rules_unexplained.c */
/* A data event of an inode was taken. */
void unexplained_touch(struct inode *inode, const struct event *event);
/*
 * Whether the model must be right about the span of an event, as `sums` has it: all is known, nothing was lost, the
 * order is certain, and nobody else was near.
 */
bool unexplained_exact(
	struct replay *replay, const struct inode *inode, const struct event *event, struct range_sums sums);
/* The kernel's count is not the model's, and no rule says why: a finding where the model must be right. */
void unexplained_count(struct replay *replay, struct inode *inode, const struct event *event, struct range_sums sums);

/* rules_finish.c */
/*
 * Whether a bare negative update is the free of an ordered extent that ended without an extent on disk: an I/O error,
 * or truncated to nothing (btrfs_finish_one_ordered(), f63e1164b90b). Its bytes are then out of flight.
 */
bool finish_drops(struct replay *replay, struct root *root, const struct event *update);

/* rules_bits.c */
/* A request to set or clear reserved bits, traced before it is carried out (btrfs_clear_extent_bit_changeset()). */
void rule_bits(struct replay *replay, struct task *task, const struct event *event);
/* Whether the task has asked for bits to be cleared since its last other event. */
bool bits_pending(const struct task *task);
/* It goes on with `event`, no counter update: what was cleared without one is lost. */
void bits_go_on(struct replay *replay, struct task *task, const struct event *event);
/* Whether a bare negative update is the free of what it asked for; the ranges are then brought up to date. */
bool bits_rollback(struct replay *replay, struct task *task, const struct event *update);
/* Whether it is that free with its bytes truncated (rule 11). */
bool bits_truncated(struct replay *replay, struct task *task, const struct event *update);
void bits_forget(struct task *task);

/* rules_broad.c */
/* A rollback is about to take back all of an operation: a note when that is more than one request can be. */
void broad_look(struct replay *replay, struct task *task, const struct claim *operation, const struct event *update);
/* The task asks again for what that rollback has cleared: the requests were made one by one. */
void broad_repeat(struct task *task, const struct event *clear);

/* rules_commit.c */
/* An event on the way of a released extent to its drop: ordered extent, delayed ref, accounting. */
void rule_record(struct replay *replay, struct task *task, const struct event *event);
/* The task's last event, a release of bytes, is directly followed by its ordered extent, or by something else. */
void commit_ordered(struct replay *replay, struct task *task, const struct event *ordered);
void commit_unbound(struct replay *replay, struct task *task);
/* A release of no bytes for the first part of the ordered extent that the task has begun to split. */
void commit_split(struct replay *replay, struct task *task, const struct event *head);
/* A commit changed a counter of the root. */
void commit_reached(struct task *task, struct root *root);
/*
 * A negative update that is the drop of the extent whose accounting the task is in: takes the very release out of the
 * flight and compares the amounts. False when the extent is not known; then a drop is found by its amount.
 */
bool commit_drop(struct replay *replay, struct root *root, const struct event *event);
/* A drop whose amount no release in flight has. */
void commit_excess(struct replay *replay, struct root *root, const struct event *event);
/* The counter shows what was dropped too much: that is the finding, and not each drop. */
void commit_underflows(struct replay *replay, const struct root *root, uint64_t missing_bytes);

/* rules_old.c */
/* A reserve in a trace without counters (before 4.12): nobody knows yet whether it held (REPLAY rule 1). */
void old_reserve(struct replay *replay, struct inode *inode, struct claim *claim);
/* A counter update without a type, or with one that means nothing: told by what is before it. */
void old_update(struct replay *replay, struct task *task, const struct event *event, bool ranges_done);

/* rules_meta.c */
/* A type that is not to be believed: nothing that was concluded from types before it stands. */
void rule_garbage(struct replay *replay, const struct event *event);
/* At the end: says so, once. */
void rule_garbage_note(struct replay *replay);
/* A root's first inode is made: nothing is reserved for the root. */
void meta_root_born(struct replay *replay, const struct event *event);
/* Whether a counter of metadata that is first seen begins where its root's own count does. */
bool meta_begins(struct replay *replay, const struct event *event);
/* A counter of metadata would go below 0. */
void meta_underflow(struct replay *replay, const struct event *event);
/* The task's next event after a meta_reserve, meta_convert or free_all: the counter update that is due, or not. */
void meta_goes_on(struct replay *replay, const struct task *task, const struct event *event);
/* A counter of metadata has a word, and goes on where it was, or does not; before its change is made. */
void meta_word(struct replay *replay, struct chain *chain, const struct event *word, bool goes_on);
/* A commit drops data of the root. */
void meta_commit_drop(struct replay *replay, struct root *root, const struct event *event);
/* A counter above 0 went on where it was: quota was not switched off and on since its last word. */
void meta_sighted(const struct chain *chain, struct fs *fs, const struct event *event);
/* A transaction of the filesystem is over. */
void meta_committed(struct fs *fs, const struct event *event);
/* What the counters of metadata hold at the end of a mount has leaked. */
void meta_unmount(struct replay *replay, struct fs *fs, const struct event *unmount);

/* rules_limit.c */
/* What a qgroup has accounted changes. */
void rule_usage(struct replay *replay, struct task *task, const struct event *event);
/* Limits are known, and a counter changes: of metadata, or of a qgroup above level 0. */
void limit_word(struct replay *replay, const struct task *task, struct chain *chain, const struct event *event);
/* Limits are known, and a qgroup's counter of data takes a reserve. */
void limit_charge(struct replay *replay, const struct task *task, const struct event *event);
/* The trace ends: what still waits is not proven. */
void limit_end(struct replay *replay);
void limit_release(struct replay *replay);

/* rules_foreign.c */
/*
 * Looks at an op=free with bytes before it changes the ranges: makes it a suspect when it has the shape of an error
 * path's free of bytes that its own operation did not reserve. Returns NULL or the suspect, which `claim` (the free)
 * remembers.
 */
struct suspect *foreign_look(
	struct replay *replay, struct task *task, const struct event *event, struct inode *inode, struct claim *claim);
/* rules_suspect.c */
void suspect_counter_seen(struct suspect *suspect, const struct event *event);
/* The task's first event after the counter update: settles the suspect, or leaves it to what touches the range next. */
void suspect_next(struct replay *replay, struct suspect *suspect, const struct event *event);
/* An event is about to find bytes clear, or to set them: those learn of it that a suspect cleared. */
void suspect_tell(struct replay *replay, struct inode *inode, const struct event *event);
/*
 * From a moment on events are missing (of all filesystems: NULL) or void: who had been silent for long by then is
 * settled, and nobody else who is undecided is accused.
 */
void suspect_gap(struct replay *replay, const struct fs *fs, uint64_t from_ns);
void suspect_end(struct replay *replay, uint64_t last_ns);
/* A commit drops more than the counter holds: what follows from a free, when it is the drop of its victim. */
void suspect_underflow(struct replay *replay, const struct event *update, uint64_t missing_bytes);
void suspect_release_all(struct replay *replay);
/* Bytes were reserved that the limit would have refused, had this free not taken too much off the counter. */
void suspect_beyond_limit(const struct claim *claim, const struct event *event, uint64_t bytes);

/* The mismatch that a free was, or may still turn out to be; NULL when it was none. */
struct verdict *suspect_verdict(const struct claim *claim);

/* rules_handover.c */
/* The order of a root's events is wrong hereabouts: rollbacks near it prove nothing. */
void handover_order_broken(struct replay *replay, struct root *root, uint64_t time_ns);
/* A bare rollback took bytes that others had set since: rule 7b. */
void handover_rollback(struct replay *replay, const struct claim *operation, const struct event *event);

/* rules_owed.c */
void owed_init(struct owed *owed);
void owed_release(struct owed *owed);
/* A free or rollback may have taken the bytes of these owners; or it was innocent after all. */
void owed_take(struct replay *replay, struct claim *claim, const struct verdict *verdict);
void owed_acquit(struct replay *replay, struct claim *claim);
/* A reserve held; a release or free is about to clear; a bare update has cleared: what is owed there changes. */
void owed_reserved(struct replay *replay, const struct event *event);
void owed_cleared(struct replay *replay, const struct task *task, const struct event *event);
void owed_rolled_back(struct replay *replay, const struct task *task, const struct event *update);
/*
 * A task goes on to another reserve: where its last one, which may be NULL, failed for want of metadata, it would have
 * been rolled back. With its bits gone the kernel has nothing to roll back, and traces nothing.
 */
void owed_next(struct replay *replay, const struct claim *reserve, const struct event *event);
/* The inode of an event ends, or begins. */
void owed_gone(struct replay *replay, const struct event *event);
/* Nothing is known any more of a filesystem, or of all with NULL. */
void owed_void(struct replay *replay, const struct fs *fs, const struct event *event);

/* What is missing from a root's counter because of foreign frees; `*claim` becomes one of them, if there is any. */
uint64_t owed_missing(const struct owed *owed, uint16_t fs, uint64_t root, struct claim **claim);

/* rules_owed_wait.c */
/* The counter takes a task's reserve, or free. */
void owed_counted(struct replay *replay, const struct event *update);
/* What is in flight is about to be dropped (NULL: nobody knows what); a commit of the root is over. */
void owed_dropped(struct replay *replay, const struct flight_entry *entry, const struct event *event);
void owed_commit(struct replay *replay, const struct root *root, const struct event *event);
void owed_forget_flights(struct replay *replay, const struct fs *fs, const struct event *event);
/* Bytes are missing no more, or again: the mismatch of the free, if it still is one, learns of it. */
void owed_given_back(const struct claim *claim, const struct event *event, uint64_t bytes);
void owed_taken_again(const struct claim *claim, const struct event *event, uint64_t bytes);
/* They will be with the next counter update of the task; or, being written by `event`, are none with their drop. */
void owed_wait_for_update(struct replay *replay, struct owed_update update);
void owed_wait_for_commit(struct replay *replay, const struct event *event, struct claim *claim, uint64_t bytes);

/* rules_whatif.c */
/* The counter of a root, as the totals have it, for the sink. */
void feed_sample(struct replay *replay, struct root *root, const struct event *event, enum whatif_moment moment);
/* The rest of the samples, and what the verdicts that stand did to the counters; the steps are the caller's to free. */
void feed_end(struct replay *replay, struct whatif_plan *plan);

/* rules_review.c */
/* At the end, when it is known what the trace records: revokes what only missing kinds of event could prove. */
void rules_review(struct replay *replay);

/* rules_leak.c */
/* The reserved bytes of a span are lost: their bits go (or went) without a free. */
void leak_range(struct inode *inode, const struct event *event, enum finding_path path, struct claim_part span);
/* The eviction that began with this event is over: what is reserved of its inode has leaked. */
void leak_evicted(struct replay *replay, struct inode *inode, const struct event *evict);
/* A task begins anew: bytes that its failed operation should have taken back, and did not, are remembered as lost. */
void leak_abandoned(struct replay *replay, struct task *task);
/* A release or free finds none of the reserved bytes of its span, and nobody else was there: likely lost. */
void leak_vanished(struct inode *inode, const struct event *event);
/* Such bytes are released or freed after all: the leak is healed, and told once. */
void leak_adopted(struct replay *replay, struct inode *inode, const struct range *range, const struct event *event);
/* The kernel freed at the inode's end what had been left (btrfs_qgroup_check_reserved_leak()): that leak is healed. */
void leak_healed(struct replay *replay, struct root *root, uint64_t ino, uint64_t bytes);
/* The task's last event released what it should have freed, as the ordered extent's flags say. */
void leak_nocow(const struct task *task, const struct event *ordered);
/* What has leaked can never be freed: claims above a later value of the counter are refuted, the weakest first. */
void leak_floor(struct replay *replay, struct root *root, uint64_t value);
/* Bytes of an inode that were thought lost were freed after all. */
void leak_returned(struct replay *replay, struct root *root, uint64_t ino, uint64_t bytes);
/* A commit did not drop all bytes of an extent: they have leaked, if the counter does not deny it. */
void leak_claimed(struct root *root, struct verdict *verdict);
/* A drop of so many bytes that no release in flight explains; true when it is the one that a claim missed. */
bool leak_dropped(struct replay *replay, struct root *root, uint64_t bytes);
/* A commit of the root is over. */
void leak_commit(struct root *root);
/* The end of a root's ledgers: the trace's, or the filesystem's when `unmounted`. Claims that stand become verdicts. */
void leak_settle(struct replay *replay, struct root *root, bool unmounted);
/* Drops the claims made at or after a moment. */
void leak_forget_since(struct replay *replay, struct root *root, uint64_t from_ns);

/* rules_epoch.c */
void epoch_lost(struct replay *replay, const struct event *event);
/* Everything that is known of all filesystems, and was concluded, is void. */
void epoch_void(struct replay *replay);
/* A counter shows that changes of it are missing since a moment, though no mark says so. */
void epoch_hole(struct replay *replay, struct fs *fs, uint64_t from_ns, const struct event *event);
/* A counter does not go on where it was: returns true when that begins a new epoch. */
bool epoch_restart(struct replay *replay, struct chain *chain, const struct event *event);
/* A counter goes on where it was. */
void epoch_confirmed(struct replay *replay, struct chain *chain, const struct event *event);
void epoch_unmount(struct replay *replay, const struct event *event);
void epoch_end(struct replay *replay);

#endif
