/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/relay.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { BUFFERS = 8, BUFFER_EVENTS = 1024 };

struct buffer {
	size_t count;
	struct event events[BUFFER_EVENTS];
};

struct relay {
	struct sink sink;
	const struct sink *target;
	bool threaded;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* Under the lock; a buffer is filled or emptied outside of it, by the one whose turn it is. */
	size_t filled;	/* buffers ever filled */
	size_t emptied; /* buffers ever emptied */
	bool ending;
	enum err result;
	struct error error;
	struct buffer buffers[BUFFERS];
};

/* What the target said of the buffer, or of one before it: after an error it is asked no more. */
static enum err hand_on(struct relay *relay, struct buffer *buffer)
{
	enum err result = relay->result;

	if (result == ERR_OK)
		result = relay->target->take(relay->target->context, buffer->events, buffer->count, &relay->error);
	buffer->count = 0;
	return result;
}

static void *empty_buffers(void *context)
{
	struct relay *relay = context;
	enum err result;

	pthread_mutex_lock(&relay->lock);
	while (relay->emptied < relay->filled || !relay->ending) {
		if (relay->emptied == relay->filled) {
			pthread_cond_wait(&relay->changed, &relay->lock);
			continue;
		}
		pthread_mutex_unlock(&relay->lock);
		result = hand_on(relay, &relay->buffers[relay->emptied % BUFFERS]);
		pthread_mutex_lock(&relay->lock);
		relay->result = result;
		relay->emptied++;
		pthread_cond_signal(&relay->changed);
	}
	pthread_mutex_unlock(&relay->lock);
	return NULL;
}

/*
 * The buffer that is being filled now goes to the other side; waits until there is one to fill next. Returns what the
 * target has said so far.
 */
static enum err pass_buffer(struct relay *relay)
{
	enum err result;

	pthread_mutex_lock(&relay->lock);
	relay->filled++;
	pthread_cond_signal(&relay->changed);
	while (relay->filled - relay->emptied >= BUFFERS)
		pthread_cond_wait(&relay->changed, &relay->lock);
	result = relay->result;
	pthread_mutex_unlock(&relay->lock);
	return result;
}

static enum err tell(const struct relay *relay, enum err result, struct error *error)
{
	if (result != ERR_OK && error != NULL)
		*error = relay->error;
	return result;
}

static enum err take_directly(struct relay *relay, const struct event *events, size_t count)
{
	if (relay->result == ERR_OK)
		relay->result = relay->target->take(relay->target->context, events, count, &relay->error);
	return relay->result;
}

static enum err relay_take(void *context, const struct event *events, size_t count, struct error *error)
{
	struct relay *relay = context;
	enum err result = ERR_OK;

	if (!relay->threaded)
		return tell(relay, take_directly(relay, events, count), error);
	while (count > 0 && result == ERR_OK) {
		struct buffer *buffer = &relay->buffers[relay->filled % BUFFERS];
		size_t room = BUFFER_EVENTS - buffer->count;
		size_t part = count < room ? count : room;

		memcpy(buffer->events + buffer->count, events, part * sizeof(*events));
		buffer->count += part;
		events += part;
		count -= part;
		if (buffer->count == BUFFER_EVENTS)
			result = pass_buffer(relay);
	}
	return tell(relay, result, error);
}

struct relay *relay_new(const struct sink *target)
{
	struct relay *relay = memory_zeroed(sizeof(*relay));

	/* An arena for each thread would take address space that the limits of a confined process do not have. */
	mallopt(M_ARENA_MAX, 1);
	relay->sink = (struct sink){relay_take, relay};
	relay->target = target;
	pthread_mutex_init(&relay->lock, NULL);
	pthread_cond_init(&relay->changed, NULL);
	relay->threaded = pthread_create(&relay->thread, NULL, empty_buffers, relay) == 0;
	return relay;
}

const struct sink *relay_sink(struct relay *relay)
{
	return &relay->sink;
}

enum err relay_finish(struct relay *relay, struct error *error)
{
	enum err result;

	if (relay->threaded) {
		if (relay->buffers[relay->filled % BUFFERS].count > 0)
			pass_buffer(relay);
		pthread_mutex_lock(&relay->lock);
		relay->ending = true;
		pthread_cond_signal(&relay->changed);
		pthread_mutex_unlock(&relay->lock);
		pthread_join(relay->thread, NULL);
	}
	result = tell(relay, relay->result, error);
	pthread_cond_destroy(&relay->changed);
	pthread_mutex_destroy(&relay->lock);
	free(relay);
	return result;
}
