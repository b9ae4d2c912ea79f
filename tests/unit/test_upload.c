/* SPDX-License-Identifier: GPL-2.0-only */
/* Bodies on their way into the spool and the queue: what is taken, what is refused, and that nothing is left over. */
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "tests/unit/upload_fixture.h"

static const char body[] = "not much of a trace, but enough bytes to be one that nobody reads";

static void test_a_body_is_accepted(void **state)
{
	struct desk *desk = *state;
	struct visit visit;
	char command[300];

	visit_begin(desk, &visit, HTTP_PUT);
	visit_query(&visit, "name", "x.dat");
	visit_query(&visit, "host", "anna");
	assert_int_equal(send_body(&visit, body, strlen(body)), 202);
	assert_string_equal(answer_header(&visit, "Location"), "/api/v1/uploads/1");
	visit_end(&visit);
	assert_int_equal(wakes(desk), 1);
	assert_int_equal(files_in(desk, "incoming"), 0);
	assert_int_equal(files_in(desk, "queue"), 1);
	assert_string_equal(
		ask(desk->fixture->db, "SELECT name || host || size || state FROM upload"), "x.datanna65queued");
	/* The file is there under the name that the row has, its bytes are those that came, and the hash is theirs. */
	snprintf(command, sizeof(command), "echo '%s  %s/queue/", ask(desk->fixture->db, "SELECT sha256 FROM upload"),
		desk->spool);
	snprintf(command + strlen(command), sizeof(command) - strlen(command), "%s' | sha256sum --quiet -c",
		ask(desk->fixture->db, "SELECT file FROM upload"));
	assert_int_equal(system(command), 0);
	assert_true(ask_number(desk->fixture->db, "SELECT received_at FROM upload") > 1700000000);
}

static void test_names_come_from_where_they_can(void **state)
{
	static const struct {
		const char *query;
		const char *capture;
		const char *form;
		const char *name;
	} cases[] = {
		{"q", "c", "f", "q"},
		{NULL, "c", "f", "c"},
		{NULL, NULL, "f", "f"},
		{NULL, "", "f", "f"},
		{NULL, NULL, NULL, "upload"},
		{"../../etc/passwd", NULL, NULL, "passwd"},
		{"<script>alert(1)<\\script>", NULL, NULL, "script>"},
		{"a\x01"
		 "b",
			NULL, NULL, "a?b"},
	};
	struct desk *desk = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct visit visit;
		char bytes[8];

		snprintf(bytes, sizeof(bytes), "%zu", i);
		visit_begin(desk, &visit, HTTP_PUT);
		if (cases[i].query)
			visit_query(&visit, "name", cases[i].query);
		visit.request.captures[0] = cases[i].capture;
		assert_int_equal(visit_send(&visit, &upload_receiver, api_trace_sent, cases[i].form, UINT64_MAX, bytes,
					 strlen(bytes), 100),
			202);
		visit_end(&visit);
		assert_string_equal(
			ask(desk->fixture->db, "SELECT name FROM upload ORDER BY id DESC LIMIT 1"), cases[i].name);
	}
	/* Nothing came to lie anywhere but under names of the spool's own. */
	assert_int_equal(files_in(desk, "queue"), 8);
	assert_int_equal(files_in(desk, "."), 4);
}

static void test_the_same_bytes_wait_once(void **state)
{
	struct desk *desk = *state;

	for (int i = 0; i < 2; i++) {
		struct visit visit;

		visit_begin(desk, &visit, HTTP_PUT);
		assert_int_equal(send_body(&visit, body, strlen(body)), 202);
		assert_string_equal(answer_header(&visit, "Location"), "/api/v1/uploads/1");
		visit_end(&visit);
	}
	assert_int_equal(files_in(desk, "queue"), 1);
	assert_int_equal(wakes(desk), 1);
}

/* Both bodies are on their way when neither is accepted yet. */
static void test_two_at_once(void **state)
{
	struct desk *desk = *state;
	struct visit visits[2];
	void *receipts[2];

	for (int i = 0; i < 2; i++) {
		visit_begin(desk, &visits[i], HTTP_PUT);
		assert_int_equal(
			upload_receiver.begin(&visits[i].call, NULL, UINT64_MAX, &receipts[i], &visits[i].error),
			ERR_OK);
	}
	for (int piece = 0; piece < 5; piece++)
		for (int i = 0; i < 2; i++)
			assert_int_equal(upload_receiver.take(&visits[i].call, receipts[i], body, 10, NULL), ERR_OK);
	assert_int_equal(files_in(desk, "incoming"), 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(upload_receiver.end(&visits[i].call, receipts[i], NULL), ERR_OK);
		visits[i].request.receipt = receipts[i];
	}
	for (int i = 0; i < 2; i++) {
		assert_int_equal(api_trace_sent(&visits[i].call, NULL), ERR_OK);
		upload_receiver.drop(&desk->site, receipts[i]);
		assert_string_equal(answer_header(&visits[i], "Location"), "/api/v1/uploads/1");
		visit_end(&visits[i]);
	}
	assert_int_equal(files_in(desk, "queue"), 1);
	assert_int_equal(files_in(desk, "incoming"), 0);
}

static void test_a_known_trace_is_named(void **state)
{
	struct desk *desk = *state;
	struct visit visit;
	char sha256[UPLOAD_SHA256 + 1];

	visit_begin(desk, &visit, HTTP_PUT);
	assert_int_equal(send_body(&visit, body, strlen(body)), 202);
	visit_end(&visit);
	snprintf(sha256, sizeof(sha256), "%s", ask(desk->fixture->db, "SELECT sha256 FROM upload"));
	ask(desk->fixture->db, "DELETE FROM upload");
	restart(desk);
	assert_int_equal(files_in(desk, "queue"), 0);
	must_load(desk->store, spool_of_trace(1, 1), &(struct store_facts){.sha256 = sha256, .name = "x", .now = 5});

	visit_begin(desk, &visit, HTTP_PUT);
	assert_int_equal(send_body(&visit, body, strlen(body)), 200);
	assert_string_equal(answer_header(&visit, "Location"), "/api/v1/traces/1");
	visit_end(&visit);
	assert_int_equal(files_in(desk, "queue"), 0);
	assert_int_equal(ask_number(desk->fixture->db, "SELECT count(*) FROM upload"), 0);
}

static void test_nothing_is_no_upload(void **state)
{
	struct desk *desk = *state;
	struct visit visit;

	visit_begin(desk, &visit, HTTP_PUT);
	assert_int_equal(send_body(&visit, "", 0), 400);
	visit_end(&visit);
	/* A form without a file has no receipt at all. */
	visit_begin(desk, &visit, HTTP_POST);
	assert_int_equal(status_of(&visit, api_trace_sent(&visit.call, &visit.error)), 400);
	visit_end(&visit);
	assert_int_equal(files_in(desk, "incoming"), 0);
	assert_int_equal(files_in(desk, "queue"), 0);
	assert_int_equal(ask_number(desk->fixture->db, "SELECT count(*) FROM upload"), 0);
}

static void test_unknown_parameters_are_told(void **state)
{
	static const char *const names[] = {"nam", "hosts", "name"};
	struct desk *desk = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct visit visit;

		visit_begin(desk, &visit, HTTP_PUT);
		visit_query(&visit, "name", "x.dat");
		visit_query(&visit, names[i], "anna");
		assert_int_equal(send_body(&visit, body, strlen(body)), 400);
		assert_non_null(strstr(visit.error.text, names[i]));
		visit_end(&visit);
	}
	assert_int_equal(files_in(desk, "incoming"), 0);
	assert_int_equal(ask_number(desk->fixture->db, "SELECT count(*) FROM upload"), 0);
}

static void test_too_large(void **state)
{
	struct desk *desk = *state;
	struct visit visit;

	desk->options.upload_max_bytes = 64;
	/* Announced: nothing of it is read. */
	visit_begin(desk, &visit, HTTP_PUT);
	assert_int_equal(send_body(&visit, body, 65), 413);
	visit_end(&visit);
	/* Not announced: as soon as it passes. */
	visit_begin(desk, &visit, HTTP_PUT);
	assert_int_equal(visit_send(&visit, &upload_receiver, api_trace_sent, NULL, UINT64_MAX, body, 65, 64), 413);
	visit_end(&visit);
	assert_int_equal(files_in(desk, "incoming"), 0);
	visit_begin(desk, &visit, HTTP_PUT);
	assert_int_equal(visit_send(&visit, &upload_receiver, api_trace_sent, NULL, UINT64_MAX, body, 64, 1), 202);
	visit_end(&visit);
	/* More than could ever wait is too much as well, however much one upload may have. */
	desk->options.upload_max_bytes = UINT64_MAX;
	desk->options.spool_max_bytes = 64;
	visit_begin(desk, &visit, HTTP_PUT);
	assert_int_equal(send_body(&visit, body, 65), 413);
	visit_end(&visit);
}

static void test_a_full_spool(void **state)
{
	struct desk *desk = *state;
	struct visit visit;

	upload_leave(&desk->site);
	desk->options.spool_max_bytes = 100;
	must_sweep(desk);
	visit_begin(desk, &visit, HTTP_PUT);
	assert_int_equal(send_body(&visit, body, 60), 202);
	visit_end(&visit);
	visit_begin(desk, &visit, HTTP_PUT);
	assert_int_equal(send_body(&visit, body, 41), 503);
	assert_string_equal(answer_header(&visit, "Retry-After"), "10");
	visit_end(&visit);
	visit_begin(desk, &visit, HTTP_PUT);
	assert_int_equal(visit_send(&visit, &upload_receiver, api_trace_sent, NULL, UINT64_MAX, body, 41, 1), 503);
	visit_end(&visit);
	assert_int_equal(files_in(desk, "incoming"), 0);
	visit_begin(desk, &visit, HTTP_PUT);
	assert_int_equal(send_body(&visit, body, 40), 202);
	visit_end(&visit);
	/* When a worker took one out there is room again, at once. */
	ask(desk->fixture->db, "UPDATE upload SET state = 'failed', reason = 'x'");
	restart(desk);
	visit_begin(desk, &visit, HTTP_PUT);
	assert_int_equal(send_body(&visit, body, 41), 202);
	visit_end(&visit);
}

static void test_too_often(void **state)
{
	struct desk *desk = *state;
	struct visit visit;

	desk->options.upload_rate = 2;
	for (int i = 0; i < 3; i++) {
		visit_begin(desk, &visit, HTTP_PUT);
		assert_int_equal(send_body(&visit, body, 10), i < 2 ? 202 : 429);
		assert_true(i < 2 || strtol(answer_header(&visit, "Retry-After"), NULL, 10) >= 29);
		visit_end(&visit);
	}
	visit_begin(desk, &visit, HTTP_PUT);
	visit.request.remote = "192.0.2.2";
	assert_int_equal(send_body(&visit, body, 10), 202);
	visit_end(&visit);
}

/* The sender goes after each step there is. */
static void test_dropped_at_every_step(void **state)
{
	struct desk *desk = *state;

	upload_receiver.drop(&desk->site, NULL);
	for (int steps = 0; steps < 4; steps++) {
		struct visit visit;
		void *receipt = NULL;

		visit_begin(desk, &visit, HTTP_PUT);
		assert_int_equal(upload_receiver.begin(&visit.call, NULL, UINT64_MAX, &receipt, NULL), ERR_OK);
		if (steps > 0)
			assert_int_equal(upload_receiver.take(&visit.call, receipt, body, 10, NULL), ERR_OK);
		if (steps > 1)
			assert_int_equal(upload_receiver.end(&visit.call, receipt, NULL), ERR_OK);
		visit.request.receipt = receipt;
		/* The store cannot be written: the row is not there, so neither may the file be. */
		if (steps > 2) {
			assert_string_equal(ask(desk->fixture->db,
						    "CREATE UNIQUE INDEX one_size ON upload (size); INSERT INTO upload "
						    "(name, size, received_at, state) VALUES ('x', 10, 1, 'done')"),
				"");
			assert_int_not_equal(api_trace_sent(&visit.call, &visit.error), ERR_OK);
		}
		upload_receiver.drop(&desk->site, receipt);
		visit_end(&visit);
		assert_int_equal(files_in(desk, "incoming"), 0);
		assert_int_equal(files_in(desk, "queue"), 0);
	}
	assert_int_equal(ask_number(desk->fixture->db, "SELECT count(*) FROM upload"), 1);
}

/* Nobody knows whether the row is there: the file must be, until the next start knows. */
static void test_a_store_that_does_not_answer(void **state)
{
	struct desk *desk = *state;
	struct visit visit;

	assert_string_equal(ask(desk->fixture->db, "ALTER TABLE upload RENAME TO gone"), "");
	visit_begin(desk, &visit, HTTP_PUT);
	assert_int_not_equal(send_body(&visit, body, 10), 202);
	visit_end(&visit);
	assert_int_equal(files_in(desk, "queue"), 1);
	assert_string_equal(ask(desk->fixture->db, "ALTER TABLE gone RENAME TO upload"), "");
	restart(desk);
	assert_int_equal(files_in(desk, "queue"), 0);
}

/* Leaves no byte. */
static void fill(const char *name)
{
	static const char zeros[4096];
	int fd = open(name, O_WRONLY | O_CREAT, 0644);

	assert_true(fd >= 0);
	while (write(fd, zeros, sizeof(zeros)) > 0)
		;
	close(fd);
}

static void test_a_store_that_cannot_grow(void **state)
{
	struct desk *desk = *state;
	char disk[100];
	char name[120];
	unsigned status = 202;

	snprintf(disk, sizeof(disk), "%s/disk", desk->fixture->folder);
	assert_int_equal(mkdir(disk, 0700), 0);
	if (mount("none", disk, "tmpfs", 0, "size=4m") != 0) {
		print_message("a full disk is not tried: a file system of 4 MiB cannot be mounted here\n");
		assert_int_equal(rmdir(disk), 0);
		skip();
	}
	store_close(desk->store);
	snprintf(name, sizeof(name), "%s/db", disk);
	desk->store = must_open(name, STORE_CREATE);
	snprintf(name, sizeof(name), "%s/ballast", disk);
	fill(name);
	/* Until what is there is used up. */
	for (unsigned i = 1; status == 202 && i < 2000; i++) {
		struct visit visit;

		visit_begin(desk, &visit, HTTP_PUT);
		status = send_body(&visit, (const char *)&i, sizeof(i));
		visit_end(&visit);
	}
	store_close(desk->store);
	assert_int_equal(umount(disk), 0);
	assert_int_equal(rmdir(disk), 0);
	desk->store = must_open(desk->fixture->db, STORE_WRITE);
	assert_int_equal(status, 507);
}

static unsigned ask_upload(struct desk *desk, const char *id, char *answer, size_t size)
{
	struct visit visit;
	unsigned status;

	visit_begin(desk, &visit, HTTP_GET);
	visit.request.captures[0] = id;
	status = status_of(&visit, api_upload(&visit.call, &visit.error));
	answer[0] = '\0';
	if (status == 200) {
		assert_int_equal(response_finish(&visit.response, &visit.error), ERR_OK);
		assert_true(visit.response.size < size);
		memcpy(answer, visit.response.bytes, visit.response.size);
		answer[visit.response.size] = '\0';
	}
	visit_end(&visit);
	return status;
}

static void must_hold(const char *answer, const char *part)
{
	if (!strstr(answer, part))
		fail_msg("'%s' is not in %s", part, answer);
}

static void test_what_became_of_it(void **state)
{
	struct desk *desk = *state;
	struct visit visit;
	char answer[2000];

	visit_begin(desk, &visit, HTTP_PUT);
	visit_query(&visit, "name", "\"<b>\".dat");
	assert_int_equal(send_body(&visit, body, 20), 202);
	visit_end(&visit);
	assert_int_equal(ask_upload(desk, "1", answer, sizeof(answer)), 200);
	must_hold(answer, "\"state\": \"queued\"");
	must_hold(answer, "\"progress\": null");
	must_hold(answer, "\"page\": \"/uploads/1\"");
	must_hold(answer, "\"name\": \"\\\"<b>\\\".dat\"");

	ask(desk->fixture->db, "UPDATE upload SET state = 'running'");
	desk->board.workers[3] = (struct board_worker){.upload = 1, .events = 12, .done_bytes = 5, .total_bytes = 20};
	assert_int_equal(ask_upload(desk, "1", answer, sizeof(answer)), 200);
	must_hold(answer, "\"events\": 12");
	must_hold(answer, "\"total_bytes\": 20");

	ask(desk->fixture->db, "UPDATE upload SET state = 'failed', reason = 'it is no trace'");
	assert_int_equal(ask_upload(desk, "1", answer, sizeof(answer)), 200);
	must_hold(answer, "\"reason\": \"it is no trace\"");
	must_hold(answer, "\"trace\": null");

	assert_int_equal(ask_upload(desk, "2", answer, sizeof(answer)), 404);
	assert_int_equal(ask_upload(desk, "-1", answer, sizeof(answer)), 404);
	assert_int_equal(ask_upload(desk, "18446744073709551615", answer, sizeof(answer)), 404);
	assert_int_equal(ask_upload(desk, "x", answer, sizeof(answer)), 404);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_up, desk_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_body_is_accepted),
		TEST(test_names_come_from_where_they_can),
		TEST(test_the_same_bytes_wait_once),
		TEST(test_two_at_once),
		TEST(test_a_known_trace_is_named),
		TEST(test_nothing_is_no_upload),
		TEST(test_unknown_parameters_are_told),
		TEST(test_too_large),
		TEST(test_a_full_spool),
		TEST(test_too_often),
		TEST(test_dropped_at_every_step),
		TEST(test_a_store_that_does_not_answer),
		TEST(test_a_store_that_cannot_grow),
		TEST(test_what_became_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
