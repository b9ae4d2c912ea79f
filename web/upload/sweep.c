/* SPDX-License-Identifier: GPL-2.0-only */
#include <time.h>

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
	bool needed;
	enum err err = upload_needs_file(sweep->store, name, &needed, error);

	if (err != ERR_OK || needed)
		return err;
	/* One that came in parts was not handed in yet: its sender may still end it. */
	if (spool_is_name(name) && tus_info_exists(sweep->spool, name))
		return spool_move(sweep->spool, SPOOL_QUEUE, SPOOL_TUS, name, error);
	spool_remove(sweep->spool, SPOOL_QUEUE, name);
	return ERR_OK;
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
