/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/analyze_trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "analyzer/engine.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "cmd/check_output.h"
#include "cmd/db_option.h"
#include "cmd/intake.h"
#include "cmd/pipeline.h"
#include "cmd/stored_spool.h"

/* In memory that is shared with the child; see check.c. */
struct shared {
	struct pipeline_progress progress;
	uint8_t finished;
};

struct work {
	struct analyze_outcome *outcome;
	const struct analyze_options *options;
	struct limits limits;
	struct stored_spool spool;
	struct intake intake;
	struct progress progress;
	struct shared *shared;
};

static uint64_t number_of(const struct row *row, const char *name)
{
	return row_number(row, row_column(row->table, name));
}

static char *text_of(const struct row *row, const char *name)
{
	const char *text = row_text(row, row_column(row->table, name));

	return utf8_harmless(text != NULL ? text : "");
}

static enum err take_replay(void *context, const struct row *row, struct error *error)
{
	struct analyze_replay *replay = context;

	(void)error;
	free(replay->engine);
	replay->engine = text_of(row, "engine");
	replay->fresh = number_of(row, "fresh") != 0;
	replay->limited = number_of(row, "limited") != 0;
	replay->logged = number_of(row, "logged") != 0;
	return ERR_OK;
}

static enum err read_replay(struct analyze_replay *replay, struct store *store, struct error *error)
{
	const struct row_sink sink = {take_replay, replay};

	return replay->id == 0 ? ERR_OK : store_each(store, ROW_REPLAY, replay->id, &sink, error);
}

static enum err find_last_replay(
	struct analyze_replay *replay, struct store *store, uint64_t trace, struct error *error)
{
	uint64_t *ids = NULL;
	size_t count = 0;
	enum err err = store_replay_ids(store, trace, &ids, &count, error);

	*replay = (struct analyze_replay){.id = err == ERR_OK && count > 0 ? ids[count - 1] : 0};
	free(ids);
	return err == ERR_OK ? read_replay(replay, store, error) : err;
}

static enum finding_severity severity_of(const char *word)
{
	int severity = SEVERITY_COUNT - 1;

	while (severity > 0 && strcmp(finding_severity_name((enum finding_severity)severity), word) != 0)
		severity--;
	return (enum finding_severity)severity;
}

static enum finding_certainty certainty_of(const char *word)
{
	int certainty = CERTAINTY_COUNT - 1;

	while (certainty > 0 && strcmp(finding_certainty_name((enum finding_certainty)certainty), word) != 0)
		certainty--;
	return (enum finding_certainty)certainty;
}

/* What a finding is known again by stands in its row: the finding need not be put together. */
static enum err take_finding(void *context, const struct row *row, struct error *error)
{
	char *severity = text_of(row, "severity");
	char *certainty = text_of(row, "certainty");
	const struct compare_item item = {.signature = text_of(row, "signature"),
		.kind = text_of(row, "kind"),
		.headline = text_of(row, "headline"),
		.severity = severity_of(severity),
		.certainty = certainty_of(certainty),
		.root = number_of(row, "root"),
		.ino = number_of(row, "ino"),
		.findings = 1,
		.occurrences = number_of(row, "occurrences"),
		.bytes = number_of(row, "bytes")};

	(void)error;
	compare_add(context, &item);
	free(severity);
	free(certainty);
	return ERR_OK;
}

static enum err read_findings(
	struct compare_side *side, const struct analyze_replay *replay, struct store *store, struct error *error)
{
	const struct row_sink sink = {take_finding, side};

	side->name = memory_text("", 0);
	side->traces = 1;
	return replay->id == 0 ? ERR_OK : store_each(store, ROW_FINDING, replay->id, &sink, error);
}

static enum err take_name(void *context, const struct row *row, struct error *error)
{
	char **name = context;

	(void)error;
	free(*name);
	*name = text_of(row, "name");
	return ERR_OK;
}

static enum err take_limit(void *context, const struct row *row, struct error *error)
{
	struct limit limit = {number_of(row, "qgid"), LIMIT_NONE, LIMIT_NONE};
	size_t rfer = row_column(row->table, "max_rfer");
	size_t excl = row_column(row->table, "max_excl");

	(void)error;
	if (row->values[rfer].kind == ROW_NUMBER)
		limit.max_rfer = row_number(row, rfer);
	if (row->values[excl].kind == ROW_NUMBER)
		limit.max_excl = row_number(row, excl);
	limits_add(context, limit);
	return ERR_OK;
}

static enum err read_limits(struct limits *limits, struct store *store, uint64_t trace, struct error *error)
{
	const struct row_sink sink = {take_limit, limits};
	enum err err = store_each(store, ROW_QGROUP, trace, &sink, error);
	uint64_t twice;

	if (err == ERR_OK && !limits_sort(limits, &twice))
		err = error_set(error, ERR_INPUT, "the limits of trace %llu are damaged: a qgroup stands twice",
			(unsigned long long)trace);
	return err;
}

static bool wants_fresh(const struct analyze_options *options, const struct analyze_replay *before)
{
	return options->fresh == ANALYZE_FRESH_AS_BEFORE ? before->fresh : options->fresh == ANALYZE_FRESH;
}

static bool is_up_to_date(const struct analyze_options *options, const struct analyze_replay *before)
{
	return !options->force && options->dmesg_name == NULL && before->id != 0 &&
	       strcmp(before->engine, replay_engine()) == 0 && before->fresh == wants_fresh(options, before);
}

/* All that is wanted of the store before the replay. */
static enum err read_before(struct work *work, bool *done, struct error *error)
{
	struct analyze_outcome *outcome = work->outcome;
	const struct row_sink name = {take_name, &outcome->name};
	struct store *store = NULL;
	enum err err = db_option_open(&store, work->options->db_name, STORE_WRITE, error);

	if (err == ERR_OK)
		err = find_last_replay(&outcome->before, store, outcome->trace, error);
	if (err == ERR_OK)
		err = store_each(store, ROW_TRACE, outcome->trace, &name, error);
	*done = err == ERR_OK && is_up_to_date(work->options, &outcome->before);
	if (err == ERR_OK && !*done)
		err = read_findings(&outcome->sides[0], &outcome->before, store, error);
	if (err == ERR_OK && !*done && outcome->before.limited)
		err = read_limits(&work->limits, store, outcome->trace, error);
	if (err == ERR_OK && !*done)
		err = stored_spool_open(&work->spool, store, outcome->trace, &stored_spool_whole, error);
	store_close(store);
	return err;
}

static enum err load_after(struct work *work, struct error *error)
{
	struct analyze_outcome *outcome = work->outcome;
	const struct store_facts facts = {.now = (uint64_t)time(NULL)};
	struct store_loaded loaded = {0};
	struct store *store = NULL;
	enum err err = db_option_open(&store, work->options->db_name, STORE_WRITE, error);

	if (err == ERR_OK)
		err = store_load_replay(store, work->intake.input.rows_fd, outcome->trace, &facts, &loaded, error);
	outcome->after.id = loaded.replay;
	if (err == ERR_OK)
		err = read_replay(&outcome->after, store, error);
	if (err == ERR_OK)
		err = read_findings(&outcome->sides[1], &outcome->after, store, error);
	store_close(store);
	return err;
}

/* In the child. */
static enum err replay_again(void *context, struct error *error)
{
	struct work *work = context;
	struct pipeline_input *input = &work->intake.input;
	struct pipeline *pipeline = NULL;
	enum err err = side_files_read(&work->intake.side, &input->replay, error);

	if (err == ERR_OK)
		err = pipeline_run(&pipeline, input, error);
	if (err == ERR_OK)
		err = pipeline_draw(pipeline, NULL, true, error);
	if (err == ERR_OK)
		err = pipeline_keep(pipeline, input, error);
	pipeline_free(pipeline);
	side_files_release(&work->intake.side);
	work->shared->finished = 1;
	return err;
}

static enum err open_intake(struct work *work, struct error *error)
{
	struct pipeline_input *input = &work->intake.input;
	enum err err;

	*input = (struct pipeline_input){.id = 1,
		.fd = work->spool.fd,
		.spool_fd = -1,
		.samples_fd = -1,
		.rows_fd = -1,
		.stored = true,
		.name = work->outcome->name,
		.progress = &work->shared->progress,
		.replay = {.fresh = wants_fresh(work->options, &work->outcome->before),
			.limits = work->outcome->before.limited ? &work->limits : NULL}};
	work->intake.confined = work->options->sandboxed;
	work->intake.progress = &work->progress;
	err = side_files_open(&work->intake.side, NULL, work->options->dmesg_name, error);
	if (err == ERR_OK)
		err = check_output_spool(&input->samples_fd, error);
	return err == ERR_OK ? check_output_spool(&input->rows_fd, error) : err;
}

static enum err replay_confined(struct work *work, struct error *error)
{
	enum err err = open_intake(work, error);

	/* Closed with the intake from here on. */
	work->spool.fd = -1;
	return err == ERR_OK ? intake_run(&work->intake, replay_again, work, &work->shared->finished, error) : err;
}

enum err analyze_trace(struct analyze_outcome *outcome, uint64_t trace, const struct analyze_options *options,
	const struct command_call *call, bool *store_failed, struct error *error)
{
	struct work work = {.outcome = outcome, .options = options};
	bool done = false;
	enum err err;

	*outcome = (struct analyze_outcome){.trace = trace};
	work.intake.input = (struct pipeline_input){.fd = -1, .spool_fd = -1, .samples_fd = -1, .rows_fd = -1};
	work.intake.side = (struct side_files){.limits_fd = -1, .klog_fd = -1};
	work.intake.again_spool_fd = -1;
	work.shared = mmap(NULL, sizeof(*work.shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (work.shared == MAP_FAILED)
		return error_set(error, ERR_SYSTEM, "cannot share memory with the replay: %s", strerror(errno));
	work.progress = (struct progress){.call = call, .at = &work.shared->progress};
	err = read_before(&work, &done, error);
	*store_failed = err != ERR_OK && outcome->name == NULL;
	if (err == ERR_OK && !done)
		err = replay_confined(&work, error);
	if (err == ERR_OK && !done) {
		err = load_after(&work, error);
		/* Others: rows that do not fit, or a trace that was deleted meanwhile. */
		*store_failed = err == ERR_SYSTEM;
	}
	intake_close(&work.intake);
	stored_spool_close(&work.spool);
	limits_release(&work.limits);
	munmap(work.shared, sizeof(*work.shared));
	return err;
}

void analyze_outcome_release(struct analyze_outcome *outcome)
{
	free(outcome->name);
	free(outcome->before.engine);
	free(outcome->after.engine);
	compare_release(&outcome->sides[0]);
	compare_release(&outcome->sides[1]);
}
