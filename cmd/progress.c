/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"

enum { FIRST_MS = 1000, BAR_WIDTH = 24, TEXT_MAX = 160, NAME_MAX_SHOWN = 40 };

void progress_begin(struct progress *progress, const char *name)
{
	progress->name = name;
	progress->begun_ms = clock_ms();
}

/* The other process writes these numbers, and may write any. */
static unsigned percent(const struct pipeline_progress *at)
{
	uint64_t total = at->total_bytes;
	uint64_t done = at->done_bytes < total ? at->done_bytes : total;

	return total < 100 ? 0 : (unsigned)(done / (total / 100) < 100 ? done / (total / 100) : 100);
}

void progress_tick(void *context)
{
	const struct progress *progress = context;
	const struct pipeline_progress at = *progress->at;
	const char *slash = strrchr(progress->name, '/');
	char *name = utf8_harmless(slash == NULL ? progress->name : slash + 1);
	unsigned done = percent(&at);
	char bar[BAR_WIDTH + 1] = {0};
	char text[TEXT_MAX];

	memset(bar, '.', BAR_WIDTH);
	memset(bar, '#', done * BAR_WIDTH / 100);
	if (at.total_bytes == 0)
		snprintf(text, sizeof(text), "%.*s: %" PRIu64 " events", NAME_MAX_SHOWN, name, at.events);
	else
		snprintf(text, sizeof(text), "%.*s [%s] %3u %%, %" PRIu64 " events", NAME_MAX_SHOWN, name, bar, done,
			at.events);
	if (clock_ms() - progress->begun_ms >= FIRST_MS)
		progress->call->progress(text);
	free(name);
}

void progress_end(const struct progress *progress)
{
	progress->call->progress(NULL);
}
