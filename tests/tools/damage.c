/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * damage - takes events out of traces, or bends their clocks, and replays what is left: less evidence may prove less,
 * but never anything new.
 *
 * Whatever the replay calls an error in a damaged trace must be an error of the undamaged one as well: the same kind,
 * root, inode and time; leaks by root and inode and with no more bytes. So a clean trace must stay clean.
 */
#include <err.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analyzer/replay.h"
#include "base/memory.h"
#include "collector/source.h"

enum { SHOWN = 3, GROUP_MAX = 8 };

#define WINDOW_NS 5000000ULL

enum damage_kind {
	DAMAGE_HEAD,	    /* recording began later */
	DAMAGE_TAIL,	    /* recording ended earlier */
	DAMAGE_LOSS,	    /* events of one CPU are missing, and a mark says how many */
	DAMAGE_LOSS_UNSURE, /* a mark says that some are missing */
	DAMAGE_LOSSES,	    /* several gaps on several CPUs, and no head */
	DAMAGE_CLOCK,	    /* one CPU's clock is off by up to --skew ns */
	DAMAGE_NO_META,	    /* from here on: events that were not enabled */
	DAMAGE_NO_COMMITS,
	DAMAGE_NO_INODES,
	DAMAGE_NO_ORDERED,
	DAMAGE_NO_UPDATES,
	DAMAGE_ONLY_QGROUP, /* what -e 'btrfs:*qgroup*' records */
	DAMAGE_COUNT
};

static const char *const damage_names[DAMAGE_COUNT] = {
	[DAMAGE_HEAD] = "head",
	[DAMAGE_TAIL] = "tail",
	[DAMAGE_LOSS] = "loss",
	[DAMAGE_LOSS_UNSURE] = "loss-unsure",
	[DAMAGE_LOSSES] = "losses",
	[DAMAGE_CLOCK] = "clock",
	[DAMAGE_NO_META] = "no-meta",
	[DAMAGE_NO_COMMITS] = "no-commits",
	[DAMAGE_NO_INODES] = "no-inodes",
	[DAMAGE_NO_ORDERED] = "no-ordered",
	[DAMAGE_NO_UPDATES] = "no-updates",
	[DAMAGE_ONLY_QGROUP] = "only-qgroup",
};

/* What is not enabled together; ends with EVENT_NONE. */
static const uint8_t groups[DAMAGE_COUNT][GROUP_MAX] = {
	[DAMAGE_NO_META] = {EVENT_META_RESERVE, EVENT_META_CONVERT, EVENT_META_FREE_ALL_PERTRANS},
	[DAMAGE_NO_COMMITS] = {EVENT_TRANSACTION_COMMIT},
	[DAMAGE_NO_INODES] = {EVENT_INODE_NEW, EVENT_INODE_REQUEST, EVENT_INODE_EVICT},
	[DAMAGE_NO_ORDERED] = {EVENT_ORDERED_ADD, EVENT_ORDERED_REMOVE, EVENT_ORDERED_SPLIT},
	[DAMAGE_NO_UPDATES] = {EVENT_UPDATE_RESERVE},
	[DAMAGE_ONLY_QGROUP] = {EVENT_TRANSACTION_COMMIT, EVENT_INODE_NEW, EVENT_INODE_REQUEST, EVENT_INODE_EVICT,
		EVENT_ORDERED_ADD, EVENT_ORDERED_REMOVE, EVENT_ORDERED_SPLIT},
};

struct list {
	struct event *events;
	size_t count;
	size_t capacity;
};

struct settings {
	uint64_t seed;
	uint64_t only; /* the one variation to try, or UINT64_MAX */
	uint64_t skew_ns;
	int kind; /* the one kind of damage to try, or -1 */
};

struct fault {
	const struct finding *finding;
	const struct occurrence *occurrence;
};

static uint64_t next_random(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static size_t below(uint64_t *state, size_t limit)
{
	return limit == 0 ? 0 : (size_t)(next_random(state) % limit);
}

static void list_add(struct list *list, const struct event *event)
{
	list->events = memory_grown(list->events, &list->capacity, list->count + 1, sizeof(*list->events));
	list->events[list->count++] = *event;
}

static enum err take(void *context, const struct event *events, size_t count, struct error *error)
{
	(void)error;
	for (size_t i = 0; i < count; i++)
		list_add(context, &events[i]);
	return ERR_OK;
}

static void read_trace(struct list *list, const char *path)
{
	struct sink sink = {take, list};
	struct source *source = NULL;
	struct error error = {ERR_OK, ""};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int spool = memfd_create("spool", MFD_CLOEXEC);

	if (fd < 0 || spool < 0)
		err(2, "cannot read '%s'", path);
	if (source_open(&source, fd, spool, path, &error) != ERR_OK || source_read(source, &sink, &error) != ERR_OK)
		errx(2, "%s", error.text);
	source_close(source);
	close(spool);
	close(fd);
}

static size_t left_on_cpu(const struct list *list, size_t from, uint16_t cpu)
{
	size_t left = 0;

	for (size_t i = from; i < list->count; i++)
		left += list->events[i].cpu == cpu && list->events[i].kind != EVENT_LOST;
	return left;
}

/*
 * Drops `count` events of the CPU of event `from`, from it on, and puts a mark before the next one that survives. Does
 * nothing when none would: the mark of a ring buffer stands before an event.
 */
static void lose(struct list *list, size_t from, size_t count, bool sure)
{
	struct event mark = {.kind = EVENT_LOST, .cpu = list->events[from].cpu};
	size_t kept = from;
	bool marked = false;

	if (left_on_cpu(list, from, mark.cpu) <= count)
		return;
	for (size_t i = from; i-- > 0 && mark.start == 0;)
		if (list->events[i].cpu == mark.cpu && list->events[i].kind != EVENT_LOST)
			mark.start = list->events[i].time_ns;
	for (size_t i = from; i < list->count; i++) {
		struct event event = list->events[i];
		if (event.cpu == mark.cpu && count > 0) {
			count--;
			mark.bytes += event.kind == EVENT_LOST ? event.bytes : 1;
			continue;
		}
		if (event.cpu == mark.cpu && !marked && mark.bytes > 0) {
			mark.time_ns = event.time_ns;
			mark.bytes = sure ? mark.bytes : 0;
			list->events[kept++] = mark;
			marked = true;
		}
		list->events[kept++] = event;
	}
	list->count = kept;
}

static void drop_group(struct list *list, const uint8_t group[GROUP_MAX])
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		bool dropped = false;
		for (size_t j = 0; j < GROUP_MAX && group[j] != EVENT_NONE; j++)
			dropped = dropped || list->events[i].kind == group[j];
		if (!dropped)
			list->events[kept++] = list->events[i];
	}
	list->count = kept;
}

static int by_time(const void *left, const void *right)
{
	const struct event *a = left;
	const struct event *b = right;

	if (a->time_ns != b->time_ns)
		return a->time_ns < b->time_ns ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

static void bend_clock(struct list *list, uint16_t cpu, int64_t skew_ns)
{
	for (size_t i = 0; i < list->count; i++) {
		struct event *event = &list->events[i];
		if (event->cpu != cpu)
			continue;
		event->time_ns += (uint64_t)skew_ns;
		event->start += event->kind == EVENT_LOST && event->start != 0 ? (uint64_t)skew_ns : 0;
	}
	qsort(list->events, list->count, sizeof(*list->events), by_time);
}

static void do_damage(struct list *list, enum damage_kind kind, uint64_t *state, uint64_t skew_ns)
{
	size_t place = below(state, list->count);
	size_t longest = below(state, 3) == 0 ? 2000 : 60;

	switch (kind) {
	case DAMAGE_HEAD:
		memmove(list->events, list->events + place, (list->count - place) * sizeof(*list->events));
		list->count -= place;
		break;
	case DAMAGE_TAIL:
		list->count = place;
		break;
	case DAMAGE_LOSS:
	case DAMAGE_LOSS_UNSURE:
		lose(list, place, 1 + below(state, longest), kind == DAMAGE_LOSS);
		break;
	case DAMAGE_LOSSES:
		for (size_t i = 1 + below(state, 6); i > 0 && list->count > 0; i--)
			lose(list, below(state, list->count), 1 + below(state, longest), below(state, 2) == 0);
		do_damage(list, DAMAGE_HEAD, state, skew_ns);
		break;
	case DAMAGE_CLOCK:
		bend_clock(list, list->events[place].cpu, (int64_t)below(state, 2 * skew_ns) - (int64_t)skew_ns);
		break;
	case DAMAGE_NO_META:
	case DAMAGE_NO_COMMITS:
	case DAMAGE_NO_INODES:
	case DAMAGE_NO_ORDERED:
	case DAMAGE_NO_UPDATES:
	case DAMAGE_ONLY_QGROUP:
		drop_group(list, groups[kind]);
		break;
	case DAMAGE_COUNT:
		break;
	}
	for (size_t i = 0; i < list->count; i++)
		list->events[i].number = i + 1;
}

static bool same_time(uint64_t a, uint64_t b)
{
	return (a > b ? a - b : b - a) <= WINDOW_NS;
}

static uint64_t leaked(const struct replay_result *result, uint16_t fs, uint64_t root, uint64_t ino)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < result->finding_count; i++) {
		const struct finding *finding = &result->findings[i];
		if (finding->kind == FINDING_LEAK && finding->severity == SEVERITY_ERROR && finding->fs == fs &&
			finding->root == root && (ino == 0 || finding->ino == ino || finding->ino == 0))
			bytes += finding->bytes;
	}
	return bytes;
}

static bool has_occurrence(const struct finding *finding, const struct occurrence *wanted)
{
	for (size_t i = 0; i < finding->occurrence_count; i++) {
		const struct occurrence *occurrence = &finding->occurrences[i];
		if (occurrence->root == wanted->root && occurrence->ino == wanted->ino &&
			same_time(occurrence->time_ns, wanted->time_ns))
			return true;
	}
	return false;
}

/* Whether the undamaged trace has an error like it. */
static bool is_known(const struct replay_result *truth, const struct finding *finding, const struct occurrence *one)
{
	if (finding->kind == FINDING_LEAK)
		return finding->bytes <= leaked(truth, finding->fs, finding->root, finding->ino);
	for (size_t i = 0; i < truth->finding_count; i++)
		if (truth->findings[i].kind == finding->kind && truth->findings[i].fs == finding->fs &&
			has_occurrence(&truth->findings[i], one))
			return true;
	return false;
}

static bool first_new_error(
	const struct replay_result *truth, const struct replay_result *result, bool likely_too, struct fault *fault)
{
	for (size_t i = 0; i < result->finding_count; i++) {
		const struct finding *finding = &result->findings[i];
		for (size_t j = 0; finding->severity == SEVERITY_ERROR && j < finding->occurrence_count; j++) {
			if (finding->certainty != CERTAINTY_PROVEN && !likely_too)
				continue;
			if (is_known(truth, finding, &finding->occurrences[j]))
				continue;
			*fault = (struct fault){finding, &finding->occurrences[j]};
			return true;
		}
	}
	return false;
}

static const struct replay_result *replayed(struct replay *replay, const struct list *list)
{
	replay_take(replay, list->events, list->count);
	return replay_finish(replay);
}

static void show(const char *path, enum damage_kind kind, uint64_t number, const struct fault *fault)
{
	const struct finding *finding = fault->finding;
	const struct occurrence *occurrence = fault->occurrence;

	printf("  %s, damage %s, variation %" PRIu64 ": %s %s (%s) of root %" PRIu64 " ino %" PRIu64 " [%" PRIu64
	       ",+%" PRIu64 ") %" PRIu64 " bytes at %" PRIu64 ".%06" PRIu64 " by pid %d\n",
		path, damage_names[kind], number, finding_certainty_name(finding->certainty),
		finding_kind_name(finding->kind), finding_path_name(finding->path), occurrence->root, occurrence->ino,
		occurrence->start, occurrence->len, occurrence->bytes, occurrence->time_ns / 1000000000,
		occurrence->time_ns / 1000 % 1000000, occurrence->task.pid);
}

/* Tries `count` variations; returns in how many of them something new is called an error. */
static uint64_t try_kind(const struct settings *settings, const char *path, const struct list *whole,
	const struct replay_result *truth, enum damage_kind kind, uint64_t count)
{
	bool single = settings->only != UINT64_MAX;
	uint64_t number = single ? settings->only : 0;
	uint64_t bad = 0;
	struct list list = {NULL, 0, 0};

	for (uint64_t end = single ? number + 1 : count; number < end; number++) {
		uint64_t state = settings->seed ^ (number + 1) * 0xd1342543de82ef95ULL ^ (uint64_t)kind << 56;
		struct replay *replay = replay_new();
		struct fault fault;
		/* Losses add marks: at most one for each gap. */
		list.events = memory_grown(list.events, &list.capacity, whole->count + 64, sizeof(*list.events));
		memcpy(list.events, whole->events, whole->count * sizeof(*list.events));
		list.count = whole->count;
		next_random(&state);
		do_damage(&list, kind, &state, settings->skew_ns);
		/* Clocks that disagree make findings likely; to prove one by them would be wrong. */
		bool likely_too = kind != DAMAGE_CLOCK;
		if (first_new_error(truth, replayed(replay, &list), likely_too, &fault) && bad++ < SHOWN)
			show(path, kind, number, &fault);
		replay_free(replay);
	}
	free(list.events);
	return bad;
}

static uint64_t try_file(const struct settings *settings, const char *path, uint64_t count)
{
	struct list whole = {NULL, 0, 0};
	struct replay *replay = replay_new();
	const struct replay_result *truth;
	uint64_t sum = 0;

	read_trace(&whole, path);
	truth = replayed(replay, &whole);
	for (int kind = 0; kind < DAMAGE_COUNT; kind++) {
		/* Dropping a group leaves nothing to vary. */
		uint64_t variations = groups[kind][0] == EVENT_NONE ? count : 1;
		uint64_t bad = 0;
		if (settings->kind >= 0 && settings->kind != kind)
			continue;
		bad = try_kind(settings, path, &whole, truth, (enum damage_kind)kind, variations);
		if (bad > 0)
			printf("%s: damage %s, %" PRIu64 " of %" PRIu64 " variations give a new error\n", path,
				damage_names[kind], bad, variations);
		sum += bad;
	}
	printf("%s: %zu events, seed %" PRIu64 ", %" PRIu64 " variations with new errors\n", path, whole.count,
		settings->seed, sum);
	fflush(stdout);
	replay_free(replay);
	free(whole.events);
	return sum;
}

static uint64_t number_of(const char *text)
{
	char *end;
	uint64_t value = strtoull(text, &end, 0);

	if (end == text || *end != '\0')
		errx(2, "not a number: '%s'", text);
	return value;
}

static int kind_of(const char *text)
{
	for (int kind = 0; kind < DAMAGE_COUNT; kind++)
		if (strcmp(damage_names[kind], text) == 0)
			return kind;
	errx(2, "no damage is called '%s'", text);
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {{"seed", 1, NULL, 's'}, {"count", 1, NULL, 'c'}, {"kind", 1, NULL, 'k'},
		{"only", 1, NULL, 'o'}, {"skew", 1, NULL, 'w'}, {NULL, 0, NULL, 0}};
	struct settings settings = {1, UINT64_MAX, 100000, -1};
	uint64_t count = 100;
	uint64_t bad = 0;
	int option;

	while ((option = getopt_long(argc, argv, "", longs, NULL)) >= 0) {
		if (option == 's')
			settings.seed = number_of(optarg);
		else if (option == 'c')
			count = number_of(optarg);
		else if (option == 'k')
			settings.kind = kind_of(optarg);
		else if (option == 'o')
			settings.only = number_of(optarg);
		else if (option == 'w')
			settings.skew_ns = number_of(optarg);
		else
			errx(2, "usage: damage [--seed N] [--count N] [--kind KIND] [--only N] [--skew NS] TRACE...");
	}
	for (; optind < argc; optind++)
		bad += try_file(&settings, argv[optind], count);
	return bad == 0 ? 0 : 1;
}
