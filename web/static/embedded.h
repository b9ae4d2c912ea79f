/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * embedded - the files themselves, as web/static/embed puts them into the program.
 */
#ifndef QGREPLAY_WEB_STATIC_EMBEDDED_H
#define QGREPLAY_WEB_STATIC_EMBEDDED_H

#include "web/static/static.h"

extern const struct static_file static_files[];
extern const size_t static_files_count;

#endif
