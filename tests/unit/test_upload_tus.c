/* SPDX-License-Identifier: GPL-2.0-only */
/* Uploads in parts: the states of one, what the protocol wants of each answer, and what outlives a server. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "tests/unit/upload_fixture.h"
#include "web/upload/tus_file.h"

static const char body[] = "hello world, this comes in parts";

enum { BODY = sizeof(body) - 1 };

/* "sha1 " and sha256sum of "hello world", the first 11 bytes, by coreutils. */
#define SHA1_HELLO "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="
#define SHA256_HELLO "sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek="

static void tus_begin(struct desk *desk, struct visit *visit, enum http_method method, const char *id)
{
	visit_begin(desk, visit, method);
	visit_header(visit, "Tus-Resumable", "1.0.0");
	visit->request.captures[0] = id;
}

/* Makes one of `length` bytes; its id. */
static void create(struct desk *desk, const char *length, const char *metadata, char id[SPOOL_NAME + 1])
{
	static const char path[] = "/api/v1/tus/";
	struct visit visit;
	enum err err;

	tus_begin(desk, &visit, HTTP_POST, NULL);
	visit_header(&visit, "Upload-Length", length);
	if (metadata)
		visit_header(&visit, "Upload-Metadata", metadata);
	err = api_tus_create(&visit.call, &visit.error);
	if (err != ERR_OK)
		fail_msg("%s", visit.error.text);
	assert_int_equal(visit.response.status, 201);
	assert_string_equal(answer_header(&visit, "Tus-Resumable"), "1.0.0");
	assert_int_equal(strncmp(answer_header(&visit, "Location"), path, strlen(path)), 0);
	assert_int_equal(strlen(answer_header(&visit, "Upload-Expires")), strlen("Sun, 06 Nov 1994 08:49:37 GMT"));
	strcpy(id, answer_header(&visit, "Location") + strlen(path));
	visit_end(&visit);
}

/* A PATCH that is sent whole, in pieces of three bytes. */
static unsigned patch(struct visit *visit, const char *offset, const char *bytes, size_t count)
{
	visit_header(visit, "Content-Type", "application/offset+octet-stream");
	visit_header(visit, "Upload-Offset", offset);
	return visit_send(visit, &upload_tus_receiver, api_tus_append, NULL, count, bytes, count, 3);
}

static unsigned patched(struct desk *desk, const char *id, const char *offset, const char *bytes, size_t count)
{
	struct visit visit;
	unsigned status;

	tus_begin(desk, &visit, HTTP_PATCH, id);
	status = patch(&visit, offset, bytes, count);
	assert_string_equal(answer_header(&visit, "Tus-Resumable"), "1.0.0");
	visit_end(&visit);
	return status;
}

/* What HEAD says: the offset, or minus its status; where it went to `place` when that is not NULL. */
static long state_of(struct desk *desk, const char *id, char place[64])
{
	struct visit visit;
	unsigned status;
	long offset;

	tus_begin(desk, &visit, HTTP_HEAD, id);
	status = status_of(&visit, api_tus_state(&visit.call, &visit.error));
	offset = strtol(answer_header(&visit, "Upload-Offset"), NULL, 10);
	if (place)
		snprintf(place, 64, "%s", answer_header(&visit, "Content-Location"));
	assert_string_equal(answer_header(&visit, "Tus-Resumable"), "1.0.0");
	assert_true(status != 200 || visit.response.private_body);
	visit_end(&visit);
	return status == 200 ? offset : -(long)status;
}

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
	snprintf(command, sizeof(command), "printf '%s' | cmp - %s/queue/", body, desk->spool);
	strcat(command, ask(desk->fixture->db, "SELECT file FROM upload"));
	assert_int_equal(system(command), 0);
	snprintf(command, sizeof(command), "test \"$(printf '%s' | sha256sum)\" = '", body);
	strcat(strcat(command, ask(desk->fixture->db, "SELECT sha256 FROM upload")), "  -'");
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

static void *begin_part(struct desk *desk, struct visit *visit, const char *id, const char *offset, const char *sum)
{
	void *receipt = NULL;

	tus_begin(desk, visit, HTTP_PATCH, id);
	visit_header(visit, "Content-Type", "application/offset+octet-stream");
	visit_header(visit, "Upload-Offset", offset);
	if (sum)
		visit_header(visit, "Upload-Checksum", sum);
	assert_int_equal(upload_tus_receiver.begin(&visit->call, NULL, UINT64_MAX, &receipt, &visit->error), ERR_OK);
	return receipt;
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
		TEST(test_checksums),
		TEST(test_half_a_part_with_a_checksum),
		TEST(test_a_store_that_cannot_be_written),
		TEST(test_killed_before_it_was_handed_in),
		TEST(test_what_is_no_upload_goes),
		TEST(test_expiry),
		TEST(test_room_and_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
