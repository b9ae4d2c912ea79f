/* SPDX-License-Identifier: GPL-2.0-only */
/* Uploads in parts: the states of one, and what the protocol wants of each answer. */
#include "tests/unit/tus_fixture.h"

static void test_options(void **state)
{
	struct desk *desk = *state;
	struct visit visit;

	visit_begin(desk, &visit, HTTP_OPTIONS);
	assert_int_equal(status_of(&visit, api_tus_options(&visit.call, &visit.error)), 204);
	assert_string_equal(answer_header(&visit, "Tus-Version"), "1.0.0");
	assert_string_equal(answer_header(&visit, "Tus-Max-Size"), "1000000");
	assert_string_equal(answer_header(&visit, "Tus-Extension"), "creation,expiration,checksum,termination");
	assert_string_equal(answer_header(&visit, "Tus-Checksum-Algorithm"), "sha1,sha256");
	visit_end(&visit);
}

static void test_in_two_parts(void **state)
{
	struct desk *desk = *state;
	char id[SPOOL_NAME + 1], place[64], command[300];
	struct visit visit;

	create(desk, "32", "filename Li4vdHJhY2UuZGF0,host YW5uYQ==", id);
	assert_int_equal(state_of(desk, id, place), 0);
	assert_string_equal(place, "");
	assert_int_equal(patched(desk, id, "0", body, 12), 204);
	assert_int_equal(state_of(desk, id, NULL), 12);
	assert_int_equal(ask_number(desk->fixture->db, "SELECT count(*) FROM upload"), 0);

	tus_begin(desk, &visit, HTTP_PATCH, id);
	assert_int_equal(patch(&visit, "12", body + 12, BODY - 12), 204);
	assert_string_equal(answer_header(&visit, "Upload-Offset"), "32");
	assert_string_equal(answer_header(&visit, "Content-Location"), "/api/v1/uploads/1");
	visit_end(&visit);
	assert_int_equal(wakes(desk), 1);
	assert_int_equal(files_in(desk, "queue"), 1);
	assert_string_equal(
		ask(desk->fixture->db, "SELECT name || host || size || state FROM upload"), "trace.datanna32queued");
	snprintf(command, sizeof(command), "printf '%s' | cmp - %s/queue/%s", body, desk->spool,
		ask(desk->fixture->db, "SELECT file FROM upload"));
	assert_int_equal(system(command), 0);
	snprintf(command, sizeof(command), "test \"$(printf '%s' | sha256sum)\" = '%s  -'", body,
		ask(desk->fixture->db, "SELECT sha256 FROM upload"));
	assert_int_equal(system(command), 0);

	/* Who lost the answer asks again. */
	assert_int_equal(state_of(desk, id, place), 32);
	assert_string_equal(place, "/api/v1/uploads/1");
	assert_int_equal(patched(desk, id, "32", "", 0), 204);
	assert_int_equal(patched(desk, id, "32", "x", 1), 413);
	assert_int_equal(patched(desk, id, "0", body, BODY), 409);
	restart(desk);
	assert_int_equal(state_of(desk, id, place), 32);
	assert_string_equal(place, "/api/v1/uploads/1");
	assert_int_equal(files_in(desk, "queue"), 1);
}

/* What was sent in one part has the hash of what was sent in many. */
static void test_the_same_bytes_in_other_parts(void **state)
{
	struct desk *desk = *state;
	char id[SPOOL_NAME + 1], offset[8], place[64];

	create(desk, "32", NULL, id);
	assert_int_equal(patched(desk, id, "0", body, BODY), 204);
	create(desk, "32", NULL, id);
	for (int at = 0; at < BODY; at++) {
		snprintf(offset, sizeof(offset), "%d", at);
		assert_int_equal(patched(desk, id, offset, body + at, 1), 204);
	}
	assert_int_equal(state_of(desk, id, place), 32);
	assert_string_equal(place, "/api/v1/uploads/1");
	assert_int_equal(files_in(desk, "queue"), 1);
	assert_string_equal(ask(desk->fixture->db, "SELECT name FROM upload"), "upload");
}

static void test_creations_refused(void **state)
{
	static const struct {
		const char *name;
		const char *value;
		unsigned status;
	} cases[] = {
		{"Upload-Length", NULL, 400},
		{"Upload-Length", "0", 400},
		{"Upload-Length", "-1", 400},
		{"Upload-Length", "1e3", 400},
		{"Upload-Length", "18446744073709551616", 400},
		{"Upload-Length", "18446744073709551615", 413},
		{"Upload-Length", "1000001", 413},
		{"Upload-Defer-Length", "1", 400},
		{"Upload-Metadata", "filename !", 400},
		{"Tus-Resumable", "0.2.2", 412},
	};
	struct desk *desk = *state;
	char metadata[TUS_METADATA + 8];
	struct visit visit;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		visit_begin(desk, &visit, HTTP_POST);
		visit_header(&visit, cases[i].name, cases[i].value);
		visit_header(&visit, "Tus-Resumable", "1.0.0");
		if (strcmp(cases[i].name, "Upload-Length") != 0)
			visit_header(&visit, "Upload-Length", "10");
		if (!cases[i].value)
			visit.request.headers.all++, visit.request.headers.count--;
		assert_int_equal(status_of(&visit, api_tus_create(&visit.call, &visit.error)), cases[i].status);
		assert_string_equal(answer_header(&visit, "Tus-Resumable"), "1.0.0");
		assert_string_equal(answer_header(&visit, "Tus-Version"), cases[i].status == 412 ? "1.0.0" : "");
		visit_end(&visit);
	}
	memset(metadata, 'a', sizeof(metadata) - 1);
	metadata[sizeof(metadata) - 1] = '\0';
	tus_begin(desk, &visit, HTTP_POST, NULL);
	visit_header(&visit, "Upload-Length", "10");
	visit_header(&visit, "Upload-Metadata", metadata);
	assert_int_equal(status_of(&visit, api_tus_create(&visit.call, &visit.error)), 400);
	visit_end(&visit);
	assert_int_equal(files_in(desk, "tus"), 0);
}

static void test_parts_refused(void **state)
{
	static const struct {
		const char *version;
		const char *type;
		const char *offset;
		const char *sum;
		size_t size;
		unsigned status;
	} cases[] = {
		{NULL, "application/offset+octet-stream", "0", NULL, 4, 412},
		{"1.0.1", "application/offset+octet-stream", "0", NULL, 4, 412},
		{"1.0.0", NULL, "0", NULL, 4, 415},
		{"1.0.0", "application/octet-stream", "0", NULL, 4, 415},
		{"1.0.0", "application/offset+octet-streams", "0", NULL, 4, 415},
		{"1.0.0", "application/offset+octet-stream", NULL, NULL, 4, 400},
		{"1.0.0", "application/offset+octet-stream", "x", NULL, 4, 400},
		{"1.0.0", "application/offset+octet-stream", "1", NULL, 4, 409},
		{"1.0.0", "application/offset+octet-stream", "18446744073709551615", NULL, 4, 409},
		{"1.0.0", "application/offset+octet-stream", "0", NULL, BODY, 413},
		{"1.0.0", "application/offset+octet-stream", "0", "md5 eA==", 4, 400},
	};
	struct desk *desk = *state;
	char id[SPOOL_NAME + 1];

	create(desk, "16", NULL, id);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct visit visit;

		visit_begin(desk, &visit, HTTP_PATCH);
		visit.request.captures[0] = id;
		if (cases[i].version)
			visit_header(&visit, "Tus-Resumable", cases[i].version);
		if (cases[i].type)
			visit_header(&visit, "Content-Type", cases[i].type);
		if (cases[i].offset)
			visit_header(&visit, "Upload-Offset", cases[i].offset);
		if (cases[i].sum)
			visit_header(&visit, "Upload-Checksum", cases[i].sum);
		assert_int_equal(visit_send(&visit, &upload_tus_receiver, api_tus_append, NULL, cases[i].size, body,
					 cases[i].size, 4),
			cases[i].status);
		assert_string_equal(answer_header(&visit, "Tus-Resumable"), "1.0.0");
		visit_end(&visit);
		assert_int_equal(state_of(desk, id, NULL), 0);
	}
}

/* More bytes than were announced, by a sender that does not say how many are to come. */
static void test_a_part_without_end(void **state)
{
	struct desk *desk = *state;
	char id[SPOOL_NAME + 1];
	struct visit visit;

	create(desk, "16", NULL, id);
	tus_begin(desk, &visit, HTTP_PATCH, id);
	visit_header(&visit, "Content-Type", "Application/Offset+Octet-Stream; charset=x");
	visit_header(&visit, "Upload-Offset", "0");
	assert_int_equal(
		visit_send(&visit, &upload_tus_receiver, api_tus_append, NULL, UINT64_MAX, body, BODY, 5), 413);
	visit_end(&visit);
	assert_int_equal(state_of(desk, id, NULL), 15);
	assert_int_equal(patched(desk, id, "15", body + 15, 1), 204);
	assert_int_equal(files_in(desk, "queue"), 1);
}

static void test_ids_are_no_paths(void **state)
{
	static const char *const ids[] = {"", ".", "..", "../lock", "../queue/0123456789abcdef0123456789abcdef",
		"0123456789abcdef0123456789abcdef", "0123456789ABCDEF0123456789ABCDEF",
		"0123456789abcdef0123456789abcdef.info", "lock"};
	struct desk *desk = *state;
	struct visit visit;

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		assert_int_equal(state_of(desk, ids[i], NULL), -404);
		assert_int_equal(patched(desk, ids[i], "0", body, 3), 404);
		tus_begin(desk, &visit, HTTP_DELETE, ids[i]);
		assert_int_equal(status_of(&visit, api_tus_delete(&visit.call, &visit.error)), 404);
		visit_end(&visit);
	}
}

static void test_delete(void **state)
{
	struct desk *desk = *state;
	char id[SPOOL_NAME + 1];
	struct visit visit;

	create(desk, "32", NULL, id);
	assert_int_equal(patched(desk, id, "0", body, 5), 204);
	tus_begin(desk, &visit, HTTP_DELETE, id);
	assert_int_equal(status_of(&visit, api_tus_delete(&visit.call, &visit.error)), 204);
	visit_end(&visit);
	assert_int_equal(state_of(desk, id, NULL), -404);
	assert_int_equal(files_in(desk, "tus"), 0);
	/* Of one that was handed in, only what is known here goes. */
	create(desk, "32", NULL, id);
	assert_int_equal(patched(desk, id, "0", body, BODY), 204);
	tus_begin(desk, &visit, HTTP_DELETE, id);
	assert_int_equal(status_of(&visit, api_tus_delete(&visit.call, &visit.error)), 204);
	visit_end(&visit);
	assert_int_equal(files_in(desk, "tus"), 0);
	assert_int_equal(files_in(desk, "queue"), 1);
}

static void test_one_at_a_time(void **state)
{
	struct desk *desk = *state;
	char id[SPOOL_NAME + 1];
	struct visit first, other;
	void *receipt;

	create(desk, "32", NULL, id);
	receipt = begin_part(desk, &first, id, "0", NULL);
	assert_int_equal(upload_tus_receiver.take(&first.call, receipt, body, 7, NULL), ERR_OK);
	assert_int_equal(patched(desk, id, "0", body, 3), 423);
	assert_int_equal(patched(desk, id, "7", body + 7, 3), 423);
	assert_int_equal(state_of(desk, id, NULL), -423);
	tus_begin(desk, &other, HTTP_DELETE, id);
	assert_int_equal(status_of(&other, api_tus_delete(&other.call, &other.error)), 423);
	visit_end(&other);
	/* The first one's line breaks: what came stays. */
	upload_tus_receiver.drop(&desk->site, receipt);
	visit_end(&first);
	assert_int_equal(state_of(desk, id, NULL), 7);
	assert_int_equal(patched(desk, id, "7", body + 7, BODY - 7), 204);
	assert_int_equal(files_in(desk, "queue"), 1);
	upload_tus_receiver.drop(&desk->site, NULL);
}

/* An answer is read before the server has put everything away: the next request must not be told to wait. */
static void test_the_next_part_comes_at_once(void **state)
{
	static const struct {
		const char *sum;
		size_t pieces; /* of 11 bytes */
		unsigned status;
		long offset;
	} cases[] = {
		{NULL, 1, 204, 11},
		{SHA1_HELLO, 1, 204, 11},
		{"sha1 Kq5sNclPz7QV2+lfQIuc6R7oRuU=", 1, 460, 0},
		{NULL, 3, 413, 22},
		{SHA1_HELLO, 3, 413, 0},
	};
	struct desk *desk = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char id[SPOOL_NAME + 1];
		struct visit visit;
		enum err err = ERR_OK;
		void *receipt;

		create(desk, "32", NULL, id);
		receipt = begin_part(desk, &visit, id, "0", cases[i].sum);
		for (size_t piece = 0; err == ERR_OK && piece < cases[i].pieces; piece++)
			err = upload_tus_receiver.take(&visit.call, receipt, body, 11, &visit.error);
		if (err == ERR_OK)
			err = upload_tus_receiver.end(&visit.call, receipt, &visit.error);
		visit.request.receipt = receipt;
		if (err == ERR_OK)
			err = api_tus_append(&visit.call, &visit.error);
		assert_int_equal(status_of(&visit, err), cases[i].status);
		assert_int_equal(state_of(desk, id, NULL), cases[i].offset);
		upload_tus_receiver.drop(&desk->site, receipt);
		assert_int_equal(state_of(desk, id, NULL), cases[i].offset);
		visit_end(&visit);
	}
}

static void test_checksums(void **state)
{
	struct desk *desk = *state;
	char id[SPOOL_NAME + 1];
	struct visit visit;

	create(desk, "32", NULL, id);
	tus_begin(desk, &visit, HTTP_PATCH, id);
	visit_header(&visit, "Upload-Checksum", SHA1_HELLO);
	assert_int_equal(patch(&visit, "0", body, 11), 204);
	visit_end(&visit);
	tus_begin(desk, &visit, HTTP_PATCH, id);
	visit_header(&visit, "Upload-Checksum", SHA256_HELLO);
	assert_int_equal(patch(&visit, "11", body + 11, BODY - 11), 460);
	visit_end(&visit);
	/* The wrong part is not kept, though it was the last one. */
	assert_int_equal(state_of(desk, id, NULL), 11);
	assert_int_equal(files_in(desk, "queue"), 0);
	tus_begin(desk, &visit, HTTP_PATCH, id);
	visit_header(&visit, "Upload-Checksum", SHA256_HELLO);
	assert_int_equal(patch(&visit, "11", "hello world", 11), 204);
	visit_end(&visit);
	assert_int_equal(state_of(desk, id, NULL), 22);
}

static void test_room_and_rate(void **state)
{
	struct desk *desk = *state;
	char id[SPOOL_NAME + 1];
	struct visit visit;

	desk->options.upload_rate = 1;
	create(desk, "32", NULL, id);
	tus_begin(desk, &visit, HTTP_POST, NULL);
	visit_header(&visit, "Upload-Length", "10");
	assert_int_equal(status_of(&visit, api_tus_create(&visit.call, &visit.error)), 429);
	assert_string_not_equal(answer_header(&visit, "Retry-After"), "");
	assert_string_equal(answer_header(&visit, "Tus-Resumable"), "1.0.0");
	visit_end(&visit);
	/* Parts of what has begun are no new uploads. */
	assert_int_equal(patched(desk, id, "0", body, 5), 204);
	assert_int_equal(patched(desk, id, "5", body + 5, 5), 204);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_up, desk_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_options),
		TEST(test_in_two_parts),
		TEST(test_the_same_bytes_in_other_parts),
		TEST(test_creations_refused),
		TEST(test_parts_refused),
		TEST(test_a_part_without_end),
		TEST(test_ids_are_no_paths),
		TEST(test_delete),
		TEST(test_one_at_a_time),
		TEST(test_the_next_part_comes_at_once),
		TEST(test_checksums),
		TEST(test_room_and_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
