/* SPDX-License-Identifier: GPL-2.0-only */
/* The page of a finding, its mail and its JSON, and the page of its trace: over a store with the classic bug. */
#include "tests/unit/store_fixture.h"

#include <jansson.h>

#include "analyzer/kept/kept.h"
#include "tests/unit/finding_story.h"
#include "web/api/api.h"
#include "web/page/page.h"

#define HOSTILE "<script>x"

struct page_store {
	struct fixture *fixture;
	struct store *store;
};

struct asked {
	struct request request;
	struct response response;
	struct call call;
	struct error error;
	enum err err;
	const char *body;
};

static int spool_story(struct story *story, bool replay_alone)
{
	const struct report_trace trace = {.name = "x.dat",
		.source = "trace.dat",
		.kernel = "6.1.0-47-amd64",
		.clock = "local",
		.comms = story->comms,
		.fsids = story->fsids,
		.free_events = 1,
		.result = &story->result};
	static const struct replay_options options = {.fresh = false};
	struct spool spool = spool_begin();

	story->result.event_counts[EVENT_RESERVE_DATA] = 2;
	story->result.event_counts[EVENT_RELEASE_DATA] = 2;
	story->result.unproven.of[FINDING_COMMIT_MISMATCH] = 3;
	if (!replay_alone)
		assert_int_equal(kept_put_trace(&trace, rows_writer_sink(spool.writer), NULL), ERR_OK);
	assert_int_equal(kept_put(&trace, &options, "0.1-test", rows_writer_sink(spool.writer), NULL), ERR_OK);
	return spool_end(&spool);
}

/* Trace 1 tells the story with names that a page must not believe, in two occurrences. */
static int store_up(void **state)
{
	struct page_store *page = calloc(1, sizeof(*page));
	struct store_facts facts = facts_of("aa");
	struct occurrence two[2];
	struct story story;
	void *fixture = NULL;

	assert_int_equal(fixture_up(&fixture), 0);
	page->fixture = fixture;
	page->store = must_open(page->fixture->db, STORE_CREATE);
	story_init(&story);
	story.occurrence.task.comm = names_number(story.comms, HOSTILE, sizeof(HOSTILE) - 1);
	two[0] = two[1] = story.occurrence;
	two[1].time_ns++;
	story.finding.occurrences = two;
	story.finding.occurrence_count = story.finding.occurrence_total = 2;
	facts.name = "/srv/" HOSTILE ".dat";
	assert_int_equal(must_load(page->store, spool_story(&story, false), &facts), 1);
	story_release(&story);
	*state = page;
	return 0;
}

static int store_down(void **state)
{
	struct page_store *page = *state;
	void *fixture = page->fixture;

	store_close(page->store);
	free(page);
	return fixture_down(&fixture);
}

static void ask_for(struct asked *asked, struct page_store *page, call_handler handler, const char *const *captures,
	const char *query)
{
	static struct request_pair pair;

	*asked = (struct asked){.request.path = "/x"};
	for (size_t i = 0; captures[i] != NULL; i++)
		asked->request.captures[i] = captures[i];
	if (query != NULL) {
		pair = (struct request_pair){query, strchr(query, '\0') + 1};
		asked->request.query = (struct request_pairs){&pair, 1};
	}
	response_init(&asked->response);
	asked->call = (struct call){.request = &asked->request, .response = &asked->response, .store = page->store};
	asked->err = handler(&asked->call, &asked->error);
	fputc('\0', asked->response.body);
	assert_int_equal(response_finish(&asked->response, NULL), ERR_OK);
	asked->body = asked->response.bytes;
}

#define CAPTURES(...) ((const char *const[]){__VA_ARGS__, NULL})

static void must_ask(struct asked *asked, struct page_store *page, call_handler handler, const char *const *captures,
	const char *query)
{
	ask_for(asked, page, handler, captures, query);
	if (asked->err != ERR_OK)
		fail_msg("%s", asked->error.text);
}

static void expect(const struct asked *asked, const char *part)
{
	if (strstr(asked->body, part) == NULL)
		fail_msg("no '%s' in\n%s", part, asked->body);
}

static void expect_not(const struct asked *asked, const char *part)
{
	if (strstr(asked->body, part) != NULL)
		fail_msg("'%s' in\n%s", part, asked->body);
}

static void expect_refused(
	struct page_store *page, call_handler handler, const char *const *captures, const char *query, unsigned status)
{
	struct asked asked;

	ask_for(&asked, page, handler, captures, query);
	assert_int_equal(asked.err, ERR_USAGE);
	assert_int_equal(asked.call.refusal, status);
	assert_true(strlen(asked.error.text) > 0);
	response_release(&asked.response);
}

static void test_page(void **state)
{
	struct asked asked;

	must_ask(&asked, *state, page_finding, CAPTURES("1", "1"), NULL);
	expect(&asked, "<h1>&lt;script&gt;x-152 frees 4,096 bytes of wl-151</h1>");
	expect(&asked, "took back the whole range, whoever had reserved it");
	expect(&asked, "<svg");
	expect(&asked, "     Task A: wl-151 ");
	expect(&asked, "href=\"/traces/1/roots/256?fs=1\"");
	expect(&asked, "href=\"/traces/1/roots/256/inodes/257?fs=1\"");
	expect(&asked, "href=\"/traces/1/events?around=14&amp;finding=1#e14\"");
	expect(&asked, "release_data: root=256 ino=257 start=0 len=4096 reserved=4096 op=free");
	expect(&asked, "[0, 4096) go out with 0 of 4,096 bytes reserved");
	expect(&asked, "href=\"/bugs/");
	expect(&asked, "bc42bda22345");
	expect(&asked, "href=\"/replays/1/findings/1\"");
	expect(&asked, "1 of 1</span>");
	expect(&asked, "To: linux-btrfs@vger.kernel.org");
	expect(&asked, "qgreplay report --trace 1 --finding 1");
	expect_not(&asked, "<script>x");
	expect_not(&asked, "newer replay");
	expect_not(&asked, " style=");
	response_release(&asked.response);
}

static void test_second_occurrence(void **state)
{
	struct asked asked;

	must_ask(&asked, *state, page_finding, CAPTURES("1", "1"),
		"occurrence\0"
		"2");
	expect(&asked, "<tr class=\"marked\"><td class=\"number\"><a href=\"/traces/1/findings/1?occurrence=2\">2</a>");
	expect(&asked, "No events of this occurrence are kept");
	response_release(&asked.response);
	must_ask(&asked, *state, page_finding, CAPTURES("1", "1"),
		"from\0"
		"2");
	expect(&asked, "<span>2 to 2 of 2</span>");
	response_release(&asked.response);
}

static void test_mail(void **state)
{
	struct asked asked;

	must_ask(&asked, *state, page_finding_mail, CAPTURES("1", "1"), NULL);
	assert_string_equal(asked.response.type, RESPONSE_TEXT);
	expect(&asked,
		"Subject: [BUG] btrfs: qgroup: <script>x-152 frees 4,096 bytes of wl-151, kernel 6.1.0-47-amd64\n");
	response_release(&asked.response);
}

static void test_json(void **state)
{
	struct asked asked;
	json_t *root;

	must_ask(&asked, *state, api_finding, CAPTURES("1", "1"), NULL);
	root = json_loads(asked.body, 0, NULL);
	assert_non_null(root);
	assert_string_equal(json_string_value(json_object_get(root, "kind")), "foreign-free");
	assert_int_equal(json_integer_value(json_object_get(root, "trace")), 1);
	assert_int_equal(json_array_size(json_object_get(root, "evidence")), 5);
	json_decref(root);
	response_release(&asked.response);
	must_ask(&asked, *state, api_trace, CAPTURES("1"), NULL);
	root = json_loads(asked.body, 0, NULL);
	assert_non_null(root);
	assert_string_equal(json_string_value(json_object_get(root, "kernel")), "6.1.0-47-amd64");
	assert_int_equal(json_array_size(json_object_get(root, "filesystems")), 1);
	json_decref(root);
	response_release(&asked.response);
}

static void test_trace(void **state)
{
	struct asked asked;

	must_ask(&asked, *state, page_trace, CAPTURES("1"), NULL);
	expect(&asked, "<h1>&lt;script&gt;x.dat</h1>");
	expect(&asked, "1 error</a>");
	expect(&asked, "href=\"/traces/1/findings/1\"");
	expect(&asked, "href=\"/traces/1/roots/256");
	expect(&asked, "<li>3 × <code>commit-mismatch</code></li>");
	expect(&asked, "<code>qgroup_update_reserve</code>: the counters");
	expect(&asked, "/traces/1/events?kind=qgroup_reserve_data\"");
	expect(&asked, STORY_FSID);
	expect_not(&asked, "<script>x");
	response_release(&asked.response);
}

/* A permalink stays what it was, and says so. */
static void test_newer_replay(void **state)
{
	struct page_store *page = *state;
	struct store_facts facts = facts_of("aa");
	struct store_loaded loaded;
	struct asked asked;
	struct story story;
	int fd;

	must_ask(&asked, page, page_finding_kept, CAPTURES("1", "1"), NULL);
	expect(&asked, "which is the last one of");
	response_release(&asked.response);
	story_init(&story);
	story.result.finding_count = 0;
	fd = spool_story(&story, true);
	assert_int_equal(store_load_replay(page->store, fd, 1, &facts, &loaded, NULL), ERR_OK);
	close(fd);
	story_release(&story);
	must_ask(&asked, page, page_finding_kept, CAPTURES("1", "1"), NULL);
	expect(&asked, "There is a newer replay.");
	expect(&asked, "<svg");
	expect(&asked, "/replays/1/findings/1?occurrence=2");
	response_release(&asked.response);
	expect_refused(page, page_finding, CAPTURES("1", "1"), NULL, 404);
	must_ask(&asked, page, page_trace, CAPTURES("1"), NULL);
	expect(&asked, "nothing found");
	response_release(&asked.response);
}

static void test_refusals(void **state)
{
	struct page_store *page = *state;

	expect_refused(page, page_finding, CAPTURES("1", "2"), NULL, 404);
	expect_refused(page, page_finding, CAPTURES("1", "0"), NULL, 404);
	expect_refused(page, page_finding, CAPTURES("1", "4294967297"), NULL, 404);
	expect_refused(page, page_finding, CAPTURES("2", "1"), NULL, 404);
	expect_refused(page, page_finding, CAPTURES("18446744073709551615", "1"), NULL, 404);
	expect_refused(page, page_finding, CAPTURES("x", "1"), NULL, 404);
	expect_refused(page, page_finding, CAPTURES("1", "-1"), NULL, 404);
	expect_refused(page, page_finding, CAPTURES("1", "1"),
		"occurrence\0"
		"3",
		404);
	expect_refused(page, page_finding, CAPTURES("1", "1"),
		"occurrence\0"
		"x",
		400);
	expect_refused(page, page_finding, CAPTURES("1", "1"),
		"colour\0"
		"1",
		400);
	expect_refused(page, page_finding_kept, CAPTURES("9", "1"), NULL, 404);
	expect_refused(page, page_finding_kept, CAPTURES("0", "1"), NULL, 404);
	expect_refused(page, page_finding_kept, CAPTURES("1", "9"), NULL, 404);
	expect_refused(page, page_finding_mail, CAPTURES("1", "9"), NULL, 404);
	expect_refused(page, page_trace, CAPTURES("9"), NULL, 404);
	expect_refused(page, page_trace, CAPTURES("1"),
		"colour\0"
		"1",
		400);
	expect_refused(page, api_trace, CAPTURES("9"), NULL, 404);
	expect_refused(page, api_finding, CAPTURES("1", "9"), NULL, 404);
	expect_refused(page, api_finding, CAPTURES("1", "1"),
		"colour\0"
		"1",
		400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_page, store_up, store_down),
		cmocka_unit_test_setup_teardown(test_second_occurrence, store_up, store_down),
		cmocka_unit_test_setup_teardown(test_mail, store_up, store_down),
		cmocka_unit_test_setup_teardown(test_json, store_up, store_down),
		cmocka_unit_test_setup_teardown(test_trace, store_up, store_down),
		cmocka_unit_test_setup_teardown(test_newer_replay, store_up, store_down),
		cmocka_unit_test_setup_teardown(test_refusals, store_up, store_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
