/* SPDX-License-Identifier: GPL-2.0-only */
/* Handlers that are yet to come: each goes from here into its own file. */
#include "web/api/api.h"
#include "web/page/page.h"
#include "web/upload/upload.h"

enum err page_events(struct call *call, struct error *error)
{
	return call_refuse(call, 501, error, "not yet");
}

