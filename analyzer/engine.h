/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * engine - by which version of the rules a result was made.
 *
 * The version of the program, and a fingerprint of the sources of the replay that its Makefile takes: who changes a
 * rule makes a new engine, and need not count up for it. The same on all machines, and for every compiler.
 */
#ifndef QGREPLAY_ANALYZER_ENGINE_H
#define QGREPLAY_ANALYZER_ENGINE_H

/* Such as "0.1-53a1d95bb2e6". */
const char *replay_engine(void);

#endif
