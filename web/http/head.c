/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/http/head.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void head_init(struct head *head, const char *target)
{
	head->target = memory_text(target, strlen(target));
	head->line = memory_text(target, strlen(target));
	head->request.path = "/";
}

void head_release(struct head *head)
{
	target_pairs_release(&head->query);
	target_pairs_release(&head->headers);
	free(head->target);
	free(head->line);
}

static enum MHD_Result take_header(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct head *head = context;

	(void)kind;
	return target_pairs_add(&head->headers, name, value ? value : "") ? MHD_YES : MHD_NO;
}

/*
 * The library takes lines that end without CR, folds lines, and ends values at a NUL, and tells of none of it. The size
 * of what it read does: one space behind each colon at most is what all clients send, and all that is let pass.
 */
static bool is_plain(const struct head *head, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	size_t least = strlen(head->method) + strlen(head->target) + strlen("  HTTP/1.1\r\n\r\n");

	for (size_t i = 0; i < head->headers.count; i++)
		least += strlen(head->headers.all[i].name) + strlen(head->headers.all[i].value) + strlen(":\r\n");
	return !info || (info->header_size >= least && info->header_size - least <= head->headers.count);
}

/* The request as handlers see it. Returns NULL, or why it is refused. */
static const char *read_target(struct head *head)
{
	char *query = strchr(head->line, '?');
	const char *why;

	if (query)
		*query++ = '\0';
	why = target_decode_path(head->line);
	if (why)
		return why;
	head->request.path = head->line;
	why = target_decode_pairs(&head->query, query);
	head->request.query = (struct request_pairs){head->query.all, head->query.count};
	return why;
}

static bool read_method(struct head *head)
{
	for (unsigned method = 0; method < HTTP_METHOD_COUNT; method++) {
		if (strcmp(http_method_name((enum http_method)method), head->method) == 0) {
			head->request.method = (enum http_method)method;
			return true;
		}
	}
	return false;
}

static enum err find_route(struct head *head, const struct admit_rules *rules, struct call *call, struct error *error)
{
	struct request *request = &head->request;
	bool known = read_method(head);

	route_find(rules->routes, request->method, request->path, &head->match);
	if (head->match.methods == 0)
		return call_refuse(call, 404, error, "there is nothing at '%s'", request->path);
	if (!known || !head->match.route)
		return call_refuse(call, 405, error, "'%s' cannot be asked for by this method", request->path);
	request->method = head->match.route->method;
	for (unsigned i = 0; i < REQUEST_CAPTURES_MAX; i++)
		request->captures[i] = head->match.captures[i];
	return ERR_OK;
}

/* Whether it is one request, and where it ends. */
static enum err admit_form(struct head *head, struct MHD_Connection *connection, struct call *call, struct error *error)
{
	enum err err = admit_headers(call, error);

	if (err == ERR_OK && !is_plain(head, connection))
		err = call_refuse(call, 400, error, "its headers have line ends or white space where none are due");
	if (err == ERR_OK)
		err = admit_framing(call, &head->body, error);
	if (err == ERR_OK && head->old && request_header(call->request, "Transfer-Encoding"))
		err = call_refuse(call, 400, error, "it has a Transfer-Encoding, which HTTP/1.0 has not");
	head->unsure = err != ERR_OK;
	return err;
}

enum err head_admit(struct head *head, struct MHD_Connection *connection, const struct admit_rules *rules,
	struct call *call, struct error *error)
{
	struct request *request = &head->request;
	const char *why = read_target(head);
	enum err err;

	MHD_get_connection_values(connection, MHD_HEADER_KIND, take_header, head);
	request->headers = (struct request_pairs){head->headers.all, head->headers.count};
	err = admit_form(head, connection, call, error);
	if (err == ERR_OK && why)
		err = call_refuse(call, 400, error, "%s", why);
	if (err == ERR_OK)
		err = admit_host(call, rules, error);
	if (err == ERR_OK)
		err = find_route(head, rules, call, error);
	if (err == ERR_OK)
		err = admit_origin(call, rules, error);
	if (err == ERR_OK)
		err = admit_right(call, request, rules, head->match.route->right, error);
	if (err == ERR_OK)
		err = admit_body(call, rules, head->match.route, &head->body, error);
	return err;
}

bool head_is_answered_early(const struct head *head)
{
	return head->unsure || request_header(&head->request, "Expect") != NULL;
}
