/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/http/listen.h"
#include "web/web.h"

enum err web_listen(int *fd, const char *address, struct error *error)
{
	struct listen_at at = {.fd = -1};
	enum err err = listen_open(&at, address, -1, error);

	*fd = at.fd;
	return err;
}
