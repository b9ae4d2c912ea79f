/* SPDX-License-Identifier: GPL-2.0-only */
/* api_signature - one signature, with what it means and the known bugs that explain it. */
#include "analyzer/bugs/bugs.h"
#include "analyzer/explain/meaning.h"
#include "base/json.h"
#include "web/api/api.h"
#include "web/list/list_view.h"
#include "web/message/query.h"

/* As in the list: an empty word is none. */
static void put_value(struct json *json, const char *name, const struct row_value *value)
{
	if (value->kind == ROW_NUMBER)
		json_number(json, name, (uint64_t)value->number);
	else if (value->kind == ROW_TEXT && value->size > 0)
		json_text(json, name, value->bytes);
	else
		json_null(json, name);
}

static void put_bugs(struct json *json, const char *kind, const char *path)
{
	struct bug_match matches[BUGS_MATCHES_MAX];
	size_t count = bugs_explaining(kind, path, matches);

	json_array(json, "bugs");
	for (size_t i = 0; i < count; i++) {
		json_object(json, NULL);
		json_number(json, "number", matches[i].bug->number);
		json_text(json, "id", matches[i].bug->slug);
		json_text(json, "title", matches[i].bug->title);
		json_text(json, "why", matches[i].why);
		json_text(json, "fixed_in", matches[i].bug->fixed_in);
		json_object_end(json);
	}
	json_array_end(json);
}

static const char *word(const struct list_one *one, const char *column)
{
	const char *text = list_one_text(one, column);

	return text != NULL ? text : "";
}

static void write_one(struct call *call, const struct list_one *one)
{
	const struct list_info *info = list_info(LIST_SIGNATURES);
	const char *kind = word(one, "kind");
	const char *path = word(one, "path");
	struct json json;

	call->response->type = RESPONSE_JSON;
	json_init(&json, call->response->body, 1);
	json_object(&json, NULL);
	for (size_t i = 0; i < one->count; i++)
		put_value(&json, info->columns[i].name, &one->values[i]);
	json_text(&json, "title", explain_title(kind, path));
	json_text(&json, "meaning", explain_meaning(kind, path));
	put_bugs(&json, kind, path);
	json_object_end(&json);
	fputc('\n', call->response->body);
}

enum err api_signature(struct call *call, struct error *error)
{
	static const char *const names[] = {NULL};
	const struct list_filter filter = {.name = "signature", .text = call->request->captures[0]};
	struct list_one one = {0};
	enum err err = query_check(call, names, error);

	if (err == ERR_OK)
		err = list_one_read(call, LIST_SIGNATURES, &filter, 1, &one, error);
	if (err == ERR_OK && one.count == 0)
		err = call_refuse(
			call, 404, error, "there is no signature '%s', /api/v1/signatures lists them", filter.text);
	if (err == ERR_OK)
		write_one(call, &one);
	list_one_release(&one);
	return err;
}
