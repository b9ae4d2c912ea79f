/* SPDX-License-Identifier: GPL-2.0-only */
/* Uploads in parts: what outlives a server that dies, and what goes by itself. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "tests/unit/tus_fixture.h"
#include "web/upload/tus_info.h"

/* Half of a part says nothing about its checksum: neither a broken line nor a server that died keep it. */
static void test_half_a_part_with_a_checksum(void **state)
{
	struct desk *desk = *state;
	char id[SPOOL_NAME + 1];
	struct visit visit;
	void *receipt;
	pid_t child;

	create(desk, "32", NULL, id);
	assert_int_equal(patched(desk, id, "0", "1234", 4), 204);
	receipt = begin_part(desk, &visit, id, "4", SHA1_HELLO);
	assert_int_equal(upload_tus_receiver.take(&visit.call, receipt, body, 5, NULL), ERR_OK);
	upload_tus_receiver.drop(&desk->site, receipt);
	visit_end(&visit);
	assert_int_equal(state_of(desk, id, NULL), 4);

	child = fork();
	if (child == 0) {
		receipt = begin_part(desk, &visit, id, "4", SHA1_HELLO);
		_exit(upload_tus_receiver.take(&visit.call, receipt, body, 5, NULL) != ERR_OK);
	}
	assert_int_equal(waitpid(child, NULL, 0), child);
	restart(desk);
	assert_int_equal(state_of(desk, id, NULL), 4);
	child = fork();
	if (child == 0) {
		receipt = begin_part(desk, &visit, id, "4", NULL);
		_exit(upload_tus_receiver.take(&visit.call, receipt, body, 5, NULL) != ERR_OK);
	}
	assert_int_equal(waitpid(child, NULL, 0), child);
	restart(desk);
	assert_int_equal(state_of(desk, id, NULL), 9);
}

/* The store fails at the last step: the sender sends its last byte again, and that is all. */
static void test_a_store_that_cannot_be_written(void **state)
{
	struct desk *desk = *state;
	char id[SPOOL_NAME + 1];

	assert_string_equal(ask(desk->fixture->db, "CREATE UNIQUE INDEX one_size ON upload (size); INSERT INTO upload "
						   "(name, size, received_at, state) VALUES ('x', 32, 1, 'done')"),
		"");
	create(desk, "32", NULL, id);
	assert_int_equal(patched(desk, id, "0", body, BODY) / 100, 5);
	assert_int_equal(files_in(desk, "queue"), 0);
	assert_int_equal(state_of(desk, id, NULL), 31);
	ask(desk->fixture->db, "DELETE FROM upload");
	assert_int_equal(patched(desk, id, "31", body + 31, 1), 204);
	assert_int_equal(state_of(desk, id, NULL), 32);
	assert_int_equal(files_in(desk, "queue"), 1);
}

/* A server that dies between the last byte and the row: the next one lets the sender end it. */
static void test_killed_before_it_was_handed_in(void **state)
{
	struct desk *desk = *state;
	char id[SPOOL_NAME + 1], from[200], to[200];
	bool moved = false;

	do {
		struct visit visit;
		pid_t child;

		create(desk, "32", NULL, id);
		child = fork();
		if (child == 0) {
			void *receipt = begin_part(desk, &visit, id, "0", NULL);

			_exit(upload_tus_receiver.take(&visit.call, receipt, body, BODY, NULL) != ERR_OK ||
				upload_tus_receiver.end(&visit.call, receipt, NULL) != ERR_OK);
		}
		assert_int_equal(waitpid(child, NULL, 0), child);
		snprintf(from, sizeof(from), "%s/tus/%s", desk->spool, id);
		snprintf(to, sizeof(to), "%s/queue/%s", desk->spool, id);
		if (moved)
			assert_int_equal(rename(from, to), 0);
		restart(desk);
		assert_int_equal(files_in(desk, "queue"), 0);
		assert_int_equal(state_of(desk, id, NULL), 31);
		assert_int_equal(patched(desk, id, "31", body + 31, 1), 204);
		assert_int_equal(files_in(desk, "queue"), 1);
		ask(desk->fixture->db, "DELETE FROM upload");
		restart(desk);
		moved = !moved;
	} while (moved);
}

/* A server that dies when the row is there, and before the side file says so; a worker has ended it meanwhile, or not.
 */
static void test_killed_after_it_was_handed_in(void **state)
{
	static const char *const changes[] = {
		"SELECT 1", "UPDATE upload SET state = 'failed', reason = 'x'", "DELETE FROM upload"};
	struct desk *desk = *state;

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		char id[SPOOL_NAME + 1], place[64];
		struct tus_info info;

		ask(desk->fixture->db, "DELETE FROM upload");
		create(desk, "32", NULL, id);
		assert_int_equal(patched(desk, id, "0", body, BODY), 204);
		assert_true(tus_info_read(desk->site.spool, id, &info));
		assert_int_not_equal(info.upload, 0);
		info.upload = 0;
		assert_int_equal(tus_info_write(desk->site.spool, id, &info, NULL), ERR_OK);
		ask(desk->fixture->db, changes[i]);
		restart(desk);
		if (strncmp(changes[i], "DELETE", 6) == 0) {
			/* Nobody has it: its sender ends it again. */
			assert_int_equal(state_of(desk, id, NULL), 31);
			continue;
		}
		assert_int_equal(state_of(desk, id, place), 32);
		assert_int_equal(strtol(strrchr(place, '/') + 1, NULL, 10), i + 1);
	}
}

static void put_text(const struct desk *desk, const char *name, const char *text)
{
	char path[250];
	FILE *file;

	snprintf(path, sizeof(path), "%s/tus/%s", desk->spool, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void test_what_is_no_upload_goes(void **state)
{
	static const char *const infos[] = {"", "{}", "[", "null",
		"{\"length\": -1, \"upload\": 0, \"trace\": 0, \"created_at\": 5, \"metadata\": \"\"}",
		"{\"length\": \"1\", \"upload\": 0, \"trace\": 0, \"created_at\": 5, \"metadata\": \"\"}",
		"{\"length\": 1, \"upload\": 0, \"trace\": 0, \"created_at\": 5, \"metadata\": 7}"};
	struct desk *desk = *state;

	for (size_t i = 0; i < sizeof(infos) / sizeof(infos[0]); i++) {
		put_text(desk, "0123456789abcdef0123456789abcdef", "x");
		put_text(desk, "0123456789abcdef0123456789abcdef.info", infos[i]);
		assert_int_equal(state_of(desk, "0123456789abcdef0123456789abcdef", NULL), -404);
		restart(desk);
		assert_int_equal(files_in(desk, "tus"), 0);
	}
	put_text(desk, "0123456789abcdef0123456789abcdef", "x");
	put_text(desk, "1123456789abcdef0123456789abcdef.info", "x");
	put_text(desk, "2123456789abcdef0123456789abcdef.new", "x");
	put_text(desk, "whatever", "x");
	restart(desk);
	assert_int_equal(files_in(desk, "tus"), 0);
}

static void test_expiry(void **state)
{
	struct desk *desk = *state;
	char ids[2][SPOOL_NAME + 1], path[200];
	struct timespec old[2] = {{.tv_sec = 1000000}, {.tv_sec = 1000000}};

	create(desk, "32", NULL, ids[0]);
	create(desk, "32", NULL, ids[1]);
	assert_int_equal(patched(desk, ids[0], "0", body, 5), 204);
	assert_int_equal(patched(desk, ids[1], "0", body, 6), 204);
	snprintf(path, sizeof(path), "%s/tus/%s", desk->spool, ids[0]);
	assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
	assert_int_equal(tus_file_sweep(desk->site.spool, (uint64_t)time(NULL), false, NULL), ERR_OK);
	assert_int_equal(state_of(desk, ids[0], NULL), -404);
	assert_int_equal(state_of(desk, ids[1], NULL), 6);
	/* One that was handed in long ago is known no more; its file in the queue is another matter. */
	assert_int_equal(patched(desk, ids[1], "6", body + 6, BODY - 6), 204);
	assert_int_equal(
		tus_file_sweep(desk->site.spool, (uint64_t)time(NULL) + TUS_EXPIRE_S + 5, false, NULL), ERR_OK);
	assert_int_equal(files_in(desk, "tus"), 0);
	assert_int_equal(files_in(desk, "queue"), 1);
}

/* What was only announced is forgotten soon, and what has begun is not. */
static void test_expiry_of_what_never_came(void **state)
{
	struct desk *desk = *state;
	uint64_t now = (uint64_t)time(NULL);
	char ids[2][SPOOL_NAME + 1];

	create(desk, "32", NULL, ids[0]);
	create(desk, "32", NULL, ids[1]);
	assert_int_equal(patched(desk, ids[1], "0", body, 6), 204);
	assert_int_equal(tus_file_sweep(desk->site.spool, now + TUS_EMPTY_S - 60, false, NULL), ERR_OK);
	assert_int_equal(state_of(desk, ids[0], NULL), 0);
	assert_int_equal(tus_file_sweep(desk->site.spool, now + TUS_EMPTY_S + 60, false, NULL), ERR_OK);
	assert_int_equal(state_of(desk, ids[0], NULL), -404);
	assert_int_equal(state_of(desk, ids[1], NULL), 6);
}

/* So many and no more, whoever begins them; one that ends makes room for another. */
static void test_unfinished_ones_are_counted(void **state)
{
	struct desk *desk = *state;
	char id[SPOOL_NAME + 1];
	struct visit visit;

	for (unsigned i = 1; i < SPOOL_PARTS_MAX; i++) {
		snprintf(id, sizeof(id), "%032x", i);
		put_text(desk, id, "x");
	}
	create(desk, "32", NULL, id);
	tus_begin(desk, &visit, HTTP_POST, NULL);
	visit_header(&visit, "Upload-Length", "32");
	assert_int_equal(status_of(&visit, api_tus_create(&visit.call, &visit.error)), 503);
	assert_non_null(strstr(visit.error.text, "unfinished"));
	assert_string_equal(answer_header(&visit, "Retry-After"), "10");
	visit_end(&visit);
	assert_int_equal(patched(desk, id, "0", body, BODY), 204);
	create(desk, "32", NULL, id);
	assert_int_equal(patched(desk, id, "0", body, 6), 204);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_up, desk_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_half_a_part_with_a_checksum),
		TEST(test_a_store_that_cannot_be_written),
		TEST(test_killed_before_it_was_handed_in),
		TEST(test_killed_after_it_was_handed_in),
		TEST(test_what_is_no_upload_goes),
		TEST(test_expiry),
		TEST(test_expiry_of_what_never_came),
		TEST(test_unfinished_ones_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
