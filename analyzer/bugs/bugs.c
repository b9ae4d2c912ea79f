/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/bugs/bugs.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "analyzer/bugs/bugs_parts.h"

enum { COMMIT_DIGITS_MIN = 6, COMMIT_DIGITS_KEPT = 12, COMMIT_DIGITS_MAX = 40 };

static const char *const applies_names[BUG_APPLIES_COUNT] = {
	[BUG_AFFECTED] = "affected",
	[BUG_FIXED] = "fixed",
	[BUG_UNKNOWN] = "unknown",
};

static const char should_be_fixed[] =
	"this kernel should have the fix, so it is a regression, a reverted or lost backport, or another bug with the "
	"same signature";

static const char *const sentences[BUG_APPLIES_COUNT] = {
	[BUG_AFFECTED] = "this kernel does not have the fix",
	[BUG_FIXED] = should_be_fixed,
	[BUG_UNKNOWN] = "whether this kernel has the fix cannot be told from its name",
};

static const char *const areas[BUG_AREA_COUNT] = {
	[BUG_DATA] = "data",
	[BUG_META] = "metadata",
	[BUG_BOOKS] = "bookkeeping",
};

const char *bug_applies_name(enum bug_applies applies)
{
	return applies_names[applies];
}

const char *bug_applies_sentence(const struct bug *bug, enum bug_applies applies)
{
	return bug->fixed_in == NULL ? "no fix is known, of any kernel" : sentences[applies];
}

const char *bug_area_name(enum bug_area area)
{
	return areas[area];
}

const struct bug *bugs_at(size_t index)
{
	if (index < bugs_data_count)
		return &bugs_data[index];
	index -= bugs_data_count;
	return index < bugs_data_meta_count ? &bugs_data_meta[index] : NULL;
}

/* Whether one of the commits, separated by blanks, begins like that. */
static bool has_commit(const char *commits, const char *prefix)
{
	size_t length = strlen(prefix);

	for (const char *at = commits; at != NULL; at = strchr(at, ' ')) {
		at += *at == ' ' ? 1 : 0;
		/* A full id is longer than what is kept of it. */
		if (strncasecmp(at, prefix, length < COMMIT_DIGITS_KEPT ? length : COMMIT_DIGITS_KEPT) == 0)
			return true;
	}
	return false;
}

static bool is_called(const struct bug *bug, const char *name)
{
	size_t length = strlen(name);
	char *end;

	if (strcmp(bug->slug, name) == 0)
		return true;
	if (isdigit((unsigned char)*name) && strtoul(name, &end, 10) == bug->number && *end == '\0')
		return true;
	return length >= COMMIT_DIGITS_MIN && length <= COMMIT_DIGITS_MAX &&
	       name[strspn(name, "0123456789abcdefABCDEF")] == '\0' &&
	       (has_commit(bug->commit, name) || has_commit(bug->also, name));
}

const struct bug *bugs_named(const char *name)
{
	const struct bug *bug;

	for (size_t i = 0; (bug = bugs_at(i)) != NULL; i++)
		if (is_called(bug, name))
			return bug;
	return NULL;
}

static int compare(unsigned long a, unsigned long b)
{
	return (a > b) - (a < b);
}

static int compare_series(const struct kernel *a, const struct kernel *b)
{
	int major = compare(a->major, b->major);

	return major != 0 ? major : compare(a->minor, b->minor);
}

/* The release of the kernel's series in a list of them. */
static bool find_series(const char *releases, const struct kernel *kernel, struct kernel *found)
{
	for (const char *at = releases; at != NULL; at = strchr(at, ' ')) {
		at += *at == ' ' ? 1 : 0;
		*found = kernel_read(at);
		if (compare_series(found, kernel) == 0)
			return true;
	}
	return false;
}

static enum bug_applies applies_in_stable(const struct bug *bug, const struct kernel *kernel)
{
	struct kernel fix;
	struct kernel searched;

	if (find_series(bug->fixed_in, kernel, &fix)) {
		if (kernel->low >= fix.low)
			return BUG_FIXED;
		return kernel->high < fix.low ? BUG_AFFECTED : BUG_UNKNOWN;
	}
	return find_series(bug->lacking, kernel, &searched) && kernel->high <= searched.low ? BUG_AFFECTED
											    : BUG_UNKNOWN;
}

/* Of the series that the fix is in. */
static enum bug_applies applies_to_candidate(const struct bug *bug, const struct kernel *kernel)
{
	if (!kernel->candidate)
		return BUG_FIXED;
	if (bug->rc == 0 || kernel->rc == 0)
		return BUG_UNKNOWN;
	return kernel->rc >= bug->rc ? BUG_FIXED : BUG_AFFECTED;
}

static enum bug_applies applies_by_fix(const struct bug *bug, const struct kernel *kernel)
{
	struct kernel mainline = kernel_read(bug->fixed_in); /* a stable release when no mainline one is known */
	int order = compare_series(kernel, &mainline);

	if (mainline.low != 0)
		return applies_in_stable(bug, kernel);
	if (order == 0)
		return applies_to_candidate(bug, kernel);
	if (order > 0)
		return BUG_FIXED;
	/* No fix is taken into a candidate, or into the first release, from later on. */
	return kernel->candidate || kernel->high == 0 ? BUG_AFFECTED : applies_in_stable(bug, kernel);
}

enum bug_applies bug_applies(const struct bug *bug, const struct kernel *kernel)
{
	struct kernel since = kernel_read(bug->since);
	enum bug_applies applies = BUG_AFFECTED;

	if (bug->fixed_in != NULL)
		applies = kernel->known ? applies_by_fix(bug, kernel) : BUG_UNKNOWN;
	/* A kernel from before the bug came in has it only with what was taken from later on. */
	if (applies == BUG_AFFECTED && since.known && kernel->known && compare_series(kernel, &since) < 0)
		return BUG_UNKNOWN;
	return applies;
}

/* The sign of a bug that fits best, or NULL. */
static const struct bug_sign *best_sign(
	const struct bug *bug, const struct finding *finding, const struct replay_result *result)
{
	const struct bug_sign *best = NULL;

	for (size_t i = 0; i < BUG_SIGNS_MAX && bug->signs[i].weight != 0; i++) {
		const struct bug_sign *sign = &bug->signs[i];

		if (sign->kind == finding->kind && (sign->path == finding->path || sign->path == PATH_COUNT) &&
			(best == NULL || sign->weight > best->weight) &&
			(sign->fits == NULL || sign->fits(finding, result)))
			best = sign;
	}
	return best;
}

/* The better one stands first: by weight, then by what the kernel may have, then by number. */
static void insert(struct bug_match matches[BUGS_MATCHES_MAX], unsigned ranks[BUGS_MATCHES_MAX], size_t *count,
	struct bug_match match, unsigned rank)
{
	size_t place = *count;

	while (place > 0 && ranks[place - 1] < rank)
		place--;
	if (place >= BUGS_MATCHES_MAX)
		return;
	if (*count < BUGS_MATCHES_MAX)
		(*count)++;
	for (size_t i = *count - 1; i > place; i--) {
		matches[i] = matches[i - 1];
		ranks[i] = ranks[i - 1];
	}
	matches[place] = match;
	ranks[place] = rank;
}

size_t bugs_match(const struct finding *finding, const struct replay_result *result, const char *kernel,
	struct bug_match matches[BUGS_MATCHES_MAX])
{
	static const unsigned order[BUG_APPLIES_COUNT] = {[BUG_AFFECTED] = 2, [BUG_UNKNOWN] = 1, [BUG_FIXED] = 0};
	struct kernel known = kernel_read(kernel);
	unsigned ranks[BUGS_MATCHES_MAX];
	const struct bug *bug;
	size_t count = 0;

	for (size_t i = 0; (bug = bugs_at(i)) != NULL; i++) {
		const struct bug_sign *sign = best_sign(bug, finding, result);
		enum bug_applies applies = bug_applies(bug, &known);

		if (sign == NULL)
			continue;
		insert(matches, ranks, &count, (struct bug_match){bug, sign->why, applies},
			sign->weight * (unsigned)BUG_APPLIES_COUNT + order[applies]);
	}
	return count;
}

bool bug_sign_covers(const struct bug_sign *sign, const char *kind, const char *path)
{
	return strcmp(finding_kind_name(sign->kind), kind) == 0 &&
	       (sign->path == PATH_COUNT || strcmp(finding_path_name(sign->path), path) == 0);
}

size_t bugs_explaining(const char *kind, const char *path, struct bug_match matches[BUGS_MATCHES_MAX])
{
	unsigned ranks[BUGS_MATCHES_MAX];
	const struct bug *bug;
	size_t count = 0;

	for (size_t row = 0; (bug = bugs_at(row)) != NULL; row++) {
		const struct bug_sign *best = NULL;

		for (size_t i = 0; i < BUG_SIGNS_MAX && bug->signs[i].weight != 0; i++)
			if (bug_sign_covers(&bug->signs[i], kind, path) &&
				(best == NULL || bug->signs[i].weight > best->weight))
				best = &bug->signs[i];
		if (best != NULL)
			insert(matches, ranks, &count,
				(struct bug_match){.bug = bug, .why = best->why, .applies = BUG_UNKNOWN}, best->weight);
	}
	return count;
}
