/* SPDX-License-Identifier: GPL-2.0-only */
/* trace - a trace, and one of its findings, as the objects of a report (schema/report.schema.json). */
#include <stdlib.h>

#include "web/api/api.h"
#include "web/message/query.h"
#include "web/page/proof.h"
#include "web/site.h"

static const char *const no_names[] = {NULL};

/* More are had by the list of roots, which has pages. */
enum { ROOTS_MAX = 1000 };

/* A report says it all: of its two streams one is the answer, and what goes to the other is thrown away. */
static void write_report(struct call *call, const struct report_trace *trace, const struct finding *finding)
{
	const struct report_options options = {
		.version = call->site != NULL ? call->site->options->version : "",
		.filter = {.finding = finding != NULL ? finding->id : UINT64_MAX},
	};
	const struct report_totals totals = {0};
	char *text = NULL;
	size_t size = 0;
	FILE *unused = open_memstream(&text, &size);
	FILE *body = call->response->body;
	const struct report_streams streams = {finding == NULL ? body : unused, finding == NULL ? unused : body};

	if (unused == NULL)
		abort();
	call->response->type = RESPONSE_JSON;
	report_json.trace(&streams, &options, trace, &totals);
	fputc('\n', body);
	if (fclose(unused) != 0)
		abort();
	free(text);
}

enum err api_trace(struct call *call, struct error *error)
{
	struct list_one facts = {.list = LIST_TRACES};
	struct kept *kept = NULL;
	uint64_t number;
	enum err err = query_check(call, no_names, error);

	if (err == ERR_OK)
		err = proof_number(call, 0, "trace", &number, error);
	if (err == ERR_OK)
		err = proof_facts(call, number, &facts, error);
	if (err == ERR_OK)
		err = proof_read_trace(call, &facts, &kept, error);
	if (err == ERR_OK) {
		kept_cut_roots(kept, ROOTS_MAX);
		write_report(call, kept_trace(kept), NULL);
	}
	kept_free(kept);
	list_one_release(&facts);
	return err;
}

enum err api_finding(struct call *call, struct error *error)
{
	struct proof proof = {.facts = {.list = LIST_TRACES}};
	uint64_t trace;
	uint64_t number;
	enum err err = query_check(call, no_names, error);

	if (err == ERR_OK)
		err = proof_number(call, 0, "trace", &trace, error);
	if (err == ERR_OK)
		err = proof_number(call, 1, "finding", &number, error);
	if (err == ERR_OK)
		err = proof_read(call, trace, number, &proof, error);
	if (err == ERR_OK)
		write_report(call, proof.trace, proof.finding);
	proof_release(&proof);
	return err;
}
