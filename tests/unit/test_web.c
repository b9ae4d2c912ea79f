/* SPDX-License-Identifier: GPL-2.0-only */
/* A server's life as the process that runs it sees it, and what it tells whoever asks whether it is well. */
#include "tests/unit/upload_fixture.h"

/* What the server said. */
struct told {
	char url[100];
};

static void keep_url(void *context, const char *url)
{
	struct told *told = context;

	snprintf(told->url, sizeof(told->url), "%s", url);
}

static void keep_quiet(const char *line)
{
	(void)line;
}

/* One that is told to stop before it begins: it listens, and ends. */
static enum err serve_once(const struct fixture *fixture, const char *listen, struct error *error)
{
	char spool[100];
	const struct web_options options = {.version = "1",
		.db_name = fixture->db,
		.spool = spool,
		.listen = listen,
		.listen_fd = -1,
		.upload_max_bytes = 1000,
		.spool_max_bytes = 1000,
		.connections = 4,
		.connections_each = 4,
		.log = keep_quiet};
	struct board board = {.wake_fd = -1};
	struct told told = {""};
	const struct web_ready ready = {keep_url, &told};
	int stop = eventfd(1, EFD_CLOEXEC);
	enum err err;

	snprintf(spool, sizeof(spool), "%s/spool", fixture->folder);
	err = web_serve(&options, &board, stop, &ready, error);
	close(stop);
	assert_int_equal(strncmp(told.url, "http://127.0.0.1:", 17) == 0, err == ERR_OK);
	return err;
}

/* Nothing is kept: the spool is the next one's, also after one that could not begin. */
static void test_a_server_leaves_its_spool(void **state)
{
	struct fixture *fixture = *state;
	struct error error = {.code = ERR_OK};

	for (unsigned i = 0; i < 2; i++) {
		assert_int_not_equal(serve_once(fixture, "nowhere", &error), ERR_OK);
		assert_non_null(strstr(error.text, "nowhere"));
		if (serve_once(fixture, "127.0.0.1:0", &error) != ERR_OK)
			fail_msg("%s", error.text);
	}
}

/* Anybody may ask; where the files are is not for anybody. */
static void test_who_asks_whether_it_is_well_learns_no_names(void **state)
{
	struct desk *desk = *state;
	struct visit visit;

	visit_begin(desk, &visit, HTTP_GET);
	assert_int_equal(api_readyz(&visit.call, &visit.error), ERR_OK);
	visit_end(&visit);
	desk->options.spool = "/nonexistent/of/nobody";
	visit_begin(desk, &visit, HTTP_GET);
	assert_int_equal(status_of(&visit, api_readyz(&visit.call, &visit.error)), 503);
	assert_string_equal(visit.error.text, "the spool cannot be written: No such file or directory");
	visit_end(&visit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_server_leaves_its_spool, fixture_up, fixture_down),
		cmocka_unit_test_setup_teardown(test_who_asks_whether_it_is_well_learns_no_names, desk_up, desk_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
