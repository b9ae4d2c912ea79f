/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * old_kernel [--seeds N] TRACE... - replays each trace as older kernels would have recorded it, and counts the errors.
 *
 * Prints a line for each trace and kernel, with its errors. With --seeds the traces must be free of errors, whole and
 * in N variations of each kind (heads cut, events lost, clocks bent, ...): exit code 1 when one is not.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/tools/old_kernel.h"

#include "analyzer/replay.h"
#include "collector/source.h"

static enum err take(void *context, const struct event *events, size_t count, struct error *error)
{
	(void)error;
	events_add(context, events, count);
	return ERR_OK;
}

static enum err load(const char *path, struct events *events, struct error *error)
{
	struct sink sink = {take, events};
	struct source *source = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int spool = memfd_create("old_kernel", MFD_CLOEXEC);
	enum err err = ERR_OK;

	if (fd < 0 || spool < 0)
		err = error_set(error, ERR_SYSTEM, "cannot open '%s'", path);
	if (err == ERR_OK)
		err = source_open(&source, fd, spool, path, error);
	if (err == ERR_OK)
		err = source_read(source, &sink, error);
	source_close(source);
	close(spool);
	close(fd);
	return err;
}

static void print_errors(const struct replay_result *result)
{
	for (size_t i = 0; i < result->finding_count; i++) {
		const struct finding *finding = &result->findings[i];

		if (finding->severity == SEVERITY_ERROR)
			printf("  %s %s %s root %" PRIu64 " ino %" PRIu64 " times %" PRIu64 " bytes %" PRIu64 "\n",
				finding_certainty_name(finding->certainty), finding_kind_name(finding->kind),
				finding_path_name(finding->path), finding->root, finding->ino,
				finding->occurrence_total, finding->bytes);
	}
}

/* Replays events and returns the number of errors; prints them below the line `what`, or only when there are some. */
static uint64_t errors_of(const struct events *events, const char *what, bool always)
{
	struct replay *replay = replay_new(NULL);
	const struct replay_result *result;
	uint64_t errors = 0;

	replay_take(replay, events->all, events->count);
	result = replay_finish(replay);
	for (size_t i = 0; i < result->finding_count; i++)
		if (result->findings[i].severity == SEVERITY_ERROR)
			errors += result->findings[i].occurrence_total;
	if (always || errors > 0) {
		printf("%s: %zu events, %" PRIu64 " errors\n", what, events->count, errors);
		print_errors(result);
	}
	replay_free(replay);
	return errors;
}

static uint64_t vary(const char *path, const struct events *old, enum old_kernel kernel, uint64_t seed)
{
	uint64_t errors = 0;

	for (size_t i = 0; i < RANDOM_VARIATIONS; i++) {
		struct seeded seeded = seeded_by(seed * RANDOM_VARIATIONS + i);
		struct events varied = {0};
		char what[400];

		snprintf(what, sizeof(what), "%s as of %s, %s, seed %" PRIu64, path, old_kernel_names[kernel],
			random_variations[i].name, seed);
		if (old->count > 0 && random_variations[i].make(&varied, old, &seeded))
			errors += errors_of(&varied, what, false);
		free(varied.all);
	}
	return errors;
}

static uint64_t judge(const char *path, const struct events *whole, enum old_kernel kernel, uint64_t seeds)
{
	struct events old = {0};
	char what[400];
	uint64_t errors;

	old_kernel_trace(&old, whole, kernel);
	snprintf(what, sizeof(what), "%s as of %s", path, old_kernel_names[kernel]);
	errors = errors_of(&old, what, true);
	for (uint64_t seed = 1; seed <= seeds; seed++)
		errors += vary(path, &old, kernel, seed);
	free(old.all);
	return errors;
}

int main(int argc, char **argv)
{
	bool clean = argc > 2 && strcmp(argv[1], "--seeds") == 0;
	uint64_t seeds = clean ? strtoull(argv[2], NULL, 10) : 0;
	uint64_t faults = 0;

	for (int i = clean ? 3 : 1; i < argc; i++) {
		struct events whole = {0};
		struct error error = {0};

		if (load(argv[i], &whole, &error) != ERR_OK) {
			fprintf(stderr, "old_kernel: %s\n", error.text);
			return 2;
		}
		for (int kernel = 0; kernel < OLD_KERNELS; kernel++)
			faults += judge(argv[i], &whole, (enum old_kernel)kernel, seeds);
		free(whole.all);
	}
	return clean && faults > 0;
}
