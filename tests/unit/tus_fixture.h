/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tus_fixture - for tests: uploads in parts, as requests made by hand.
 */
#ifndef QGREPLAY_TESTS_TUS_FIXTURE_H
#define QGREPLAY_TESTS_TUS_FIXTURE_H

#include "tests/unit/upload_fixture.h"
#include "web/upload/tus_file.h"

static const char body[] = "hello world, this comes in parts";

enum { BODY = sizeof(body) - 1 };

/* "sha1 " and sha256sum of "hello world", the first 11 bytes, by coreutils. */
#define SHA1_HELLO "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="
#define SHA256_HELLO "sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek="

static inline void tus_begin(struct desk *desk, struct visit *visit, enum http_method method, const char *id)
{
	visit_begin(desk, visit, method);
	visit_header(visit, "Tus-Resumable", "1.0.0");
	visit->request.captures[0] = id;
}

/* Makes one of `length` bytes; its id. */
static inline void create(struct desk *desk, const char *length, const char *metadata, char id[SPOOL_NAME + 1])
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
	snprintf(id, SPOOL_NAME + 1, "%s", answer_header(&visit, "Location") + strlen(path));
	visit_end(&visit);
}

/* A PATCH that is sent whole, in pieces of three bytes. */
static inline unsigned patch(struct visit *visit, const char *offset, const char *bytes, size_t count)
{
	visit_header(visit, "Content-Type", "application/offset+octet-stream");
	visit_header(visit, "Upload-Offset", offset);
	return visit_send(visit, &upload_tus_receiver, api_tus_append, NULL, count, bytes, count, 3);
}

static inline unsigned patched(struct desk *desk, const char *id, const char *offset, const char *bytes, size_t count)
{
	struct visit visit;
	unsigned status;

	tus_begin(desk, &visit, HTTP_PATCH, id);
	status = patch(&visit, offset, bytes, count);
	/* Trouble of the server's own is told without. */
	if (status < 500)
		assert_string_equal(answer_header(&visit, "Tus-Resumable"), "1.0.0");
	visit_end(&visit);
	return status;
}

/* What HEAD says: the offset, or minus its status; where it went to `place` when that is not NULL. */
static inline long state_of(struct desk *desk, const char *id, char place[64])
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

static inline void *begin_part(
	struct desk *desk, struct visit *visit, const char *id, const char *offset, const char *sum)
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

#endif
