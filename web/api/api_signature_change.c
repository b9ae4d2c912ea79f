/* SPDX-License-Identifier: GPL-2.0-only */
/* api_signature_change - what people set of a signature. */
#include <jansson.h>
#include <string.h>

#include "web/api/api.h"
#include "web/api/signature_set.h"

/* {"state": "known", "note": null}: each may be left out, and nothing else may be there. */
static enum err read_change(struct call *call, json_t *wish, const char **state, const char **note, struct error *error)
{
	const char *key;
	json_t *value;

	if (!json_is_object(wish) || json_object_size(wish) == 0)
		return call_refuse(call, 400, error, "the body is to be an object with \"state\", \"note\" or both");
	json_object_foreach(wish, key, value)
	{
		if (strcmp(key, "state") == 0 && json_is_string(value))
			*state = json_string_value(value);
		else if (strcmp(key, "note") == 0 && (json_is_string(value) || json_is_null(value)))
			*note = json_is_null(value) ? "" : json_string_value(value);
		else
			return call_refuse(call, 400, error,
				"'%s' cannot be set like that, there are \"state\" (a text) and \"note\" (a text or "
				"null)",
				key);
	}
	return ERR_OK;
}

enum err api_signature_change(struct call *call, struct error *error)
{
	const struct request *request = call->request;
	const char *state = NULL;
	const char *note = NULL;
	json_error_t fault;
	json_t *wish = NULL;
	enum err err = ERR_OK;

	if (!request_is_type(request, "application/json"))
		return call_refuse(call, 415, error, "the body is to be JSON, with Content-Type: application/json");
	if (request->body != NULL)
		wish = json_loadb(request->body, request->body_size, JSON_REJECT_DUPLICATES, &fault);
	if (wish == NULL)
		err = call_refuse(call, 400, error, "the body is no JSON: %s",
			request->body != NULL ? fault.text : "it is empty");
	if (err == ERR_OK)
		err = read_change(call, wish, &state, &note, error);
	if (err == ERR_OK)
		err = signature_set(call, state, note, error);
	if (err == ERR_OK)
		err = api_signature(call, error);
	json_decref(wish);
	return err;
}
