/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * text_fsids - numbers for the filesystem ids of a text, of which some may be known in part only.
 *
 * trace-cmd report -R prints an id as characters up to its first zero when all of these are printable ("fsid=J" for
 * 4a007c19-...), until the first one that is not. What it left out is "x" in the id: "4a00xxxx-xxxx-...". Such an id is
 * the filesystem whose id agrees with what is known of it, so that one filesystem does not become two.
 */
#ifndef QGREPLAY_COLLECTOR_TEXT_FSIDS_H
#define QGREPLAY_COLLECTOR_TEXT_FSIDS_H

#include <stdbool.h>

#include "base/fsid.h"
#include "base/names.h"

/* All zeros and the table to fill is a new one. */
struct text_fsids {
	struct names *names;
	bool has_partial;
	char last[FSID_TEXT + 1];
	uint16_t last_number;
};

/* The number of the id `fsid`, FSID_TEXT characters. */
uint16_t text_fsids_number(struct text_fsids *fsids, const char *fsid);

#endif
