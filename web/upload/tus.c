/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/upload/tus.h"

#include <string.h>
#include <time.h>

#include "web/site.h"

enum err tus_check_version(struct call *call, struct error *error)
{
	const char *version = request_header(call->request, "Tus-Resumable");
	enum err err;

	if (version && strcmp(version, TUS_VERSION) == 0)
		return ERR_OK;
	err = call_refuse(call, 412, error, "the protocol is tus " TUS_VERSION ": Tus-Resumable must say so");
	response_header(call->response, "Tus-Version", TUS_VERSION);
	return err;
}

enum err tus_find(struct call *call, struct tus_file *file, struct error *error)
{
	enum tus_found found = TUS_NONE;
	enum err err = tus_file_open(call->site->spool, call->request->captures[0], file, &found, error);

	if (err != ERR_OK || found == TUS_FOUND)
		return err;
	if (found == TUS_BUSY)
		return call_refuse(call, 423, error, "another request is at this upload: try again when it has ended");
	return call_refuse(call, 404, error, "there is no such upload, or it has expired: begin a new one");
}

enum err tus_answer(struct call *call, enum err err)
{
	if (err == ERR_OK || call->refusal != 0)
		response_header(call->response, "Tus-Resumable", TUS_VERSION);
	return err;
}

void tus_answer_expiry(struct call *call, const struct tus_file *file)
{
	time_t at = (time_t)file->expires_at;
	struct tm tm;
	char text[40];

	if (gmtime_r(&at, &tm) && strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &tm) > 0)
		response_header(call->response, "Upload-Expires", "%s", text);
}
