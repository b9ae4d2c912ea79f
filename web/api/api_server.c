/* SPDX-License-Identifier: GPL-2.0-only */
/* api_server - the server's own affairs: what its API is, and whether it is well. */
#include "web/api/api.h"
#include "web/static/static.h"

enum err api_openapi(struct call *call, struct error *error)
{
	const struct static_file *file = static_file("openapi.json");

	if (file == NULL)
		return error_set(error, ERR_SYSTEM, "the program was built without 'openapi.json'");
	call->response->type = RESPONSE_JSON;
	fwrite(file->bytes, 1, file->size, call->response->body);
	return ERR_OK;
}

/* Touches neither store nor disk: that is what readyz is for. */
enum err api_healthz(struct call *call, struct error *error)
{
	(void)error;
	call->response->type = RESPONSE_TEXT;
	call->response->private_body = true;
	fputs("ok\n", call->response->body);
	return ERR_OK;
}
