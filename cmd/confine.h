/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * confine - takes away from this process what decoding a trace does not need, for ever.
 *
 * Left are reading and writing the descriptors that are open, memory, threads, and ending. Looking for a file fails
 * with EACCES, because libraries do that (time zone, locale, random seed) and cope. Any other call - a socket, a new
 * program, a new process, a signal to others, executable memory - ends the process: see `forbidden_call`. Landlock
 * stands behind the seccomp filter as a second fence where the kernel has it (5.13 and later); without it the filter
 * stands alone.
 */
#ifndef QGREPLAY_CMD_CONFINE_H
#define QGREPLAY_CMD_CONFINE_H

#include "base/error.h"

/*
 * Confines the calling process, which must be single-threaded. A forbidden system call stores its number in
 * `*forbidden_call`, which must stay writable (shared memory, to be of use to a parent), and ends the process.
 * ERR_SYSTEM when the kernel refuses the filter.
 */
enum err confine_self(int *forbidden_call, struct error *error);

/* The name of a system call, such as "openat", into `name` of `size` bytes; returns `name`. */
char *confine_call_name(int call, char *name, unsigned long size);

#endif
