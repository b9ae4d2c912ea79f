/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/text_fsids.h"

#include <string.h>

/* How many ids are compared with a partial one: more filesystems than a host has, and a bound for a hostile text. */
enum { COMPARED = 64 };

static bool agree(const char *one, const char *other)
{
	for (size_t i = 0; i < FSID_TEXT; i++)
		if (one[i] != other[i] && one[i] != 'x' && other[i] != 'x')
			return false;
	return true;
}

/* Prefers the id itself to one that only agrees with it. */
static uint32_t find(const struct names *names, const char *fsid)
{
	uint32_t count = names_count(names) < COMPARED ? names_count(names) : COMPARED;
	uint32_t found = 0;

	for (uint32_t number = 1; number <= count; number++) {
		const char *name = names_text(names, number);

		if (memcmp(name, fsid, FSID_TEXT) == 0)
			return number;
		if (found == 0 && agree(name, fsid))
			found = number;
	}
	return found;
}

uint16_t text_fsids_number(struct text_fsids *fsids, const char *fsid)
{
	uint32_t number = 0;

	if (memcmp(fsid, fsids->last, FSID_TEXT) == 0)
		return fsids->last_number;
	fsids->has_partial = fsids->has_partial || memchr(fsid, 'x', FSID_TEXT) != NULL;
	if (fsids->has_partial)
		number = find(fsids->names, fsid);
	if (number == 0)
		number = names_number(fsids->names, fsid, FSID_TEXT);
	memcpy(fsids->last, fsid, FSID_TEXT);
	fsids->last_number = (uint16_t)number;
	return fsids->last_number;
}
