/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/tasks.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/memory.h"

enum { SLOTS_AT_FIRST = 256, TASKS_MAX = 1 << 20, PID_DIGITS_MAX = 10 };

struct task {
	int32_t pid;
	uint32_t name; /* 0: the slot is free */
};

struct tasks {
	struct task *slots; /* open addressing, at most half full */
	size_t mask;
	size_t count;
};

static struct task *slot_of(const struct tasks *tasks, int32_t pid)
{
	size_t at = ((uint32_t)pid * UINT32_C(2654435761)) & tasks->mask;

	while (tasks->slots[at].name != 0 && tasks->slots[at].pid != pid)
		at = (at + 1) & tasks->mask;
	return &tasks->slots[at];
}

static void double_slots(struct tasks *tasks)
{
	struct task *old = tasks->slots;
	size_t slots = tasks->mask + 1;

	tasks->slots = memory_zeroed(2 * slots * sizeof(*tasks->slots));
	tasks->mask = 2 * slots - 1;
	for (size_t i = 0; i < slots; i++)
		if (old[i].name != 0)
			*slot_of(tasks, old[i].pid) = old[i];
	free(old);
}

/* The first name of a pid stays. */
static void add_task(struct tasks *tasks, int32_t pid, uint32_t name)
{
	struct task *slot = slot_of(tasks, pid);

	if (slot->name != 0 || name == 0 || tasks->count == TASKS_MAX)
		return;
	*slot = (struct task){pid, name};
	if (++tasks->count * 2 > tasks->mask)
		double_slots(tasks);
}

/* "1234 kworker/u8:3", or "1234 <...>" where the kernel has forgotten the name. */
static void add_line(struct tasks *tasks, struct span line, struct names *names)
{
	static const char forgotten[] = " <...>";
	uint64_t pid = 0;
	size_t at = 0;

	while (at < line.size && at < PID_DIGITS_MAX && line.data[at] >= '0' && line.data[at] <= '9')
		pid = pid * 10 + (uint64_t)(line.data[at++] - '0');
	if (at == 0 || pid > INT32_MAX || at + 1 >= line.size || line.data[at] != ' ')
		return;
	if (line.size - at == sizeof(forgotten) - 1 && memcmp(line.data + at, forgotten, line.size - at) == 0)
		return;
	add_task(tasks, (int32_t)pid, names_number(names, line.data + at + 1, line.size - at - 1));
}

struct tasks *tasks_new(struct span text, struct names *names)
{
	static const char idle[] = "<idle>"; /* saved by no kernel, printed by all */
	struct tasks *tasks = memory_zeroed(sizeof(*tasks));
	size_t end;

	tasks->mask = SLOTS_AT_FIRST - 1;
	tasks->slots = memory_zeroed(SLOTS_AT_FIRST * sizeof(*tasks->slots));
	add_task(tasks, 0, names_number(names, idle, sizeof(idle) - 1));
	for (size_t at = 0; at < text.size; at = end + 1) {
		const unsigned char *newline = memchr(text.data + at, '\n', text.size - at);

		end = newline == NULL ? text.size : (size_t)(newline - text.data);
		add_line(tasks, (struct span){text.data + at, end - at}, names);
	}
	return tasks;
}

void tasks_free(struct tasks *tasks)
{
	if (tasks == NULL)
		return;
	free(tasks->slots);
	free(tasks);
}

uint32_t tasks_name(const struct tasks *tasks, int32_t pid)
{
	return slot_of(tasks, pid)->name;
}
