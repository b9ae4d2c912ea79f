/* SPDX-License-Identifier: GPL-2.0-only */
/* explain_headline - each kind of finding in a few words. */
#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/explain/explain_parts.h"

static void head_foreign_free(const struct telling *telling)
{
	const struct occurrence *first = telling->first;
	bool seen = first->owner_count != 0 && first->owners[0].task.pid >= 0;

	fprintf(telling->stream, "%s frees %s bytes of %s", words_task(telling->comms, first->task).text,
		words_number(first->bytes).text,
		seen ? words_task(telling->comms, first->owners[0].task).text : "an unseen owner");
}

static void head_underflow(const struct telling *telling)
{
	fprintf(telling->stream, "reserved %s space of qgroup %s underflows by %s bytes",
		telling_metadata(telling) ? "metadata" : "data", words_qgroup(telling->finding->root).text,
		words_number(telling->finding->bytes).text);
}

static void head_leak(const struct telling *telling)
{
	fprintf(telling->stream, "%s bytes of reserved %s space leak in root %" PRIu64,
		words_number(telling->finding->bytes).text, telling_metadata(telling) ? "metadata" : "data",
		telling->finding->root);
}

static void head_truncated_count(const struct telling *telling)
{
	fprintf(telling->stream, "free of %s bytes changes the counter by %" PRId64,
		words_number(telling->first->bytes).text, telling->first->diff_bytes);
}

static void head_stale_free(const struct telling *telling)
{
	bool released = telling->finding->path == PATH_STALE_RELEASED;

	fprintf(telling->stream, "%s bytes reserved before quota was switched off are %s the new counter",
		words_number(telling->finding->bytes).text, released ? "dropped from" : "freed from");
}

static void head_commit_mismatch(const struct telling *telling)
{
	struct words bytes = words_number(telling->finding->bytes);
	uint64_t root = telling->finding->root;

	if (telling->finding->path == PATH_NOT_DROPPED)
		fprintf(telling->stream,
			"commit accounts for an extent of root %" PRIu64 " and does not drop its %s bytes", root,
			bytes.text);
	else
		fprintf(telling->stream, "commit drops %s bytes %s than were released in root %" PRIu64, bytes.text,
			telling->finding->path == PATH_DROPPED_LESS ? "fewer" : "more", root);
}

static void head_meta_imbalance(const struct telling *telling)
{
	fprintf(telling->stream, "%s bytes of %s of qgroup %s do not balance",
		words_number(telling->finding->bytes).text, telling_counter(telling),
		words_qgroup(telling->finding->root).text);
}

static void head_limit_exceeded(const struct telling *telling)
{
	fprintf(telling->stream, "%s reserves %s bytes beyond the limit of qgroup %s",
		words_task(telling->comms, telling->first->task).text, words_number(telling->finding->bytes).text,
		words_qgroup(telling->finding->root).text);
}

static void head_unexplained(const struct telling *telling)
{
	static const struct {
		const char *before;
		const char *after;
	} phrases[PATH_COUNT] = {
		[PATH_RESERVED_MORE] = {"a reserve sets ", " bytes more than were clear"},
		[PATH_RESERVED_LESS] = {"a reserve sets ", " bytes fewer than were clear"},
		[PATH_CLEARED_MORE] = {"", " bytes more are cleared than were reserved"},
		[PATH_CLEARED_LESS] = {"", " bytes fewer are cleared than were reserved"},
		[PATH_COUNTER_JUMP] = {"a counter changes by ", " bytes that nothing accounts for"},
	};
	enum finding_path path = telling->finding->path;
	bool known = phrases[path].before != NULL;

	fprintf(telling->stream, "%s%s%s", known ? phrases[path].before : "",
		words_number(telling->finding->bytes).text,
		known ? phrases[path].after : " bytes contradict what the trace shows");
}

static void head_unreserved_write(const struct telling *telling)
{
	fprintf(telling->stream, "%s bytes written back without reservation",
		words_number(telling->finding->bytes).text);
}

static void head_over_broad_rollback(const struct telling *telling)
{
	fputs("a failed operation gives back more in one step than it asked for, the sum is right", telling->stream);
}

static void head_quota_epoch(const struct telling *telling)
{
	fputs("quota was switched off and on, or the filesystem mounted again", telling->stream);
}

static void head_lost_events(const struct telling *telling)
{
	fputs("events are missing from the trace", telling->stream);
}

static void head_missing_head(const struct telling *telling)
{
	fputs("reservations were made before the trace began", telling->stream);
}

static void head_garbage_type(const struct telling *telling)
{
	fputs("the kernel traced counter types that do not exist, metadata cannot be judged", telling->stream);
}

static void head_log_mismatch(const struct telling *telling)
{
	fputs("the kernel's log says what the trace denies", telling->stream);
}

static void (*const heads[FINDING_KIND_COUNT])(const struct telling *) = {
	[FINDING_FOREIGN_FREE] = head_foreign_free,
	[FINDING_UNDERFLOW] = head_underflow,
	[FINDING_LEAK] = head_leak,
	[FINDING_TRUNCATED_COUNT] = head_truncated_count,
	[FINDING_STALE_FREE] = head_stale_free,
	[FINDING_COMMIT_MISMATCH] = head_commit_mismatch,
	[FINDING_META_IMBALANCE] = head_meta_imbalance,
	[FINDING_LIMIT_EXCEEDED] = head_limit_exceeded,
	[FINDING_UNEXPLAINED] = head_unexplained,
	[FINDING_UNRESERVED_WRITE] = head_unreserved_write,
	[FINDING_OVER_BROAD_ROLLBACK] = head_over_broad_rollback,
	[FINDING_QUOTA_EPOCH] = head_quota_epoch,
	[FINDING_LOST_EVENTS] = head_lost_events,
	[FINDING_MISSING_HEAD] = head_missing_head,
	[FINDING_GARBAGE_TYPE] = head_garbage_type,
	[FINDING_LOG_MISMATCH] = head_log_mismatch,
};

char *explain_headline(const struct finding *finding, const struct names *comms)
{
	char *text = NULL;
	size_t size = 0;
	struct telling telling = {open_memstream(&text, &size), finding, explain_first(finding), comms};

	if (telling.stream == NULL)
		abort();
	heads[finding->kind](&telling);
	fclose(telling.stream);
	return text;
}
