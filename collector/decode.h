/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * decode - binary records of the kernel's trace events to struct event.
 *
 * Where the fields of the events that we use lie is taken from the trace's own format texts, once; a record is then a
 * few bounded reads. Used by one thread.
 */
#ifndef QGREPLAY_COLLECTOR_DECODE_H
#define QGREPLAY_COLLECTOR_DECODE_H

#include "base/error.h"
#include "base/event.h"
#include "collector/cursor.h"
#include "collector/tasks.h"

struct decoder;

/* What decoder_event() found. */
enum decoded { DECODED_EVENT, DECODED_OTHER, DECODED_SHORT };

/*
 * A decoder that knows no event yet; names of filesystems go to `fsids`, what was written to trace_marker to `texts`.
 * Freed by decoder_free(), accepts NULL.
 */
struct decoder *decoder_new(bool big_endian, struct names *fsids, struct names *texts);
void decoder_free(struct decoder *decoder);

/*
 * Learns from the format `text` of an event of system btrfs; the text of an event that we do not use is not looked at
 * further than its name. Error: ERR_INPUT, naming the event whose text cannot be used.
 */
enum err decoder_learn(struct decoder *decoder, struct span text, struct error *error);

/*
 * Learns from the format `text` of an event of system ftrace, of which only "print" is of use. One that cannot be used
 * is passed over, and so are then its records: they are context, and nothing that is proven rests on them. To be called
 * after what is to be learnt of btrfs, whose formats are right where the two disagree.
 */
void decoder_learn_ftrace(struct decoder *decoder, struct span text);

/*
 * Fills kind, pid, comm, filesystem and the members from the record of `size` bytes at `data`; the caller has zeroed
 * `event`. DECODED_OTHER: of another system or kind. DECODED_SHORT: ends before its fields do.
 */
enum decoded decoder_event(struct decoder *decoder, const struct tasks *tasks, struct span record, struct event *event);

#endif
