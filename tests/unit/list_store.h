/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * list_store - for tests: traces with findings that differ in all that lists filter and sort by, and pages of lists.
 */
#ifndef QGREPLAY_TESTS_UNIT_LIST_STORE_H
#define QGREPLAY_TESTS_UNIT_LIST_STORE_H

#include "schema/store/list.h"
#include "tests/unit/seeded.h"
#include "tests/unit/store_fixture.h"

static const char *const list_store_kinds[] = {"foreign-free", "underflow", "leak"};
static const char *const list_store_severities[] = {"error", "error", "error", "warning", "note"};
static const char *const list_store_certainties[] = {"proven", "likely"};

static inline void set_number(struct row *row, const char *column, uint64_t number)
{
	row->values[row_column(row->table, column)] = (struct row_value){.kind = ROW_NUMBER, .number = (int64_t)number};
}

static inline void set_text(struct row *row, const char *column, const char *text)
{
	row->values[row_column(row->table, column)] =
		(struct row_value){.kind = ROW_TEXT, .bytes = text, .size = strlen(text)};
}

/* Few values of each, so that there are ties; and now and then a number that a signed one cannot hold. */
static inline void put_finding(struct spool *spool, struct seeded *seeded, unsigned number, const char *severity)
{
	const char *kind = list_store_kinds[seeded_below(seeded, 3)];
	char signature[40];
	struct row row;

	snprintf(signature, sizeof(signature), "%s %s %u", kind, severity, (unsigned)seeded_below(seeded, 2));
	make_row(&row, ROW_FINDING, number);
	set_text(&row, "kind", kind);
	set_text(&row, "severity", severity);
	set_text(&row, "certainty", list_store_certainties[seeded_below(seeded, 2)]);
	set_text(&row, "signature", signature);
	set_number(&row, "filesystem", seeded_below(seeded, 3));
	set_number(&row, "root", seeded_percent(seeded, 10) ? UINT64_MAX - 8 : 256 + seeded_below(seeded, 3));
	set_number(&row, "ino", 257 + seeded_below(seeded, 4));
	set_number(&row, "bytes", seeded_percent(seeded, 2) ? UINT64_MAX - 5 : 4096 * seeded_below(seeded, 5));
	set_number(&row, "occurrences", 1 + seeded_below(seeded, 3));
	spool_put(spool, &row);
}

static inline void put_ledgers(struct spool *spool, struct seeded *seeded)
{
	struct row row;

	for (unsigned n = 1; n <= 5; n++) {
		make_row(&row, ROW_ROOT_LEDGER, n);
		set_number(&row, "leaked", seeded_below(seeded, 3));
		set_number(&row, "underflow", seeded_below(seeded, 3));
		spool_put(spool, &row);
	}
}

/* All that hangs under a replay with so many findings, the errors first. */
static inline void put_replay(struct spool *spool, struct seeded *seeded, unsigned findings)
{
	static const enum row_table others[] = {ROW_UNPROVEN, ROW_FILESYSTEM, ROW_SAMPLE, ROW_LOG_LINE};
	struct row row;

	spool_row(spool, ROW_REPLAY, 1);
	put_ledgers(spool, seeded);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		for (unsigned n = 1; n <= 5; n++)
			spool_row(spool, others[i], n);
	for (unsigned n = 1; n <= findings; n++)
		put_finding(spool, seeded, n, list_store_severities[5 * (n - 1) / findings]);
	for (enum row_table table = ROW_OCCURRENCE; table <= ROW_EVIDENCE; table++) {
		for (unsigned n = 0; n < findings && n < 30; n++) {
			make_row(&row, table, n);
			set_number(&row, "finding", 1 + n / 8);
			set_number(&row, "number", n % 8);
			if (table == ROW_OWNER)
				set_number(&row, "occurrence", n % 8 / 3);
			spool_put(spool, &row);
		}
	}
}

/* One more trace, on one of three hosts and two kernels. */
static inline uint64_t add_trace(struct store *store, struct seeded *seeded, unsigned findings)
{
	static const char *const hosts[] = {"anna", "bert", NULL};
	static const char *const names[] = {"a.dat", "A.dat", "b.dat"};
	static unsigned made;
	char sha256[32];
	const struct store_facts facts = {.sha256 = sha256,
		.name = names[seeded_below(seeded, 3)],
		.host = hosts[seeded_below(seeded, 3)],
		.recorded_at = 1000000 + 40000 * seeded_below(seeded, 8),
		.now = 2000000};
	struct spool spool = spool_begin();
	struct row row;

	snprintf(sha256, sizeof(sha256), "sha %u", made++);
	make_row(&row, ROW_TRACE, 1);
	set_text(&row, "kernel", seeded_percent(seeded, 50) ? "6.1.1" : "6.12.2");
	set_number(&row, "events", seeded_below(seeded, 3));
	spool_put(&spool, &row);
	for (unsigned n = 1; n <= 4; n++) {
		spool_row(&spool, ROW_EVENT_COUNT, n);
		make_row(&row, ROW_NAME, n);
		set_text(&row, "space", n < 3 ? "task" : "fsid");
		set_number(&row, "number", n < 3 ? n : n - 2);
		spool_put(&spool, &row);
	}
	put_replay(&spool, seeded, findings);
	return must_load(store, spool_end(&spool), &facts);
}

static inline void add_replay(struct store *store, struct seeded *seeded, uint64_t trace, unsigned findings)
{
	const struct store_facts facts = {.now = 3000000};
	struct spool spool = spool_begin();
	struct store_loaded loaded;
	struct error error;
	int fd;

	put_replay(&spool, seeded, findings);
	fd = spool_end(&spool);
	if (store_load_replay(store, fd, trace, &facts, &loaded, &error) != ERR_OK)
		fail_msg("%s", error.text);
	close(fd);
}

/* Rows as text, values with '|' between, one a line; only the columns in `only`, where that is not NULL. */
struct list_text {
	FILE *stream;
	enum list list;
	const char *const *only;
	size_t rows;
};

static inline void print_value(FILE *stream, const struct row_value *value)
{
	if (value->kind == ROW_NUMBER)
		fprintf(stream, "%lld", (long long)value->number);
	else if (value->kind != ROW_NULL)
		fwrite(value->bytes, 1, value->size, stream);
	fputc('|', stream);
}

static inline enum err print_list_row(void *context, const struct row_value *values, size_t count, struct error *error)
{
	struct list_text *text = context;

	(void)error;
	text->rows++;
	for (size_t i = 0; text->only == NULL && i < count; i++)
		print_value(text->stream, &values[i]);
	for (size_t i = 0; text->only != NULL && text->only[i] != NULL; i++)
		print_value(text->stream, &values[list_column(text->list, text->only[i])]);
	fputc('\n', text->stream);
	return ERR_OK;
}

/* All pages of a list, one behind the other, to be freed. `between` is called after each page, where it is not NULL. */
static inline char *list_pages(struct store *store, enum list list, const struct list_wish *wanted,
	const char *const *only, void (*between)(void))
{
	struct list_wish wish = *wanted;
	char *text = NULL;
	size_t size;
	struct list_text rows = {open_memstream(&text, &size), list, only, 0};
	const struct list_sink sink = {print_list_row, &rows};
	struct error error = {.code = ERR_OK};

	do {
		size_t before = rows.rows;

		if (store_list(store, list, &wish, &sink, &wish.after, &error) != ERR_OK)
			fail_msg("%s: %s", list_info(list)->name, error.text);
		assert_true(rows.rows - before <= wish.limit);
		/* A page that is not the last one is full. */
		assert_true(wish.after.count == 0 || rows.rows - before == wish.limit);
		if (between != NULL)
			between();
	} while (wish.after.count != 0);
	fclose(rows.stream);
	return text;
}

#endif
