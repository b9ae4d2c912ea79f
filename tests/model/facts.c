/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/model/facts.h"

#include <stdlib.h>

#include "analyzer/ledger/table.h"
#include "base/memory.h"

/* A task: its last event of qgroups, its last of data, and where it is. */
struct fact_task {
	struct table_entry entry; /* key: pid */
	struct event last;
	struct event data;
	struct event reserve;
	uint64_t operation_bytes; /* reserved by its operation, and not taken back */
	bool committing;
};

/* A number by any key: a counter's value, how many releases of an amount wait, a root's PERTRANS. */
struct fact_number {
	struct table_entry entry;
	uint64_t value;
};

struct facts {
	struct table tasks;
	struct table chains;   /* key: fs, qgid, type */
	struct table flights;  /* key: fs, root, bytes */
	struct table pertrans; /* key: fs, root, 0 */
	uint64_t tried[FACT_COUNT];
	uint64_t broken[FACT_COUNT];
	uint64_t first[FACT_COUNT];
};

static const char *const names[FACT_COUNT] = {
	[FACT_ALIGNED] = "aligned",
	[FACT_CHARGE] = "charge",
	[FACT_FREE] = "free",
	[FACT_META] = "meta",
	[FACT_CONVERT] = "convert",
	[FACT_PERTRANS] = "pertrans",
	[FACT_PERTRANS_GROWS] = "pertrans-grows",
	[FACT_CHAIN] = "chain",
	[FACT_ANCESTOR] = "ancestor",
	[FACT_ORDERED] = "ordered",
	[FACT_DROP] = "drop",
	[FACT_EMPTY] = "empty",
};

const char *fact_name(enum fact fact)
{
	return names[fact];
}

struct facts *facts_new(void)
{
	struct facts *facts = memory_zeroed(sizeof(*facts));

	table_init(&facts->tasks);
	table_init(&facts->chains);
	table_init(&facts->flights);
	table_init(&facts->pertrans);
	return facts;
}

void facts_free(struct facts *facts)
{
	if (facts == NULL)
		return;
	table_free_all(&facts->tasks);
	table_free_all(&facts->chains);
	table_free_all(&facts->flights);
	table_free_all(&facts->pertrans);
	free(facts);
}

uint64_t facts_tried(const struct facts *facts, enum fact fact)
{
	return facts->tried[fact];
}

uint64_t facts_broken(const struct facts *facts, enum fact fact)
{
	return facts->broken[fact];
}

uint64_t facts_first(const struct facts *facts, enum fact fact)
{
	return facts->first[fact];
}

static void expect(struct facts *facts, enum fact fact, bool holds, const struct event *event)
{
	facts->tried[fact]++;
	if (holds)
		return;
	if (facts->broken[fact]++ == 0)
		facts->first[fact] = event->number;
}

static struct fact_task *task_of(struct facts *facts, const struct event *event)
{
	struct table_key key = {.a = (uint64_t)event->pid};
	struct fact_task *task = (struct fact_task *)table_find(&facts->tasks, key);

	if (task == NULL) {
		task = memory_zeroed(sizeof(*task));
		task->entry.key = key;
		table_add(&facts->tasks, &task->entry);
	}
	return task;
}

/* The number with this key; `made`, unless NULL, says whether it is new (and 0). */
static struct fact_number *number_of(struct table *table, uint64_t a, uint64_t b, uint64_t c, bool *made)
{
	struct table_key key = {a, b, c};
	struct fact_number *number = (struct fact_number *)table_find(table, key);

	if (made != NULL)
		*made = number == NULL;
	if (number == NULL) {
		number = memory_zeroed(sizeof(*number));
		number->entry.key = key;
		table_add(table, &number->entry);
	}
	return number;
}

static bool is_subvolume(uint64_t root)
{
	return root == 5 || (root >= 256 && root >> 48 == 0);
}

static bool is_level_zero(uint64_t qgid)
{
	return qgid >> 48 == 0;
}

static uint64_t size_of(int64_t diff)
{
	return diff < 0 ? 0 - (uint64_t)diff : (uint64_t)diff;
}

static bool is_update(const struct event *event, uint64_t qgid, unsigned type, int64_t diff)
{
	return event->kind == EVENT_UPDATE_RESERVE && event->root == qgid && event->type == type && event->diff == diff;
}

static void check_data(struct facts *facts, struct fact_task *task, const struct event *event)
{
	enum { SECTOR = 4096 };

	if (!is_subvolume(event->root))
		return;
	expect(facts, FACT_ALIGNED,
		(event->start | event->len | event->bytes) % SECTOR == 0 && event->len > 0 &&
			event->bytes <= event->len,
		event);
	task->data = *event;
	if (event->kind == EVENT_RESERVE_DATA) {
		task->reserve = *event;
		task->committing = false;
	} else if (event->op == EVENT_OP_RELEASE && event->bytes > 0) {
		number_of(&facts->flights, event->fs, event->root, event->bytes, NULL)->value++;
	}
}

/* What the event before demands of this one. */
static void check_follows(struct facts *facts, const struct event *last, const struct event *event)
{
	bool frees = last->kind == EVENT_RELEASE_DATA && last->op == EVENT_OP_FREE && last->bytes > 0;
	bool grants = last->kind == EVENT_META_RESERVE && last->diff > 0 && event->kind == EVENT_UPDATE_RESERVE &&
		      event->type != EVENT_TYPE_DATA && event->root == last->root;

	if (frees && is_subvolume(last->root))
		expect(facts, FACT_FREE, is_update(event, last->root, EVENT_TYPE_DATA, -(int64_t)last->bytes), event);
	if ((last->kind == EVENT_META_RESERVE && last->diff < 0) || grants)
		expect(facts, FACT_META, is_update(event, last->root, last->type, last->diff), event);
	if (last->kind == EVENT_META_CONVERT && last->diff > 0)
		expect(facts, FACT_CONVERT, is_update(event, last->root, EVENT_TYPE_META_PREALLOC, -last->diff), event);
	if (last->kind == EVENT_META_FREE_ALL_PERTRANS)
		expect(facts, FACT_PERTRANS,
			is_update(event, last->root, EVENT_TYPE_META_PERTRANS, -(int64_t)event->bytes), event);
}

static void take_from_flight(struct facts *facts, const struct event *event)
{
	uint64_t bytes = size_of(event->diff);
	struct fact_number *flight = number_of(&facts->flights, event->fs, event->root, bytes, NULL);

	expect(facts, FACT_DROP, flight->value > 0, event);
	flight->value -= flight->value > 0;
}

/* A counter of data that goes down without an op=free in front: a drop, a rollback, or what an extent gave back. */
static void check_bare(struct facts *facts, struct fact_task *task, const struct event *event)
{
	const struct event *last = &task->last;
	bool released = last->kind == EVENT_RELEASE_DATA && last->op == EVENT_OP_RELEASE && last->root == event->root &&
			last->bytes == size_of(event->diff);
	bool own = task->reserve.root == event->root && task->operation_bytes >= size_of(event->diff);

	if (!task->committing && own && !released)
		task->operation_bytes -= size_of(event->diff);
	else
		take_from_flight(facts, event);
}

static void check_level_zero(struct facts *facts, struct fact_task *task, const struct event *event)
{
	const struct event *last = &task->last;

	if (event->type != EVENT_TYPE_DATA || event->diff == 0)
		return;
	if (event->diff > 0) {
		expect(facts, FACT_CHARGE,
			last->kind == EVENT_RESERVE_DATA && last->root == event->root &&
				last->bytes == (uint64_t)event->diff,
			event);
		/* fallocate reserves range after range, and takes all of them back. */
		task->operation_bytes += (uint64_t)event->diff;
	} else if (last->kind != EVENT_RELEASE_DATA || last->op != EVENT_OP_FREE || last->bytes == 0) {
		check_bare(facts, task, event);
	}
}

static void check_ancestor(struct facts *facts, const struct event *last, const struct event *event)
{
	static const uint8_t before[] = {EVENT_TYPE_META_PREALLOC, EVENT_TYPE_DATA, EVENT_TYPE_META_PERTRANS};
	bool update = last->kind == EVENT_UPDATE_RESERVE;
	bool copy = update && size_of(last->diff) == size_of(event->diff);
	bool triple = event->type == EVENT_TYPE_DATA ||
		      (update && last->root == event->root && last->type == before[event->type % 3]);

	expect(facts, FACT_ANCESTOR, copy || triple, event);
}

static void check_chain(struct facts *facts, const struct event *event)
{
	bool made;
	struct fact_number *chain = number_of(&facts->chains, event->fs, event->root, event->type, &made);
	uint64_t less = size_of(event->diff);

	if (!made)
		expect(facts, FACT_CHAIN, chain->value == event->bytes, event);
	if (event->diff >= 0)
		chain->value = event->bytes + less;
	else
		chain->value = event->bytes > less ? event->bytes - less : 0;
}

static void check_update(struct facts *facts, struct fact_task *task, const struct event *event)
{
	const struct event *last = &task->last;

	check_chain(facts, event);
	if (!is_level_zero(event->root)) {
		check_ancestor(facts, last, event);
		return;
	}
	if (event->type == EVENT_TYPE_META_PERTRANS && event->diff > 0 && last->kind == EVENT_UPDATE_RESERVE)
		expect(facts, FACT_CONVERT, is_update(last, event->root, EVENT_TYPE_META_PREALLOC, -event->diff),
			event);
	check_level_zero(facts, task, event);
}

static void check_pertrans(struct facts *facts, struct fact_task *task, const struct event *event)
{
	bool made;
	struct fact_number *sum = number_of(&facts->pertrans, event->fs, event->root, 0, &made);

	task->committing = true;
	if (!made)
		expect(facts, FACT_PERTRANS_GROWS, size_of(event->diff) >= sum->value, event);
	sum->value = size_of(event->diff);
}

static void check_ordered(struct facts *facts, const struct fact_task *task, const struct event *event)
{
	const struct event *data = &task->data;
	bool overwrites = (event->flags & (EVENT_ORDERED_NOCOW | EVENT_ORDERED_PREALLOC)) != 0;

	if (!is_subvolume(event->root))
		return;
	expect(facts, FACT_ORDERED,
		data->kind == EVENT_RELEASE_DATA && data->op == (overwrites ? EVENT_OP_FREE : EVENT_OP_RELEASE) &&
			data->root == event->root && data->ino == event->ino && data->start == event->start &&
			data->len == event->len,
		event);
}

/* The btree inode goes last: counters begin anew at the next mount, and roots add up anew. */
static void check_unmount(struct facts *facts, const struct event *event)
{
	for (struct table_entry *entry = facts->chains.oldest; entry != NULL; entry = entry->younger) {
		struct fact_number *chain = (struct fact_number *)entry;

		if (entry->key.a != event->fs)
			continue;
		if (entry->key.c == EVENT_TYPE_DATA && is_level_zero(entry->key.b))
			expect(facts, FACT_EMPTY, chain->value == 0, event);
		chain->value = 0;
	}
	for (struct table_entry *entry = facts->pertrans.oldest; entry != NULL; entry = entry->younger)
		if (entry->key.a == event->fs)
			((struct fact_number *)entry)->value = 0;
}

static bool is_of_qgroups(const struct event *event)
{
	return event->kind == EVENT_RESERVE_DATA || event->kind == EVENT_RELEASE_DATA ||
	       event->kind == EVENT_UPDATE_RESERVE || event->kind == EVENT_META_RESERVE ||
	       event->kind == EVENT_META_CONVERT || event->kind == EVENT_META_FREE_ALL_PERTRANS;
}

void facts_take(struct facts *facts, const struct event *event)
{
	struct fact_task *task = task_of(facts, event);

	if (event->kind == EVENT_ORDERED_ADD)
		check_ordered(facts, task, event);
	else if (event->kind == EVENT_TRANSACTION_COMMIT)
		task->committing = false;
	else if (event->kind == EVENT_INODE_EVICT && event->root == 1 && event->ino == 1)
		check_unmount(facts, event);
	if (!is_of_qgroups(event))
		return;
	check_follows(facts, &task->last, event);
	if (event->kind == EVENT_UPDATE_RESERVE)
		check_update(facts, task, event);
	else if (event->kind == EVENT_META_FREE_ALL_PERTRANS)
		check_pertrans(facts, task, event);
	else if (event->kind == EVENT_RESERVE_DATA || event->kind == EVENT_RELEASE_DATA)
		check_data(facts, task, event);
	task->last = *event;
}
