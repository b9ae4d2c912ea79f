/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/http/peers.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"

enum { LOOK_MS = 1000 };

struct peer {
	struct peer *next;
	struct peer *previous;
	int fd;
	_Atomic enum peer_state state;
	_Atomic uint64_t since_ms; /* of the state */
	bool cut;
	/* Of the watching thread alone: where the window began, and the bytes that had moved then. */
	uint64_t window_since_ms;
	uint64_t window_ms;
	uint64_t window_bytes;
};

struct peers {
	struct peers_limits limits;
	struct metrics *metrics;
	pthread_mutex_t mutex; /* for all that follows */
	pthread_cond_t changed;
	struct peer *first;
	unsigned count;
	bool stopping;
	bool started;
	pthread_t thread;
};

/* What went either way and arrived, since the connection came. */
static uint64_t bytes_moved(int fd)
{
	struct tcp_info info = {0};
	socklen_t size = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
		return 0;
	return info.tcpi_bytes_acked + info.tcpi_bytes_received;
}

/* Whether a connection that moves bytes moves too few of them. */
static bool is_slow(struct peer *peer, const struct peers_limits *limits, uint64_t now)
{
	uint64_t since = peer->since_ms;
	bool fresh = peer->window_since_ms != since;
	uint64_t moved;

	if (!fresh && now - peer->window_ms < limits->window_ms)
		return false;
	moved = bytes_moved(peer->fd);
	if (!fresh && moved - peer->window_bytes < limits->window_bytes)
		return true;
	peer->window_since_ms = since;
	peer->window_ms = now;
	peer->window_bytes = moved;
	return false;
}

static bool is_due(struct peer *peer, const struct peers_limits *limits, uint64_t now)
{
	uint64_t since = peer->since_ms;
	uint64_t lasted = now > since ? now - since : 0;

	switch ((enum peer_state)peer->state) {
	case PEER_HEAD:
		return lasted >= limits->head_ms;
	case PEER_IDLE:
		return lasted >= limits->idle_ms;
	case PEER_MOVING:
		return is_slow(peer, limits, now);
	case PEER_WORKING:
		break;
	}
	return false;
}

/* The library sees the end of the connection, and closes it. The descriptor is open: peers_remove() comes first. */
static void cut(struct peers *peers, struct peer *peer)
{
	peer->cut = true;
	shutdown(peer->fd, SHUT_RDWR);
	metrics_cut(peers->metrics);
}

/* Those between two requests go before those that have begun one; the oldest first. */
static struct peer *idlest(const struct peers *peers)
{
	struct peer *found = NULL;

	for (struct peer *peer = peers->first; peer; peer = peer->next) {
		enum peer_state state = peer->state;

		if (peer->cut || (state != PEER_IDLE && state != PEER_HEAD))
			continue;
		if (!found || (state == PEER_IDLE && found->state != PEER_IDLE) ||
			(state == found->state && peer->since_ms < found->since_ms))
			found = peer;
	}
	return found;
}

static unsigned most(const struct peers *peers)
{
	return peers->limits.connections - peers->limits.connections / 10;
}

static void look_at_all(struct peers *peers, uint64_t now)
{
	unsigned open = 0;

	for (struct peer *peer = peers->first; peer; peer = peer->next) {
		if (!peer->cut && is_due(peer, &peers->limits, now))
			cut(peers, peer);
		open += !peer->cut;
	}
	for (; open > most(peers); open--) {
		struct peer *peer = idlest(peers);

		if (!peer)
			return;
		cut(peers, peer);
	}
}

static void wait_a_moment(struct peers *peers)
{
	uint64_t look_ms = peers->limits.head_ms / 4 < LOOK_MS ? peers->limits.head_ms / 4 : LOOK_MS;
	uint64_t until = clock_ms() + look_ms;
	const struct timespec time = {(time_t)(until / 1000), (long)(until % 1000) * 1000000};

	pthread_cond_timedwait(&peers->changed, &peers->mutex, &time);
}

static void *watch(void *context)
{
	struct peers *peers = context;

	pthread_mutex_lock(&peers->mutex);
	while (!peers->stopping) {
		wait_a_moment(peers);
		look_at_all(peers, clock_ms());
	}
	pthread_mutex_unlock(&peers->mutex);
	return NULL;
}

enum err peers_start(
	struct peers **result, const struct peers_limits *limits, struct metrics *metrics, struct error *error)
{
	struct peers *peers = memory_zeroed(sizeof(*peers));
	pthread_condattr_t monotonic;
	sigset_t all;
	sigset_t before;
	int failed;

	peers->limits = *limits;
	peers->metrics = metrics;
	pthread_mutex_init(&peers->mutex, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&peers->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&peers->thread, NULL, watch, peers);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	peers->started = failed == 0;
	if (failed) {
		peers_stop(peers);
		return error_set(error, ERR_SYSTEM, "cannot start a thread: %s", strerror(failed));
	}
	*result = peers;
	return ERR_OK;
}

void peers_stop(struct peers *peers)
{
	if (!peers)
		return;
	pthread_mutex_lock(&peers->mutex);
	peers->stopping = true;
	pthread_cond_signal(&peers->changed);
	pthread_mutex_unlock(&peers->mutex);
	if (peers->started)
		pthread_join(peers->thread, NULL);
	pthread_cond_destroy(&peers->changed);
	pthread_mutex_destroy(&peers->mutex);
	free(peers);
}

struct peer *peers_add(struct peers *peers, int fd)
{
	struct peer *peer = memory_zeroed(sizeof(*peer));

	peer->fd = fd;
	peer->since_ms = clock_ms();
	pthread_mutex_lock(&peers->mutex);
	peer->next = peers->first;
	if (peer->next)
		peer->next->previous = peer;
	peers->first = peer;
	if (++peers->count > most(peers))
		pthread_cond_signal(&peers->changed);
	pthread_mutex_unlock(&peers->mutex);
	return peer;
}

void peers_remove(struct peers *peers, struct peer *peer)
{
	pthread_mutex_lock(&peers->mutex);
	if (peer->previous)
		peer->previous->next = peer->next;
	else
		peers->first = peer->next;
	if (peer->next)
		peer->next->previous = peer->previous;
	peers->count--;
	pthread_mutex_unlock(&peers->mutex);
	free(peer);
}

void peers_set(struct peer *peer, enum peer_state state)
{
	/* A head that begins on a new connection has begun when the connection came. */
	if (state == PEER_HEAD && peer->state == PEER_HEAD)
		return;
	peer->since_ms = clock_ms();
	peer->state = state;
}

int peers_fd(const struct peer *peer)
{
	return peer->fd;
}
