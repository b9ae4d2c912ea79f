/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * upload - bodies on their way into the spool, and from there into the queue.
 *
 * A body is written to a file in SPOOL/incoming, hashed as it comes, synced, and moved to SPOOL/queue; then its row in
 * the store makes it accepted. What ends the program in between leaves a file that upload_sweep() takes away.
 */
#ifndef QGREPLAY_WEB_UPLOAD_UPLOAD_H
#define QGREPLAY_WEB_UPLOAD_UPLOAD_H

#include "schema/store/upload.h"
#include "web/message/route.h"

/* Takes the bodies of PUT and POST of traces, and of the page's form. */
extern const struct receiver upload_receiver;

/* Takes the bodies of PATCH (and of POST with a body) by the tus protocol. */
extern const struct receiver upload_tus_receiver;

/*
 * In LANE_WRITE, after upload_receiver: hands what was received in. `*ticket` says what became of it. Errors: 400 for a
 * form without a file or with an empty one; those of upload_hand_in().
 */
enum err upload_accept(struct call *call, struct upload_ticket *ticket, struct error *error);

/*
 * Before any request: opens the spool (`site->spool`), whose folders are made, and takes away what nobody needs any
 * more. What ended in between two steps, in whatever way, is put right here. Errors: ERR_USAGE when another server has
 * the spool; ERR_SYSTEM; those of the store.
 */
enum err upload_sweep(struct site *site, struct store *store, struct error *error);

/* After the last request: the spool may be another server's. */
void upload_leave(struct site *site);

#endif
