/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules/owed_wait.h"

#include <string.h>

#include "analyzer/rules/suspect.h"
#include "base/memory.h"

/* The update is the task's next event, so that few wait at a time; who never gets one is forgotten. */
enum { UPDATES_KEPT = 256 };

/* Bytes that were written without their reservation, until the commit that would have dropped them. */
struct owed_flight {
	struct root *root;
	struct claim *claim;
	uint64_t bytes;
	uint64_t release; /* number of the event; 0 when it released nothing, so that no drop will follow */
	uint64_t commits; /* of the root, over or under way, when they were written */
	bool due;
};

void owed_given_back(const struct claim *claim, const struct event *event, uint64_t bytes)
{
	struct verdict *verdict = suspect_verdict(claim);

	if (verdict != NULL && bytes > 0)
		verdict_returned(verdict, event, bytes);
}

void owed_taken_again(const struct claim *claim, const struct event *event, uint64_t bytes)
{
	struct verdict *verdict = suspect_verdict(claim);

	if (verdict != NULL)
		verdict_taken_again(verdict, event, bytes);
}

void owed_wait_for_update(struct replay *replay, struct owed_update update)
{
	struct owed *owed = &replay->owed;

	if (owed->update_count == UPDATES_KEPT) {
		claim_drop(&replay->books.claims, owed->updates[0].claim);
		owed->update_count--;
		memmove(&owed->updates[0], &owed->updates[1], owed->update_count * sizeof(*owed->updates));
	}
	owed->updates =
		memory_grown(owed->updates, &owed->update_capacity, owed->update_count + 1, sizeof(*owed->updates));
	claim_keep(update.claim);
	owed->updates[owed->update_count++] = update;
}

void owed_wait_for_commit(struct replay *replay, const struct event *event, struct claim *claim, uint64_t bytes)
{
	struct owed *owed = &replay->owed;
	struct root *root = books_root(&replay->books, event->fs, event->root);

	owed->flights =
		memory_grown(owed->flights, &owed->flight_capacity, owed->flight_count + 1, sizeof(*owed->flights));
	owed->flights[owed->flight_count++] = (struct owed_flight){.root = root,
		.claim = claim_keep(claim),
		.bytes = bytes,
		.release = event->bytes > 0 ? event->number : 0,
		.commits = root->commits + (root->in_commit ? 1 : 0)};
}

void owed_counted(struct replay *replay, const struct event *event)
{
	struct owed *owed = &replay->owed;
	size_t kept = 0;

	for (size_t i = 0; i < owed->update_count; i++) {
		struct owed_update *update = &owed->updates[i];

		if (update->pid != event->pid) {
			owed->updates[kept++] = *update;
			continue;
		}
		if (update->again)
			owed_taken_again(update->claim, event, update->bytes);
		else
			owed_given_back(update->claim, event, update->bytes);
		claim_drop(&replay->books.claims, update->claim);
	}
	owed->update_count = kept;
}

static void settle_due(struct replay *replay, const struct event *event)
{
	struct owed *owed = &replay->owed;
	size_t kept = 0;

	for (size_t i = 0; i < owed->flight_count; i++) {
		struct owed_flight *flight = &owed->flights[i];

		if (!flight->due) {
			owed->flights[kept++] = *flight;
			continue;
		}
		owed_given_back(flight->claim, event, flight->bytes);
		claim_drop(&replay->books.claims, flight->claim);
	}
	owed->flight_count = kept;
}

void owed_dropped(struct replay *replay, const struct flight_entry *entry, const struct event *event)
{
	struct owed *owed = &replay->owed;

	if (owed->flight_count == 0 || entry == NULL)
		return;
	for (size_t i = 0; i < owed->flight_count; i++)
		owed->flights[i].due = owed->flights[i].release == entry->claim->event.number;
	settle_due(replay, event);
}

void owed_commit(struct replay *replay, const struct root *root, const struct event *event)
{
	struct owed *owed = &replay->owed;

	for (size_t i = 0; i < owed->flight_count; i++) {
		struct owed_flight *flight = &owed->flights[i];

		flight->due = flight->root == root && flight->release == 0 && flight->commits < root->commits;
	}
	settle_due(replay, event);
}

void owed_forget_flights(struct replay *replay, const struct fs *fs, const struct event *event)
{
	struct owed *owed = &replay->owed;

	for (size_t i = 0; i < owed->flight_count; i++)
		owed->flights[i].due = fs == NULL || owed->flights[i].root->fs == fs;
	settle_due(replay, event);
}
