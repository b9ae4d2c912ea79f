/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * relay - lets the reading of a trace and what is done with its events run side by side.
 *
 * A sink in front of a sink: what it takes is copied into one of a few buffers and handed on, in order, by a thread of
 * its own. The reader waits when all buffers are full, so that memory stays bounded. One thread takes, one gives.
 */
#ifndef QGREPLAY_CMD_RELAY_H
#define QGREPLAY_CMD_RELAY_H

#include "collector/source.h"

struct relay;

/*
 * A relay to `target`, which from now on is called by the relay's thread only, until relay_finish(). Where no thread
 * can be made, the target is called directly: slower, and otherwise the same.
 */
struct relay *relay_new(const struct sink *target);

/*
 * The sink to give to the reader. Valid until relay_finish(). An error of the target ends the reading too, with its
 * code and text, though as many events later as the buffers hold.
 */
const struct sink *relay_sink(struct relay *relay);

/*
 * Waits until all is handed on, frees the relay, and returns the target's first error, after which it is not called
 * again, or ERR_OK. `error` may be NULL.
 */
enum err relay_finish(struct relay *relay, struct error *error);

#endif
