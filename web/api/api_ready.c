/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * api_ready - whether the server can take uploads, for whoever sends it requests or wakes somebody up. Anybody may ask:
 * no names of files are told.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "schema/store/store.h"
#include "web/api/api.h"
#include "web/site.h"
#include "web/upload/spool.h"

static enum err check_disk(struct call *call, const char *of, uint64_t free_bytes, struct error *error)
{
	if (free_bytes >= SPOOL_DISK_FLOOR)
		return ERR_OK;
	return call_refuse(call, 503, error,
		"the disk of the %s has %" PRIu64 " bytes left, and %" PRIu64 " are needed: make room", of, free_bytes,
		SPOOL_DISK_FLOOR);
}

static enum err check_spool(struct call *call, struct error *error)
{
	const char *spool = call->site->options->spool;
	struct statvfs disk;

	if (access(spool, W_OK | X_OK) != 0 || statvfs(spool, &disk) != 0)
		return call_refuse(call, 503, error, "the spool cannot be written: %s", strerror(errno));
	return check_disk(call, "spool", (uint64_t)disk.f_bavail * disk.f_frsize, error);
}

enum err api_readyz(struct call *call, struct error *error)
{
	struct store_health health;
	enum err err = store_health(call->store, &health, error);

	call->response->private_body = true;
	if (err == ERR_OK && !health.writable)
		err = call_refuse(call, 503, error, "the store cannot be written, look at its permissions");
	if (err == ERR_OK)
		err = check_disk(call, "store", health.disk_free_bytes, error);
	if (err == ERR_OK)
		err = check_spool(call, error);
	if (err != ERR_OK)
		return err;
	call->response->type = RESPONSE_TEXT;
	fputs("ready\n", call->response->body);
	return ERR_OK;
}
