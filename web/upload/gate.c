/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/upload/gate.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/write_all.h"
#include "schema/store/store.h"
#include "web/site.h"
#include "web/upload/spool.h"

/* As long as a worker takes for a large trace. */
enum { FULL_RETRY_S = 10 };

/* A store that has more to grow into failed for another reason. */
enum { STORE_NEEDS_BYTES = 1048576 };

enum err gate_visit(struct call *call, struct error *error)
{
	const struct web_options *options = call->site->options;
	unsigned wait_s = spool_visit(call->site->spool, call->request->remote, options->upload_rate);
	enum err err;

	if (wait_s == 0)
		return ERR_OK;
	err = call_refuse(call, 429, error, "more than %u uploads a minute from one address: wait %u s",
		options->upload_rate, wait_s);
	response_header(call->response, "Retry-After", "%u", wait_s);
	return err;
}

static enum err refuse_full_disk(struct call *call, struct error *error)
{
	return call_refuse(
		call, 507, error, "the disk of the server is full: free some space there, then send it again");
}

enum err gate_bytes(struct call *call, uint64_t size, uint64_t more, struct error *error)
{
	const struct web_options *options = call->site->options;
	uint64_t max = options->upload_max_bytes < options->spool_max_bytes ? options->upload_max_bytes
									    : options->spool_max_bytes;
	enum err err;

	if (size > max)
		return call_refuse(call, 413, error,
			"an upload may have %" PRIu64 " bytes: pack it (zstd, gzip), cut it, or raise --upload-max",
			max);
	switch (spool_room(call->site->spool, more)) {
	case SPOOL_ROOM:
		return ERR_OK;
	case SPOOL_DISK_FULL:
		return refuse_full_disk(call, error);
	case SPOOL_WAIT:
		break;
	}
	err = call_refuse(call, 503, error,
		"the uploads that wait fill the %" PRIu64 " bytes that they may have: come again later",
		options->spool_max_bytes);
	response_header(call->response, "Retry-After", "%d", FULL_RETRY_S);
	return err;
}

enum err gate_parts(struct call *call, struct error *error)
{
	enum err err;

	if (spool_begin_parts(call->site->spool))
		return ERR_OK;
	err = call_refuse(call, 503, error,
		"%d uploads in parts are unfinished: send it as a whole, or come again later", SPOOL_PARTS_MAX);
	response_header(call->response, "Retry-After", "%d", FULL_RETRY_S);
	return err;
}

enum err gate_write(struct call *call, int fd, const void *bytes, size_t count, struct error *error)
{
	int failed = write_all(fd, bytes, count);

	/* What was written of it counts too, and nobody knows how much that is. */
	spool_took(call->site->spool, count);
	if (failed == 0)
		return ERR_OK;
	if (failed == ENOSPC || failed == EDQUOT)
		return refuse_full_disk(call, error);
	return error_set(error, ERR_SYSTEM, "the upload cannot be written: %s", strerror(failed));
}

enum err gate_store(struct call *call, enum err err, struct error *error)
{
	struct store_health health;

	if (err != ERR_SYSTEM || store_health(call->store, &health, NULL) != ERR_OK ||
		health.disk_free_bytes >= STORE_NEEDS_BYTES)
		return err;
	return refuse_full_disk(call, error);
}
