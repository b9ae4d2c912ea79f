/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/message/query.h"

#include <string.h>

static bool is_known(const char *const *names, const char *name)
{
	while (*names != NULL && strcmp(*names, name) != 0)
		names++;
	return *names != NULL;
}

enum err query_check(struct call *call, const char *const *names, struct error *error)
{
	const struct request_pairs *query = &call->request->query;

	for (size_t i = 0; i < query->count; i++) {
		const char *name = query->all[i].name;

		if (!is_known(names, name))
			return call_refuse(call, 400, error, "there is no parameter '%s' here, leave it out", name);
		for (size_t before = 0; before < i; before++)
			if (strcmp(query->all[before].name, name) == 0)
				return call_refuse(
					call, 400, error, "the parameter '%s' stands twice, give it once", name);
	}
	return ERR_OK;
}

enum err query_wants_csv(struct call *call, bool *csv, struct error *error)
{
	const char *format = request_query(call->request, "format");

	*csv = format != NULL && strcmp(format, "csv") == 0;
	call->response->type = *csv ? RESPONSE_CSV : RESPONSE_JSON;
	if (*csv || format == NULL || strcmp(format, "json") == 0)
		return ERR_OK;
	return call_refuse(call, 400, error, "format= is json or csv, not '%s'", format);
}
