/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * doubt - why a trace does not prove a mismatch that it holds, where that is for what came after it to say.
 */
#ifndef QGREPLAY_TESTS_MODEL_DOUBT_H
#define QGREPLAY_TESTS_MODEL_DOUBT_H

#include "tests/model/model.h"

/* The innocent explanation that the events of the run leave for a mismatch; NULL when they leave none. */
const char *doubt_of(const struct model_run *run, const struct model_truth *truth);

#endif
