/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/check_cut.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/cut.h"
#include "base/memory.h"
#include "base/write_all.h"
#include "cmd/cut_text.h"
#include "collector/source.h"

/* What a cut may cost: 350 MB for its events and as much to try with, and some seconds of replay. */
enum { EVENTS_MAX = 4000000, BUDGET = 20000000 };

/* One reading of the trace that keeps what belongs to a choice. */
struct gathering {
	const struct cut *cut;
	enum cut_width width;
	struct event *events;
	size_t count;
	size_t capacity;
};

enum err check_cut_spares(const char *name, struct error *error)
{
	char head[sizeof(CUT_TEXT_MARK) - 1];
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t got = fd < 0 ? 0 : pread(fd, head, sizeof(head), 0);

	if (fd >= 0)
		close(fd);
	if (got <= 0 || (got == (ssize_t)sizeof(head) && memcmp(head, CUT_TEXT_MARK, sizeof(head)) == 0))
		return ERR_OK;
	return error_set(
		error, ERR_USAGE, "'%s' is there and no cut: --cut wants the number of a finding and a new file", name);
}

static enum err gather(void *context, const struct event *events, size_t count, struct error *error)
{
	struct gathering *gathering = context;

	for (size_t i = 0; i < count; i++) {
		if (!cut_takes(gathering->cut, gathering->width, &events[i]))
			continue;
		if (gathering->count == EVENTS_MAX)
			return error_set(error, ERR_LIMIT, "more than %d events may have a part in it", EVENTS_MAX);
		gathering->events = memory_grown(
			gathering->events, &gathering->capacity, gathering->count + 1, sizeof(*gathering->events));
		gathering->events[gathering->count++] = events[i];
	}
	return ERR_OK;
}

static enum err read_again(const struct check_cut_request *request, struct gathering *gathering, struct error *error)
{
	const struct sink sink = {gather, gathering};
	struct source *source = NULL;
	enum err err = ERR_OK;

	gathering->count = 0;
	/* Left by the reading before; there is nothing to say when it is a memory file that cannot shrink. */
	if (request->spool_fd >= 0 &&
		(ftruncate(request->spool_fd, 0) != 0 || lseek(request->spool_fd, 0, SEEK_SET) != 0))
		return error_set(error, ERR_SYSTEM, "cannot use a temporary file again: %s", strerror(errno));
	err = source_open(&source, request->trace_fd, request->spool_fd, request->trace->name, error);
	if (err == ERR_OK)
		err = source_read(source, &sink, error);
	source_close(source);
	return err;
}

/* The narrowest choice that shows the finding. */
static enum err choose(
	const struct check_cut_request *request, struct cut *cut, struct gathering *gathering, struct error *error)
{
	for (int width = 0; width < CUT_WIDTHS; width++) {
		enum err err;

		gathering->width = (enum cut_width)width;
		err = read_again(request, gathering, error);
		if (err != ERR_OK)
			return err;
		if (cut_shows(cut, gathering->events, gathering->count))
			return ERR_OK;
	}
	return error_set(error, ERR_INPUT, "a second reading does not show it, does the file change?");
}

static const struct finding *finding_of(const struct check_cut_request *request, struct error *error)
{
	const struct replay_result *result = request->trace->result;

	for (size_t i = 0; i < result->finding_count; i++)
		if (result->findings[i].id == request->finding)
			return &result->findings[i];
	error_set(error, ERR_USAGE, "there is no such finding, it has %zu", result->finding_count);
	return NULL;
}

static enum err write_out(int fd, const char *text, size_t size, struct error *error)
{
	int failure = write_all(fd, text, size);

	return failure == 0 ? ERR_OK : error_set(error, ERR_SYSTEM, "cannot write the cut: %s", strerror(failure));
}

static enum err cut_and_write(const struct check_cut_request *request, struct cut *cut, struct error *error)
{
	struct gathering gathering = {.cut = cut};
	struct cut_text text = {.trace = request->trace, .wanted = cut->wanted, .options = &request->replay};
	enum err err = choose(request, cut, &gathering, error);

	if (err == ERR_OK) {
		cut->budget = BUDGET;
		gathering.count = cut_shrink(cut, gathering.events, gathering.count);
		text.events = gathering.events;
		text.count = gathering.count;
		text.shrunk = cut->budget > 0;
		cut_text_write(&text);
		err = cut_text_verify(&text, cut, error);
	}
	if (err == ERR_OK)
		err = write_out(request->output_fd, text.text, text.size, error);
	free(text.text);
	free(gathering.events);
	return err;
}

enum err check_cut_write(const struct check_cut_request *request, struct error *error)
{
	/* What a try shows is no sample of the trace. */
	struct replay_options options = {.fresh = request->replay.fresh, .limits = request->replay.limits};
	struct cut cut = {.whole = request->trace->result, .options = &options};
	enum err err = ERR_USAGE;

	cut.wanted = finding_of(request, error);
	if (cut.wanted != NULL)
		err = cut_and_write(request, &cut, error);
	if (err != ERR_OK)
		error_wrap(error, "cannot cut finding %" PRIu64 " of '%s'", request->finding, request->trace->name);
	return err;
}
