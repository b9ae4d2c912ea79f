/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/http/answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "base/memory.h"
#include "web/http/pack.h"

static const struct {
	const char *name;
	const char *value;
} fixed_headers[] = {
	{"Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
				    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
	{"X-Content-Type-Options", "nosniff"},
	{"Referrer-Policy", "same-origin"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
};

static bool only_asks(const struct call *call)
{
	return call->request->method == HTTP_GET || call->request->method == HTTP_HEAD;
}

static unsigned status_of(const struct call *call, enum err outcome)
{
	static const unsigned statuses[] = {
		[ERR_USAGE] = 400, [ERR_INPUT] = 500, [ERR_LIMIT] = 413, [ERR_SYSTEM] = 503, [ERR_STOPPED] = 500};

	if (call->refusal)
		return call->refusal;
	if (outcome == ERR_LIMIT && only_asks(call))
		return 422;
	return (unsigned)outcome < sizeof(statuses) / sizeof(statuses[0]) ? statuses[outcome] : 500;
}

/* What is wrong with the server is for who runs it; the sender is told that, and no names of files. */
static const char *tell(const struct server *server, const struct call *call, unsigned status, struct error *error)
{
	char line[600];

	if (call->refusal || status < 500)
		return error->text;
	snprintf(line, sizeof(line), "%s: %s", call->request->path ? call->request->path : "?", error->text);
	server->site->options->log(line);
	return status == 503 ? "the server cannot do this right now, and has written down why: try again later"
			     : "the server has failed at this, and has written down why";
}

static bool has_header(const struct response *response, const char *name)
{
	for (size_t i = 0; i < response->header_count; i++)
		if (strcmp(response->headers[i].name, name) == 0)
			return true;
	return false;
}

static void refuse(const struct answer_about *about, struct call *call, enum err outcome, struct error *error)
{
	unsigned status = status_of(call, outcome);
	const char *reason = tell(about->server, call, status, error);

	/* A refusal began anew itself, and may have added headers; a handler that did not stop at once wrote more. */
	if (call->refusal)
		response_clear(call->response);
	else
		response_restart(call->response);
	call->response->status = status;
	call->response->private_body = true;
	about->server->options->refuse(call, status, reason);
	if (status == 401) {
		response_header(call->response, "WWW-Authenticate", "Basic realm=\"qgreplay\", charset=\"UTF-8\"");
		response_header(call->response, "WWW-Authenticate", "Bearer realm=\"qgreplay\"");
	}
	if ((status == 503 || status == 429) && !has_header(call->response, "Retry-After"))
		response_header(call->response, "Retry-After", "%u", status == 503 ? 1U : 60U);
}

static void allow(const struct answer_about *about, struct response *response)
{
	unsigned methods = about->methods;
	char list[80] = "";
	size_t length = 0;

	if (methods & 1U << HTTP_GET)
		methods |= 1U << HTTP_HEAD;
	for (unsigned method = 0; method < HTTP_METHOD_COUNT; method++) {
		if (!(methods & 1U << method))
			continue;
		length += (size_t)snprintf(list + length, sizeof(list) - length, "%s%s", length ? ", " : "",
			http_method_name((enum http_method)method));
	}
	response_header(response, "Allow", "%s", list);
}

/* The body as bytes, wherever it is. */
static const void *map_body(const struct response *response)
{
	void *bytes;

	if (response->fd < 0)
		return response->bytes;
	bytes = mmap(NULL, (size_t)response->size, PROT_READ, MAP_PRIVATE, response->fd, 0);
	return bytes == MAP_FAILED ? NULL : bytes;
}

/* Replaces the body by a packed one; where there is no room for that, it stays as it is. */
static bool pack_body(struct answer *answer, enum pack pack, const void *bytes, size_t size)
{
	response_init(&answer->packed);
	answer->is_packed = pack_write(pack, bytes, size, answer->packed.body, NULL) == ERR_OK;
	answer->is_packed = response_finish(&answer->packed, NULL) == ERR_OK && answer->is_packed;
	if (!answer->is_packed)
		response_release(&answer->packed);
	return answer->is_packed;
}

static bool is_known(const struct call *call, const char *tag)
{
	return only_asks(call) && pack_tag_known(request_header(call->request, "If-None-Match"), tag);
}

/* Entity tag, packing, and 304 where the sender has it already. */
static void shape_body(struct answer *answer, const struct call *call)
{
	struct response *response = call->response;
	size_t size = (size_t)response->size;
	bool worth = pack_is_worth(response->type, size);
	enum pack pack = worth ? pack_choose(request_header(call->request, "Accept-Encoding")) : PACK_NONE;
	bool tagged = response->status == 200 && !response->private_body && size > 0;
	const void *bytes = size > 0 && (tagged || pack) ? map_body(response) : NULL;
	char tag[PACK_TAG];

	if (worth)
		response_header(response, "Vary", "Accept-Encoding");
	if (!bytes)
		return;
	if (tagged) {
		pack_tag(tag, bytes, size, pack != PACK_NONE);
		response_header(response, "ETag", "%s", tag);
		if (is_known(call, tag))
			answer->status = 304;
	}
	if (pack && answer->status != 304 && pack_body(answer, pack, bytes, size))
		response_header(response, "Content-Encoding", "%s", pack_name(pack));
	if (response->fd >= 0)
		munmap((void *)bytes, size);
}

static struct MHD_Response *body_to_send(struct answer *answer, struct response *response)
{
	struct response *from = answer->is_packed ? &answer->packed : response;
	struct MHD_Response *made;

	answer->size = answer->status == 304 ? 0 : from->size;
	if (from->fd < 0 || answer->size == 0)
		return memory_checked(MHD_create_response_from_buffer(
			(size_t)answer->size, (void *)from->bytes, MHD_RESPMEM_PERSISTENT));
	made = memory_checked(MHD_create_response_from_fd64(from->size, from->fd));
	from->fd = -1;
	return made;
}

static void add_headers(struct answer *answer, const struct answer_about *about, const struct response *response)
{
	struct MHD_Response *mhd = answer->mhd;
	const char *keep = response->fixed	    ? "public, max-age=31536000, immutable"
			   : response->private_body ? "no-store"
						    : "no-cache";

	for (size_t i = 0; i < sizeof(fixed_headers) / sizeof(fixed_headers[0]); i++)
		MHD_add_response_header(mhd, fixed_headers[i].name, fixed_headers[i].value);
	for (size_t i = 0; i < response->header_count; i++)
		MHD_add_response_header(mhd, response->headers[i].name, response->headers[i].value);
	MHD_add_response_header(mhd, "Cache-Control", keep);
	if (answer->size > 0)
		MHD_add_response_header(mhd, "Content-Type", response->type);
	if (about->close || about->server->draining)
		MHD_add_response_header(mhd, "Connection", "close");
}

void answer_make(struct answer *answer, const struct answer_about *about, struct call *call, enum err outcome,
	struct error *error)
{
	memset(answer, 0, sizeof(*answer));
	if (outcome != ERR_OK)
		refuse(about, call, outcome, error);
	outcome = response_finish(call->response, error);
	if (outcome != ERR_OK) {
		call->refusal = 0;
		refuse(about, call, outcome, error);
		response_finish(call->response, NULL);
	}
	if (call->response->status == 405)
		allow(about, call->response);
	answer->status = call->response->status;
	shape_body(answer, call);
	answer->mhd = body_to_send(answer, call->response);
	add_headers(answer, about, call->response);
}

static enum MHD_Result write_header(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
	(void)kind;
	fprintf(context, "%s: %s\r\n", name, value);
	return MHD_YES;
}

void answer_write(const struct answer *answer, const struct response *response, int fd)
{
	const struct response *from = answer->is_packed ? &answer->packed : response;
	char *text = NULL;
	size_t size = 0;
	FILE *stream;

	if (!from->bytes)
		return;
	stream = memory_checked(open_memstream(&text, &size));
	fprintf(stream, "HTTP/1.1 %u %s\r\n", answer->status, call_reason(answer->status));
	MHD_get_response_headers(answer->mhd, write_header, stream);
	fprintf(stream, "Content-Length: %" PRIu64 "\r\nConnection: close\r\n\r\n", answer->size);
	fwrite(from->bytes, 1, (size_t)answer->size, stream);
	fclose(stream);
	if (send(fd, text, size, MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
		shutdown(fd, SHUT_WR);
	free(text);
}

void answer_release(struct answer *answer)
{
	if (answer->mhd)
		MHD_destroy_response(answer->mhd);
	if (answer->is_packed)
		response_release(&answer->packed);
	memset(answer, 0, sizeof(*answer));
}
