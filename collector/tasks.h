/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tasks - names of tasks by pid, as the kernel saved them beside a trace (tracefs's saved_cmdlines).
 */
#ifndef QGREPLAY_COLLECTOR_TASKS_H
#define QGREPLAY_COLLECTOR_TASKS_H

#include "base/names.h"
#include "collector/cursor.h"

struct tasks;

/*
 * Reads `text`, lines of pid and name, and puts the names into `names`. Lines that are no such line are passed over: a
 * name less is no wrong event. Freed by tasks_free(), which accepts NULL.
 */
struct tasks *tasks_new(struct span text, struct names *names);
void tasks_free(struct tasks *tasks);

/* The number of the name of `pid` in the table of names, 0 when it was not saved. */
uint32_t tasks_name(const struct tasks *tasks, int32_t pid);

#endif
