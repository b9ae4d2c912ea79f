/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/message/response.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/write_all.h"

enum { BODY_FIRST = 16 * 1024, HEADER_VALUE_MAX = 4096 };

struct response_body {
	char *bytes;
	size_t size;
	size_t capacity;
	uint64_t total;
	int fd;	    /* once there is too much for memory: all of it is there */
	int failed; /* errno of the write that failed, or 0 */
};

static int spill(struct response_body *body)
{
	const char *folder = getenv("TMPDIR");

	body->fd = open(folder && *folder ? folder : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (body->fd < 0)
		return errno;
	return write_all(body->fd, body->bytes, body->size);
}

static ssize_t body_write(void *cookie, const char *bytes, size_t size)
{
	struct response_body *body = cookie;

	if (!body->failed && body->fd < 0 && size > RESPONSE_MEMORY - body->size)
		body->failed = spill(body);
	if (!body->failed && body->fd >= 0)
		body->failed = write_all(body->fd, bytes, size);
	if (body->failed) {
		errno = body->failed;
		return 0;
	}
	if (body->fd < 0) {
		body->bytes = memory_grown(body->bytes, &body->capacity, body->size + size, 1);
		memcpy(body->bytes + body->size, bytes, size);
		body->size += size;
	}
	body->total += size;
	return (ssize_t)size;
}

static FILE *stream_into(struct response_body *body)
{
	static const cookie_io_functions_t functions = {.write = body_write};

	return memory_checked(fopencookie(body, "w", functions));
}

static void body_open(struct response *response)
{
	struct response_body *body = memory_zeroed(sizeof(*body));

	body->bytes = memory_resized(NULL, BODY_FIRST, 1);
	body->capacity = BODY_FIRST;
	body->fd = -1;
	response->held = body;
	response->body = stream_into(body);
}

static void body_close(struct response *response)
{
	if (response->body)
		fclose(response->body);
	response->body = NULL;
	if (!response->held)
		return;
	if (response->held->fd >= 0)
		close(response->held->fd);
	free(response->held->bytes);
	free(response->held);
	response->held = NULL;
}

static void forget_headers(struct response *response)
{
	for (size_t i = 0; i < response->header_count; i++) {
		free(response->headers[i].name);
		free(response->headers[i].value);
	}
	response->header_count = 0;
}

void response_init(struct response *response)
{
	memset(response, 0, sizeof(*response));
	response->status = 200;
	response->type = RESPONSE_HTML;
	response->fd = -1;
	body_open(response);
}

void response_release(struct response *response)
{
	body_close(response);
	forget_headers(response);
	if (response->fd >= 0)
		close(response->fd);
	response->fd = -1;
	response->bytes = NULL;
}

void response_clear(struct response *response)
{
	struct response_body *body = response->held;

	if (response->body) {
		__fpurge(response->body);
		clearerr(response->body);
	}
	if (body->fd >= 0)
		close(body->fd);
	body->fd = -1;
	body->size = 0;
	body->total = 0;
	body->failed = 0;
	if (!response->body)
		response->body = stream_into(body);
}

void response_restart(struct response *response)
{
	response_clear(response);
	forget_headers(response);
	response->status = 200;
	response->type = RESPONSE_HTML;
	response->fixed = false;
	response->private_body = false;
}

static void add_header(struct response *response, const char *name, const char *format, va_list arguments)
	__attribute__((format(printf, 3, 0)));

static void add_header(struct response *response, const char *name, const char *format, va_list arguments)
{
	char value[HEADER_VALUE_MAX];
	struct response_header *header;

	if (response->header_count == RESPONSE_HEADERS_MAX)
		abort();
	vsnprintf(value, sizeof(value), format, arguments);
	for (char *at = value; *at; at++)
		if ((unsigned char)*at < 0x20 || (unsigned char)*at > 0x7e)
			*at = '?';
	header = &response->headers[response->header_count++];
	header->name = memory_text(name, strlen(name));
	header->value = memory_text(value, strlen(value));
}

void response_header(struct response *response, const char *name, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add_header(response, name, format, arguments);
	va_end(arguments);
}

void response_see_other(struct response *response, const char *format, ...)
{
	va_list arguments;

	response->status = 303;
	va_start(arguments, format);
	add_header(response, "Location", format, arguments);
	va_end(arguments);
}

enum err response_finish(struct response *response, struct error *error)
{
	struct response_body *body = response->held;

	/* A closed stream has nothing in its buffer any more, and says so when it could not get rid of it. */
	if (fclose(response->body) != 0 && !body->failed)
		body->failed = errno;
	response->body = NULL;
	if (body->failed)
		return error_set(error, ERR_SYSTEM,
			"there is no room for the answer: %s, free some space or set TMPDIR", strerror(body->failed));
	response->size = body->total;
	if (body->fd >= 0) {
		response->fd = body->fd;
		body->fd = -1;
	} else {
		response->bytes = body->bytes;
	}
	return ERR_OK;
}
