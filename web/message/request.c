/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/message/request.h"

#include <string.h>
#include <strings.h>

const char *request_query(const struct request *request, const char *name)
{
	for (size_t i = 0; i < request->query.count; i++)
		if (strcmp(request->query.all[i].name, name) == 0)
			return request->query.all[i].value;
	return NULL;
}

const char *request_form(const struct request *request, const char *name)
{
	for (size_t i = 0; i < request->form.count; i++)
		if (strcmp(request->form.all[i].name, name) == 0)
			return request->form.all[i].value;
	return NULL;
}

const char *request_header(const struct request *request, const char *name)
{
	for (size_t i = 0; i < request->headers.count; i++)
		if (strcasecmp(request->headers.all[i].name, name) == 0)
			return request->headers.all[i].value;
	return NULL;
}

bool request_number(uint64_t *number, const char *text, bool negative)
{
	uint64_t value = 0;
	bool minus = text && negative && text[0] == '-';

	if (!text)
		return false;
	if (minus)
		text++;
	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || __builtin_mul_overflow(value, (uint64_t)10, &value) ||
			__builtin_add_overflow(value, (uint64_t)(*text - '0'), &value))
			return false;
	}
	/* Beyond 2^63 a text with a minus would name the same root as one without. */
	if (minus && value > (uint64_t)INT64_MAX + 1)
		return false;
	*number = minus ? UINT64_C(0) - value : value;
	return true;
}

bool request_is_type(const struct request *request, const char *type)
{
	const char *given = request_header(request, "Content-Type");
	size_t length = strlen(type);

	return given && strncasecmp(given, type, length) == 0 && strchr(" \t;", given[length]);
}

bool request_capture(const struct request *request, unsigned index, bool negative, uint64_t *number)
{
	return index < REQUEST_CAPTURES_MAX && request_number(number, request->captures[index], negative);
}

const char *http_method_name(enum http_method method)
{
	static const char *const names[HTTP_METHOD_COUNT] = {
		[HTTP_GET] = "GET",
		[HTTP_POST] = "POST",
		[HTTP_PUT] = "PUT",
		[HTTP_PATCH] = "PATCH",
		[HTTP_DELETE] = "DELETE",
		[HTTP_OPTIONS] = "OPTIONS",
		[HTTP_HEAD] = "HEAD",
	};

	return (unsigned)method < HTTP_METHOD_COUNT ? names[method] : "?";
}
