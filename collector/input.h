/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * input - the bytes of a trace behind a descriptor, unpacked, as a stream or mapped into memory.
 *
 * A file, a pipe and packed data look the same from here. Only regular files are ever rewound, and they are read from
 * their beginning wherever their position was. Data may be packed twice, no more. Messages do not name the file: the
 * caller wraps them.
 */
#ifndef QGREPLAY_COLLECTOR_INPUT_H
#define QGREPLAY_COLLECTOR_INPUT_H

#include <stdint.h>

#include "collector/bytes.h"

/* How much of the beginning input_head() can show. */
enum { INPUT_HEAD = 64 * 1024 };

struct input;

/*
 * Reads the beginning of `fd` and finds out how it is packed. `fd` and `spool_fd` (see source_open(); -1 for none) stay
 * the caller's. Errors: ERR_INPUT (a directory, empty, damaged, packed too often), ERR_LIMIT, ERR_SYSTEM.
 */
enum err input_open(struct input **input, int fd, int spool_fd, struct error *error);

/* The first bytes, unpacked: INPUT_HEAD of them or, when there are no more, all. */
const unsigned char *input_head(const struct input *input, size_t *size);

/* The read() of struct bytes, with a struct input as context: from the first unpacked byte on. Errors: as above. */
enum err input_read(void *context, unsigned char *buffer, size_t size, size_t *got, struct error *error);

/*
 * Maps all bytes, read-only and private, instead of reading them; the mapping lasts until input_close(). What is packed
 * or cannot be mapped goes into the spool file first. Errors: as above; ERR_SYSTEM when there is no spool file or no
 * space in it.
 */
enum err input_map(struct input *input, const unsigned char **data, size_t *size, struct error *error);

/* Bytes that were taken from the descriptor, as they are and not unpacked, and the size of the file (a pipe: 0). */
void input_position(const struct input *input, uint64_t *done_bytes, uint64_t *total_bytes);

/* Accepts NULL. */
void input_close(struct input *input);

#endif
