/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists: their pages, one behind the other, are what plain SQL over the tables of traces and replays gives. */
#include "tests/unit/list_store.h"

#define CURRENT "f.replay IN (SELECT max(id) FROM replay GROUP BY trace)"
#define BYTES "max(f.bytes, 0)"
#define RANK "instr('note warning error', f.severity)"

/* What a filter compares, and values: some that are there, and one that is not. */
static const struct {
	const char *name;
	const char *sql; /* an expression */
	const char *texts[4];
	uint64_t numbers[4];
} finding_filters[] = {
	{"kind", "f.kind", {"leak", "underflow", "x"}, {0}},
	{"severity", "f.severity", {"error", "note", "x"}, {0}},
	{"certainty", "f.certainty", {"likely", "proven"}, {0}},
	{"trace", "t.id", {NULL}, {1, 4, 99}},
	{"root", "f.root", {NULL}, {256, UINT64_MAX - 8, 99}},
	{"ino", "f.ino", {NULL}, {257, 258, 99}},
	{"signature", "f.signature", {"leak error 0", "underflow note 1", "x"}, {0}},
	{"host", "h.name", {"anna", "bert", "x"}, {0}},
	{"fs", "f.filesystem", {NULL}, {0, 2, 99}},
	{"number", "f.number", {NULL}, {1, 7, 99}},
};

enum { FILTERS = sizeof(finding_filters) / sizeof(*finding_filters), NO_FILTER = FILTERS };

static const struct {
	const char *name;
	const char *order;
	const char *reversed;
} finding_sorts[] = {
	{"id", "f.replay DESC, f.number", "f.replay, f.number DESC"},
	{"bytes", BYTES " DESC, f.replay DESC, f.number", BYTES ", f.replay, f.number DESC"},
	{"severity", RANK " DESC, f.replay DESC, f.number", RANK ", f.replay, f.number DESC"},
};

/* What SQLite says, in the form of list_pages(). */
static char *plain_rows(const char *name, const char *sql)
{
	sqlite3 *db;
	sqlite3_stmt *rows;
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	assert_int_equal(sqlite3_open_v2(name, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	if (sqlite3_prepare_v2(db, sql, -1, &rows, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	while (sqlite3_step(rows) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(rows); i++) {
			const char *value = (const char *)sqlite3_column_text(rows, i);

			fprintf(stream, "%s|", value == NULL ? "" : value);
		}
		fputc('\n', stream);
	}
	sqlite3_finalize(rows);
	sqlite3_close(db);
	fclose(stream);
	return text;
}

static void must_be_the_same(const char *found, const char *wanted, const char *what)
{
	if (strcmp(found, wanted) != 0)
		fail_msg("%s\n%s---\n%s", what, found, wanted);
}

static void add_filter(struct list_wish *wish, struct list_filter *filters, size_t which, size_t value, FILE *sql)
{
	const char *text = finding_filters[which].texts[value];

	filters[wish->filter_count++] = (struct list_filter){
		.name = finding_filters[which].name, .number = finding_filters[which].numbers[value], .text = text};
	if (text != NULL)
		fprintf(sql, " AND %s = '%s'", finding_filters[which].sql, text);
	else
		fprintf(sql, " AND %s = %lld", finding_filters[which].sql,
			(long long)finding_filters[which].numbers[value]);
}

/* One way to ask for findings, by the list and by hand. Returns how many there are. */
static size_t compare_findings(
	struct store *store, const char *db, const size_t which[2], const size_t value[2], size_t order)
{
	static const char *const only[] = {"trace", "number", NULL};
	struct list_filter filters[2];
	struct list_wish wish = {.filters = filters,
		.sort = finding_sorts[order / 2].name,
		.reversed = order % 2 == 1,
		.limit = 3 + order};
	char *sql = NULL;
	size_t size;
	FILE *text = open_memstream(&sql, &size);
	char *wanted;
	char *found;
	size_t rows = 0;

	fputs("SELECT t.id, f.number FROM finding f JOIN replay r ON r.id = f.replay JOIN trace t ON t.id = r.trace "
	      "LEFT JOIN host h ON h.id = t.host WHERE " CURRENT,
		text);
	for (size_t i = 0; i < 2; i++)
		if (which[i] != NO_FILTER)
			add_filter(&wish, filters, which[i], value[i], text);
	fprintf(text, " ORDER BY %s",
		wish.reversed ? finding_sorts[order / 2].reversed : finding_sorts[order / 2].order);
	fclose(text);
	wanted = plain_rows(db, sql);
	found = list_pages(store, LIST_FINDINGS, &wish, only, NULL);
	must_be_the_same(found, wanted, sql);
	for (const char *at = found; *at != '\0'; at++)
		rows += *at == '\n';
	free(found);
	free(wanted);
	free(sql);
	return rows;
}

static size_t count_values(size_t which)
{
	size_t count = 0;

	while (which != NO_FILTER && count < 4 &&
		(finding_filters[which].texts[count] != NULL || finding_filters[which].numbers[count] != 0))
		count++;
	return count == 0 ? 1 : count;
}

static struct store *fill(const char *db, struct seeded *seeded)
{
	struct store *store = must_open(db, STORE_CREATE);

	for (unsigned i = 0; i < 6; i++)
		add_trace(store, seeded, i == 2 ? 0 : 20 + 3 * i);
	add_replay(store, seeded, 1, 25);
	return store;
}

static void test_findings_come_whole_and_in_order(void **state)
{
	struct fixture *fixture = *state;
	struct seeded seeded = seeded_by(5);
	struct store *store = fill(fixture->db, &seeded);
	size_t rows = 0;

	for (size_t a = 0; a <= FILTERS; a++) {
		for (size_t b = a == NO_FILTER ? a : a + 1; b <= FILTERS; b++) {
			const size_t which[2] = {a, b};
			size_t combinations = count_values(a) * count_values(b);

			for (size_t i = 0; i < 6 * combinations; i++) {
				const size_t value[2] = {i / 6 % count_values(a), i / 6 / count_values(a)};

				rows += compare_findings(store, fixture->db, which, value, i % 6);
			}
		}
	}
	assert_true(rows > 10000);
	store_close(store);
}

/* Lists but findings, and what they are by hand. */
static const struct {
	enum list list;
	bool reversed;
	const char *sort;
	struct list_filter filters[3];
	const char *only[8];
	const char *sql;
} others[] = {
	{LIST_OCCURRENCES, false, NULL, {{"replay", 2, NULL}, {"finding", 2, NULL}},
		{"finding", "number", "len", "comm"},
		"SELECT finding, number, len, 'text 1' FROM occurrence WHERE replay = 2 AND finding = 2 AND comm = 1 "
		"UNION ALL SELECT finding, number, len, CASE comm WHEN 2 THEN 'text 2' END FROM occurrence "
		"WHERE replay = 2 AND finding = 2 AND comm <> 1 ORDER BY 2"},
	{LIST_OWNERS, false, NULL, {{"replay", 2, NULL}, {"finding", 1, NULL}}, {"occurrence", "number", "bytes"},
		"SELECT occurrence, number, bytes FROM owner WHERE replay = 2 AND finding = 1 ORDER BY 1, 2"},
	{LIST_OWNERS, false, NULL, {{"replay", 2, NULL}, {"finding", 1, NULL}, {"occurrence", 1, NULL}},
		{"occurrence", "number", "bytes"},
		"SELECT occurrence, number, bytes FROM owner WHERE replay = 2 AND finding = 1 AND occurrence = 1 "
		"ORDER BY 2"},
	{LIST_EVIDENCE, true, NULL, {{"replay", 2, NULL}, {"finding", 1, NULL}}, {"number", "seq", "fs", "fsid"},
		"SELECT number, seq, fs, CASE fs WHEN 1 THEN 'text 3' WHEN 2 THEN 'text 4' END FROM evidence "
		"WHERE replay = 2 AND finding = 1 ORDER BY 1 DESC"},
	{LIST_TRACES, false, NULL, {{0}}, {"id", "name", "host", "errors", "warnings", "notes", "replay"},
		"SELECT id, name, host, errors, warnings, notes, (SELECT max(id) FROM replay WHERE trace = "
		"trace_list.id) "
		"FROM trace_list ORDER BY id DESC"},
	{LIST_TRACES, false, "events", {{0}}, {"id", "events"},
		"SELECT id, events FROM trace ORDER BY events DESC, id DESC"},
	{LIST_TRACES, false, "name", {{0}}, {"id", "name"}, "SELECT id, name FROM trace ORDER BY name, id"},
	{LIST_TRACES, true, "name", {{0}}, {"id"}, "SELECT id FROM trace ORDER BY name DESC, id DESC"},
	{LIST_TRACES, false, "errors", {{0}}, {"id", "errors"},
		"SELECT id, errors FROM trace_list ORDER BY errors DESC, id DESC"},
	{LIST_TRACES, false, "events", {{"host", 0, "anna"}}, {"id"},
		"SELECT id FROM trace_list WHERE host = 'anna' ORDER BY events DESC, id DESC"},
	{LIST_TRACES, false, NULL, {{"host", 0, "bert"}}, {"id"},
		"SELECT id FROM trace_list WHERE host = 'bert' ORDER BY id DESC"},
	{LIST_TRACES, false, NULL, {{"kernel", 0, "6.1.1"}, {"found", 1, NULL}}, {"id"},
		"SELECT id FROM trace_list WHERE kernel = '6.1.1' AND errors > 0 ORDER BY id DESC"},
	{LIST_TRACES, false, NULL, {{"found", 0, NULL}}, {"id"},
		"SELECT id FROM trace_list WHERE errors = 0 ORDER BY id DESC"},
	{LIST_TRACES, false, NULL, {{"name", 0, "A.D"}}, {"id"},
		"SELECT id FROM trace WHERE name LIKE '%a.d%' ORDER BY id DESC"},
	{LIST_TRACES, false, "errors", {{"id", 4, NULL}}, {"id"}, "SELECT 4"},
	{LIST_TRACES, false, NULL, {{"sha256", 0, "x"}}, {"id"}, "SELECT 1 WHERE 0"},
	{LIST_REPLAYS, false, NULL, {{"trace", 1, NULL}}, {"id", "current"}, "SELECT 7, 1 UNION ALL SELECT 1, 0"},
	{LIST_REPLAYS, false, NULL, {{0}}, {"id"}, "SELECT id FROM replay ORDER BY id DESC"},
	{LIST_FILESYSTEMS, false, NULL, {{"replay", 2, NULL}}, {"number", "fsid"},
		"SELECT number, fsid FROM filesystem WHERE replay = 2 ORDER BY 1"},
	{LIST_ROOTS, false, NULL, {{"trace", 1, NULL}}, {"trace", "replay", "root", "fs", "leaked"},
		"SELECT 1, 7, root, filesystem, leaked FROM root_ledger WHERE replay = 7 ORDER BY root"},
	{LIST_ROOTS, false, "leaked", {{"trace", 1, NULL}}, {"root", "leaked"},
		"SELECT root, leaked FROM root_ledger WHERE replay = 7 ORDER BY leaked DESC, root DESC"},
	{LIST_ROOTS, true, "underflow", {{"trace", 2, NULL}}, {"root"},
		"SELECT root FROM root_ledger WHERE replay = 2 ORDER BY underflow, root"},
	{LIST_ROOTS, false, "peak", {{"trace", 2, NULL}, {"root", 3, NULL}, {"fs", 3, NULL}}, {"root"}, "SELECT 3"},
	{LIST_SAMPLES, false, NULL, {{"replay", 2, NULL}, {"place", 3, NULL}, {"span", 3, NULL}}, {"number"},
		"SELECT 3"},
	{LIST_EVENT_COUNTS, false, NULL, {{"trace", 2, NULL}}, {"kind", "events"},
		"SELECT kind, events FROM event_count WHERE trace = 2 ORDER BY kind"},
	{LIST_UNPROVEN, true, NULL, {{"replay", 2, NULL}}, {"kind", "count"},
		"SELECT kind, count FROM unproven WHERE replay = 2 ORDER BY kind DESC"},
	{LIST_LOG_LINES, false, NULL, {{"replay", 2, NULL}}, {"number", "findings"},
		"SELECT number, findings FROM log_line WHERE replay = 2 ORDER BY number"},
	{LIST_SIGNATURES, false, NULL, {{0}}, {"signature", "findings", "traces", "hosts", "severity"},
		"SELECT s.signature, count(f.number), count(DISTINCT r.trace), count(DISTINCT t.host), max(f.severity) "
		"FROM signature s LEFT JOIN finding f ON f.signature = s.signature AND " CURRENT
		" LEFT JOIN replay r ON r.id = f.replay LEFT JOIN trace t ON t.id = r.trace GROUP BY s.signature "
		"ORDER BY s.last_seen DESC, s.signature DESC"},
	{LIST_SIGNATURES, false, "findings", {{"state", 0, "open"}, {"kind", 0, "leak"}}, {"signature"},
		"SELECT s.signature FROM signature s LEFT JOIN finding f ON f.signature = s.signature AND " CURRENT
		" WHERE s.kind = 'leak' GROUP BY s.signature ORDER BY count(f.number) DESC, s.signature DESC"},
	{LIST_SIGNATURES, false, "findings", {{"state", 0, "fixed"}}, {"signature"}, "SELECT 1 WHERE 0"},
	{LIST_SIGNATURE_TRACES, false, NULL, {{"signature", 0, "leak error 0"}}, {"trace", "findings", "occurrences"},
		"SELECT r.trace, count(*), sum(f.occurrences) FROM finding f JOIN replay r ON r.id = f.replay WHERE "
		"f.signature = 'leak error 0' AND " CURRENT " GROUP BY r.trace ORDER BY r.trace DESC"},
	{LIST_SIGNATURE_KERNELS, false, NULL, {{"signature", 0, "leak error 0"}}, {"kernel", "traces", "findings"},
		"SELECT t.kernel, count(DISTINCT t.id), count(*) FROM finding f JOIN replay r ON r.id = f.replay "
		"JOIN trace t ON t.id = r.trace WHERE f.signature = 'leak error 0' AND " CURRENT
		" GROUP BY t.kernel ORDER BY t.kernel"},
	{LIST_UPLOADS, false, NULL, {{0}}, {"id", "state"}, "SELECT id, state FROM upload ORDER BY id DESC"},
	{LIST_UPLOADS, true, NULL, {{"state", 0, "queued"}}, {"id"},
		"SELECT id FROM upload WHERE state = 'queued' ORDER BY id"},
	{LIST_TREND, false, NULL, {{0}}, {"day", "traces", "errors", "warnings", "notes"},
		"SELECT recorded_at - recorded_at % 86400, count(*), sum(errors), sum(warnings), sum(notes) "
		"FROM trace_list GROUP BY 1 ORDER BY 1"},
	{LIST_TOTALS, false, NULL, {{0}},
		{"traces", "events", "errors", "warnings", "notes", "hosts", "uploads_queued"},
		"SELECT count(*), sum(events), sum(errors), sum(warnings), sum(notes), (SELECT count(*) FROM host), "
		"(SELECT count(*) FROM upload WHERE state = 'queued') FROM trace_list"},
};

static void test_other_lists_do_too(void **state)
{
	struct fixture *fixture = *state;
	struct seeded seeded = seeded_by(6);
	struct store *store = fill(fixture->db, &seeded);

	ask(fixture->db, "INSERT INTO upload (name, size, received_at, state) VALUES ('a', 1, 2, 'queued'), "
			 "('b', 1, 2, 'done'), ('c', 1, 2, 'queued'), ('d', 1, 2, 'queued')");
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		struct list_wish wish = {.filters = others[i].filters,
			.sort = others[i].sort,
			.reversed = others[i].reversed,
			.limit = 1 + i % 3};
		char *wanted = plain_rows(fixture->db, others[i].sql);
		char *found;

		while (wish.filter_count < 3 && others[i].filters[wish.filter_count].name != NULL)
			wish.filter_count++;
		found = list_pages(store, others[i].list, &wish, others[i].only, NULL);
		must_be_the_same(found, wanted, others[i].sql);
		free(found);
		free(wanted);
	}
	store_close(store);
}

/* What comes while somebody leafs, for list_pages(). */
static struct {
	struct store *writer;
	struct seeded seeded;
	unsigned left;
} meanwhile;

static void add_meanwhile(void)
{
	if (meanwhile.left > 0) {
		meanwhile.left--;
		add_trace(meanwhile.writer, &meanwhile.seeded, 10);
	}
}

/* The lines of `text` but those of traces that came meanwhile. */
static void keep_old_lines(char *text, unsigned long last_trace)
{
	char *to = text;

	for (char *line = text; *line != '\0';) {
		size_t length = strcspn(line, "\n") + 1;

		if (strtoul(line, NULL, 10) <= last_trace) {
			memmove(to, line, length);
			to += length;
		}
		line += length;
	}
	*to = '\0';
}

static void test_rows_that_come_meanwhile_shift_nothing(void **state)
{
	static const char *const only[] = {"trace", "number", NULL};
	struct fixture *fixture = *state;
	struct store *reader;

	meanwhile.seeded = seeded_by(7);
	meanwhile.writer = fill(fixture->db, &meanwhile.seeded);
	reader = must_open(fixture->db, STORE_READ);
	for (size_t i = 0; i < 6; i++) {
		const struct list_wish wish = {.sort = finding_sorts[i / 2].name, .reversed = i % 2 == 1, .limit = 11};
		unsigned long last = (unsigned long)ask_number(fixture->db, "SELECT max(id) FROM trace");
		char *before = list_pages(reader, LIST_FINDINGS, &wish, only, NULL);
		char *found;

		meanwhile.left = 4;
		found = list_pages(reader, LIST_FINDINGS, &wish, only, add_meanwhile);
		assert_int_equal(meanwhile.left, 0);
		keep_old_lines(found, last);
		must_be_the_same(found, before, wish.sort);
		free(before);
		free(found);
	}
	store_close(reader);
	store_close(meanwhile.writer);
}

static enum err refuse_row(void *context, const struct row_value *values, size_t count, struct error *error)
{
	(void)context;
	(void)values;
	(void)count;
	return error_set(error, ERR_LIMIT, "no more");
}

static void must_be_refused(
	struct store *store, enum list list, const struct list_wish *wish, enum err wanted, const char *text)
{
	const struct list_sink sink = {refuse_row, NULL};
	struct list_place next;
	struct error error = {.code = ERR_OK};

	assert_int_equal(store_list(store, list, wish, &sink, &next, &error), wanted);
	assert_int_equal(next.count, 0);
	assert_string_equal(error.text, text);
}

static void test_wishes_that_cannot_be_are_refused(void **state)
{
	static const struct list_filter unknown = {.name = "x; DROP TABLE trace", .number = 1};
	static const struct list_filter textless = {.name = "kind", .number = 1};
	struct fixture *fixture = *state;
	struct seeded seeded = seeded_by(8);
	struct store *store = fill(fixture->db, &seeded);

	must_be_refused(store, LIST_FINDINGS, &(struct list_wish){.filters = &unknown, .filter_count = 1, .limit = 1},
		ERR_USAGE, "the list of findings has no filter 'x; DROP TABLE trace'");
	must_be_refused(store, LIST_FINDINGS, &(struct list_wish){.filters = &textless, .filter_count = 1, .limit = 1},
		ERR_USAGE, "the filter 'kind' needs a text");
	must_be_refused(store, LIST_FINDINGS, &(struct list_wish){.sort = "x", .limit = 1}, ERR_USAGE,
		"the list of findings has no sort 'x'");
	must_be_refused(store, LIST_EVENTS, &(struct list_wish){.limit = 1}, ERR_USAGE,
		"the list of events needs the filter 'trace'");
	must_be_refused(store, LIST_FINDINGS, &(struct list_wish){.sort = "bytes", .limit = 1, .after.count = 1},
		ERR_USAGE, "the place in the list of findings is of another sort, begin again");
	must_be_refused(store, LIST_FINDINGS, &(struct list_wish){.limit = 1}, ERR_LIMIT, "no more");
	store_close(store);
}

static enum err pass_row(void *context, const struct row_value *values, size_t count, struct error *error)
{
	(void)values;
	(void)count;
	(void)error;
	++*(size_t *)context;
	return ERR_OK;
}

/* Enough rows that SQLite looks at the clock, and no time at all; the store is as good as before. */
static void test_what_takes_too_long_is_ended(void **state)
{
	const struct list_wish all = {.limit = UINT64_MAX};
	struct fixture *fixture = *state;
	struct seeded seeded = seeded_by(3);
	struct store *store = must_open(fixture->db, STORE_CREATE);
	size_t rows = 0;
	const struct list_sink sink = {pass_row, &rows};
	struct list_place next;
	struct error error;

	add_trace(store, &seeded, 5000);
	store_list_within(store, 0);
	assert_int_equal(store_list(store, LIST_FINDINGS, &all, &sink, &next, &error), ERR_LIMIT);
	assert_string_equal(error.text, "the list of findings takes longer than 0 seconds, narrow it by a filter");
	assert_true(rows < 5000);
	store_list_within(store, UINT32_MAX);
	rows = 0;
	assert_int_equal(store_list(store, LIST_FINDINGS, &all, &sink, &next, &error), ERR_OK);
	assert_int_equal(rows, 5000);
	store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_findings_come_whole_and_in_order),
		TEST(test_other_lists_do_too),
		TEST(test_rows_that_come_meanwhile_shift_nothing),
		TEST(test_wishes_that_cannot_be_are_refused),
		TEST(test_what_takes_too_long_is_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
