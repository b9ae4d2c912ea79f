/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * analyze - replays traces of the store again, after an upgrade or with other options, and says which findings came,
 * went or changed.
 */
#include <inttypes.h>

#include "analyzer/engine.h"
#include "base/json.h"
#include "cmd/analyze_options.h"
#include "cmd/analyze_trace.h"
#include "cmd/command.h"
#include "cmd/db_option.h"

struct analyze {
	struct command_call *call;
	struct analyze_options options;
	struct json json;
	uint64_t replayed;
	uint64_t severities[COMPARE_LISTS][SEVERITY_COUNT];
	bool failed;
};

/* A slip in one number must not be seen only when those before it were replayed. */
static enum err choose_traces(struct analyze *analyze, struct error *error)
{
	struct store *store = NULL;
	enum err err = db_option_open(&store, analyze->options.db_name, STORE_WRITE, error);

	if (err == ERR_OK)
		err = trace_ids_or_all(&analyze->options.traces, store, error);
	store_close(store);
	return err;
}

static void add_up(struct analyze *analyze, const struct comparison *comparison)
{
	analyze->replayed++;
	for (int list = 0; list < COMPARE_LISTS; list++)
		for (int severity = 0; severity < SEVERITY_COUNT; severity++)
			analyze->severities[list][severity] += comparison->severities[list][severity];
}

/* Of the findings that stayed, only those that changed are worth a word. */
static uint64_t count_rows(const struct comparison *comparison, enum compare_list list)
{
	uint64_t count = 0;

	for (size_t i = 0; i < comparison->counts[list]; i++)
		count += list != COMPARE_STAYED || compare_changed(&comparison->rows[list][i]);
	return count;
}

static void say_counts(const struct comparison *comparison)
{
	static const char *const words[COMPARE_LISTS] = {"came", "went", "changed"};
	const char *between = ": ";

	for (int list = 0; list < COMPARE_LISTS; list++) {
		uint64_t count = count_rows(comparison, (enum compare_list)list);

		if (count == 0)
			continue;
		printf("%s%" PRIu64 " %s", between, count, words[list]);
		between = ", ";
	}
	puts(*between == ':' ? ": as before" : "");
}

static void say_text(const struct analyze_outcome *outcome, const struct comparison *comparison)
{
	printf("trace %" PRIu64 ": '%s'", outcome->trace, outcome->name);
	if (outcome->after.id == 0) {
		printf(" is up to date (engine %s)\n", outcome->before.engine);
		return;
	}
	printf(", replayed by engine %s", outcome->after.engine);
	if (outcome->before.id != 0)
		printf(" (before: %s)", outcome->before.engine);
	say_counts(comparison);
	compare_changes_text(stdout, comparison);
	if (outcome->before.logged && !outcome->after.logged)
		puts("  without the kernel's log of the last time, which is not stored: name it with --dmesg");
}

static void write_replay(struct json *json, const char *key, const struct analyze_replay *replay)
{
	if (replay->id == 0) {
		json_null(json, key);
		return;
	}
	json_object(json, key);
	json_number(json, "replay", replay->id);
	json_text(json, "engine", replay->engine);
	json_bool(json, "fresh", replay->fresh);
	json_bool(json, "limited", replay->limited);
	json_bool(json, "logged", replay->logged);
	json_object_end(json);
}

static void say_json(struct json *json, const struct analyze_outcome *outcome, const struct comparison *comparison)
{
	json_object(json, NULL);
	json_number(json, "trace", outcome->trace);
	json_text(json, "name", outcome->name);
	write_replay(json, "before", &outcome->before);
	write_replay(json, "after", &outcome->after);
	if (outcome->after.id == 0) {
		json_null(json, "changes");
	} else {
		json_object(json, "changes");
		compare_members_json(json, comparison);
		json_object_end(json);
	}
	json_object_end(json);
}

static void say(struct analyze *analyze, struct analyze_outcome *outcome)
{
	struct comparison comparison;

	compare_sides(&comparison, &outcome->sides[0], &outcome->sides[1]);
	if (outcome->after.id != 0)
		add_up(analyze, &comparison);
	if (analyze->options.json)
		say_json(&analyze->json, outcome, &comparison);
	else
		say_text(outcome, &comparison);
	comparison_release(&comparison);
	fflush(stdout); /* what is stored is said at once */
}

/* A trace that cannot be read does not keep the others from being replayed; a store that cannot be written does. */
static enum err replay_all(struct analyze *analyze, struct error *error)
{
	enum err err = ERR_OK;

	for (size_t i = 0; i < analyze->options.traces.count && err == ERR_OK; i++) {
		struct analyze_outcome outcome;
		struct error trouble = {0};
		bool store_failed = false;

		if (analyze_trace(&outcome, analyze->options.traces.all[i], &analyze->options, analyze->call,
			    &store_failed, &trouble) == ERR_OK) {
			say(analyze, &outcome);
		} else if (store_failed) {
			err = error_set(error, trouble.code, "%s", trouble.text);
		} else {
			error_wrap(&trouble, "cannot replay trace %" PRIu64, analyze->options.traces.all[i]);
			analyze->call->trouble(trouble.text);
			analyze->failed = true;
		}
		analyze_outcome_release(&outcome);
	}
	return err;
}

static enum command_exit verdict(const struct analyze *analyze)
{
	if (analyze->failed)
		return COMMAND_TROUBLE;
	for (int severity = (int)analyze->options.fail_on; severity < SEVERITY_COUNT; severity++)
		if (analyze->severities[COMPARE_CAME][severity] != 0)
			return COMMAND_FOUND;
	return COMMAND_CLEAN;
}

static void begin_json(struct analyze *analyze)
{
	json_init(&analyze->json, stdout, 4);
	json_object(&analyze->json, NULL);
	json_text(&analyze->json, "qgreplay", QGREPLAY_VERSION);
	json_number(&analyze->json, "format", 1);
	json_text(&analyze->json, "engine", replay_engine());
	json_array(&analyze->json, "traces");
}

static void end_json(struct analyze *analyze)
{
	json_array_end(&analyze->json);
	json_number(&analyze->json, "replayed", analyze->replayed);
	json_object_end(&analyze->json);
	putchar('\n');
}

static enum err run(struct command_call *call, struct error *error)
{
	struct analyze analyze = {.call = call};
	enum err err = analyze_options_read(&analyze.options, call, error);

	if (err == ERR_OK && !call->help_wanted)
		err = choose_traces(&analyze, error);
	if (err == ERR_OK && !call->help_wanted) {
		if (analyze.options.json)
			begin_json(&analyze);
		err = replay_all(&analyze, error);
		if (analyze.options.json)
			end_json(&analyze);
		call->exit_code = verdict(&analyze);
	}
	analyze_options_release(&analyze.options);
	return err;
}

const struct command command_analyze = {
	.name = "analyze",
	.summary = "Replays traces of the store again, and says which findings came, went or changed",
	.synopsis = "analyze [options] --trace N...\n"
		    "       qgreplay analyze [options] --all",
	.about = "After an upgrade of qgreplay, or with other options. A trace whose last replay was by the same "
		 "version\n"
		 "of the rules, with the same options, is left alone. Earlier replays are kept: what came and went is\n"
		 "told against the last of them. --fresh and the limits of qgroups are as they were then.\n",
	.options = analyze_options_help,
	.examples = "  qgreplay analyze --all\n"
		    "  qgreplay analyze --trace 3 --fresh\n"
		    "  qgreplay analyze --all --format json | jq '.traces[].changes.came[]?'\n",
	.exits = "  0  nothing came at or above --fail-on\n"
		 "  1  findings came\n",
	.run = run,
};
