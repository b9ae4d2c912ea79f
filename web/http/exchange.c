/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/http/exchange.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "web/http/answer.h"
#include "web/http/body.h"
#include "web/http/head.h"
#include "web/http/listen.h"

enum { ANSWER_AFTER = 256 * 1024, HANG_UP_AFTER = 64 * 1024 * 1024 };

#define HANG_UP_AFTER_NS UINT64_C(5000000000)

enum stage {
	STAGE_HEAD,   /* nothing was looked at yet */
	STAGE_BODY,   /* the body comes */
	STAGE_ANSWER, /* the answer is made; what still comes of the body is thrown away */
	STAGE_SENT
};

enum step { STEP_RECEIVE, STEP_HANDLE, STEP_DROP };

struct exchange {
	struct lane_job job;
	struct server *server;
	struct MHD_Connection *connection;
	struct peer *peer;
	enum stage stage;
	enum step step;	  /* what the lane is to do */
	bool head_paused; /* the library will call once more for the head */
	bool body_ended;
	bool received; /* the receiver's begin() was called */
	bool urlencoded;
	char remote[64];
	struct head head;
	struct body body;
	struct response response;
	struct call call;
	struct error error;
	struct answer answer;
	uint64_t since_ns; /* when all of the request was there, or the head of it */
	uint64_t took_ns;
	size_t thrown_away; /* bytes of the body behind the moment when it was refused */
};

static struct exchange *exchange_of(struct lane_job *job)
{
	return (struct exchange *)(void *)((char *)job - offsetof(struct exchange, job));
}

struct exchange *exchange_new(struct server *server, struct MHD_Connection *connection, const char *target)
{
	struct exchange *exchange = memory_zeroed(sizeof(*exchange));
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	exchange->server = server;
	exchange->connection = connection;
	exchange->peer = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
	peers_set(exchange->peer, PEER_HEAD);
	head_init(&exchange->head, target);
	exchange->since_ns = clock_ns();
	listen_peer(exchange->remote, info ? info->client_addr : NULL);
	response_init(&exchange->response);
	exchange->call.request = &exchange->head.request;
	exchange->call.response = &exchange->response;
	exchange->call.site = server->site;
	exchange->head.request.remote = exchange->remote;
	atomic_fetch_add(&server->begun, 1);
	return exchange;
}

/* Makes the answer; `outcome` is that of the last step. */
static void finish(struct exchange *exchange, enum err outcome)
{
	const struct answer_about about = {.server = exchange->server,
		.methods = exchange->head.match.methods,
		.close = exchange->head.unsure || (exchange->head.body.length != 0 && !exchange->body_ended &&
							  head_is_answered_early(&exchange->head))};

	answer_make(&exchange->answer, &about, &exchange->call, outcome, &exchange->error);
	exchange->stage = STAGE_ANSWER;
}

static void refuse(struct exchange *exchange, unsigned status, const char *why)
{
	finish(exchange, call_refuse(&exchange->call, status, &exchange->error, "%s", why));
}

/* The receiver's part: what there is of the body goes to it, and at the end it makes a receipt of it. */
static enum err receive(struct exchange *exchange)
{
	const struct receiver *receiver = exchange->head.match.route->receiver;
	struct body *body = &exchange->body;
	uint64_t size = body->parts || body->file_seen ? UINT64_MAX : exchange->head.body.length;
	enum err err = ERR_OK;

	if (!exchange->received) {
		exchange->received = true;
		err = receiver->begin(
			&exchange->call, body->file_name, size, &exchange->head.request.receipt, &exchange->error);
	}
	if (err == ERR_OK && body->size > 0)
		err = receiver->take(
			&exchange->call, exchange->head.request.receipt, body->bytes, body->size, &exchange->error);
	body->size = 0;
	if (err == ERR_OK && exchange->body_ended)
		err = receiver->end(&exchange->call, exchange->head.request.receipt, &exchange->error);
	return err;
}

static enum err handle(struct exchange *exchange, struct lane_thread *thread)
{
	enum err err = ERR_OK;

	if (thread)
		err = lane_store_begin(thread, &exchange->call.store, &exchange->error);
	if (err != ERR_OK)
		return err;
	err = exchange->head.match.route->handler(&exchange->call, &exchange->error);
	if (thread)
		lane_store_end(thread, err);
	exchange->call.store = NULL;
	return err;
}

static void release(struct exchange *exchange)
{
	answer_release(&exchange->answer);
	response_release(&exchange->response);
	body_release(&exchange->body);
	head_release(&exchange->head);
	free(exchange);
}

/* Hands the exchange back to the threads that move bytes; from there on it is theirs. */
static void resume(struct exchange *exchange)
{
	struct server *server = exchange->server;

	peers_set(exchange->peer, PEER_MOVING);
	MHD_resume_connection(exchange->connection);
	atomic_fetch_sub(&server->in_lanes, 1);
}

static void run_step(struct lane_job *job, struct lane_thread *thread)
{
	struct exchange *exchange = exchange_of(job);
	const struct route *route = exchange->head.match.route;
	enum err err;

	if (exchange->step == STEP_DROP) {
		route->receiver->drop(exchange->server->site, exchange->head.request.receipt);
		release(exchange);
		return;
	}
	err = exchange->step == STEP_RECEIVE ? receive(exchange) : handle(exchange, thread);
	if (err == ERR_OK && exchange->step == STEP_RECEIVE && exchange->body_ended) {
		exchange->step = STEP_HANDLE;
		lanes_add(exchange->server->lanes, route->lane, &exchange->job);
		return;
	}
	if (err != ERR_OK || exchange->step == STEP_HANDLE)
		finish(exchange, err);
	resume(exchange);
}

/*
 * Lets a lane go on with it; `fresh` work is turned away where too much waits. True when the connection is suspended:
 * the exchange is the lane's then, and the library will call again.
 */
static bool hand_over(struct exchange *exchange, enum step step, bool fresh)
{
	struct server *server = exchange->server;
	enum lane lane = step == STEP_RECEIVE ? LANE_DISK : exchange->head.match.route->lane;

	exchange->step = step;
	exchange->job.run = run_step;
	/* Counted before it is asked: who stops the server sets `stopping` and then waits for the count. */
	atomic_fetch_add(&server->in_lanes, 1);
	if (server->stopping) {
		atomic_fetch_sub(&server->in_lanes, 1);
		refuse(exchange, 503, "the server is about to end");
		return false;
	}
	peers_set(exchange->peer, PEER_WORKING);
	MHD_suspend_connection(exchange->connection);
	if (!fresh) {
		lanes_add(server->lanes, lane, &exchange->job);
	} else if (!lanes_offer(server->lanes, lane, &exchange->job)) {
		refuse(exchange, 503, "the server has too much to do, try again in a moment");
		resume(exchange);
	}
	return true;
}

/* This and the next two: true when a lane has it now. */
static bool take_head(struct exchange *exchange, const char *method, const char *version)
{
	const struct route *route;
	bool multipart;
	enum err err;

	exchange->head.method = method;
	exchange->head.old = strcmp(version, MHD_HTTP_VERSION_1_0) == 0;
	peers_set(exchange->peer, PEER_MOVING);
	exchange->stage = STAGE_BODY;
	err = head_admit(
		&exchange->head, exchange->connection, &exchange->server->rules, &exchange->call, &exchange->error);
	if (err != ERR_OK) {
		finish(exchange, err);
		return false;
	}
	route = exchange->head.match.route;
	multipart = route->body != BODY_NONE && exchange->head.body.length != 0 &&
		    request_is_type(&exchange->head.request, "multipart/form-data");
	exchange->urlencoded = request_is_type(&exchange->head.request, "application/x-www-form-urlencoded");
	body_init(&exchange->body, route->body, exchange->connection, multipart);
	/* What the receiver says of it now, the sender hears before it sends the body. */
	exchange->head_paused = route->body == BODY_UPLOAD && !multipart;
	return exchange->head_paused && hand_over(exchange, STEP_RECEIVE, true);
}

/*
 * A lane gets what there is before more is taken, never after: where the library has further parts (chunks) of a body
 * at hand, it calls for the next one at once, suspended or not, unless something was left of this one.
 */
static bool take_bytes(struct exchange *exchange, const char *bytes, size_t *count)
{
	struct body *body = &exchange->body;

	if (body_is_full(body))
		return hand_over(exchange, STEP_RECEIVE, false);
	metrics_received(exchange->server->site->metrics, *count);
	if (!body_take(body, bytes, *count))
		refuse(exchange, body->status, body->why);
	*count = 0;
	return false;
}

static bool take_end(struct exchange *exchange)
{
	const struct route *route = exchange->head.match.route;
	struct body *body = &exchange->body;

	exchange->body_ended = true;
	exchange->since_ns = clock_ns();
	if (!body_end(body, exchange->urlencoded)) {
		refuse(exchange, body->status, body->why);
		return false;
	}
	exchange->head.request.form = (struct request_pairs){body->form.all, body->form.count};
	if (route->body == BODY_SMALL && body->size > 0) {
		exchange->head.request.body = body->bytes;
		exchange->head.request.body_size = body->size;
	}
	if (route->body == BODY_UPLOAD && (exchange->received || body->file_seen))
		return hand_over(exchange, STEP_RECEIVE, false);
	if (route->lane != LANE_NONE)
		return hand_over(exchange, STEP_HANDLE, true);
	finish(exchange, handle(exchange, NULL));
	return false;
}

static enum MHD_Result send_answer(struct exchange *exchange)
{
	exchange->took_ns = clock_ns() - exchange->since_ns;
	exchange->stage = STAGE_SENT;
	return MHD_queue_response(exchange->connection, exchange->answer.status, exchange->answer.mhd);
}

/*
 * In the middle of a body the library takes no answer, and closing a socket with bytes unread would tell the sender's
 * kernel to throw the answer away. So a little more is read, for an answer at the end; where more comes, the answer is
 * written past the library, which cannot be done with TLS, and still some is read, until the sender has seen it.
 */
static enum MHD_Result throw_away(struct exchange *exchange, size_t count)
{
	exchange->thrown_away += count;
	if (exchange->stage == STAGE_ANSWER && exchange->thrown_away > ANSWER_AFTER && !exchange->server->rules.tls) {
		exchange->took_ns = clock_ns() - exchange->since_ns;
		exchange->since_ns = clock_ns();
		exchange->stage = STAGE_SENT;
		answer_write(&exchange->answer, &exchange->response, peers_fd(exchange->peer));
	}
	if (exchange->thrown_away > HANG_UP_AFTER ||
		(exchange->stage == STAGE_SENT && clock_ns() - exchange->since_ns > HANG_UP_AFTER_NS))
		return MHD_NO;
	return MHD_YES;
}

enum MHD_Result exchange_step(
	struct exchange *exchange, const char *method, const char *version, const char *bytes, size_t *count)
{
	bool at_head = exchange->head_paused || exchange->stage == STAGE_HEAD;
	bool head_again = exchange->head_paused;
	size_t given = *count;
	bool handed_over = false;

	exchange->head_paused = false;
	if (exchange->stage == STAGE_HEAD)
		handed_over = take_head(exchange, method, version);
	else if (exchange->stage == STAGE_BODY && given > 0)
		handed_over = take_bytes(exchange, bytes, count);
	else if (exchange->stage == STAGE_BODY && !head_again)
		handed_over = take_end(exchange);
	if (handed_over || exchange->stage == STAGE_BODY)
		return MHD_YES;
	*count = 0;
	if (given > 0)
		return throw_away(exchange, given);
	if (exchange->stage == STAGE_SENT)
		return MHD_NO;
	return at_head && !head_is_answered_early(&exchange->head) ? MHD_YES : send_answer(exchange);
}

static void write_log(const struct exchange *exchange)
{
	char asked[320];
	char line[512];

	if (!exchange->server->site->options->log_requests)
		return;
	snprintf(asked, sizeof(asked), "%.16s %.300s", exchange->head.method ? exchange->head.method : "?",
		exchange->head.target);
	/* A quote within would look like the end of it. */
	for (char *at = asked; *at; at++)
		if (*at == '"')
			*at = '?';
	snprintf(line, sizeof(line), "%s \"%s\" %u %" PRIu64 " %.1f", exchange->remote, asked, exchange->answer.status,
		exchange->answer.size, (double)exchange->took_ns / 1e6);
	utf8_make_harmless(line);
	exchange->server->site->options->log(line);
}

void exchange_ended(struct exchange *exchange)
{
	struct server *server = exchange->server;

	if (exchange->stage == STAGE_SENT) {
		metrics_count(
			server->site->metrics, exchange->head.match.route, exchange->answer.status, exchange->took_ns);
		write_log(exchange);
	}
	peers_set(exchange->peer, PEER_IDLE);
	if (exchange->received) {
		exchange->step = STEP_DROP;
		lanes_add(server->lanes, LANE_DISK, &exchange->job);
	} else {
		release(exchange);
	}
	atomic_fetch_sub(&server->begun, 1);
}
