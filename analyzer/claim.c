/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/claim.h"

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
	struct claim *slab = memory_zeroed(CLAIMS_PER_SLAB * sizeof(*slab));

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
	claim->failed = claim->taken = claim->meta_taken = claim->meta_returned = false;
	claim->complete = claim->finished = claim->ordered = false;
	claim->meta_failures = 0;
	claim->part_count = 0;
	claim->earlier = NULL;
	claim->suspect = NULL;
	return claim;
}

struct claim *claim_keep(struct claim *claim)
{
	if (claim != NULL)
		claim->references++;
	return claim;
}

/* A loop, not a recursion: an operation over a million holes is a chain of a million claims. */
void claim_drop(struct claims *claims, struct claim *claim)
{
	while (claim != NULL && --claim->references == 0) {
		struct claim *earlier = claim->earlier;

		claim->next_free = claims->free;
		claims->free = claim;
		claim = earlier;
	}
}
