/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/ledger/claim.h"

#include <stdlib.h>

#include "base/memory.h"

enum { CLAIMS_PER_SLAB = 256 };

void claims_init(struct claims *claims)
{
	*claims = (struct claims){0};
}

void claims_release(struct claims *claims)
{
	for (size_t i = 0; i < claims->slab_count; i++)
		free(claims->slabs[i]);
	free(claims->slabs);
}

static void add_slab(struct claims *claims)
{
	struct claim *slab = memory_aligned(CLAIMS_PER_SLAB * sizeof(*slab));

	claims->slabs =
		memory_grown(claims->slabs, &claims->slab_capacity, claims->slab_count + 1, sizeof(struct claim *));
	claims->slabs[claims->slab_count++] = slab;
	for (size_t i = 0; i < CLAIMS_PER_SLAB; i++) {
		slab[i].next_free = claims->free;
		claims->free = &slab[i];
	}
}

struct claim *claim_new(struct claims *claims, const struct event *event)
{
	struct claim *claim;

	if (claims->free == NULL)
		add_slab(claims);
	claim = claims->free;
	claims->free = claim->next_free;
	claim->event = *event;
	claim->references = 1;
	claim->failed = claim->unsure = claim->meta_taken = claim->meta_returned = false;
	claim->complete = claim->finished = claim->ordered = claim->stale = claim->lost = false;
	claim->reordered = false;
	claim->taken_back = false;
	claim->meta_failures = claim->part_count = 0;
	claim->settled.number = 0;
	claim->depth = 0;
	claim->taken_by = claim->earlier = claim->stale_owner = NULL;
	claim->suspect = NULL;
	claim->in_flight = NULL;
	claim->compressed = false;
	claim->bytenr = 0;
	return claim;
}

struct claim_note claim_note_of(const struct event *event)
{
	return (struct claim_note){event->number, event->time_ns, event->diff, event->cpu, event->kind, event->type};
}

struct event claim_noted(const struct claim *claim, const struct claim_note *note)
{
	return (struct event){.number = note->number,
		.time_ns = note->time_ns,
		.root = claim->event.root,
		.diff = note->diff,
		.comm = claim->event.comm,
		.pid = claim->event.pid,
		.fs = claim->event.fs,
		.cpu = note->cpu,
		.kind = note->kind,
		.type = note->type};
}

struct claim *claim_keep(struct claim *claim)
{
	if (claim != NULL)
		claim->references++;
	return claim;
}

bool claim_is_part(const struct claim *claim, const struct claim *operation)
{
	while (operation != NULL && operation != claim)
		operation = operation->earlier;
	return operation != NULL;
}

/*
 * A loop over the operation, which may be a chain of a million claims; the release that took a claim refers to no
 * other but one of an ended epoch, so that recursion ends after two steps.
 */
void claim_drop(struct claims *claims, struct claim *claim)
{
	while (claim != NULL && --claim->references == 0) {
		struct claim *earlier = claim->earlier;

		claim_drop(claims, claim->taken_by);
		claim_drop(claims, claim->stale_owner);
		claim->next_free = claims->free;
		claims->free = claim;
		claim = earlier;
	}
}
