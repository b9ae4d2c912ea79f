/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * import - takes traces into the store, with what the replay finds in them.
 *
 * Each trace is decoded and replayed by a confined process, which takes it down as rows; this process then loads them
 * in one transaction. One that cannot be read does not keep the others out; a store that cannot be written ends the
 * run.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "cmd/command.h"
#include "cmd/deposit.h"
#include "cmd/import_options.h"
#include "cmd/intake.h"
#include "cmd/pipeline.h"

/* What the child hands back, in memory that it shares with the parent; see check.c. */
struct shared {
	struct pipeline_progress progress;
	struct report_totals totals;
	uint8_t finished;
};

struct import {
	const struct import_options *options;
	struct deposit deposit;
	struct intake intake; /* of the trace at hand */
	struct deposit_slip slip;
	struct progress progress;
	struct shared *shared;
	struct json json;
	bool failed;
	bool found;
};

/* In the child. */
static enum err take_down(void *context, struct error *error)
{
	struct import *import = context;
	const struct report_options everything = {.version = QGREPLAY_VERSION};
	struct pipeline *pipeline = NULL;
	enum err err = side_files_read(&import->intake.side, &import->intake.input.replay, error);

	if (err == ERR_OK)
		err = pipeline_run(&pipeline, &import->intake.input, error);
	if (err == ERR_OK)
		err = pipeline_draw(pipeline, NULL, true, error);
	if (err == ERR_OK)
		err = pipeline_keep(pipeline, &import->intake.input, error);
	if (err == ERR_OK)
		report_count(&import->shared->totals, &everything, pipeline_trace(pipeline));
	pipeline_free(pipeline);
	side_files_release(&import->intake.side);
	import->shared->finished = 1;
	return err;
}

/* `*store_failed`: the trace is not to blame. */
static enum err take_in(struct import *import, const char *name, bool *store_failed, struct error *error)
{
	const struct import_options *options = import->options;
	const struct intake_wish wish = {.limits_name = options->limits_name,
		.dmesg_name = options->dmesg_name,
		.rows = true,
		.confined = options->sandboxed};
	enum err err = intake_open(&import->intake, name, &wish, error);

	*store_failed = false;
	import->intake.progress = &import->progress;
	import->intake.input.progress = &import->shared->progress;
	import->intake.input.replay =
		(struct replay_options){.fresh = options->fresh, .log_shared = options->names.count > 1};
	if (err == ERR_OK)
		err = deposit_hash(&import->intake, &import->slip, error);
	if (err == ERR_OK) {
		err = deposit_look_up(&import->deposit, &import->slip, error);
		*store_failed = err != ERR_OK;
	}
	if (err == ERR_OK && !import->slip.loaded.known) {
		err = intake_run(&import->intake, take_down, import, &import->shared->finished, error);
		if (err == ERR_OK) {
			err = deposit_load(&import->deposit, &import->intake, &import->slip, error);
			*store_failed = err == ERR_SYSTEM;
		}
	}
	intake_close(&import->intake);
	return err;
}

static void put_count(uint64_t count, const char *what, const char **between)
{
	if (count == 0)
		return;
	printf("%s%" PRIu64 " %s%s", *between, count, what, count == 1 ? "" : "s");
	*between = ", ";
}

/* Of a trace that was there the store has them, of a new one the process that replayed it. */
static uint64_t found(const struct import *import, enum finding_severity severity)
{
	return import->slip.severities[severity] + import->shared->totals.severities[severity];
}

static void say_text(const struct import *import, const char *name)
{
	const struct store_loaded *loaded = &import->slip.loaded;
	const char *between = "";

	printf("trace %" PRIu64 ": '%s'", loaded->trace, name);
	if (loaded->known)
		fputs(" is there already; ", stdout);
	else
		printf(", %" PRIu64 " events; ", import->shared->totals.events);
	put_count(found(import, SEVERITY_ERROR), "error", &between);
	put_count(found(import, SEVERITY_WARNING), "warning", &between);
	put_count(found(import, SEVERITY_NOTE), "note", &between);
	puts(*between == '\0' ? "nothing found" : "");
}

static void say_json(struct import *import, const char *name)
{
	const struct store_loaded *loaded = &import->slip.loaded;
	struct json *json = &import->json;

	json_object(json, NULL);
	json_number(json, "trace", loaded->trace);
	json_text(json, "name", name);
	json_text(json, "sha256", import->slip.sha256);
	json_bool(json, "known", loaded->known);
	if (loaded->known)
		json_null(json, "events");
	else
		json_number(json, "events", import->shared->totals.events);
	json_number(json, "errors", found(import, SEVERITY_ERROR));
	json_number(json, "warnings", found(import, SEVERITY_WARNING));
	json_number(json, "notes", found(import, SEVERITY_NOTE));
	json_object_end(json);
}

/* What is stored is said at once. */
static void say(struct import *import)
{
	char *name = utf8_harmless(import->intake.input.name);

	if (import->options->json)
		say_json(import, name);
	else
		say_text(import, name);
	fflush(stdout);
	free(name);
}

static bool is_found(const struct import *import)
{
	for (int severity = (int)import->options->fail_on; severity < SEVERITY_COUNT; severity++)
		if (found(import, (enum finding_severity)severity) != 0)
			return true;
	return false;
}

static void tell_unfit(struct import *import, struct command_call *call)
{
	const struct import_names *unfit = &import->options->unfit;

	for (size_t i = 0; i < unfit->count; i++) {
		struct error trouble;

		error_set(&trouble, ERR_USAGE, "no file fits the pattern '%s'", unfit->all[i]);
		call->trouble(trouble.text);
		import->failed = true;
	}
}

static enum err take_all(struct import *import, struct command_call *call, struct error *error)
{
	const struct import_names *names = &import->options->names;

	tell_unfit(import, call);
	for (size_t i = 0; i < names->count; i++) {
		struct error trouble = {0};
		bool store_failed;

		*import->shared = (struct shared){.finished = 0};
		import->slip = (struct deposit_slip){.loaded = { 0 }};
		if (take_in(import, names->all[i], &store_failed, &trouble) == ERR_OK) {
			import->found = import->found || is_found(import);
			say(import);
			continue;
		}
		if (store_failed)
			return error_set(error, trouble.code, "%s", trouble.text);
		call->trouble(trouble.text);
		import->failed = true;
	}
	return ERR_OK;
}

static enum err take_and_say(struct import *import, struct command_call *call, struct error *error)
{
	/* Where no file is named after all, no store is made for it. */
	enum err err = import->options->names.count > 0 ? deposit_prepare(&import->deposit, error) : ERR_OK;

	if (err != ERR_OK)
		return err;
	if (import->options->json) {
		json_init(&import->json, stdout, 2);
		json_object(&import->json, NULL);
		json_array(&import->json, "traces");
	}
	err = take_all(import, call, error);
	if (import->options->json) {
		json_array_end(&import->json);
		json_object_end(&import->json);
		putchar('\n');
	}
	call->exit_code = import->failed ? COMMAND_TROUBLE : import->found ? COMMAND_FOUND : COMMAND_CLEAN;
	return err;
}

static enum err run(struct command_call *call, struct error *error)
{
	struct import_options options;
	struct import import = {.options = &options};
	enum err err = import_options_read(&options, call, error);

	if (err == ERR_OK && !call->help_wanted) {
		import.deposit = (struct deposit){options.db_name, options.host, options.wait_ms};
		import.shared =
			mmap(NULL, sizeof(*import.shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (import.shared == MAP_FAILED)
			err = error_set(error, ERR_SYSTEM, "cannot share memory with the decoder: %s", strerror(errno));
		else {
			import.progress = (struct progress){.call = call, .at = &import.shared->progress};
			err = take_and_say(&import, call, error);
		}
		if (import.shared != MAP_FAILED)
			munmap(import.shared, sizeof(*import.shared));
	}
	import_options_release(&options);
	return err;
}

const struct command command_import = {
	.name = "import",
	.summary = "Takes traces into the store, with what the replay finds in them",
	.synopsis = "import [options] TRACE...",
	.about = "TRACE is what `qgreplay check` reads, '-' is stdin, and a quoted pattern such as '*.dat' stands for\n"
		 "the files that it fits. A trace is stored whole or not at all, whatever ends the program; one that "
		 "is\n"
		 "there already is recognised by its content. `qgreplay report` prints what was found.\n",
	.options = import_options_help,
	.examples = "  qgreplay import trace.dat\n"
		    "  qgreplay import --db fleet.db --host web7 '/var/spool/traces/*.dat.zst'\n"
		    "  ssh web7 cat trace.dat | qgreplay import --host web7 -\n",
	.exits = "  0  all are stored, and nothing was found at or above --fail-on\n"
		 "  1  all are stored, with findings\n",
	.run = run,
};
