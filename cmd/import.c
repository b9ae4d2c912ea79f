/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * import - takes traces into the store, with what the replay finds in them.
 *
 * One that cannot be read does not keep the others out; a store that cannot be written ends the run.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/utf8.h"
#include "cmd/command.h"
#include "cmd/import_options.h"
#include "cmd/take_in.h"

struct import {
	const struct import_options *options;
	struct take_in take;
	struct progress progress;
	struct json json;
	bool failed;
	bool found;
};

static void put_count(uint64_t count, const char *what, const char **between)
{
	if (count == 0)
		return;
	printf("%s%" PRIu64 " %s%s", *between, count, what, count == 1 ? "" : "s");
	*between = ", ";
}

static void say_text(const struct import *import, const char *name)
{
	const struct store_loaded *loaded = &import->take.slip.loaded;
	const char *between = "";

	printf("trace %" PRIu64 ": '%s'", loaded->trace, name);
	if (loaded->known)
		fputs(" is there already; ", stdout);
	else
		printf(", %" PRIu64 " events; ", import->take.shared->totals.events);
	put_count(take_in_found(&import->take, SEVERITY_ERROR), "error", &between);
	put_count(take_in_found(&import->take, SEVERITY_WARNING), "warning", &between);
	put_count(take_in_found(&import->take, SEVERITY_NOTE), "note", &between);
	puts(*between == '\0' ? "nothing found" : "");
}

static void say_json(struct import *import, const char *name)
{
	const struct store_loaded *loaded = &import->take.slip.loaded;
	struct json *json = &import->json;

	json_object(json, NULL);
	json_number(json, "trace", loaded->trace);
	json_text(json, "name", name);
	json_text(json, "sha256", import->take.slip.sha256);
	json_bool(json, "known", loaded->known);
	if (loaded->known)
		json_null(json, "events");
	else
		json_number(json, "events", import->take.shared->totals.events);
	json_number(json, "errors", take_in_found(&import->take, SEVERITY_ERROR));
	json_number(json, "warnings", take_in_found(&import->take, SEVERITY_WARNING));
	json_number(json, "notes", take_in_found(&import->take, SEVERITY_NOTE));
	json_object_end(json);
}

/* What is stored is said at once. */
static void say(struct import *import, const char *file)
{
	char *name = utf8_harmless(take_in_name(&import->take, file));

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
		if (take_in_found(&import->take, (enum finding_severity)severity) != 0)
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

		if (take_in_run(&import->take, names->all[i], &trouble) == ERR_OK) {
			import->found = import->found || is_found(import);
			say(import, names->all[i]);
			continue;
		}
		if (import->take.store_failed)
			return error_set(error, trouble.code, "%s", trouble.text);
		call->trouble(trouble.text);
		import->failed = true;
	}
	return ERR_OK;
}

static enum err take_and_say(struct import *import, struct command_call *call, struct error *error)
{
	/* Where no file is named after all, no store is made for it. */
	enum err err = import->options->names.count > 0 ? deposit_prepare(&import->take.deposit, error) : ERR_OK;

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

static void prepare(struct import *import, struct command_call *call)
{
	const struct import_options *options = import->options;

	import->take = (struct take_in){.deposit = {options->db_name, options->host, options->wait_ms},
		.wish = {.limits_name = options->limits_name,
			.dmesg_name = options->dmesg_name,
			.rows = true,
			.confined = options->sandboxed},
		.replay = {.fresh = options->fresh, .log_shared = options->names.count > 1},
		.progress = &import->progress};
	import->progress.call = call;
}

static enum err run(struct command_call *call, struct error *error)
{
	struct import_options options;
	struct import import = {.options = &options};
	enum err err = import_options_read(&options, call, error);

	if (err == ERR_OK && !call->help_wanted) {
		prepare(&import, call);
		err = take_in_open(&import.take, error);
		if (err == ERR_OK) {
			import.progress.at = &import.take.shared->progress;
			err = take_and_say(&import, call, error);
		}
		take_in_close(&import.take);
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
