/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * api - what programs ask: JSON, or CSV where it is a list. openapi.json beside this file describes each; a test holds
 * it against the routes.
 */
#ifndef QGREPLAY_WEB_API_API_H
#define QGREPLAY_WEB_API_API_H

#include "web/message/call.h"

/* Lists. */
enum err api_traces(struct call *call, struct error *error);
enum err api_findings(struct call *call, struct error *error);
enum err api_occurrences(struct call *call, struct error *error);
enum err api_owners(struct call *call, struct error *error);
enum err api_evidence(struct call *call, struct error *error);
enum err api_events(struct call *call, struct error *error);
enum err api_roots(struct call *call, struct error *error);
enum err api_signatures(struct call *call, struct error *error);
enum err api_signature_traces(struct call *call, struct error *error);
enum err api_signature_kernels(struct call *call, struct error *error);
enum err api_uploads(struct call *call, struct error *error);
enum err api_bugs(struct call *call, struct error *error);

/* One thing. */
enum err api_trace(struct call *call, struct error *error);   /* as in a report: schema/report.schema.json */
enum err api_finding(struct call *call, struct error *error); /* the same */
enum err api_ledger(struct call *call, struct error *error);  /* the curves of a root, at the width asked for */
enum err api_ranges(struct call *call, struct error *error);  /* the map of an inode */
enum err api_signature(struct call *call, struct error *error);
enum err api_signature_change(struct call *call, struct error *error);
enum err api_upload(struct call *call, struct error *error); /* with its progress */
enum err api_bug(struct call *call, struct error *error);
enum err api_openapi(struct call *call, struct error *error);

/* Traces on their way in. */
enum err api_trace_sent(struct call *call, struct error *error);
enum err api_tus_options(struct call *call, struct error *error);
enum err api_tus_create(struct call *call, struct error *error);
enum err api_tus_state(struct call *call, struct error *error);
enum err api_tus_append(struct call *call, struct error *error);
enum err api_tus_delete(struct call *call, struct error *error);

/* For those who run the server. */
enum err api_healthz(struct call *call, struct error *error);
enum err api_readyz(struct call *call, struct error *error);
enum err api_metrics(struct call *call, struct error *error);

#endif
