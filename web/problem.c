/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/problem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "web/html/html.h"

/* Browsers name text/html; programs that say nothing of it, and ask for no page, are told in JSON below /api/. */
static bool wants_json(const struct request *request)
{
	const char *accept = request_header(request, "Accept");
	const char *json = accept ? strstr(accept, "json") : NULL;
	const char *html = accept ? strstr(accept, "text/html") : NULL;

	if (strncmp(request->path, "/api/", 5) == 0 || strcmp(request->path, "/healthz") == 0 ||
		strcmp(request->path, "/readyz") == 0)
		return true;
	return json && (!html || json < html);
}

static void write_problem(struct response *response, unsigned status, const char *reason)
{
	struct json json;

	response->type = RESPONSE_PROBLEM;
	json_init(&json, response->body, 0);
	json_object(&json, NULL);
	json_text(&json, "type", "about:blank");
	json_text(&json, "title", call_reason(status));
	json_number(&json, "status", status);
	json_text(&json, "detail", reason);
	json_object_end(&json);
	fputc('\n', response->body);
}

/* Errors are written to stand behind a colon; here one stands alone. */
static void write_sentence(FILE *stream, const char *reason)
{
	char *sentence = memory_text(reason, strlen(reason));

	if (*sentence >= 'a' && *sentence <= 'z')
		*sentence = (char)(*sentence - 'a' + 'A');
	html_format(stream, "<p class=\"notice notice-warning\">%s.</p>\n", sentence);
	free(sentence);
}

void problem_answer(struct call *call, unsigned status, const char *reason)
{
	const struct html_page page = {.title = call_reason(status), .place = PLACE_NONE};
	FILE *body = call->response->body;

	if (wants_json(call->request)) {
		write_problem(call->response, status, reason);
		return;
	}
	call->response->type = RESPONSE_HTML;
	html_begin(call, &page);
	write_sentence(body, reason);
	fputs("<p><a href=\"/\">To the overview</a></p>\n", body);
	html_end(call);
}
