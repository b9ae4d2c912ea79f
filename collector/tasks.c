/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/tasks.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/memory.h"

enum { SLOTS_MIN = 64, PID_DIGITS_MAX = 10 };

struct task {
	int32_t pid;
	uint32_t name; /* 0: the slot is free */
};

struct tasks {
	struct task *slots; /* open addressing, at most half full */
	size_t mask;
};

static struct task *slot_of(const struct tasks *tasks, int32_t pid)
{
	size_t at = ((uint32_t)pid * UINT32_C(2654435761)) & tasks->mask;

	while (tasks->slots[at].name != 0 && tasks->slots[at].pid != pid)
		at = (at + 1) & tasks->mask;
	return &tasks->slots[at];
}

/* The first name of a pid stays, as it does in libtraceevent. */
static void add_task(struct tasks *tasks, int32_t pid, uint32_t name)
{
	struct task *slot = slot_of(tasks, pid);

	if (slot->name == 0)
		*slot = (struct task){pid, name};
}

static size_t count_lines(struct span text)
{
	size_t lines = 1;

	for (size_t i = 0; i < text.size; i++)
		lines += text.data[i] == '\n';
	return lines;
}

/* "1234 kworker/u8:3" */
static void add_line(struct tasks *tasks, struct span line, struct names *names)
{
	uint64_t pid = 0;
	size_t at = 0;

	while (at < line.size && at < PID_DIGITS_MAX && line.data[at] >= '0' && line.data[at] <= '9')
		pid = pid * 10 + (uint64_t)(line.data[at++] - '0');
	if (at == 0 || pid > INT32_MAX || at + 1 >= line.size || line.data[at] != ' ')
		return;
	add_task(tasks, (int32_t)pid, names_number(names, line.data + at + 1, line.size - at - 1));
}

struct tasks *tasks_new(struct span text, struct names *names)
{
	static const char idle[] = "<idle>"; /* saved by no kernel, printed by all */
	struct tasks *tasks = memory_zeroed(sizeof(*tasks));
	size_t slots = SLOTS_MIN;
	size_t end;

	while (slots / 2 < count_lines(text) + 1)
		slots *= 2;
	tasks->mask = slots - 1;
	tasks->slots = memory_zeroed(slots * sizeof(*tasks->slots));
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
