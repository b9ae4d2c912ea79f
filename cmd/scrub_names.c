/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/scrub_names.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fsid.h"
#include "base/memory.h"
#include "collector/hash.h"

enum { RELEASE_MAX = 64, CLOCK_MAX = 32 };

/* Old numbers to new ones, filled as they are met; 0: not met yet. */
struct renumbering {
	uint32_t *numbers;
	size_t count;
	size_t capacity;
};

struct scrub_names {
	struct scrub_options options;
	struct event_names old;
	struct names *tasks;
	struct names *fsids;
	struct renumbering task_numbers;
	struct renumbering fsid_numbers;
	uint32_t task_count;
};

/* Threads of the kernel that work for btrfs. A user may call a task so too: nothing else of its name is kept. */
static const char *const thread_kinds[] = {"kworker/", "btrfs-", "kswapd", "khugepaged", "kcompactd", "ksoftirqd",
	"rcu_", "migration/", "writeback", "flush-", "kthreadd", "swapper/"};

struct scrub_names *scrub_names_new(const struct event_names *names, const struct scrub_options *options)
{
	struct scrub_names *scrub = memory_zeroed(sizeof(*scrub));

	scrub->options = *options;
	scrub->old = *names;
	scrub->tasks = names_new(NAMES_TASKS_MAX);
	scrub->fsids = names_new(NAMES_FSIDS_MAX);
	return scrub;
}

void scrub_names_free(struct scrub_names *scrub)
{
	if (scrub == NULL)
		return;
	names_free(scrub->tasks);
	names_free(scrub->fsids);
	free(scrub->task_numbers.numbers);
	free(scrub->fsid_numbers.numbers);
	free(scrub);
}

static uint32_t *slot_of(struct renumbering *renumbering, uint32_t number)
{
	size_t needed = (size_t)number + 1;

	if (needed > renumbering->count) {
		renumbering->numbers = memory_grown(
			renumbering->numbers, &renumbering->capacity, needed, sizeof(*renumbering->numbers));
		memset(renumbering->numbers + renumbering->count, 0,
			(needed - renumbering->count) * sizeof(*renumbering->numbers));
		renumbering->count = needed;
	}
	return &renumbering->numbers[number];
}

static uint32_t add(struct names *names, const char *text)
{
	return names_number(names, text, strlen(text));
}

static uint32_t other_task(struct scrub_names *scrub, uint32_t number)
{
	const char *old = names_text(scrub->old.comms, number);
	const char *kind = "task";
	char text[64];

	if (!scrub->options.tasks)
		return add(scrub->tasks, old);
	for (size_t i = 0; i < sizeof(thread_kinds) / sizeof(thread_kinds[0]); i++)
		if (strncmp(old, thread_kinds[i], strlen(thread_kinds[i])) == 0)
			kind = thread_kinds[i];
	snprintf(text, sizeof(text), "%s%" PRIu32, kind, ++scrub->task_count);
	return add(scrub->tasks, text);
}

static uint32_t other_fsid(struct scrub_names *scrub, uint32_t number)
{
	const char *old = names_text(scrub->old.fsids, number);
	unsigned char digest[HASH_BYTES];
	char text[FSID_TEXT + 1];

	if (scrub->options.keep_fsids)
		return add(scrub->fsids, old);
	hash_of_bytes(old, strlen(old), digest);
	fsid_write(digest, FSID_BYTES, text);
	return add(scrub->fsids, text);
}

void scrub_names_apply(struct scrub_names *scrub, struct event *event)
{
	if (event->comm != 0) {
		uint32_t *slot = slot_of(&scrub->task_numbers, event->comm);

		if (*slot == 0)
			*slot = other_task(scrub, event->comm);
		event->comm = *slot;
	}
	if (event->fs != 0) {
		uint32_t *slot = slot_of(&scrub->fsid_numbers, event->fs);

		if (*slot == 0)
			*slot = other_fsid(scrub, event->fs);
		event->fs = (uint16_t)*slot;
	}
}

struct event_names scrub_names_tables(const struct scrub_names *scrub)
{
	return (struct event_names){scrub->tasks, scrub->fsids, scrub->old.texts};
}

static const char digits[] = "0123456789";
static const char version_letters[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.+~_-";

/* "6.1.0-56-amd64": two numbers with a dot between, before anything else. */
static size_t release_length(const char *kernel)
{
	size_t major = strspn(kernel, digits);
	size_t length = strspn(kernel, version_letters);

	if (major == 0 || kernel[major] != '.' || strspn(kernel + major + 1, digits) == 0 || length > RELEASE_MAX)
		return 0;
	return kernel[length] == '\0' || kernel[length] == ' ' ? length : 0;
}

/* Behind "#1 SMP PREEMPT_DYNAMIC Debian 6.1.170-3 (2026-05-08)"; others write there where it was built, and by whom. */
static size_t package_length(const char *version)
{
	size_t length = strspn(version, version_letters);

	return length <= RELEASE_MAX && strspn(version, digits) > 0 ? length : 0;
}

char *scrub_names_kernel(const char *kernel)
{
	static const char word[] = " Debian ";
	size_t length = kernel != NULL ? release_length(kernel) : 0;
	const char *package;
	char *text;

	if (length == 0)
		return NULL;
	package = strstr(kernel + length, word);
	if (package == NULL || package_length(package + strlen(word)) == 0)
		return memory_text(kernel, length);
	package += strlen(word);
	if (asprintf(&text, "%.*s Debian %.*s", (int)length, kernel, (int)package_length(package), package) < 0)
		abort();
	return text;
}

char *scrub_names_clock(const char *clock)
{
	/* Of kernel/trace/trace.c, trace_clocks[]; "x86-tsc" and "ppc-tb" are of their architectures; perf's behind. */
	static const char *const clocks[] = {"local", "global", "counter", "uptime", "perf", "mono", "mono_raw", "boot",
		"tai", "x86-tsc", "ppc-tb", "s390-tod", "monotonic", "monotonic_raw", "boottime", "realtime"};

	for (size_t i = 0; clock != NULL && i < sizeof(clocks) / sizeof(clocks[0]); i++)
		if (strcmp(clock, clocks[i]) == 0)
			return memory_text(clock, strlen(clock));
	return NULL;
}
