/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/http/admit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "web/http/target.h"

enum { MULTIPART_FRAME_BYTES = 64 * 1024 };

static unsigned count_of(const struct request *request, const char *name)
{
	unsigned count = 0;

	for (size_t i = 0; i < request->headers.count; i++)
		count += strcasecmp(request->headers.all[i].name, name) == 0;
	return count;
}

/* "Content-Length : 3" is another name to the library, and the same to some proxies. */
static bool is_name(const char *name)
{
	static const char marks[] = "!#$%&'*+-.^_`|~";
	const char *at = name;

	while ((*at >= '0' && *at <= '9') || (*at >= 'A' && *at <= 'Z') || (*at >= 'a' && *at <= 'z') ||
		(*at && strchr(marks, *at)))
		at++;
	return at != name && *at == '\0';
}

enum err admit_headers(struct call *call, struct error *error)
{
	const struct request_pairs *headers = &call->request->headers;

	if (headers->count >= TARGET_PAIRS_MAX)
		return call_refuse(call, 431, error, "it has too many headers");
	for (size_t i = 0; i < headers->count; i++) {
		if (!is_name(headers->all[i].name))
			return call_refuse(call, 400, error, "it has a header with a name that is none");
		for (const char *at = headers->all[i].value; *at; at++)
			if (((unsigned char)*at < 0x20 && *at != '\t') || *at == 0x7f)
				return call_refuse(call, 400, error, "it has a header with a control character");
		if (!target_is_text(headers->all[i].value))
			return call_refuse(call, 400, error, "it has a header that is not UTF-8");
	}
	return ERR_OK;
}

enum err admit_framing(struct call *call, struct admit_body *body, struct error *error)
{
	const char *length = request_header(call->request, "Content-Length");
	const char *coding = request_header(call->request, "Transfer-Encoding");

	body->there = length || coding;
	body->length = coding ? UINT64_MAX : 0;
	if (length && coding)
		return call_refuse(call, 400, error, "it has both a Content-Length and a Transfer-Encoding");
	if (count_of(call->request, "Content-Length") > 1 || count_of(call->request, "Transfer-Encoding") > 1)
		return call_refuse(call, 400, error, "it says twice how long its body is");
	if (coding && strcasecmp(coding, "chunked") != 0)
		return call_refuse(call, 400, error, "its Transfer-Encoding is not 'chunked'");
	if (length && !request_number(&body->length, length, false))
		return call_refuse(call, 400, error, "its Content-Length is not a number");
	return ERR_OK;
}

/* The name in "name:port" or "[address]:port", without brackets; false for what is neither. */
static bool host_name(char name[256], const char *host)
{
	bool brackets = *host == '[';
	size_t length = brackets ? strcspn(++host, "]") : strcspn(host, ":");
	const char *rest = host + length + brackets;

	if (length == 0 || length >= 256 || (brackets && host[length] != ']'))
		return false;
	if (*rest && (*rest != ':' || strspn(rest + 1, "0123456789") != strlen(rest + 1)))
		return false;
	memcpy(name, host, length);
	name[length] = '\0';
	return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:%~") == length;
}

static bool is_loopback_name(const char *name)
{
	static const char localhost[] = ".localhost";
	size_t length = strlen(name);
	size_t tail = sizeof(localhost) - 1;

	return strcasecmp(name, localhost + 1) == 0 || strcmp(name, "::1") == 0 ||
	       (strncmp(name, "127.", 4) == 0 && strspn(name, "0123456789.") == length) ||
	       (length > tail && strcasecmp(name + length - tail, localhost) == 0);
}

enum err admit_host(struct call *call, const struct admit_rules *rules, struct error *error)
{
	const char *host = request_header(call->request, "Host");
	char name[256];

	/* Without one it is HTTP/1.0: the library sees to it that HTTP/1.1 has one, and no browser speaks the former.
	 */
	if (!host)
		return ERR_OK;
	if (count_of(call->request, "Host") != 1 || !host_name(name, host))
		return call_refuse(call, 400, error, "it needs one header Host with the name of this server");
	if (rules->loopback && !is_loopback_name(name) && strcasecmp(name, rules->host) != 0)
		return call_refuse(call, 421, error,
			"this server is for its own machine only and is not called '%s': ask for 'localhost'", name);
	return ERR_OK;
}

enum err admit_right(struct call *call, struct request *request, const struct admit_rules *rules, enum right needed,
	struct error *error)
{
	bool known = true;

	request->right = RIGHT_ADMIN;
	if (rules->tokens)
		known = tokens_right(rules->tokens, request_header(request, "Authorization"), &request->right);
	if (needed == RIGHT_NONE || (known && request->right >= needed))
		return ERR_OK;
	if (!known)
		return call_refuse(call, 401, error, "this token is not known here");
	if (request_header(request, "Authorization"))
		return call_refuse(call, 403, error, "this token may not do that");
	return call_refuse(call, 401, error, "this needs a token: as password, or in a header 'Authorization: Bearer'");
}

enum err admit_origin(struct call *call, const struct admit_rules *rules, struct error *error)
{
	const char *site = request_header(call->request, "Sec-Fetch-Site");
	const char *origin = request_header(call->request, "Origin");
	const char *host = request_header(call->request, "Host");
	char ours[300];

	if (call->request->method == HTTP_GET || call->request->method == HTTP_HEAD ||
		call->request->method == HTTP_OPTIONS)
		return ERR_OK;
	snprintf(ours, sizeof(ours), "http%s://%s", rules->tls ? "s" : "", host ? host : "");
	if ((site && strcasecmp(site, "same-origin") != 0 && strcasecmp(site, "none") != 0) ||
		(origin && strcasecmp(origin, ours) != 0))
		return call_refuse(call, 403, error, "it was sent by a page of another server: open the page here");
	return ERR_OK;
}

static enum err admit_small(struct call *call, const struct admit_body *body, struct error *error)
{
	static const char *const types[] = {
		"application/x-www-form-urlencoded", "multipart/form-data", "application/json"};

	if (body->length != UINT64_MAX && body->length > ROUTE_BODY_SMALL)
		return call_refuse(call, 413, error, "its body is larger than %d bytes", ROUTE_BODY_SMALL);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (body->length == 0 || request_is_type(call->request, types[i]))
			return ERR_OK;
	return call_refuse(call, 415, error, "its body must be a form or JSON, and its Content-Type must say so");
}

static enum err admit_upload(
	struct call *call, const struct admit_rules *rules, const struct admit_body *body, struct error *error)
{
	uint64_t most = rules->upload_max_bytes;

	if (!body->there)
		return call_refuse(call, 411, error, "it has neither a Content-Length nor parts (chunked)");
	if (request_is_type(call->request, "multipart/form-data") && most < UINT64_MAX - MULTIPART_FRAME_BYTES)
		most += MULTIPART_FRAME_BYTES;
	if (body->length != UINT64_MAX && body->length > most)
		return call_refuse(call, 413, error, "it is larger than the %" PRIu64 " bytes that are taken here",
			rules->upload_max_bytes);
	return ERR_OK;
}

enum err admit_body(struct call *call, const struct admit_rules *rules, const struct route *route,
	const struct admit_body *body, struct error *error)
{
	if (route->body == BODY_UPLOAD)
		return admit_upload(call, rules, body, error);
	if (route->body == BODY_SMALL)
		return admit_small(call, body, error);
	if (body->length != 0)
		return call_refuse(call, 413, error, "it has a body, and nothing is to be done with it");
	return ERR_OK;
}
