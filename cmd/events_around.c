/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/events_around.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/explain/explain.h"
#include "base/memory.h"

/* What is looked at beside the evidence: far more than any writeback takes, and little of a long trace. */
enum { REACH_EVENTS = 1 << 17 };

struct mark {
	uint64_t seq;
	char *role; /* in words */
};

struct events_around {
	uint64_t number;
	char *title; /* NULL: there is no such finding */
	uint16_t fs;
	uint64_t root;
	uint64_t ino; /* 0: none is known */
	struct mark *marks;
	size_t count;
	size_t capacity;
	size_t next; /* the first mark that did not come yet */
	int32_t *pids;
	size_t pid_count;
	size_t pid_capacity;
	struct event *before; /* a ring of those that an event of the evidence may follow */
	size_t ring_size;
	uint64_t ring_put;
	uint64_t after;	   /* how many more are wanted after the last of the evidence */
	uint64_t left_out; /* since the last that was put */
};

static uint64_t number_of(const struct row *row, const char *column)
{
	return row_number(row, row_column(row->table, column));
}

static const char *text_of(const struct row *row, const char *column)
{
	return row_text(row, row_column(row->table, column));
}

static enum err take_finding(void *context, const struct row *row, struct error *error)
{
	struct events_around *around = context;
	const char *headline = text_of(row, "headline");

	(void)error;
	if (number_of(row, "number") != around->number || around->title != NULL)
		return ERR_OK;
	around->fs = (uint16_t)number_of(row, "filesystem");
	around->root = number_of(row, "root");
	around->ino = number_of(row, "ino");
	if (asprintf(&around->title, "Around finding %" PRIu64 ": %s.", around->number,
		    headline != NULL ? headline : "no headline") < 0)
		abort();
	return ERR_OK;
}

static char *role_in_words(const struct row *row)
{
	const char *name = text_of(row, "role");
	const char *consequence = text_of(row, "consequence");
	const char *words = name != NULL ? name : "";
	char *text;

	for (int role = 0; consequence == NULL && role < ROLE_COUNT; role++)
		if (strcmp(explain_role_name((enum evidence_role)role), words) == 0)
			words = explain_role((enum evidence_role)role);
	if (asprintf(&text, "%s%s", consequence != NULL ? "what followed, " : "",
		    consequence != NULL ? consequence : words) < 0)
		abort();
	return text;
}

static bool is_known_task(const struct events_around *around, int32_t pid)
{
	for (size_t i = 0; i < around->pid_count; i++)
		if (around->pids[i] == pid)
			return true;
	return false;
}

static enum err take_evidence(void *context, const struct row *row, struct error *error)
{
	struct events_around *around = context;
	int32_t pid = (int32_t)number_of(row, "pid");

	(void)error;
	if (number_of(row, "finding") != around->number)
		return ERR_OK;
	around->marks = memory_grown(around->marks, &around->capacity, around->count + 1, sizeof(*around->marks));
	around->marks[around->count++] = (struct mark){number_of(row, "seq"), role_in_words(row)};
	if (is_known_task(around, pid))
		return ERR_OK;
	around->pids = memory_grown(around->pids, &around->pid_capacity, around->pid_count + 1, sizeof(*around->pids));
	around->pids[around->pid_count++] = pid;
	return ERR_OK;
}

static int by_seq(const void *a, const void *b)
{
	const struct mark *one = a;
	const struct mark *other = b;

	return (one->seq > other->seq) - (one->seq < other->seq);
}

static enum err read_replay(struct events_around *around, struct store *store, uint64_t replay, struct error *error)
{
	const struct row_sink findings = {take_finding, around};
	const struct row_sink evidence = {take_evidence, around};
	enum err err = store_each(store, ROW_FINDING, replay, &findings, error);

	if (err == ERR_OK && around->title != NULL)
		err = store_each(store, ROW_EVIDENCE, replay, &evidence, error);
	return err;
}

enum err events_around_new(
	struct events_around **around, struct store *store, uint64_t trace, uint64_t number, struct error *error)
{
	struct events_around *made = memory_zeroed(sizeof(*made));
	uint64_t *replays = NULL;
	size_t count = 0;
	enum err err = store_replay_ids(store, trace, &replays, &count, error);

	made->number = number;
	if (err == ERR_OK && count > 0)
		err = read_replay(made, store, replays[count - 1], error);
	free(replays);
	if (err == ERR_OK && made->title == NULL)
		err = error_set(error, ERR_USAGE,
			"trace %" PRIu64 " has no finding %" PRIu64 ", 'qgreplay report --trace %" PRIu64
			"' shows which it has",
			trace, number, trace);
	if (err == ERR_OK && made->count == 0)
		err = error_set(error, ERR_USAGE,
			"finding %" PRIu64 " rests on no single event, 'qgreplay report --trace %" PRIu64
			"' tells what it says",
			number, trace);
	if (err != ERR_OK) {
		events_around_free(made);
		return err;
	}
	qsort(made->marks, made->count, sizeof(*made->marks), by_seq);
	*around = made;
	return ERR_OK;
}

void events_around_free(struct events_around *around)
{
	if (around == NULL)
		return;
	for (size_t i = 0; i < around->count; i++)
		free(around->marks[i].role);
	free(around->marks);
	free(around->pids);
	free(around->before);
	free(around->title);
	free(around);
}

struct event_choice events_around_choice(const struct events_around *around)
{
	struct event_choice choice = event_choice_all;
	uint64_t first = around->marks[0].seq;
	uint64_t last = around->marks[around->count - 1].seq;

	choice.slice.first_seq = first > REACH_EVENTS ? first - REACH_EVENTS : 0;
	choice.slice.last_seq = last < UINT64_MAX - REACH_EVENTS ? last + REACH_EVENTS : UINT64_MAX;
	return choice;
}

const char *events_around_title(const struct events_around *around)
{
	return around->title;
}

/* Of the inode; or of its root, by a task that is in the evidence. */
static bool belongs(const struct events_around *around, const struct event *event)
{
	enum event_kind kind = (enum event_kind)event->kind;

	if (kind == EVENT_LOST)
		return true;
	if (event->fs != around->fs || !event_kind_has(kind, EVENT_MEMBER_ROOT) || event->root != around->root)
		return false;
	if (around->ino != 0 && event_kind_has(kind, EVENT_MEMBER_INO))
		return event->ino == around->ino;
	return around->ino == 0 || is_known_task(around, event->pid);
}

static void remember(struct events_around *around, const struct event *event, uint64_t context)
{
	around->left_out++;
	if (context == 0)
		return;
	if (around->before == NULL) {
		around->ring_size = context;
		around->before = memory_resized(NULL, context, sizeof(*around->before));
	}
	around->before[around->ring_put++ % around->ring_size] = *event;
}

static enum err put_before(struct events_around *around, struct event_out *out, struct error *error)
{
	uint64_t kept = around->left_out < around->ring_size ? around->left_out : around->ring_size;
	enum err err = ERR_OK;
	char note[64];

	snprintf(note, sizeof(note), "... %" PRIu64 " more of this inode and its tasks", around->left_out - kept);
	if (around->left_out > kept && out->form == EVENT_OUT_TEXT)
		text_out_note(out->stream, "", note);
	for (uint64_t i = around->ring_put - kept; i < around->ring_put && err == ERR_OK; i++)
		err = event_out_put(out, &around->before[i % around->ring_size], NULL, error);
	around->left_out = 0;
	return err;
}

/* All roles of one event, as one text to be freed. */
static char *roles_of(struct events_around *around, uint64_t seq)
{
	char *text = NULL;

	for (; around->next < around->count && around->marks[around->next].seq <= seq; around->next++) {
		char *longer;

		if (around->marks[around->next].seq < seq)
			continue;
		if (asprintf(&longer, "%s%s%s", text != NULL ? text : "", text != NULL ? "; " : "",
			    around->marks[around->next].role) < 0)
			abort();
		free(text);
		text = longer;
	}
	return text;
}

enum err events_around_take(struct events_around *around, const struct event *event, uint64_t context,
	struct event_out *out, struct error *error)
{
	char *roles = roles_of(around, event->number);
	enum err err = ERR_OK;

	if (roles != NULL) {
		err = put_before(around, out, error);
		if (err == ERR_OK)
			err = event_out_put(out, event, roles, error);
		around->after = context;
	} else if (belongs(around, event)) {
		if (around->after == 0) {
			remember(around, event, context);
		} else {
			around->after--;
			err = event_out_put(out, event, NULL, error);
		}
	}
	free(roles);
	return err;
}
