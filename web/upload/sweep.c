/* SPDX-License-Identifier: GPL-2.0-only */
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "web/site.h"
#include "web/upload/spool.h"
#include "web/upload/tus_info.h"
#include "web/upload/upload.h"

struct sweep {
	struct spool *spool;
	struct store *store;
};

static enum err remove_incoming(void *context, const char *name, struct error *error)
{
	const struct sweep *sweep = context;

	(void)error;
	spool_remove(sweep->spool, SPOOL_INCOMING, name);
	return ERR_OK;
}

static enum err remove_unneeded(void *context, const char *name, struct error *error)
{
	const struct sweep *sweep = context;
	struct tus_info info;
	bool needed;
	enum err err = upload_needs_file(sweep->store, name, &needed, error);

	if (err != ERR_OK || needed)
		return err;
	/* One that came in parts was not handed in yet: its sender may still end it. */
	if (spool_is_name(name) && tus_info_read(sweep->spool, name, &info) && !tus_is_done(&info))
		return spool_move(sweep->spool, SPOOL_QUEUE, SPOOL_TUS, name, error);
	spool_remove(sweep->spool, SPOOL_QUEUE, name);
	return ERR_OK;
}

/* One that came in parts, and whose server died when its row was there, and before the side file said so. */
static enum err settle_parts(void *context, const char *name, struct error *error)
{
	const struct sweep *sweep = context;
	char id[SPOOL_NAME + 1];
	struct tus_info info;
	enum err err;

	if (!tus_info_is_of(name, id) || !tus_info_read(sweep->spool, id, &info) || tus_is_done(&info))
		return ERR_OK;
	if (faccessat(spool_folder(sweep->spool, SPOOL_TUS), id, F_OK, 0) == 0)
		return ERR_OK;
	err = upload_of_file(sweep->store, id, &info.upload, error);
	return err == ERR_OK && tus_is_done(&info) ? tus_info_write(sweep->spool, id, &info, error) : err;
}

enum err upload_sweep(struct site *site, struct store *store, struct error *error)
{
	struct sweep sweep = {NULL, store};
	enum err err = spool_open(&site->spool, site->options->spool, site->options->spool_max_bytes, error);

	if (err != ERR_OK)
		return err;
	sweep.spool = site->spool;
	err = spool_each(site->spool, SPOOL_INCOMING, remove_incoming, &sweep, error);
	if (err == ERR_OK)
		err = spool_each(site->spool, SPOOL_TUS, settle_parts, &sweep, error);
	if (err == ERR_OK)
		err = spool_each(site->spool, SPOOL_QUEUE, remove_unneeded, &sweep, error);
	if (err == ERR_OK)
		err = tus_file_sweep(site->spool, (uint64_t)time(NULL), true, error);
	if (err != ERR_OK)
		upload_leave(site);
	return err;
}

void upload_leave(struct site *site)
{
	spool_close(site->spool);
	site->spool = NULL;
}
