/* SPDX-License-Identifier: GPL-2.0-only */
#include <time.h>
#include <unistd.h>

#include "web/site.h"
#include "web/upload/gate.h"
#include "web/upload/receipt.h"
#include "web/upload/upload.h"
#include "web/upload/upload_name.h"

/* Workers look for work by themselves too, only later: that it fails is no trouble. */
static void wake(const struct site *site)
{
	static const uint64_t one = 1;

	if (site->board && site->board->wake_fd >= 0 && write(site->board->wake_fd, &one, sizeof(one)) < 0)
		return;
}

enum err upload_queue(struct call *call, const struct upload_slip *slip, struct upload_ticket *ticket, bool *kept,
	struct error *error)
{
	enum err err = upload_hand_in(call->store, slip, ticket, error);

	if (err == ERR_OK && store_has_moved(call->store))
		err = error_set(error, ERR_SYSTEM, "the store was moved away while an upload was put into it");
	if (err == ERR_OK) {
		*kept = ticket->upload != 0 && !ticket->joined;
		if (*kept)
			wake(call->site);
		return ERR_OK;
	}
	/* A commit can fail after it took effect: where nobody knows, the file stays, and goes at the next start. */
	if (upload_needs_file(call->store, slip->file, kept, NULL) != ERR_OK)
		*kept = true;
	return gate_store(call, err, error);
}

enum err upload_accept(struct call *call, struct upload_ticket *ticket, struct error *error)
{
	struct upload_receipt *upload = call->request->receipt;
	char host[UPLOAD_HOST];
	const char *said;
	struct upload_slip slip;

	if (!upload)
		return call_refuse(call, 400, error, "no file was sent: choose a trace first");
	said = request_query(call->request, "host");
	upload_host(host, said ? said : request_form(call->request, "host"));
	slip = (struct upload_slip){.name = upload->name,
		.host = host[0] ? host : NULL,
		.sha256 = upload->hex,
		.file = upload->file,
		.size = upload->size,
		.now = (uint64_t)time(NULL)};
	return upload_queue(call, &slip, ticket, &upload->settled, error);
}
