/* SPDX-License-Identifier: GPL-2.0-only */
/* api_bugs - the catalogue of known bugs, held against a kernel where one is named. */
#include "analyzer/bugs/bug_json.h"
#include "web/api/api.h"
#include "web/message/query.h"

static const char *const names[] = {"kernel", NULL};

/* `*known` is false, and nothing is said of a kernel, where the query names none. */
static enum err read_kernel(struct call *call, struct kernel *kernel, bool *known, struct error *error)
{
	const char *text = request_query(call->request, "kernel");
	enum err err = query_check(call, names, error);

	*known = text != NULL && *text != '\0';
	*kernel = kernel_read(text);
	if (err != ERR_OK || !*known || kernel->known)
		return err;
	return call_refuse(call, 400, error, "kernel= wants a release as uname -r prints it, not '%s'", text);
}

static const char *applies_to(const struct bug *bug, const struct kernel *kernel, bool known)
{
	return known ? bug_applies_name(bug_applies(bug, kernel)) : NULL;
}

enum err api_bugs(struct call *call, struct error *error)
{
	const struct bug *bug;
	struct kernel kernel;
	struct json json;
	bool known;
	enum err err = read_kernel(call, &kernel, &known, error);

	if (err != ERR_OK)
		return err;
	call->response->type = RESPONSE_JSON;
	json_init(&json, call->response->body, 2);
	json_object(&json, NULL);
	json_array(&json, "items");
	for (size_t i = 0; (bug = bugs_at(i)) != NULL; i++)
		bug_json(&json, bug, applies_to(bug, &kernel, known));
	json_array_end(&json);
	json_null(&json, "next");
	json_object_end(&json);
	fputc('\n', call->response->body);
	return ERR_OK;
}

enum err api_bug(struct call *call, struct error *error)
{
	const char *name = call->request->captures[0];
	const struct bug *bug = bugs_named(name);
	struct kernel kernel;
	struct json json;
	bool known;
	enum err err = read_kernel(call, &kernel, &known, error);

	if (err != ERR_OK)
		return err;
	if (bug == NULL)
		return call_refuse(call, 404, error,
			"there is no bug '%s' in the catalogue, /api/v1/bugs lists numbers, ids and commits", name);
	call->response->type = RESPONSE_JSON;
	json_init(&json, call->response->body, 1);
	bug_json(&json, bug, applies_to(bug, &kernel, known));
	fputc('\n', call->response->body);
	return ERR_OK;
}
