/* SPDX-License-Identifier: GPL-2.0-only */
/* api_metrics - figures for Prometheus: of the store, of uploads and workers, of this process, of requests. */
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "schema/store/upload.h"
#include "web/api/api.h"
#include "web/list/list_view.h"
#include "web/site.h"

/* Where a figure comes from. */
struct sources {
	struct list_one totals;
	struct store_health health;
	struct upload_load load;
	const struct board *board;
	uint64_t resident_bytes;
	uint64_t started_at;
};

struct figure {
	const char *name;
	const char *label; /* with its braces, or NULL */
	const char *type;
	const char *help; /* NULL: another figure of the one before */
	uint64_t value;
};

/* The second number of statm, in pages; 0 where it cannot be had. */
static uint64_t resident_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	char line[128] = "";
	char *end = line;

	if (file == NULL)
		return 0;
	if (fgets(line, sizeof(line), file) != NULL)
		strtoull(line, &end, 10);
	fclose(file);
	return strtoull(end, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static enum err read_sources(struct call *call, struct sources *sources, struct error *error)
{
	enum err err = list_one_read(call, LIST_TOTALS, NULL, 0, &sources->totals, error);

	if (err == ERR_OK)
		err = store_health(call->store, &sources->health, error);
	if (err == ERR_OK)
		err = upload_load(call->store, &sources->load, error);
	sources->board = call->site->board;
	sources->started_at = call->site->started_at;
	sources->resident_bytes = resident_bytes();
	return err;
}

static void write_figures(FILE *stream, const struct figure *figures, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct figure *figure = &figures[i];

		if (figure->help != NULL)
			fprintf(stream, "# HELP %s %s\n# TYPE %s %s\n", figure->name, figure->help, figure->name,
				figure->type);
		fprintf(stream, "%s%s %" PRIu64 "\n", figure->name, figure->label != NULL ? figure->label : "",
			figure->value);
	}
}

static void write_store(FILE *stream, const struct sources *sources)
{
#define TOTAL(column) list_one_number(&sources->totals, column)
	const struct figure figures[] = {
		{"qgreplay_store_bytes", NULL, "gauge", "Size of the store's file.", sources->health.db_bytes},
		{"qgreplay_store_schema", NULL, "gauge", "Version of the tables in it.", sources->health.schema},
		{"qgreplay_store_wal_bytes", NULL, "gauge",
			"Size of the log of those who write it; grows while somebody reads for long.",
			sources->health.wal_bytes},
		{"qgreplay_store_disk_free_bytes", NULL, "gauge", "What is left of the disk that it is on.",
			sources->health.disk_free_bytes},
		{"qgreplay_store_writable", NULL, "gauge", "1: the store can be written, as far as permissions say.",
			sources->health.writable},
		{"qgreplay_traces", NULL, "gauge", "Traces in the store.", TOTAL("traces")},
		{"qgreplay_traces_with_losses", NULL, "gauge", "Of these, traces that lack events.",
			TOTAL("traces_with_losses")},
		{"qgreplay_traces_unfinished", NULL, "gauge", "Of these, live ones that have not ended, or not well.",
			TOTAL("unfinished")},
		{"qgreplay_events", NULL, "gauge", "Events in the store.", TOTAL("events")},
		{"qgreplay_findings", "{severity=\"error\"}", "gauge", "Findings of the last replay of each trace.",
			TOTAL("errors")},
		{"qgreplay_findings", "{severity=\"warning\"}", NULL, NULL, TOTAL("warnings")},
		{"qgreplay_findings", "{severity=\"note\"}", NULL, NULL, TOTAL("notes")},
		{"qgreplay_finding_error_bytes", NULL, "gauge", "Bytes of all findings that are errors.",
			TOTAL("error_bytes")},
		{"qgreplay_signatures", NULL, "gauge", "Ways in which reservations went wrong.", TOTAL("signatures")},
		{"qgreplay_signatures_open", NULL, "gauge", "Of these, those that nobody has dealt with.",
			TOTAL("signatures_open")},
		{"qgreplay_uploads", "{state=\"queued\"}", "gauge", "Uploads by state.", TOTAL("uploads_queued")},
		{"qgreplay_uploads", "{state=\"running\"}", NULL, NULL, TOTAL("uploads_running")},
		{"qgreplay_uploads", "{state=\"done\"}", NULL, NULL, TOTAL("uploads_done")},
		{"qgreplay_uploads", "{state=\"failed\"}", NULL, NULL, TOTAL("uploads_failed")},
		{"qgreplay_uploads_waiting_bytes", NULL, "gauge", "Bytes of uploads that are queued or running.",
			sources->load.bytes},
	};
#undef TOTAL

	write_figures(stream, figures, sizeof(figures) / sizeof(figures[0]));
}

static void write_process(FILE *stream, const struct sources *sources)
{
	const struct board *board = sources->board;
	const struct figure figures[] = {
		{"qgreplay_uploads_done_total", NULL, "counter",
			"Uploads that became traces, since the server was started.", atomic_load(&board->uploads_done)},
		{"qgreplay_uploads_failed_total", NULL, "counter", "Uploads that failed, since then.",
			atomic_load(&board->uploads_failed)},
		{"qgreplay_decoders_died_total", NULL, "counter",
			"Of these, those that ended their decoder by a signal, a limit or a forbidden system call.",
			atomic_load(&board->decoders_died)},
		{"qgreplay_worker_restarts_total", NULL, "counter", "Workers that died and were started again.",
			atomic_load(&board->worker_restarts)},
		{"qgreplay_events_read_total", NULL, "counter", "Events that workers have read.",
			atomic_load(&board->events_read)},
		{"qgreplay_start_time_seconds", NULL, "gauge", "When the server was started, in seconds since 1970.",
			sources->started_at},
		{"qgreplay_resident_bytes", NULL, "gauge", "Memory of the process that answers requests.",
			sources->resident_bytes},
	};

	write_figures(stream, figures, sizeof(figures) / sizeof(figures[0]));
}

enum err api_metrics(struct call *call, struct error *error)
{
	struct sources sources = {0};
	FILE *stream = call->response->body;
	enum err err = read_sources(call, &sources, error);

	if (err == ERR_OK) {
		call->response->type = RESPONSE_METRICS;
		call->response->private_body = true;
		fprintf(stream,
			"# HELP qgreplay_info Version of the program.\n# TYPE qgreplay_info gauge\n"
			"qgreplay_info{version=\"%s\"} 1\n",
			call->site->options->version);
		write_store(stream, &sources);
		write_process(stream, &sources);
		metrics_write(call->site->metrics, stream);
	}
	list_one_release(&sources.totals);
	return err;
}
