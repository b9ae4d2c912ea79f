/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dump_events FILE - prints the events of a trace.dat file as our reader makes them, one a line:
 * time in ns, cpu, pid, task, fsid, kind, root, ino, start, len, bytes, diff, flags, op, type, with tabs between.
 * With -q as second argument only the number of events is printed.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/tracedat.h"

struct dump {
	struct trace_info info;
	uint64_t count;
	bool quiet;
};

static enum err take(void *context, const struct event *events, size_t count, struct error *error)
{
	struct dump *dump = context;

	(void)error;
	dump->count += count;
	for (size_t i = 0; i < count && !dump->quiet; i++) {
		const struct event *e = &events[i];

		printf("%" PRIu64 "\t%u\t%d\t%s\t%s\t%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
		       "\t%" PRId64 "\t%u\t%u\t%u\n",
			e->time_ns, e->cpu, e->pid, names_text(dump->info.comms, e->comm),
			names_text(dump->info.fsids, e->fs), event_info((enum event_kind)e->kind)->name, e->root,
			e->ino, e->start, e->len, e->bytes, e->diff, e->flags, e->op, e->type);
	}
	return ERR_OK;
}

int main(int argc, char **argv)
{
	struct dump dump = {.quiet = argc > 2 && strcmp(argv[2], "-q") == 0};
	struct sink sink = {take, &dump};
	struct tracedat *tracedat = NULL;
	struct error error = {ERR_OK, ""};
	struct stat status;
	void *data = MAP_FAILED;
	int fd = argc < 2 ? -1 : open(argv[1], O_RDONLY);

	if (fd >= 0 && fstat(fd, &status) == 0 && status.st_size > 0)
		data = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED) {
		fprintf(stderr, "dump_events: cannot map the file\n");
		return 2;
	}
	dump.info.comms = names_new(UINT32_MAX);
	dump.info.fsids = names_new(UINT16_MAX);
	if (tracedat_open(&tracedat, data, (size_t)status.st_size, &dump.info, &error) == ERR_OK)
		tracedat_read(tracedat, &sink, &error);
	tracedat_close(tracedat);
	if (error.code != ERR_OK)
		fprintf(stderr, "dump_events: %s\n", error.text);
	if (dump.quiet)
		printf("%" PRIu64 " events, %" PRIu64 " skipped, kernel %s, clock %s\n", dump.count,
			dump.info.skipped_events, dump.info.kernel, dump.info.clock);
	free(dump.info.kernel);
	free(dump.info.clock);
	names_free(dump.info.comms);
	names_free(dump.info.fsids);
	munmap(data, (size_t)status.st_size);
	close(fd);
	return error.code == ERR_OK ? 0 : 2;
}
