/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/static/static.h"

#include <string.h>

#include "web/static/embedded.h"

const struct static_file *static_file(const char *name)
{
	for (size_t i = 0; i < static_files_count; i++)
		if (strcmp(static_files[i].name, name) == 0)
			return &static_files[i];
	return NULL;
}

enum err static_handler(struct call *call, struct error *error)
{
	const char *name = call->request->captures[0];
	const char *version = request_query(call->request, "v");
	const struct static_file *file = static_file(name);

	if (file == NULL)
		return call_refuse(call, 404, error, "there is no file '%s'", name);
	call->response->type = file->type;
	/* A page of another version of the program names another hash, and is not to get this file for ever. */
	call->response->fixed = version != NULL && strcmp(version, file->version) == 0;
	fwrite(file->bytes, 1, file->size, call->response->body);
	return ERR_OK;
}
