/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists as pages, JSON and CSV: what the URL asks is what comes, and nothing from a trace breaks out. */
#include "tests/unit/store_fixture.h"

#include <inttypes.h>
#include <jansson.h>

#include "web/list/list_ask.h"
#include "web/list/list_view.h"

#define HOSTILE "<script>alert(1)</script>\"'&"

enum { TRACES = 3, FINDINGS = 8, ROWS = TRACES * FINDINGS, PAIRS_MAX = 12 };

static const struct list_view *const views[] = {&list_view_findings, &list_view_occurrences, &list_view_owners,
	&list_view_evidence, &list_view_traces, &list_view_replays, &list_view_roots, &list_view_events,
	&list_view_signatures, &list_view_signature_traces, &list_view_signature_kernels, &list_view_uploads};

struct asked {
	char query[1024];
	struct request_pair pairs[PAIRS_MAX];
	struct request request;
	struct response response;
	struct call call;
	struct error error;
	enum err err;
};

/* A query without escapes, "a=b&c=d". */
static void ask_begin(struct asked *asked, struct store *store, const char *path, const char *query)
{
	char *save = NULL;

	*asked = (struct asked){.request.path = path};
	snprintf(asked->query, sizeof(asked->query), "%s", query);
	for (char *at = strtok_r(asked->query, "&", &save); at != NULL; at = strtok_r(NULL, "&", &save)) {
		char *value = strchr(at, '=');

		assert_non_null(value);
		assert_true(asked->request.query.count < PAIRS_MAX);
		*value = '\0';
		asked->pairs[asked->request.query.count++] = (struct request_pair){at, value + 1};
	}
	asked->request.query.all = asked->pairs;
	response_init(&asked->response);
	asked->call = (struct call){.request = &asked->request, .response = &asked->response, .store = store};
}

static void ask_end(struct asked *asked)
{
	response_release(&asked->response);
}

/* The body, which lives as long as the answer. */
static const char *body_of(struct asked *asked)
{
	fputc('\0', asked->response.body);
	assert_int_equal(response_finish(&asked->response, NULL), ERR_OK);
	assert_non_null(asked->response.bytes);
	return asked->response.bytes;
}

static const char *header_of(const struct asked *asked, const char *name)
{
	for (size_t i = 0; i < asked->response.header_count; i++)
		if (strcmp(asked->response.headers[i].name, name) == 0)
			return asked->response.headers[i].value;
	return NULL;
}

static void ask_api(struct asked *asked, struct store *store, const struct list_view *view, const char *query)
{
	ask_begin(asked, store, view->path != NULL ? view->path : "/api/v1/x", query);
	asked->err = list_view_api(&asked->call, view, NULL, &asked->error);
}

static void ask_page(struct asked *asked, struct store *store, const struct list_view *view,
	const struct list_fixed *fixed, const char *query)
{
	ask_begin(asked, store, "/list", query);
	asked->err = list_view_table(&asked->call, view, fixed, &asked->error);
}

static void set_text(struct row *row, enum row_table table, const char *column, const char *text)
{
	row->values[row_column(table, column)] =
		(struct row_value){.kind = ROW_TEXT, .bytes = text, .size = strlen(text)};
}

static void set_number(struct row *row, enum row_table table, const char *column, int64_t number)
{
	row->values[row_column(table, column)] = (struct row_value){.kind = ROW_NUMBER, .number = number};
}

/* Values with many equal ones among them, so that pages begin and end within rows of equal sort. */
static void put_finding(struct spool *spool, unsigned trace, unsigned number)
{
	static const char *const severities[] = {"error", "warning", "note"};
	static const char *const kinds[] = {"leak", "foreign-free", "lost-events"};
	struct row row;

	make_row(&row, ROW_FINDING, number);
	set_text(&row, ROW_FINDING, "severity", severities[number % 3]);
	set_text(&row, ROW_FINDING, "kind", kinds[number % 3]);
	set_text(&row, ROW_FINDING, "certainty", number % 4 == 0 ? "likely" : "proven");
	set_text(&row, ROW_FINDING, "signature", kinds[number % 3]);
	set_text(&row, ROW_FINDING, "headline", number % 2 == 0 ? HOSTILE ", and \"more\"" : "=1+1");
	set_text(&row, ROW_FINDING, "path", number % 2 == 0 ? "" : "evicted");
	set_number(&row, ROW_FINDING, "root", number % 2 == 0 ? -9 : 256 + (int64_t)trace);
	set_number(&row, ROW_FINDING, "ino", number % 4);
	set_number(&row, ROW_FINDING, "bytes", number < 3 ? 4096 : (int64_t)number * 1000);
	spool_put(spool, &row);
}

static uint64_t load_trace(struct store *store, unsigned number)
{
	static const char *const hosts[TRACES] = {"anna", "berta", HOSTILE};
	struct spool spool = spool_begin();
	char sha256[16];
	struct store_facts facts = facts_of(sha256);
	struct row row;

	snprintf(sha256, sizeof(sha256), "sum %u", number);
	facts.name = number == 1 ? "/folder/" HOSTILE ".dat" : "plain.dat";
	facts.host = hosts[number - 1];
	make_row(&row, ROW_TRACE, number);
	set_text(&row, ROW_TRACE, "kernel", number == 2 ? HOSTILE : "6.1.0");
	spool_put(&spool, &row);
	spool_row(&spool, ROW_REPLAY, number);
	for (unsigned i = 1; i <= FINDINGS; i++)
		put_finding(&spool, number, i);
	return must_load(store, spool_end(&spool), &facts);
}

static struct store *filled(const struct fixture *fixture)
{
	struct store *store = must_open(fixture->db, STORE_CREATE);

	for (unsigned i = 1; i <= TRACES; i++)
		load_trace(store, i);
	return store;
}

/* What is in the list is in JSON and CSV, once; filters and sorts that a view names are those of the list. */
static void test_views_hold_their_lists(void **state)
{
	(void)state;
	for (size_t v = 0; v < sizeof(views) / sizeof(views[0]); v++) {
		const struct list_info *info = list_info(views[v]->list);
		unsigned seen[LIST_COLUMNS_MAX] = {0};
		size_t count = 0;

		for (const struct list_view_column *column = views[v]->columns; column->column != NULL; column++) {
			bool known = column->sort == NULL;

			seen[list_column(views[v]->list, column->column)]++;
			for (size_t i = 0; info->sorts[i].name != NULL && !known; i++)
				known = strcmp(info->sorts[i].name, column->sort) == 0;
			assert_true(known);
		}
		for (; info->columns[count].name != NULL; count++)
			if (seen[count] != 1)
				fail_msg("%s: column '%s' is there %u times", info->name, info->columns[count].name,
					seen[count]);
		for (const struct list_view_filter *filter = views[v]->filters; filter->name != NULL; filter++) {
			size_t i = 0;

			while (info->filters[i].name != NULL && strcmp(info->filters[i].name, filter->name) != 0)
				i++;
			assert_non_null(info->filters[i].name);
		}
	}
}

static void test_cursors(void **state)
{
	static const struct list_place places[] = {
		{.count = 1, .keys = {1}},
		{.count = 3, .keys = {INT64_MIN, INT64_MAX, -1}},
		{.count = 2, .keys = {0, 7}, .text = HOSTILE},
	};
	const struct list_order order = {LIST_FINDINGS, "bytes", false};
	const struct list_order others[] = {
		{LIST_TRACES, "bytes", false}, {LIST_FINDINGS, "id", false}, {LIST_FINDINGS, "bytes", true}};
	struct list_place read;

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct list_cursor cursor = list_cursor_write(&order, &places[i]);
		size_t length = strlen(cursor.text);

		assert_int_equal(
			strspn(cursor.text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
			length);
		assert_true(list_cursor_read(&read, &order, cursor.text));
		assert_int_equal(read.count, places[i].count);
		assert_memory_equal(read.keys, places[i].keys, sizeof(read.keys));
		assert_string_equal(read.text, places[i].text);
		for (size_t o = 0; o < sizeof(others) / sizeof(others[0]); o++)
			assert_false(list_cursor_read(&read, &others[o], cursor.text));
		for (size_t at = 0; at < length; at++) {
			struct list_cursor broken = cursor;

			broken.text[at] = broken.text[at] == 'A' ? 'B' : 'A';
			/* The last one may differ in bits that say nothing. */
			assert_false(list_cursor_read(&read, &order, broken.text) &&
				     memcmp(read.keys, places[i].keys, sizeof(read.keys)) != 0);
			broken = cursor;
			broken.text[at] = '\0';
			assert_false(list_cursor_read(&read, &order, broken.text));
			broken.text[at] = '=';
			assert_false(list_cursor_read(&read, &order, broken.text));
		}
	}
}

static void test_no_text_is_a_cursor(void **state)
{
	const struct list_order order = {LIST_FINDINGS, "id", false};
	struct list_place longest = {.count = 3, .keys = {1, 2, 3}};
	struct list_cursor cursor;
	struct list_place read;
	char text[600];

	(void)state;
	for (size_t length = 0; length < sizeof(text) - 1; length++) {
		memset(text, 'A', length);
		text[length] = '\0';
		assert_false(list_cursor_read(&read, &order, text));
	}
	memset(longest.text, 'x', sizeof(longest.text) - 1);
	cursor = list_cursor_write(&order, &longest);
	assert_true(list_cursor_read(&read, &order, cursor.text));
	assert_string_equal(read.text, longest.text);
	/* Whoever knows how cursors are made can make such, too. */
	longest.count = LIST_KEYS_MAX + 1;
	cursor = list_cursor_write(&order, &longest);
	assert_false(list_cursor_read(&read, &order, cursor.text));
	longest.count = 0;
	cursor = list_cursor_write(&order, &longest);
	assert_false(list_cursor_read(&read, &order, cursor.text));
}

static void test_what_is_no_question_is_refused(void **state)
{
	static const struct {
		const char *query;
		const char *because;
	} cases[] = {
		{"bogus=1", "no parameter 'bogus'"},
		{"replay=1", "no parameter 'replay'"},
		{"kind=nothing", "kind='nothing' is none of foreign-free, underflow, leak"},
		{"severity=ERROR", "is none of error, warning, note"},
		{"trace=x", "trace= wants a number, not 'x'"},
		{"trace=-1", "trace= wants a number"},
		{"trace=1 ", "trace= wants a number"},
		{"trace=99999999999999999999", "trace= wants a number"},
		{"root=--9", "root= wants a number"},
		{"trace=", "the parameter 'trace' is empty"},
		{"kind=leak&kind=leak", "'kind' stands twice"},
		{"sort=ino", "cannot be sorted by 'ino'"},
		{"sort=--id", "cannot be sorted by '-id'"},
		{"limit=0", "from 1 to 1000"},
		{"limit=1001", "from 1 to 1000"},
		{"limit=100001&format=csv", "from 1 to 100000"},
		{"format=xml", "no format 'xml'"},
		{"after=abc", "no place in this list"},
		{"after=AAAAAAEAAAAAAAAAAA", "no place in this list"},
	};
	const struct fixture *fixture = *state;
	struct store *store = filled(fixture);
	struct asked asked;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ask_api(&asked, store, &list_view_findings, cases[i].query);
		if (asked.err != ERR_USAGE || strstr(asked.error.text, cases[i].because) == NULL)
			fail_msg("%s: %d '%s'", cases[i].query, (int)asked.err, asked.error.text);
		ask_end(&asked);
	}
	ask_api(&asked, store, &list_view_traces, "found=2");
	assert_int_equal(asked.err, ERR_USAGE);
	ask_end(&asked);
	ask_api(&asked, store, &list_view_events, "");
	assert_int_equal(asked.err, ERR_USAGE);
	ask_end(&asked);
	store_close(store);
}

static json_t *items_of(struct store *store, const struct list_view *view, const char *query, char *next, size_t room)
{
	struct asked asked;
	json_error_t error;
	json_t *answer;
	json_t *items;

	ask_api(&asked, store, view, query);
	if (asked.err != ERR_OK)
		fail_msg("%s: %s", query, asked.error.text);
	assert_string_equal(asked.response.type, RESPONSE_JSON);
	answer = json_loads(body_of(&asked), JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &error);
	if (answer == NULL)
		fail_msg("%s: %s", query, error.text);
	items = json_incref(json_object_get(answer, "items"));
	assert_true(json_is_array(items));
	if (next != NULL)
		snprintf(next, room, "%s",
			json_is_null(json_object_get(answer, "next"))
				? ""
				: json_string_value(json_object_get(answer, "next")));
	assert_true((header_of(&asked, "Link") != NULL) == json_is_string(json_object_get(answer, "next")));
	json_decref(answer);
	ask_end(&asked);
	return items;
}

static size_t count_of(struct store *store, const char *query)
{
	json_t *items = items_of(store, &list_view_findings, query, NULL, 0);
	size_t count = json_array_size(items);

	json_decref(items);
	return count;
}

static void test_filters(void **state)
{
	static const struct {
		const char *query;
		const char *condition;
	} cases[] = {
		{"limit=1000", "1"},
		{"kind=leak", "kind = 'leak'"},
		{"severity=warning", "severity = 'warning'"},
		{"certainty=likely", "certainty = 'likely'"},
		{"trace=2", "trace = 2"},
		{"root=-9", "root = -9"},
		{"root=18446744073709551607", "root = -9"},
		{"root=257", "root = 257"},
		{"ino=2", "ino = 2"},
		{"host=berta", "host = 'berta'"},
		{"signature=leak", "signature = 'leak'"},
		{"root=-9&kind=leak&trace=1", "root = -9 AND kind = 'leak' AND trace = 1"},
		{"trace=77", "0"},
		{"host="
		 "<script>",
			"0"},
	};
	const struct fixture *fixture = *state;
	struct store *store = filled(fixture);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char sql[200];
		long wanted;

		snprintf(sql, sizeof(sql), "SELECT count(*) FROM current_finding WHERE %s", cases[i].condition);
		wanted = ask_number(fixture->db, sql);
		if ((size_t)wanted != count_of(store, cases[i].query))
			fail_msg("%s: %ld are wanted", cases[i].query, wanted);
	}
	assert_int_equal(count_of(store, "limit=1000"), ROWS);
	assert_int_equal(count_of(store, "kind=leak"), 2 * TRACES);
	store_close(store);
}

/* Pages put together are the whole, in order. */
static void walk(struct store *store, const char *sort, unsigned limit, json_t *whole)
{
	char next[400] = "";
	size_t seen = 0;

	do {
		char query[600];
		json_t *items;

		snprintf(query, sizeof(query), "sort=%s&limit=%u%s%s", sort, limit, next[0] != '\0' ? "&after=" : "",
			next);
		items = items_of(store, &list_view_findings, query, next, sizeof(next));
		for (size_t i = 0; i < json_array_size(items); i++, seen++)
			assert_true(json_equal(json_array_get(items, i), json_array_get(whole, seen)));
		assert_true(json_array_size(items) == limit || next[0] == '\0');
		json_decref(items);
	} while (next[0] != '\0');
	assert_int_equal(seen, json_array_size(whole));
}

static bool in_order(const json_t *items, const char *key, bool descending)
{
	for (size_t i = 1; i < json_array_size(items); i++) {
		double before = json_number_value(json_object_get(json_array_get(items, i - 1), key));
		double here = json_number_value(json_object_get(json_array_get(items, i), key));

		if (descending ? here > before : here < before)
			return false;
	}
	return true;
}

static void test_pages_make_the_whole(void **state)
{
	static const struct {
		const char *sort;
		const char *key;
		bool descending;
	} sorts[] = {{"id", "id", true}, {"-id", "id", false}, {"bytes", "bytes", true}, {"-bytes", "bytes", false},
		{"severity", NULL, true}, {"-severity", NULL, false}};
	const struct fixture *fixture = *state;
	struct store *store = filled(fixture);

	for (size_t i = 0; i < sizeof(sorts) / sizeof(sorts[0]); i++) {
		char query[60];
		json_t *whole;

		snprintf(query, sizeof(query), "limit=1000&sort=%s", sorts[i].sort);
		whole = items_of(store, &list_view_findings, query, NULL, 0);
		assert_int_equal(json_array_size(whole), ROWS);
		assert_true(sorts[i].key == NULL || in_order(whole, sorts[i].key, sorts[i].descending));
		for (unsigned limit = 1; limit <= ROWS + 1; limit += 5)
			walk(store, sorts[i].sort, limit, whole);
		json_decref(whole);
	}
	store_close(store);
}

static void test_json_keeps_texts_and_large_numbers(void **state)
{
	const struct fixture *fixture = *state;
	struct store *store = filled(fixture);
	struct asked asked;
	const char *body;
	json_t *items = items_of(store, &list_view_findings, "trace=3&root=-9&kind=foreign-free", NULL, 0);
	const json_t *first = json_array_get(items, 0);

	/* Number 4: likely, ino 0, headline with quotes. */
	assert_string_equal(json_string_value(json_object_get(first, "headline")), HOSTILE ", and \"more\"");
	assert_string_equal(json_string_value(json_object_get(first, "host")), HOSTILE);
	assert_true(json_is_null(json_object_get(first, "ino")));
	assert_true(json_is_null(json_object_get(first, "path")));
	json_decref(items);
	ask_api(&asked, store, &list_view_findings, "trace=3&root=-9&limit=1");
	body = body_of(&asked);
	assert_non_null(strstr(body, "\"root\": 18446744073709551607,"));
	ask_end(&asked);
	store_close(store);
}

/* One field of a line as RFC 4180 has it; moves `*at` behind the comma or the line end. */
static void read_field(const char **at, char *field, size_t room)
{
	bool quoted = **at == '"';
	size_t used = 0;

	*at += quoted;
	while (**at != '\0' && (quoted || (**at != ',' && **at != '\n'))) {
		if (quoted && **at == '"') {
			if ((*at)[1] != '"')
				break;
			++*at;
		}
		assert_true(used + 1 < room);
		field[used++] = *(*at)++;
	}
	field[used] = '\0';
	*at += quoted;
	assert_true(**at == ',' || **at == '\n');
	++*at;
}

static void compare_field(const char *field, const json_t *value)
{
	char text[64];

	if (json_is_null(value)) {
		assert_string_equal(field, "");
	} else if (json_is_string(value)) {
		/* What begins like a formula is led by an apostrophe. */
		bool formula = strchr("=+-@", json_string_value(value)[0]) != NULL && json_string_length(value) > 0;

		assert_int_equal(field[0] == '\'', formula);
		assert_string_equal(field + (formula ? 1 : 0), json_string_value(value));
	} else {
		snprintf(text, sizeof(text), "%.0f", json_number_value(value));
		assert_string_equal(field, text);
	}
}

static void test_csv_is_json(void **state)
{
	const struct fixture *fixture = *state;
	struct store *store = filled(fixture);
	json_t *items = items_of(store, &list_view_findings, "limit=1000&ino=1", NULL, 0);
	struct asked asked;
	const char *at;
	char names[LIST_COLUMNS_MAX][32];
	char field[300];
	size_t columns = 0;

	ask_api(&asked, store, &list_view_findings, "format=csv&ino=1");
	assert_int_equal(asked.err, ERR_OK);
	assert_string_equal(asked.response.type, RESPONSE_CSV);
	assert_string_equal(header_of(&asked, "Content-Disposition"), "attachment; filename=\"findings.csv\"");
	at = body_of(&asked);
	do
		read_field(&at, names[columns++], sizeof(names[0]));
	while (at[-1] != '\n');
	assert_int_equal(columns, json_object_size(json_array_get(items, 0)));
	for (size_t row = 0; row < json_array_size(items); row++)
		for (size_t i = 0; i < columns; i++) {
			read_field(&at, field, sizeof(field));
			compare_field(field, json_object_get(json_array_get(items, row), names[i]));
		}
	assert_int_equal(*at, '\0');
	assert_int_equal(json_array_size(items), 2 * TRACES);
	json_decref(items);
	ask_end(&asked);
	store_close(store);
}

static void must_be_harmless(const char *html)
{
	assert_null(strstr(html, "<script"));
	assert_null(strstr(html, "\"'&"));
	assert_null(strstr(html, " style="));
}

static void test_tables_escape(void **state)
{
	static const struct list_fixed page = {.form = true};
	const struct fixture *fixture = *state;
	struct store *store = filled(fixture);
	struct asked asked;
	const char *html;

	ask_page(&asked, store, &list_view_findings, &page,
		"severity=&sort=bytes&host="
		"<script>x</script>\"");
	assert_int_equal(asked.err, ERR_OK);
	html = body_of(&asked);
	must_be_harmless(html);
	assert_non_null(strstr(html, "Nothing fits these filters"));
	assert_non_null(strstr(html, "value=\"&lt;script&gt;x&lt;/script&gt;&quot;\""));
	ask_end(&asked);

	ask_page(&asked, store, &list_view_findings, &page, "limit=1000&trace=1");
	html = body_of(&asked);
	must_be_harmless(html);
	assert_non_null(strstr(html, "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;, and"));
	ask_end(&asked);
	for (size_t v = 0; v < 2; v++) {
		ask_page(&asked, store, v == 0 ? &list_view_traces : &list_view_signatures, &page, "");
		assert_int_equal(asked.err, ERR_OK);
		must_be_harmless(body_of(&asked));
		ask_end(&asked);
	}
	store_close(store);
}

static size_t times(const char *text, const char *what)
{
	size_t count = 0;

	for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
		count++;
	return count;
}

/* Links keep what was asked, change one thing, and begin at the first row. */
static void test_links_keep_the_question(void **state)
{
	static const struct list_fixed page = {.form = true};
	const struct fixture *fixture = *state;
	struct store *store = filled(fixture);
	struct asked asked;
	const char *html;

	ask_page(&asked, store, &list_view_findings, &page, "severity=error&root=-9&sort=bytes&limit=2&kind=");
	assert_int_equal(asked.err, ERR_OK);
	html = body_of(&asked);
	assert_int_equal(times(html, "<tr>"), 3);
	assert_non_null(strstr(html, "href=\"/list?severity=error&amp;root=-9&amp;sort=bytes&amp;limit=2&amp;after="));
	assert_non_null(
		strstr(html, "<th scope=\"col\" class=\"number\" aria-sort=\"descending\"><a "
			     "href=\"/list?severity=error&amp;root=-9&amp;limit=2&amp;sort=-bytes\">Bytes</a>"));
	assert_non_null(strstr(html, "<a href=\"/list?root=-9&amp;sort=bytes&amp;limit=2\" aria-label=\"Remove the "
				     "filter Severity\""));
	assert_non_null(strstr(html, "href=\"/api/v1/findings?severity=error&amp;root=18446744073709551607&amp;"
				     "sort=bytes&amp;format=csv\""));
	assert_non_null(strstr(html, "<input type=\"hidden\" name=\"sort\" value=\"bytes\">"));
	assert_non_null(strstr(html, "<option value=\"error\" selected>"));
	assert_non_null(strstr(html, "<a href=\"/list\">Remove all</a>"));
	assert_null(strstr(html, "First page"));
	ask_end(&asked);
	store_close(store);
}

/* What a page fixes cannot be asked otherwise; its own parameters are left to it, and an excerpt asks nothing. */
static void test_fixed(void **state)
{
	static const struct list_filter of_trace[] = {{.name = "trace", .number = 2}};
	static const char *const others[] = {"from", NULL};
	const struct list_fixed fixed = {.filters = of_trace, .filter_count = 1, .others = others, .limit = 3};
	const struct list_fixed excerpt = {
		.filters = of_trace, .filter_count = 1, .limit = 3, .more = "/findings?trace=2"};
	const struct fixture *fixture = *state;
	struct store *store = filled(fixture);
	struct asked asked;
	const char *html;

	ask_page(&asked, store, &list_view_findings, &fixed, "trace=1");
	assert_int_equal(asked.err, ERR_USAGE);
	ask_end(&asked);
	ask_page(&asked, store, &list_view_findings, &fixed, "from=7&sort=id");
	assert_int_equal(asked.err, ERR_OK);
	html = body_of(&asked);
	assert_int_equal(times(html, "<tr>"), 4);
	assert_non_null(strstr(html, "href=\"/list?from=7&amp;sort=id&amp;after="));
	/* All are of one trace, which the page is about. */
	assert_null(strstr(html, ">Kernel</th>"));
	assert_non_null(strstr(html, ">Root</th>"));
	assert_non_null(strstr(html, "href=\"/api/v1/findings?trace=2&amp;format=csv\""));
	ask_end(&asked);
	ask_page(&asked, store, &list_view_findings, &excerpt, "bogus=1&after=nothing");
	assert_int_equal(asked.err, ERR_OK);
	html = body_of(&asked);
	assert_int_equal(times(html, "<tr>"), 4);
	assert_non_null(strstr(html, "<a href=\"/findings?trace=2\">"));
	assert_null(strstr(html, "?sort="));
	ask_end(&asked);
	store_close(store);
}

/* From page to page by the links alone, as a browser without scripts goes. */
static void test_leafing_by_links(void **state)
{
	static const struct list_fixed page = {.form = true};
	const struct fixture *fixture = *state;
	struct store *store = filled(fixture);
	char query[600] = "sort=severity&limit=5";
	size_t rows = 0;
	unsigned pages = 0;

	while (query[0] != '\0') {
		struct asked asked;
		const char *html;
		const char *next;

		ask_page(&asked, store, &list_view_findings, &page, query);
		if (asked.err != ERR_OK)
			fail_msg("%s: %s", query, asked.error.text);
		html = body_of(&asked);
		rows += times(html, "<tr><td");
		assert_int_equal(strstr(html, "First page") != NULL, pages > 0);
		next = strstr(html, "after=");
		query[0] = '\0';
		if (next != NULL)
			snprintf(query, sizeof(query), "sort=severity&limit=5&%.*s", (int)strcspn(next, "\""), next);
		ask_end(&asked);
		assert_true(++pages <= ROWS);
	}
	assert_int_equal(rows, ROWS);
	assert_int_equal(pages, (ROWS + 4) / 5);
	store_close(store);
}

static void test_one(void **state)
{
	const struct list_filter of_trace = {.name = "id", .number = 2};
	const struct list_filter none = {.name = "id", .number = 77};
	const struct fixture *fixture = *state;
	struct store *store = filled(fixture);
	struct call call = {.store = store};
	struct list_one one;

	assert_int_equal(list_one_read(&call, LIST_TRACES, &of_trace, 1, &one, NULL), ERR_OK);
	assert_int_equal(list_one_number(&one, "id"), 2);
	assert_string_equal(list_one_text(&one, "host"), "berta");
	assert_int_equal(list_one_number(&one, "host"), 0);
	assert_null(list_one_text(&one, "id"));
	list_one_release(&one);
	assert_int_equal(list_one_read(&call, LIST_TRACES, &none, 1, &one, NULL), ERR_OK);
	assert_int_equal(one.count, 0);
	assert_null(list_one_text(&one, "host"));
	list_one_release(&one);
	store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_views_hold_their_lists),
		cmocka_unit_test(test_cursors),
		cmocka_unit_test(test_no_text_is_a_cursor),
		TEST(test_what_is_no_question_is_refused),
		TEST(test_filters),
		TEST(test_pages_make_the_whole),
		TEST(test_json_keeps_texts_and_large_numbers),
		TEST(test_csv_is_json),
		TEST(test_tables_escape),
		TEST(test_links_keep_the_question),
		TEST(test_fixed),
		TEST(test_leafing_by_links),
		TEST(test_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
