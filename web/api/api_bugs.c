/* SPDX-License-Identifier: GPL-2.0-only */
/* api_bugs - the catalogue of known bugs, held against a kernel where one is named. */
#include "analyzer/bugs/bug_json.h"
#include "schema/rows/csv.h"
#include "web/api/api.h"
#include "web/message/query.h"

static const char *const names_of_list[] = {"kernel", "format", NULL};
static const char *const names_of_one[] = {"kernel", NULL};

/* `*known` is false, and nothing is said of a kernel, where the query names none. */
static enum err read_kernel(
	struct call *call, const char *const *names, struct kernel *kernel, bool *known, struct error *error)
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

/* What of a bug is one value; what a trace shows of it in each case is JSON's. */
static void write_csv(struct call *call, const struct kernel *kernel, bool known)
{
	static const char *const columns[] = {"number", "id", "area", "commit", "title", "since", "fixed_in", "lacking",
		"cve", "unverified", "shows", "applies"};
	struct csv csv = {.stream = call->response->body, .defused = true};
	const struct bug *bug;

	csv_names(&csv, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; (bug = bugs_at(i)) != NULL; i++) {
		csv_unsigned(&csv, bug->number);
		csv_text(&csv, bug->slug);
		csv_text(&csv, bug_area_name(bug->area));
		csv_text(&csv, bug->commit);
		csv_text(&csv, bug->title);
		csv_text(&csv, bug->since);
		csv_text(&csv, bug->fixed_in);
		csv_text(&csv, bug->lacking);
		csv_text(&csv, bug->cve);
		csv_text(&csv, bug->unverified);
		csv_text(&csv, bug->shows);
		csv_text(&csv, applies_to(bug, kernel, known));
		csv_end(&csv);
	}
}

static void write_json(struct call *call, const struct kernel *kernel, bool known)
{
	const struct bug *bug;
	struct json json;

	json_init(&json, call->response->body, 2);
	json_object(&json, NULL);
	json_array(&json, "items");
	for (size_t i = 0; (bug = bugs_at(i)) != NULL; i++)
		bug_json(&json, bug, applies_to(bug, kernel, known));
	json_array_end(&json);
	json_null(&json, "next");
	json_object_end(&json);
	fputc('\n', call->response->body);
}

enum err api_bugs(struct call *call, struct error *error)
{
	struct kernel kernel;
	bool known;
	bool csv = false;
	enum err err = read_kernel(call, names_of_list, &kernel, &known, error);

	if (err == ERR_OK)
		err = query_wants_csv(call, &csv, error);
	if (err == ERR_OK)
		(csv ? write_csv : write_json)(call, &kernel, known);
	return err;
}

enum err api_bug(struct call *call, struct error *error)
{
	const char *name = call->request->captures[0];
	const struct bug *bug = bugs_named(name);
	struct kernel kernel;
	struct json json;
	bool known;
	enum err err = read_kernel(call, names_of_one, &kernel, &known, error);

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
