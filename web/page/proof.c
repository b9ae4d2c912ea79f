/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/page/proof.h"

#include <inttypes.h>

/* The rows of one trace, or of one replay, or of one of its findings. */
struct stored_rows {
	struct store *store;
	uint64_t owner;
	uint64_t finding; /* 0: all */
	bool bare;	  /* without findings */
};

static bool is_of_finding(enum row_table table)
{
	return table == ROW_FINDING || table == ROW_OCCURRENCE || table == ROW_OWNER || table == ROW_EVIDENCE;
}

static enum err each(void *context, enum row_table table, const struct row_sink *sink, struct error *error)
{
	const struct stored_rows *rows = context;

	if (is_of_finding(table) && rows->bare)
		return ERR_OK;
	if (is_of_finding(table) && rows->finding != 0)
		return store_each_of_finding(rows->store, table, rows->owner, rows->finding, sink, error);
	return store_each(rows->store, table, rows->owner, sink, error);
}

/* The events are the truth; what was concluded from them can be made again. */
static enum err load(const struct stored_rows *of_replay, uint64_t trace, struct kept **kept, struct error *error)
{
	struct stored_rows trace_rows = {.store = of_replay->store, .owner = trace};
	struct stored_rows replay_rows = *of_replay;
	const struct row_source of_trace = {each, &trace_rows};
	const struct row_source of_replay_rows = {each, &replay_rows};
	const struct kept_source source = {&of_trace, &of_replay_rows, (uint32_t)of_replay->finding};
	enum err err = kept_load(kept, &source, error);

	if (err == ERR_INPUT)
		return error_wrap(error,
			"cannot read replay %" PRIu64 ", 'qgreplay analyze --trace %" PRIu64
			" --force' makes its findings anew",
			of_replay->owner, trace);
	return err;
}

enum err proof_number(struct call *call, unsigned index, const char *what, uint64_t *number, struct error *error)
{
	if (request_capture(call->request, index, false, number))
		return ERR_OK;
	return call_refuse(call, 404, error, "'%s' is not the number of a %s", call->request->captures[index], what);
}

enum err proof_facts(struct call *call, uint64_t trace, struct list_one *facts, struct error *error)
{
	const struct list_filter filter = {.name = "id", .number = trace};
	enum err err = ERR_OK;

	*facts = (struct list_one){.list = LIST_TRACES};
	if (trace <= INT64_MAX)
		err = list_one_read(call, LIST_TRACES, &filter, 1, facts, error);
	if (err == ERR_OK && facts->count == 0)
		return call_refuse(
			call, 404, error, "there is no trace %" PRIu64 ", the list of traces has all that are", trace);
	return err;
}

static enum err no_finding(struct call *call, const struct proof *proof, uint64_t number, struct error *error)
{
	if (proof->replay != proof->current)
		return call_refuse(
			call, 404, error, "replay %" PRIu64 " has no finding %" PRIu64, proof->replay, number);
	if (proof->finding_count == 0)
		return call_refuse(call, 404, error, "nothing was found in trace %" PRIu64, proof->trace_id);
	return call_refuse(call, 404, error, "trace %" PRIu64 " has no finding %" PRIu64 ", only 1 to %" PRIu64,
		proof->trace_id, number, proof->finding_count);
}

static const struct finding *finding_of(const struct proof *proof, uint64_t number)
{
	const struct replay_result *result = proof->trace->result;

	for (size_t i = 0; i < result->finding_count; i++)
		if (result->findings[i].id == number)
			return &result->findings[i];
	return NULL;
}

/* Lines of a log name all findings that they support, so that with one the whole replay is needed. */
static enum err load_finding(struct call *call, struct proof *proof, uint64_t number, struct error *error)
{
	struct stored_rows rows = {.store = call->store, .owner = proof->replay, .finding = number};
	enum err err = load(&rows, proof->trace_id, &proof->kept, error);

	if (err == ERR_OK && kept_trace(proof->kept)->result->log != NULL) {
		kept_free(proof->kept);
		proof->kept = NULL;
		rows.finding = 0;
		err = load(&rows, proof->trace_id, &proof->kept, error);
	}
	if (err != ERR_OK)
		return err;
	proof->trace = kept_trace(proof->kept);
	proof->trace->id = proof->trace_id;
	proof->finding = finding_of(proof, number);
	return proof->finding != NULL ? ERR_OK : no_finding(call, proof, number, error);
}

static enum err read_finding(struct call *call, struct proof *proof, uint64_t number, struct error *error)
{
	proof->current = list_one_number(&proof->facts, "replay");
	proof->finding_count = list_one_number(&proof->facts, "errors") + list_one_number(&proof->facts, "warnings") +
			       list_one_number(&proof->facts, "notes");
	if (proof->replay == 0)
		proof->replay = proof->current;
	if (proof->replay == 0)
		return call_refuse(call, 404, error,
			"trace %" PRIu64 " was never replayed, 'qgreplay analyze --trace %" PRIu64 "' does it",
			proof->trace_id, proof->trace_id);
	if (number == 0 || number > UINT32_MAX)
		return no_finding(call, proof, number, error);
	return load_finding(call, proof, number, error);
}

enum err proof_read(struct call *call, uint64_t trace, uint64_t finding, struct proof *proof, struct error *error)
{
	enum err err;

	*proof = (struct proof){.trace_id = trace};
	err = proof_facts(call, trace, &proof->facts, error);
	return err == ERR_OK ? read_finding(call, proof, finding, error) : err;
}

enum err proof_read_kept(struct call *call, uint64_t replay, uint64_t finding, struct proof *proof, struct error *error)
{
	const struct list_filter filter = {.name = "id", .number = replay};
	struct list_one one = {.list = LIST_REPLAYS};
	enum err err = ERR_OK;

	*proof = (struct proof){.replay = replay, .facts = {.list = LIST_TRACES}};
	if (replay <= INT64_MAX)
		err = list_one_read(call, LIST_REPLAYS, &filter, 1, &one, error);
	if (err == ERR_OK && (one.count == 0 || replay == 0))
		err = call_refuse(call, 404, error,
			"there is no replay %" PRIu64 ", its trace may have been deleted since", replay);
	if (err == ERR_OK) {
		proof->trace_id = list_one_number(&one, "trace");
		err = proof_facts(call, proof->trace_id, &proof->facts, error);
	}
	list_one_release(&one);
	return err == ERR_OK ? read_finding(call, proof, finding, error) : err;
}

void proof_release(struct proof *proof)
{
	kept_free(proof->kept);
	list_one_release(&proof->facts);
}

static enum err is_logged(struct call *call, uint64_t replay, bool *logged, struct error *error)
{
	const struct list_filter filter = {.name = "id", .number = replay};
	struct list_one one;
	enum err err = list_one_read(call, LIST_REPLAYS, &filter, 1, &one, error);

	*logged = list_one_number(&one, "logged") != 0;
	list_one_release(&one);
	return err;
}

/* What a kernel's log said names the findings that it supports, so that they must be there. */
enum err proof_read_trace(struct call *call, const struct list_one *facts, struct kept **kept, struct error *error)
{
	struct stored_rows rows = {.store = call->store, .owner = list_one_number(facts, "replay")};
	uint64_t trace = list_one_number(facts, "id");
	bool logged = false;
	enum err err;

	if (rows.owner == 0)
		return call_refuse(call, 404, error,
			"trace %" PRIu64 " was never replayed, 'qgreplay analyze --trace %" PRIu64 "' does it", trace,
			trace);
	err = is_logged(call, rows.owner, &logged, error);
	rows.bare = !logged;
	if (err == ERR_OK)
		err = load(&rows, trace, kept, error);
	if (err == ERR_OK)
		kept_trace(*kept)->id = trace;
	return err;
}
