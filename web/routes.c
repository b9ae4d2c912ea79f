/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/api/api.h"
#include "web/message/route.h"
#include "web/page/page.h"
#include "web/static/static.h"
#include "web/upload/upload.h"

#define PAGE(path_, handler_)                                                                                          \
	{                                                                                                              \
		.method = HTTP_GET, .path = (path_), .right = RIGHT_READ, .lane = LANE_READ, .handler = (handler_)     \
	}
#define UPLOAD(method_, path_, receiver_, handler_)                                                                    \
	{                                                                                                              \
		.method = (method_), .path = (path_), .right = RIGHT_UPLOAD, .lane = LANE_WRITE, .body = BODY_UPLOAD,  \
		.receiver = &(receiver_), .handler = (handler_)                                                        \
	}
#define CHANGE(method_, path_, handler_)                                                                               \
	{                                                                                                              \
		.method = (method_), .path = (path_), .right = RIGHT_ADMIN, .lane = LANE_WRITE, .body = BODY_SMALL,    \
		.handler = (handler_)                                                                                  \
	}
#define TUS(method_, path_, body_, handler_)                                                                           \
	{                                                                                                              \
		.method = (method_), .path = (path_), .right = RIGHT_UPLOAD, .lane = LANE_DISK, .body = (body_),       \
		.handler = (handler_)                                                                                  \
	}
#define OPEN(path_, lane_, handler_)                                                                                   \
	{                                                                                                              \
		.method = HTTP_GET, .path = (path_), .right = RIGHT_NONE, .lane = (lane_), .handler = (handler_)       \
	}

static const struct route routes[] = {
	PAGE("/", page_overview),
	PAGE("/findings", page_findings),
	PAGE("/traces", page_traces),
	PAGE("/traces/{trace}", page_trace),
	PAGE("/traces/{trace}/events", page_events),
	PAGE("/traces/{trace}/findings/{finding}", page_finding),
	PAGE("/traces/{trace}/findings/{finding}/mail", page_finding_mail),
	PAGE("/replays/{replay}/findings/{finding}", page_finding_kept),
	PAGE("/traces/{trace}/roots/{root}", page_root),
	PAGE("/traces/{trace}/roots/{root}/inodes/{ino}", page_inode),
	PAGE("/signatures", page_signatures),
	PAGE("/signatures/{signature}", page_signature),
	CHANGE(HTTP_POST, "/signatures/{signature}", page_signature_change),
	PAGE("/bugs", page_bugs),
	PAGE("/bugs/{bug}", page_bug),
	PAGE("/upload", page_upload),
	UPLOAD(HTTP_POST, "/upload", upload_receiver, page_upload_sent),
	PAGE("/uploads", page_uploads),
	PAGE("/uploads/{upload}", page_upload_one),
	PAGE("/about", page_about),
	OPEN("/static/{file}", LANE_NONE, static_handler),

	PAGE("/api/v1/traces", api_traces),
	UPLOAD(HTTP_POST, "/api/v1/traces", upload_receiver, api_trace_sent),
	UPLOAD(HTTP_PUT, "/api/v1/traces", upload_receiver, api_trace_sent),
	UPLOAD(HTTP_PUT, "/api/v1/traces/{name}", upload_receiver, api_trace_sent),
	PAGE("/api/v1/traces/{trace}", api_trace),
	PAGE("/api/v1/traces/{trace}/findings/{finding}", api_finding),
	PAGE("/api/v1/traces/{trace}/findings/{finding}/occurrences", api_occurrences),
	PAGE("/api/v1/traces/{trace}/findings/{finding}/owners", api_owners),
	PAGE("/api/v1/traces/{trace}/findings/{finding}/evidence", api_evidence),
	PAGE("/api/v1/findings", api_findings),
	PAGE("/api/v1/events", api_events),
	PAGE("/api/v1/roots", api_roots),
	PAGE("/api/v1/ledgers", api_ledger),
	PAGE("/api/v1/ranges", api_ranges),
	PAGE("/api/v1/signatures", api_signatures),
	PAGE("/api/v1/signatures/{signature}", api_signature),
	CHANGE(HTTP_PATCH, "/api/v1/signatures/{signature}", api_signature_change),
	PAGE("/api/v1/signatures/{signature}/traces", api_signature_traces),
	PAGE("/api/v1/signatures/{signature}/kernels", api_signature_kernels),
	PAGE("/api/v1/bugs", api_bugs),
	PAGE("/api/v1/bugs/{bug}", api_bug),
	PAGE("/api/v1/uploads", api_uploads),
	PAGE("/api/v1/uploads/{upload}", api_upload),
	TUS(HTTP_OPTIONS, "/api/v1/tus", BODY_NONE, api_tus_options),
	TUS(HTTP_POST, "/api/v1/tus", BODY_NONE, api_tus_create),
	TUS(HTTP_HEAD, "/api/v1/tus/{file}", BODY_NONE, api_tus_state),
	TUS(HTTP_DELETE, "/api/v1/tus/{file}", BODY_NONE, api_tus_delete),
	UPLOAD(HTTP_PATCH, "/api/v1/tus/{file}", upload_tus_receiver, api_tus_append),
	OPEN("/api/v1/openapi.json", LANE_NONE, api_openapi),

	OPEN("/healthz", LANE_NONE, api_healthz),
	OPEN("/readyz", LANE_READ, api_readyz),
	PAGE("/metrics", api_metrics),
};

const struct routes web_routes = {routes, sizeof(routes) / sizeof(routes[0])};
