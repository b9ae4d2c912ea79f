/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * format - the text that the kernel gives of an event (events/SYSTEM/EVENT/format) or of a ring buffer page
 * (events/header_page): where each field lies in the binary record.
 *
 * Own code rather than libtraceevent's parser: that one works through the `print fmt` line, a C expression, on which
 * version 1.7.1 dies for some texts; what is wanted here is a few numbers of the `field:` lines.
 */
#ifndef QGREPLAY_COLLECTOR_FORMAT_H
#define QGREPLAY_COLLECTOR_FORMAT_H

#include <stdbool.h>

#include "collector/cursor.h"

struct format_field {
	uint32_t offset; /* bytes */
	uint32_t size;	 /* bytes */
	bool is_signed;
};

/* The name in the `name:` line (within the text, no NUL behind it); size 0 when there is none. */
struct span format_name(struct span text);

/* The number in the `ID:` line, which common_type of the records holds; false when there is none. */
bool format_id(struct span text, uint32_t *id);

/*
 * Finds the field called `name` (of an array: without the brackets). False when the text has no such field, or has it
 * without a whole offset and size; no field ends beyond 2^16 bytes.
 */
bool format_field(struct span text, const char *name, struct format_field *field);

#endif
