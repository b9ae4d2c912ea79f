/* SPDX-License-Identifier: GPL-2.0-only */
/* finding_log - what the kernel's own log says of a finding, where one was given with the trace. */
#include <stdlib.h>

#include "analyzer/explain/words.h"
#include "web/html/html.h"
#include "web/page/finding_parts.h"

static bool supports(const struct klog_match *match, const struct finding *finding)
{
	for (size_t i = 0; i < match->finding_count; i++)
		if (match->findings[i] == finding->id)
			return true;
	return false;
}

static void put_match(const struct finding_page *page, const struct klog_match *match)
{
	char *text = klog_line_text(match->line);

	html_format(page->stream, "<li><code>%s</code>", text);
	if (match->count > 1)
		html_format(page->stream, ", %s", words_count(match->count, "time", "times").text);
	fputs("</li>\n", page->stream);
	free(text);
}

void finding_put_log(const struct finding_page *page)
{
	const struct klog_join *join = &page->proof->trace->result->join;
	size_t shown = 0;

	if (!klog_join_supports(join, page->finding))
		return;
	fputs("<section>\n<h2>What the kernel’s log says</h2>\n<p>The kernel complained of the same:</p>\n<ul>\n",
		page->stream);
	for (size_t i = 0; i < join->count && shown < FINDING_ROWS; i++) {
		if (!supports(&join->matches[i], page->finding))
			continue;
		shown++;
		put_match(page, &join->matches[i]);
	}
	fputs("</ul>\n</section>\n", page->stream);
}
