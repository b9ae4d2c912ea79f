/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/report/compare.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void compare_add(struct compare_side *side, const struct compare_item *item)
{
	side->items = memory_grown(side->items, &side->capacity, side->count + 1, sizeof(*side->items));
	side->items[side->count++] = *item;
}

static void release_item(struct compare_item *item)
{
	free(item->signature);
	free(item->kind);
	free(item->headline);
}

void compare_release(struct compare_side *side)
{
	for (size_t i = 0; i < side->count; i++)
		release_item(&side->items[i]);
	free(side->items);
	free(side->name);
	*side = (struct compare_side){0};
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* The order of the identities alone: this is what rows are matched by. */
static int by_identity(const struct compare_item *a, const struct compare_item *b)
{
	int order = strcmp(a->signature, b->signature);

	if (order == 0)
		order = compare_numbers(a->root, b->root);
	return order != 0 ? order : compare_numbers(a->ino, b->ino);
}

static int items_by_identity(const void *first, const void *second)
{
	const struct compare_item *a = first;
	const struct compare_item *b = second;
	int order = by_identity(a, b);

	/* Which of several stands for them must not depend on where they stood. */
	return order != 0 ? order : strcmp(a->headline, b->headline);
}

static void add(uint64_t *sum, uint64_t value)
{
	*sum = value > UINT64_MAX - *sum ? UINT64_MAX : *sum + value;
}

static void join(struct compare_item *to, struct compare_item *from)
{
	add(&to->findings, from->findings);
	add(&to->occurrences, from->occurrences);
	add(&to->bytes, from->bytes);
	if (from->certainty > to->certainty)
		to->certainty = from->certainty;
	if (from->severity > to->severity)
		to->severity = from->severity;
	release_item(from);
}

/* Puts the items in order and joins those of one identity. */
static void arrange(struct compare_side *side)
{
	size_t kept = 0;

	if (side->count == 0)
		return;
	qsort(side->items, side->count, sizeof(*side->items), items_by_identity);
	for (size_t i = 1; i < side->count; i++) {
		if (by_identity(&side->items[kept], &side->items[i]) == 0)
			join(&side->items[kept], &side->items[i]);
		else
			side->items[++kept] = side->items[i];
	}
	side->count = kept + 1;
}

/* Which items of a side have a partner. */
struct matching {
	struct compare_side *a;
	struct compare_side *b;
	const struct compare_item **of_a;
	const struct compare_item **of_b;
};

static void match(struct matching *matching, size_t in_a, size_t in_b)
{
	matching->of_a[in_a] = &matching->b->items[in_b];
	matching->of_b[in_b] = &matching->a->items[in_a];
}

static void match_equal(struct matching *matching)
{
	size_t i = 0;
	size_t j = 0;

	while (i < matching->a->count && j < matching->b->count) {
		int order = by_identity(&matching->a->items[i], &matching->b->items[j]);

		if (order == 0)
			match(matching, i, j);
		i += order <= 0;
		j += order >= 0;
	}
}

static bool agree(uint64_t a, uint64_t b)
{
	return a == 0 || b == 0 || a == b;
}

static bool may_be_same(const struct compare_item *a, const struct compare_item *b)
{
	return strcmp(a->signature, b->signature) == 0 && agree(a->root, b->root) && agree(a->ino, b->ino);
}

/* From the first item of a signature on: few items lack a root or inode, so that only these look for partners. */
static size_t first_of_signature(const struct compare_side *side, const char *signature)
{
	size_t low = 0;
	size_t high = side->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(side->items[middle].signature, signature) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_vague(const struct compare_item *item)
{
	return item->root == 0 || item->ino == 0;
}

/* An item of `one` that lacks a root or an inode is what is left in `other` and does not contradict it. */
static bool find_partner(const struct compare_item *item, const struct compare_side *other,
	const struct compare_item *const *partners, size_t *found)
{
	for (size_t i = first_of_signature(other, item->signature); i < other->count; i++) {
		if (strcmp(other->items[i].signature, item->signature) != 0)
			return false;
		if (partners[i] != NULL || !may_be_same(item, &other->items[i]))
			continue;
		*found = i;
		return true;
	}
	return false;
}

static void match_vague(struct matching *matching)
{
	size_t partner;

	for (size_t i = 0; i < matching->a->count; i++)
		if (matching->of_a[i] == NULL && is_vague(&matching->a->items[i]) &&
			find_partner(&matching->a->items[i], matching->b, matching->of_b, &partner))
			match(matching, i, partner);
	for (size_t i = 0; i < matching->b->count; i++)
		if (matching->of_b[i] == NULL && is_vague(&matching->b->items[i]) &&
			find_partner(&matching->b->items[i], matching->a, matching->of_a, &partner))
			match(matching, partner, i);
}

static void add_row(struct comparison *comparison, enum compare_list list, struct compare_row row)
{
	const struct compare_item *item = row.b != NULL ? row.b : row.a;

	comparison->rows[list][comparison->counts[list]++] = row;
	add(&comparison->severities[list][item->severity], item->findings);
}

static bool has_signature(const struct compare_side *side, const char *signature)
{
	size_t first = first_of_signature(side, signature);

	return first < side->count && strcmp(side->items[first].signature, signature) == 0;
}

static void make_rows(struct comparison *comparison, const struct matching *matching)
{
	const struct compare_side *a = matching->a;
	const struct compare_side *b = matching->b;

	for (int list = 0; list < COMPARE_LISTS; list++)
		comparison->rows[list] = memory_zeroed((a->count + b->count) * sizeof(struct compare_row));
	for (size_t i = 0; i < a->count; i++) {
		struct compare_row row = {&a->items[i], matching->of_a[i], false};

		add_row(comparison, row.b != NULL ? COMPARE_STAYED : COMPARE_WENT, row);
	}
	for (size_t i = 0; i < b->count; i++) {
		struct compare_row row = {NULL, &b->items[i], !has_signature(a, b->items[i].signature)};

		if (matching->of_b[i] == NULL)
			add_row(comparison, COMPARE_CAME, row);
	}
}

static int rows_by_severity(const void *first, const void *second)
{
	const struct compare_row *one = first;
	const struct compare_row *other = second;
	const struct compare_item *a = one->b != NULL ? one->b : one->a;
	const struct compare_item *b = other->b != NULL ? other->b : other->a;
	int order = compare_numbers(b->severity, a->severity);

	if (order == 0)
		order = strcmp(a->kind, b->kind);
	return order != 0 ? order : by_identity(a, b);
}

void compare_sides(struct comparison *comparison, struct compare_side *a, struct compare_side *b)
{
	struct matching matching = {.a = a, .b = b};

	*comparison = (struct comparison){.a = a, .b = b};
	arrange(a);
	arrange(b);
	matching.of_a = memory_zeroed(a->count * sizeof(struct compare_item *));
	matching.of_b = memory_zeroed(b->count * sizeof(struct compare_item *));
	match_equal(&matching);
	match_vague(&matching);
	make_rows(comparison, &matching);
	for (int list = 0; list < COMPARE_LISTS; list++)
		if (comparison->counts[list] > 1)
			qsort(comparison->rows[list], comparison->counts[list], sizeof(struct compare_row),
				rows_by_severity);
	free(matching.of_a);
	free(matching.of_b);
}

void comparison_release(struct comparison *comparison)
{
	for (int list = 0; list < COMPARE_LISTS; list++)
		free(comparison->rows[list]);
}

bool compare_changed(const struct compare_row *row)
{
	return row->a->findings != row->b->findings || row->a->occurrences != row->b->occurrences ||
	       row->a->bytes != row->b->bytes || row->a->certainty != row->b->certainty ||
	       row->a->severity != row->b->severity;
}
