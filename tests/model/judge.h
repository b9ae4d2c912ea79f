/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * judge - what a replay found in a trace of the model, held against the truth.
 */
#ifndef QGREPLAY_TESTS_MODEL_JUDGE_H
#define QGREPLAY_TESTS_MODEL_JUDGE_H

#include <stdio.h>

#include "analyzer/replay.h"
#include "tests/model/model.h"

struct judgement {
	uint64_t found;	     /* true mismatches that the replay found */
	uint64_t missed;     /* and did not, though the trace proves them */
	uint64_t unplaced;   /* leaks that it found to the byte, but not of which inode */
	uint64_t unprovable; /* and did not, and need not */
	uint64_t wrong;	     /* errors that are not true */
	/* The first of those. */
	enum finding_kind kind;
	enum finding_path path;
	uint64_t root;
	uint64_t ino;
};

/* Replays the events of a run and judges the result; what is missed or wrong is written to `why`, unless NULL. */
struct judgement judge_run(struct model_run *run, FILE *why);

/* Writes events as lines of ftrace text, which tests/cases can hold. */
void judge_print_events(FILE *out, const struct model_run *run);

/* Cuts the trace of a run with a false error to what still shows one, by halves and smaller parts. */
void judge_shorten(struct model_run *run);

#endif
