/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * finding_story - a finding made by hand: the classic bug as FACTS tells it. wl-151 reserves [0, 4096), wl-152 finds it
 * reserved, fails, and frees it; writeback then finds nothing.
 */
#ifndef QGREPLAY_TESTS_FINDING_STORY_H
#define QGREPLAY_TESTS_FINDING_STORY_H

#include "analyzer/replay.h"
#include "base/names.h"

struct story {
	struct names *comms;
	struct names *fsids;
	struct owner owner;
	struct occurrence occurrence;
	struct evidence evidence[5];
	struct consequence consequence;
	struct finding finding;
	struct root_totals root;
	struct fs_totals fs;
	struct replay_result result;
};

/* The text of the story's filesystem id. */
#define STORY_FSID "b09a6e3c-e68a-11f1-a2b8-3537647cf663"

/* Fills `story`, whose parts point into it: it must not be copied. Ended by story_release(). */
static inline void story_init(struct story *story);
static inline void story_release(struct story *story);

static inline struct event story_event(uint64_t number, enum event_kind kind, int32_t pid, uint64_t time_ns)
{
	return (struct event){.number = number,
		.kind = (uint8_t)kind,
		.pid = pid,
		.comm = 1,
		.time_ns = time_ns,
		.root = 256,
		.ino = 257,
		.fs = 1,
		.len = 4096};
}

static inline void story_fill_evidence(struct story *story)
{
	static const enum evidence_role roles[] = {
		ROLE_OWNER_RESERVES, ROLE_TASK_RESERVES, ROLE_META_FAILS, ROLE_TASK_FREES, ROLE_COUNTER};
	struct event events[5] = {
		story_event(7, EVENT_RESERVE_DATA, 151, UINT64_C(19747588000)),
		story_event(12, EVENT_RESERVE_DATA, 152, UINT64_C(19837989000)),
		story_event(13, EVENT_META_RESERVE, 152, UINT64_C(19838000000)),
		story_event(14, EVENT_RELEASE_DATA, 152, UINT64_C(19838655000)),
		story_event(15, EVENT_UPDATE_RESERVE, 152, UINT64_C(19838712000)),
	};

	events[0].bytes = 4096;
	events[0].op = events[1].op = EVENT_OP_RESERVE;
	events[2].type = EVENT_TYPE_META_PREALLOC;
	events[2].diff = 16384;
	events[3].bytes = 4096;
	events[3].op = EVENT_OP_FREE;
	events[4].bytes = 4096;
	events[4].diff = -4096;
	for (size_t i = 0; i < 5; i++)
		story->evidence[i] = (struct evidence){.event = events[i], .role = roles[i]};
}

static inline void story_fill_finding(struct story *story)
{
	story->owner = (struct owner){
		.task = {151, 1}, .bytes = 4096, .start = 0, .len = 4096, .time_ns = UINT64_C(19747588000)};
	story->occurrence = (struct occurrence){.time_ns = UINT64_C(19838655000),
		.root = 256,
		.ino = 257,
		.len = 4096,
		.bytes = 4096,
		.task = {152, 1},
		.owners = &story->owner,
		.owner_count = 1};
	story->consequence = (struct consequence){.kind = CONSEQUENCE_SHORT_RELEASE,
		.event = story_event(40, EVENT_RELEASE_DATA, 25, UINT64_C(20789890000)),
		.bytes = 4096};
	story->consequence.event.op = EVENT_OP_RELEASE;
	story->consequence.event.comm = 2;
	story->finding = (struct finding){.id = 1,
		.kind = FINDING_FOREIGN_FREE,
		.severity = SEVERITY_ERROR,
		.certainty = CERTAINTY_PROVEN,
		.path = PATH_TRACED_FREE,
		.fs = 1,
		.root = 256,
		.ino = 257,
		.bytes = 4096,
		.occurrences = &story->occurrence,
		.occurrence_count = 1,
		.occurrence_total = 1,
		.evidence = story->evidence,
		.evidence_count = 5,
		.consequences = &story->consequence,
		.consequence_count = 1,
		.consequence_total = 1};
}

static inline void story_init(struct story *story)
{
	*story = (struct story){.comms = names_new(8), .fsids = names_new(8)};
	names_number(story->comms, "wl", 2);
	names_number(story->comms, "kworker/u4:1", 12);
	names_number(story->fsids, STORY_FSID, sizeof(STORY_FSID) - 1);
	story_fill_evidence(story);
	story_fill_finding(story);
	story->root =
		(struct root_totals){.root = 256, .reserved_bytes = 4096, .freed_bytes = 4096, .counter_known = true};
	story->fs = (struct fs_totals){.fs = 1, .quota_epochs = 1, .roots = &story->root, .root_count = 1};
	story->result = (struct replay_result){.findings = &story->finding,
		.finding_count = 1,
		.filesystems = &story->fs,
		.filesystem_count = 1,
		.events = 40,
		.first_ns = UINT64_C(19700000000),
		.last_ns = UINT64_C(20800000000)};
}

static inline void story_release(struct story *story)
{
	names_free(story->comms);
	names_free(story->fsids);
}

#endif
