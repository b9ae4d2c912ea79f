/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/page/bug_badge.h"

#include "web/html/html.h"

void bug_badge(FILE *stream, enum bug_applies applies)
{
	static const char *const classes[BUG_APPLIES_COUNT] = {
		[BUG_AFFECTED] = "error", [BUG_FIXED] = "fixed", [BUG_UNKNOWN] = "other"};

	html_format(stream, "<span class=\"badge badge-%s\">%s</span>", classes[applies], bug_applies_name(applies));
}
