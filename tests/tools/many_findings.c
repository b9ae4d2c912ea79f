/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * many_findings STORE COUNT [TRACES] - fills a store with so many findings, over so many traces (400), the way import
 * does, but for indexes, which are made when all is there: what lists are measured against. A few traces have a tenth
 * of all findings each, a few kinds most of them.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analyzer/kept/kept.h"
#include "base/memory.h"
#include "schema/rows/rows_file.h"
#include "schema/store/store.h"
#include "tests/unit/seeded.h"

enum { LARGE_TRACES = 4, HOSTS = 40, KERNELS = 12, ROOTS = 60, TASKS = 8, FILESYSTEMS = 2, CAUSES = 4 };

static const uint64_t first_day = 1735689600; /* 2025-01-01 */

/* All that one finding points to. */
struct parts {
	struct occurrence occurrence;
	struct owner owner;
	struct evidence evidence[2];
};

/* By which a trace's findings came about: a few ways for each severity, as bugs are few. */
struct causes {
	struct {
		enum finding_kind kind;
		enum finding_path path;
	} of[SEVERITY_COUNT][CAUSES];
};

/* Below `limit`, and small numbers far more often than large ones. */
static uint64_t skewed(struct seeded *seeded, uint64_t limit)
{
	uint64_t first = seeded_below(seeded, limit);
	uint64_t second = seeded_below(seeded, first + 1);

	return seeded_below(seeded, second + 1);
}

static enum finding_kind kind_of(struct seeded *seeded, enum finding_severity severity)
{
	enum finding_kind kind;

	do
		kind = (enum finding_kind)skewed(seeded, FINDING_LOG_MISMATCH);
	while (finding_severity_of(kind) != severity);
	return kind;
}

/* A kind is an error by one path and a note by another: here a signature has one severity all the same. */
static void choose_causes(struct seeded *seeded, struct causes *causes)
{
	for (unsigned severity = 0; severity < SEVERITY_COUNT; severity++) {
		for (size_t i = 0; i < CAUSES; i++) {
			enum finding_path path = (enum finding_path)skewed(seeded, PATH_COUNT);

			causes->of[severity][i].kind = kind_of(seeded, (enum finding_severity)severity);
			causes->of[severity][i].path = path == PATH_NOT_TAKEN_BACK ? PATH_NONE : path;
		}
	}
}

static void fill_parts(struct seeded *seeded, struct parts *parts, const struct finding *finding)
{
	const uint64_t start = 4096 * seeded_below(seeded, 100000);

	parts->owner = (struct owner){.task = {1000 + (int32_t)seeded_below(seeded, 5000), 1},
		.bytes = finding->bytes,
		.start = start,
		.len = finding->bytes,
		.time_ns = 1000000 * finding->id};
	parts->occurrence = (struct occurrence){.time_ns = parts->owner.time_ns + 1 + seeded_below(seeded, 1000000),
		.root = finding->root,
		.ino = finding->ino,
		.start = start,
		.len = finding->bytes,
		.bytes = finding->bytes,
		.have_bytes = 2 * finding->bytes,
		.diff_bytes = -(int64_t)finding->bytes,
		.task = {parts->owner.task.pid + 1, 2 + (uint32_t)seeded_below(seeded, TASKS - 1)},
		.owners = &parts->owner,
		.owner_count = 1};
	for (uint32_t i = 0; i < 2; i++)
		parts->evidence[i] = (struct evidence){.role = i == 0 ? ROLE_OWNER_RESERVES : ROLE_TASK_FREES,
			.event = {.number = 2 * (uint64_t)finding->id + i,
				.time_ns = i == 0 ? parts->owner.time_ns : parts->occurrence.time_ns,
				.root = finding->root,
				.ino = finding->ino,
				.start = start,
				.len = finding->bytes,
				.bytes = finding->bytes,
				.comm = i == 0 ? 1 : parts->occurrence.task.comm,
				.pid = i == 0 ? parts->owner.task.pid : parts->occurrence.task.pid,
				.fs = finding->fs,
				.kind = i == 0 ? EVENT_RESERVE_DATA : EVENT_RELEASE_DATA,
				.op = i == 0 ? EVENT_OP_RESERVE : EVENT_OP_FREE}};
}

/* The finding with the number `id` of `count`, with what it points to. */
static void fill_finding(
	struct seeded *seeded, struct finding *finding, struct parts *parts, const struct causes *causes, size_t count)
{
	static const enum finding_severity severities[] = {
		SEVERITY_ERROR, SEVERITY_ERROR, SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_NOTE};
	const enum finding_severity severity = severities[5 * (finding->id - 1) / count];
	const size_t cause = skewed(seeded, CAUSES);

	*finding = (struct finding){.id = finding->id,
		.kind = causes->of[severity][cause].kind,
		.severity = severity,
		.certainty = seeded_percent(seeded, 90) ? CERTAINTY_PROVEN : CERTAINTY_LIKELY,
		.path = causes->of[severity][cause].path,
		.fs = (uint16_t)(1 + skewed(seeded, FILESYSTEMS)),
		.root = seeded_percent(seeded, 1) ? UINT64_MAX - 8 : 256 + skewed(seeded, ROOTS),
		.ino = 257 + skewed(seeded, 100000),
		.bytes = 4096 * (1 + skewed(seeded, 32768)),
		.occurrences = &parts->occurrence,
		.occurrence_count = 1,
		.occurrence_total = 1,
		.evidence = parts->evidence,
		.evidence_count = 2};
	fill_parts(seeded, parts, finding);
}

static struct names *names_like(const char *begin, uint32_t count)
{
	struct names *names = names_new(count);

	for (uint32_t i = 1; i <= count; i++) {
		char name[64];

		snprintf(name, sizeof(name), "%s%" PRIu32, begin, i);
		names_number(names, name, strlen(name));
	}
	return names;
}

static enum err put_trace(
	const struct report_trace *trace, struct store *store, const struct store_facts *facts, struct error *error)
{
	int fd = memfd_create("rows", MFD_CLOEXEC);
	struct rows_writer *writer = rows_writer_new(fd);
	const struct row_sink *sink = rows_writer_sink(writer);
	struct store_loaded loaded;
	enum err err = kept_put_trace(trace, sink, error);

	if (err == ERR_OK)
		err = kept_put(trace, NULL, "many_findings", sink, error);
	if (err == ERR_OK)
		err = rows_writer_finish(writer, error);
	if (err == ERR_OK)
		err = store_load_trace(store, fd, facts, &loaded, error);
	rows_writer_free(writer);
	close(fd);
	return err;
}

static enum err make_trace(
	struct store *store, struct seeded *seeded, unsigned number, size_t count, struct error *error)
{
	char name[40], host[40], kernel[40], sha256[65];
	struct root_totals roots[ROOTS] = {{0}};
	struct fs_totals filesystem = {.fs = 1, .quota_epochs = 1, .roots = roots, .root_count = ROOTS};
	struct replay_result result = {.finding_count = count,
		.filesystems = &filesystem,
		.filesystem_count = 1,
		.events = 100 * count,
		.event_counts = {[EVENT_RESERVE_DATA] = 100 * count},
		.last_ns = 1000000 * (count + 2)};
	struct report_trace trace = {.name = name, .source = "trace.dat", .kernel = kernel, .clock = "mono"};
	const struct store_facts facts = {.sha256 = sha256,
		.name = name,
		.host = host,
		.file_bytes = 1000 * count,
		.recorded_at = first_day + 86400 * seeded_below(seeded, 380),
		.now = first_day + 86400 * 380};
	struct parts *parts = memory_zeroed(count * sizeof(*parts));
	struct names *comms = names_like("writer-", TASKS);
	struct names *fsids = names_like("11111111-2222-3333-4444-00000000000", FILESYSTEMS);
	struct causes causes;
	enum err err;

	snprintf(name, sizeof(name), "run-%04u.dat", number);
	snprintf(host, sizeof(host), "host-%02u", (unsigned)skewed(seeded, HOSTS));
	snprintf(kernel, sizeof(kernel), "6.%u.%u", 1 + (unsigned)skewed(seeded, KERNELS), number % 3);
	snprintf(sha256, sizeof(sha256), "%064u", number);
	for (uint64_t i = 0; i < ROOTS; i++)
		roots[i] = (struct root_totals){.root = 256 + i, .counter_known = true, .leaked_bytes = 4096 * (i % 3)};
	result.findings = memory_zeroed(count * sizeof(*result.findings));
	choose_causes(seeded, &causes);
	for (size_t i = 0; i < count; i++) {
		result.findings[i].id = (uint32_t)i + 1;
		fill_finding(seeded, &result.findings[i], &parts[i], &causes, count);
	}
	trace.result = &result;
	trace.comms = comms;
	trace.fsids = fsids;
	err = put_trace(&trace, store, &facts, error);
	names_free(comms);
	names_free(fsids);
	free(result.findings);
	free(parts);
	return err;
}

/* The indexes of the table listed but the one that loading needs: dropped, or made again from `kept`. */
static int drop_indexes(const char *name, char kept[8192])
{
	static const char *const chosen = "FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'listed' "
					  "AND name <> 'listed_trace'";
	char drops[8192] = "";
	sqlite3 *db = NULL;
	sqlite3_stmt *rows = NULL;
	char *sql = sqlite3_mprintf("SELECT sql, name %s", chosen);
	int code = sqlite3_open_v2(name, &db, SQLITE_OPEN_READWRITE, NULL);

	kept[0] = '\0';
	if (code == SQLITE_OK)
		code = sqlite3_prepare_v2(db, sql, -1, &rows, NULL);
	while (code == SQLITE_OK && sqlite3_step(rows) == SQLITE_ROW) {
		snprintf(kept + strlen(kept), 8192 - strlen(kept), "%s;", (const char *)sqlite3_column_text(rows, 0));
		snprintf(drops + strlen(drops), sizeof(drops) - strlen(drops), "DROP INDEX %s;",
			(const char *)sqlite3_column_text(rows, 1));
	}
	sqlite3_finalize(rows);
	if (code == SQLITE_OK)
		code = sqlite3_exec(db, drops, NULL, NULL, NULL);
	sqlite3_free(sql);
	sqlite3_close(db);
	return code;
}

static int make_indexes(const char *name, const char *kept)
{
	sqlite3 *db = NULL;
	int code = sqlite3_open_v2(name, &db, SQLITE_OPEN_READWRITE, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_exec(db, "PRAGMA cache_size = -65536", NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_exec(db, kept, NULL, NULL, NULL);
	sqlite3_close(db);
	return code;
}

int main(int argc, char **argv)
{
	const struct store_options options = {STORE_CREATE, 0};
	unsigned long count = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	unsigned long traces = argc > 3 ? strtoul(argv[3], NULL, 10) : 400;
	/* Of the traces that are not large: how many, and how many findings they share. */
	unsigned long small = traces - LARGE_TRACES;
	unsigned long left = count - LARGE_TRACES * (count / 10);
	struct seeded seeded = seeded_by(count);
	struct error error = {.code = ERR_OK};
	struct store *store = NULL;
	char indexes[8192];
	enum err err;

	if (count == 0 || traces <= LARGE_TRACES) {
		fprintf(stderr, "usage: many_findings STORE COUNT [TRACES]\n");
		return 2;
	}
	err = store_open(&store, argv[1], &options, &error);
	if (err == ERR_OK && drop_indexes(argv[1], indexes) != SQLITE_OK)
		err = error_set(&error, ERR_SYSTEM, "cannot drop indexes of '%s'", argv[1]);
	for (unsigned long i = 0; i < traces && err == ERR_OK; i++) {
		bool large = i % (traces / LARGE_TRACES) == 0 && i / (traces / LARGE_TRACES) < LARGE_TRACES;
		unsigned long share = large ? count / 10 : left / small;

		left -= large ? 0 : share;
		small -= !large;
		err = make_trace(store, &seeded, (unsigned)i, share, &error);
	}
	store_close(store);
	if (err == ERR_OK && make_indexes(argv[1], indexes) != SQLITE_OK)
		err = error_set(&error, ERR_SYSTEM, "cannot make indexes of '%s'", argv[1]);
	if (err != ERR_OK)
		fprintf(stderr, "many_findings: %s\n", error.text);
	return err == ERR_OK ? 0 : 2;
}
