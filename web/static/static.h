/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * static - files that the program brings along: style sheet, scripts, the chart library. Embedded by make.
 */
#ifndef QGREPLAY_WEB_STATIC_STATIC_H
#define QGREPLAY_WEB_STATIC_STATIC_H

#include <stddef.h>

#include "web/message/call.h"

struct static_file {
	const char *name; /* "style.css" */
	const char *type;
	const unsigned char *bytes;
	size_t size;
	const char *version; /* the beginning of its hash: pages name it as /static/NAME?v=VERSION, and may keep it for
				ever */
};

/* The file of that name, or NULL. */
const struct static_file *static_file(const char *name);

/* GET /static/{file} */
enum err static_handler(struct call *call, struct error *error);

#endif
