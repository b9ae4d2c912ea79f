/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * gate - who may send how much, and what a handler answers where that is too much.
 */
#ifndef QGREPLAY_WEB_UPLOAD_GATE_H
#define QGREPLAY_WEB_UPLOAD_GATE_H

#include "web/message/call.h"

/* One more upload from this sender. Errors: 429 with Retry-After. */
enum err gate_visit(struct call *call, struct error *error);

/*
 * An upload of `size` bytes in all, of which `more` are still to come. Errors: 413 when it is larger than any may be;
 * 503 with Retry-After while others fill the spool, 507 when the disk is full.
 */
enum err gate_bytes(struct call *call, uint64_t size, uint64_t more, struct error *error);

/* One more upload in parts. Errors: 503 with Retry-After while there are as many as may be. */
enum err gate_parts(struct call *call, struct error *error);

/* Writes bytes of an upload to its file. Errors: 507 when the disk is full; ERR_SYSTEM. */
enum err gate_write(struct call *call, int fd, const void *bytes, size_t count, struct error *error);

/* What the store said to an upload: where its disk is full, that is told as 507 instead; else `err` as it is. */
enum err gate_store(struct call *call, enum err err, struct error *error);

#endif
