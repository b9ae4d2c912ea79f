/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * write_all - writes bytes to a descriptor, however many calls it takes.
 */
#ifndef QGREPLAY_BASE_WRITE_ALL_H
#define QGREPLAY_BASE_WRITE_ALL_H

#include <stddef.h>

/* Returns 0, or the errno of the write that failed (ENOSPC for one that takes nothing), to which errno is set too. */
int write_all(int fd, const void *bytes, size_t size);

#endif
