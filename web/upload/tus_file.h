/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tus_file - an upload that may come in parts, by the tus protocol 1.0.0: what of it lies in SPOOL/tus.
 *
 * ID holds the bytes that came, so that its size is the offset where the next part begins, whatever ended the server.
 * ID.info, written before, holds the rest as JSON. When all has come, the file moves to the queue, and the side file
 * stays for a while to tell what it became. Unfinished ones go TUS_EXPIRE_S after the last byte, those without
 * one TUS_EMPTY_S after they began.
 */
#ifndef QGREPLAY_WEB_UPLOAD_TUS_FILE_H
#define QGREPLAY_WEB_UPLOAD_TUS_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "web/upload/spool.h"

enum { TUS_EXPIRE_S = 24 * 60 * 60, TUS_EMPTY_S = 10 * 60, TUS_METADATA = 2048 };

struct tus_info {
	uint64_t length;     /* that it will have */
	uint64_t sure;	     /* bytes beyond are a part whose checksum is still to be looked at; UINT64_MAX: none are */
	uint64_t upload;     /* once it was handed in: the upload, or 0 for a trace that was there */
	uint64_t trace;	     /* and that trace, or 0 */
	uint64_t created_at; /* seconds since 1970 */
	char metadata[TUS_METADATA]; /* as the sender gave it; "": none */
};

struct tus_file {
	char id[SPOOL_NAME + 1];
	struct tus_info info;
	int fd;		     /* -1: handed in already */
	uint64_t offset;     /* bytes that are there */
	uint64_t expires_at; /* seconds since 1970 */
};

/* Whether it was handed in. */
bool tus_is_done(const struct tus_info *info);

/* Makes one that is empty, closed again. Of `file`, `info` is the caller's to fill before. Errors: ERR_SYSTEM. */
enum err tus_file_create(struct spool *spool, struct tus_file *file, struct error *error);

enum tus_found { TUS_FOUND, TUS_NONE, TUS_BUSY };

/*
 * Opens one for one user at a time: TUS_BUSY while another has it. `id` is what a sender says. Bytes that nobody is
 * sure of are cut off. To be closed by tus_file_close() when it was found.
 */
enum err tus_file_open(
	struct spool *spool, const char *id, struct tus_file *file, enum tus_found *found, struct error *error);
void tus_file_close(struct tus_file *file);

/* Writes the side file anew, durably. */
enum err tus_file_save(struct spool *spool, const struct tus_file *file, struct error *error);

/* Deletes it; `file` is closed by that. */
void tus_file_remove(struct spool *spool, struct tus_file *file);

/*
 * Deletes what has expired at `now`, and what is no upload. With `start` (before any request), what ended between its
 * last byte and the queue is brought back to where the sender can send the last byte again.
 */
enum err tus_file_sweep(struct spool *spool, uint64_t now, bool start, struct error *error);

#endif
