/* SPDX-License-Identifier: GPL-2.0-only */
/* api_lists - lists of the store as JSON and CSV. */
#include <inttypes.h>

#include "web/api/api.h"
#include "web/list/list_view.h"

enum err api_traces(struct call *call, struct error *error)
{
	return list_view_api(call, &list_view_traces, NULL, error);
}

enum err api_findings(struct call *call, struct error *error)
{
	return list_view_api(call, &list_view_findings, NULL, error);
}

enum err api_events(struct call *call, struct error *error)
{
	return list_view_api(call, &list_view_events, NULL, error);
}

enum err api_roots(struct call *call, struct error *error)
{
	return list_view_api(call, &list_view_roots, NULL, error);
}

enum err api_signatures(struct call *call, struct error *error)
{
	return list_view_api(call, &list_view_signatures, NULL, error);
}

enum err api_uploads(struct call *call, struct error *error)
{
	return list_view_api(call, &list_view_uploads, NULL, error);
}

/* The finding that the path names, by the last replay of its trace. Errors: 404. */
static enum err find_replay(struct call *call, uint64_t finding, uint64_t *replay, struct error *error)
{
	struct list_filter filters[] = {{.name = "trace"}, {.name = "number", .number = finding}};
	struct list_one one;
	enum err err;

	if (!request_capture(call->request, 0, false, &filters[0].number))
		return call_refuse(call, 404, error, "there is no trace '%.64s', /api/v1/traces lists them",
			call->request->captures[0]);
	err = list_one_read(call, LIST_FINDINGS, filters, sizeof(filters) / sizeof(filters[0]), &one, error);
	if (err != ERR_OK)
		return err;
	*replay = one.count > 0 ? list_one_number(&one, "replay") : 0;
	list_one_release(&one);
	if (*replay != 0)
		return ERR_OK;
	return call_refuse(call, 404, error,
		"trace %" PRIu64 " has no finding %" PRIu64 ", /api/v1/findings?trace=%" PRIu64 " lists them",
		filters[0].number, finding, filters[0].number);
}

static enum err answer_of_finding(struct call *call, const struct list_view *view, struct error *error)
{
	struct list_filter filters[] = {{.name = "replay"}, {.name = "finding"}};
	const struct list_fixed fixed = {.filters = filters, .filter_count = sizeof(filters) / sizeof(filters[0])};
	enum err err;

	if (!request_capture(call->request, 1, false, &filters[1].number))
		return call_refuse(call, 404, error, "there is no finding '%.64s', /api/v1/findings lists them",
			call->request->captures[1]);
	err = find_replay(call, filters[1].number, &filters[0].number, error);
	if (err == ERR_OK)
		err = list_view_api(call, view, &fixed, error);
	return err;
}

enum err api_occurrences(struct call *call, struct error *error)
{
	return answer_of_finding(call, &list_view_occurrences, error);
}

enum err api_owners(struct call *call, struct error *error)
{
	return answer_of_finding(call, &list_view_owners, error);
}

enum err api_evidence(struct call *call, struct error *error)
{
	return answer_of_finding(call, &list_view_evidence, error);
}

static enum err answer_of_signature(struct call *call, const struct list_view *view, struct error *error)
{
	const struct list_filter signature = {.name = "signature", .text = call->request->captures[0]};
	const struct list_fixed fixed = {.filters = &signature, .filter_count = 1};
	struct list_one one;
	enum err err = list_one_read(call, LIST_SIGNATURES, &signature, 1, &one, error);
	bool found = one.count > 0;

	list_one_release(&one);
	if (err != ERR_OK)
		return err;
	if (!found)
		return call_refuse(call, 404, error, "there is no signature '%.64s', /api/v1/signatures lists them",
			signature.text);
	return list_view_api(call, view, &fixed, error);
}

enum err api_signature_traces(struct call *call, struct error *error)
{
	return answer_of_signature(call, &list_view_signature_traces, error);
}

enum err api_signature_kernels(struct call *call, struct error *error)
{
	return answer_of_signature(call, &list_view_signature_kernels, error);
}
