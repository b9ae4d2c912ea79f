/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Any bytes as a trace.dat file: they are read to their end or refused with one line, and what comes out keeps to the
 * contract of source_read().
 */
#include <stdlib.h>
#include <string.h>

#include "collector/tracedat.h"

struct watch {
	uint64_t number;
	const struct trace_info *info;
};

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static enum err take(void *context, const struct event *events, size_t count, struct error *error)
{
	struct watch *watch = context;

	(void)error;
	for (size_t i = 0; i < count; i++) {
		const struct event *event = &events[i];

		if (event->number != ++watch->number || event->kind == EVENT_NONE || event->kind >= EVENT_COUNT)
			abort();
		if (event->comm > names_count(watch->info->comms) || event->fs > names_count(watch->info->fsids))
			abort();
		if (event->kind == EVENT_PRINT && event->flags > names_count(watch->info->texts))
			abort();
	}
	return ERR_OK;
}

static void check_error(enum err result, const struct error *error)
{
	if (result == ERR_OK)
		return;
	if (result != error->code || (result != ERR_INPUT && result != ERR_LIMIT))
		abort();
	if (error->text[0] == '\0' || strlen(error->text) > 300)
		abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct trace_info info = {.kind = ROW_SOURCE_TRACE_DAT};
	struct watch watch = {0, &info};
	struct sink sink = {take, &watch};
	struct tracedat *tracedat = NULL;
	struct error error = {ERR_OK, ""};
	enum err result;

	info.comms = names_new(1000);
	info.fsids = names_new(100);
	info.texts = names_new(100);
	result = tracedat_open(&tracedat, data, size, &info, &error);
	if (result == ERR_OK)
		result = tracedat_read(tracedat, &sink, &error);
	check_error(result, &error);
	tracedat_close(tracedat);
	free(info.kernel);
	free(info.clock);
	names_free(info.comms);
	names_free(info.fsids);
	names_free(info.texts);
	return 0;
}
