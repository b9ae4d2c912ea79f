/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * text_body - the fields of an event as text: "FSID: root=256 ino=257 start=0", or raw as trace-cmd report -R prints
 * them, "fsid=ARRAY[08, 6a, ...] rootid=256 ino=257 start=0".
 */
#ifndef QGREPLAY_COLLECTOR_TEXT_BODY_H
#define QGREPLAY_COLLECTOR_TEXT_BODY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/event.h"
#include "base/fsid.h"

/* The fields of all kinds of events, ready to be looked up. Filled by text_body_init(), read-only afterwards. */
struct text_body_fields {
	struct text_body_field {
		const char *raw, *text;
		unsigned char raw_length, text_length;
		unsigned char member; /* enum event_member */
		bool required;
	} fields[EVENT_COUNT][EVENT_FIELDS_MAX];
	unsigned char counts[EVENT_COUNT];
};

void text_body_init(struct text_body_fields *fields);

/*
 * Puts the fields at `text` into the members of `event`, whose kind is set and whose other members are 0, and the
 * filesystem id as lower-case text into `fsid` ("" when there is none: kernels before 4.8; "x" for digits that the text
 * leaves out, see text_fsids.h). False when a required field is missing, a value is not one, or the filesystem id is
 * mangled.
 */
bool text_body_parse(const struct text_body_fields *fields, struct event *event, const char *text, size_t length,
	char fsid[FSID_TEXT + 1]);

#endif
