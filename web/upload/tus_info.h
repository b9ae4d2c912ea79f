/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tus_info - the side file of an upload in parts.
 */
#ifndef QGREPLAY_WEB_UPLOAD_TUS_INFO_H
#define QGREPLAY_WEB_UPLOAD_TUS_INFO_H

#include "web/upload/tus_file.h"

/* Writes it anew: whole and on the disk, or as it was. Errors: ERR_SYSTEM. */
enum err tus_info_write(struct spool *spool, const char *id, const struct tus_info *info, struct error *error);

/* False when there is none, or one that is not as it should be. */
bool tus_info_read(struct spool *spool, const char *id, struct tus_info *info);

void tus_info_remove(struct spool *spool, const char *id);

/* The id of an upload whose side file this is; false when it is none. */
bool tus_info_is_of(const char *file, char id[SPOOL_NAME + 1]);

#endif
