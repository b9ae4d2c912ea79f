/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * upload_fixture - for tests: a spool, a store and a server's options around them, and requests made by hand.
 */
#ifndef QGREPLAY_TESTS_UPLOAD_FIXTURE_H
#define QGREPLAY_TESTS_UPLOAD_FIXTURE_H

#include <dirent.h>
#include <sys/eventfd.h>

#include "tests/unit/store_fixture.h"
#include "web/api/api.h"
#include "web/site.h"
#include "web/upload/spool.h"
#include "web/upload/upload.h"

enum { PAIRS_MAX = 8 };

struct desk {
	struct fixture *fixture;
	char spool[96];
	struct web_options options;
	struct board board;
	struct site site;
	struct store *store;
};

/* One request, from its first byte to its answer. */
struct visit {
	struct request_pair headers[PAIRS_MAX];
	struct request_pair query[PAIRS_MAX];
	struct request request;
	struct response response;
	struct call call;
	struct error error;
};

static inline void must_sweep(struct desk *desk)
{
	struct error error;

	if (upload_sweep(&desk->site, desk->store, &error) != ERR_OK)
		fail_msg("%s", error.text);
}

static inline int desk_up(void **state)
{
	struct desk *desk = calloc(1, sizeof(*desk));

	if (fixture_up((void **)&desk->fixture) != 0)
		return -1;
	snprintf(desk->spool, sizeof(desk->spool), "%s/spool", desk->fixture->folder);
	desk->options.spool = desk->spool;
	desk->options.upload_max_bytes = 1000000;
	desk->options.spool_max_bytes = 3000000;
	desk->board.wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	desk->site.options = &desk->options;
	desk->site.board = &desk->board;
	desk->store = must_open(desk->fixture->db, STORE_CREATE);
	must_sweep(desk);
	*state = desk;
	return 0;
}

static inline int desk_down(void **state)
{
	struct desk *desk = *state;
	void *fixture = desk->fixture;

	upload_leave(&desk->site);
	store_close(desk->store);
	close(desk->board.wake_fd);
	free(desk);
	return fixture_down(&fixture);
}

/* As after the death of a server: nothing was ended, and the next one comes. */
static inline void restart(struct desk *desk)
{
	upload_leave(&desk->site);
	must_sweep(desk);
}

static inline void visit_begin(struct desk *desk, struct visit *visit, enum http_method method)
{
	memset(visit, 0, sizeof(*visit));
	visit->request.method = method;
	visit->request.headers.all = visit->headers;
	visit->request.query.all = visit->query;
	visit->request.remote = "192.0.2.1";
	response_init(&visit->response);
	visit->call.request = &visit->request;
	visit->call.response = &visit->response;
	visit->call.site = &desk->site;
	visit->call.store = desk->store;
}

static inline void visit_header(struct visit *visit, const char *name, const char *value)
{
	visit->headers[visit->request.headers.count++] = (struct request_pair){name, value};
}

static inline void visit_query(struct visit *visit, const char *name, const char *value)
{
	visit->query[visit->request.query.count++] = (struct request_pair){name, value};
}

static inline void visit_end(struct visit *visit)
{
	response_release(&visit->response);
}

/* What the answer will be: of an error its status, as the dispatcher makes it. */
static inline unsigned status_of(const struct visit *visit, enum err err)
{
	if (err == ERR_OK)
		return visit->response.status;
	if (visit->call.refusal)
		return visit->call.refusal;
	return err == ERR_SYSTEM ? 503 : 500;
}

/* The whole body, in pieces of `piece` bytes, and the handler behind it. */
static inline unsigned visit_send(struct visit *visit, const struct receiver *receiver, call_handler handler,
	const char *form_name, uint64_t announced, const char *bytes, size_t count, size_t piece)
{
	void *receipt = NULL;
	enum err err = receiver->begin(&visit->call, form_name, announced, &receipt, &visit->error);

	for (size_t at = 0; err == ERR_OK && at < count; at += piece)
		err = receiver->take(
			&visit->call, receipt, bytes + at, count - at < piece ? count - at : piece, &visit->error);
	if (err == ERR_OK)
		err = receiver->end(&visit->call, receipt, &visit->error);
	visit->request.receipt = receipt;
	if (err == ERR_OK)
		err = handler(&visit->call, &visit->error);
	receiver->drop(visit->call.site, receipt);
	return status_of(visit, err);
}

/* By PUT to the API, announced. */
static inline unsigned send_body(struct visit *visit, const char *bytes, size_t count)
{
	return visit_send(visit, &upload_receiver, api_trace_sent, NULL, count, bytes, count, 7);
}

static inline const char *answer_header(const struct visit *visit, const char *name)
{
	for (size_t i = 0; i < visit->response.header_count; i++)
		if (strcmp(visit->response.headers[i].name, name) == 0)
			return visit->response.headers[i].value;
	return "";
}

static inline unsigned files_in(const struct desk *desk, const char *place)
{
	char name[140];
	unsigned count = 0;
	DIR *folder;

	snprintf(name, sizeof(name), "%s/%s", desk->spool, place);
	folder = opendir(name);
	assert_non_null(folder);
	for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
		count += entry->d_name[0] != '.';
	closedir(folder);
	return count;
}

static inline uint64_t wakes(const struct desk *desk)
{
	uint64_t count = 0;

	return read(desk->board.wake_fd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

#endif
