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

/* Makes the folders of the spool, and takes away what nobody needs any more; before any request. */
enum err upload_sweep(struct site *site, struct store *store, struct error *error);

#endif
