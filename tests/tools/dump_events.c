/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dump_events FILE - prints the events of a trace of any kind as our readers make them, one a line:
 * time in ns, cpu, pid, task, fsid, kind, root, ino, start, len, bytes, diff, flags, op, type, with tabs between. The
 * flags of what was written to trace_marker are the text itself.
 * With -q as second argument only the number of events is printed.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "collector/source.h"

struct dump {
	const struct trace_info *info;
	uint64_t count;
	bool quiet;
};

enum { FLAGS_TEXT = 16 };

static const char *flags_of(const struct dump *dump, const struct event *event, char number[FLAGS_TEXT])
{
	if (event->kind == EVENT_PRINT)
		return names_text(dump->info->texts, event->flags);
	snprintf(number, FLAGS_TEXT, "%" PRIu32, event->flags);
	return number;
}

static enum err take(void *context, const struct event *events, size_t count, struct error *error)
{
	struct dump *dump = context;

	(void)error;
	dump->count += count;
	for (size_t i = 0; i < count && !dump->quiet; i++) {
		const struct event *e = &events[i];
		char number[FLAGS_TEXT];

		printf("%" PRIu64 "\t%u\t%d\t%s\t%s\t%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
		       "\t%" PRId64 "\t%s\t%u\t%u\n",
			e->time_ns, e->cpu, e->pid, names_text(dump->info->comms, e->comm),
			names_text(dump->info->fsids, e->fs), event_info((enum event_kind)e->kind)->name, e->root,
			e->ino, e->start, e->len, e->bytes, e->diff, flags_of(dump, e, number), e->op, e->type);
	}
	return ERR_OK;
}

static const char *or_none(const char *text)
{
	return text != NULL ? text : "-";
}

int main(int argc, char **argv)
{
	struct dump dump = {.quiet = argc > 2 && strcmp(argv[2], "-q") == 0};
	struct sink sink = {take, &dump};
	struct source *source = NULL;
	struct error error = {ERR_OK, ""};
	int fd = argc < 2 ? -1 : open(argv[1], O_RDONLY | O_CLOEXEC);
	int spool = memfd_create("dump_events", MFD_CLOEXEC);

	if (fd < 0 || spool < 0) {
		fprintf(stderr, "usage: dump_events TRACE [-q]\n");
		return 2;
	}
	if (source_open(&source, fd, spool, argv[1], &error) == ERR_OK) {
		dump.info = source_info(source);
		source_read(source, &sink, &error);
	}
	if (error.code != ERR_OK)
		fprintf(stderr, "dump_events: %s\n", error.text);
	else if (dump.quiet && dump.info != NULL)
		printf("%" PRIu64 " events, %" PRIu64 " skipped, kernel %s, clock %s\n", dump.count,
			dump.info->skipped_events, or_none(dump.info->kernel), or_none(dump.info->clock));
	source_close(source);
	close(spool);
	close(fd);
	return error.code == ERR_OK ? 0 : 2;
}
