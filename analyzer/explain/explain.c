/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/explain/explain.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/explain/explain_parts.h"

enum { OWNERS_NAMED = 3 };

static void (*const tellers[FINDING_KIND_COUNT])(const struct telling *) = {
	[FINDING_FOREIGN_FREE] = tell_foreign_free,
	[FINDING_UNDERFLOW] = tell_underflow,
	[FINDING_LEAK] = tell_leak,
	[FINDING_TRUNCATED_COUNT] = tell_truncated_count,
	[FINDING_STALE_FREE] = tell_stale_free,
	[FINDING_COMMIT_MISMATCH] = tell_commit_mismatch,
	[FINDING_META_IMBALANCE] = tell_meta_imbalance,
	[FINDING_LIMIT_EXCEEDED] = tell_limit_exceeded,
	[FINDING_UNEXPLAINED] = tell_unexplained,
	[FINDING_UNRESERVED_WRITE] = tell_unreserved_write,
	[FINDING_OVER_BROAD_ROLLBACK] = tell_over_broad_rollback,
	[FINDING_QUOTA_EPOCH] = tell_quota_epoch,
	[FINDING_LOST_EVENTS] = tell_lost_events,
	[FINDING_MISSING_HEAD] = tell_missing_head,
	[FINDING_GARBAGE_TYPE] = tell_garbage_type,
	[FINDING_LOG_MISMATCH] = tell_log_mismatch,
};

static const struct {
	const char *name;
	const char *text;
} roles[ROLE_COUNT] = {
	[ROLE_OWNER_RESERVES] = {"owner-reserves", "the owner reserves the range"},
	[ROLE_OWNER_COMPLETE] = {"owner-complete", "the owner's write is complete: its data is dirty"},
	[ROLE_TASK_RESERVES] = {"task-reserves", "the acting task reserves"},
	[ROLE_META_FAILS] = {"meta-fails", "its metadata reservation fails: no update follows"},
	[ROLE_RANGE_TAKEN] = {"range-taken", "writeback takes the task's own bytes meanwhile"},
	[ROLE_TASK_FREES] = {"task-frees", "it frees what is not its own"},
	[ROLE_COUNTER] = {"counter", "the counter loses bytes of another"},
	[ROLE_NEXT] = {"next", "what the task does next: no invalidation"},
	[ROLE_RELEASE_SHORT] = {"release-short", "the data goes out with too few bytes reserved"},
	[ROLE_RELEASED] = {"released", "the range goes to an ordered extent"},
	[ROLE_ORDERED] = {"ordered", "the ordered extent"},
	[ROLE_EVICTED] = {"evicted", "the inode goes away with bytes reserved"},
	[ROLE_RESERVED_AGAIN] = {"reserved-again", "a reserve finds clear what nobody freed"},
	[ROLE_UNDERFLOW] = {"underflow", "the counter would go below zero"},
	[ROLE_LAST_VALUE] = {"last-value", "the counter's last value"},
	[ROLE_GAP] = {"gap", "what came before is not in the trace"},
	[ROLE_OLD_RESERVE] = {"old-reserve", "reserved before quota was switched off"},
	[ROLE_ADOPTED] = {"adopted", "the bits of before are still set"},
	[ROLE_BITS_CLEARED] = {"bits-cleared", "reserved bits are to be cleared"},
	[ROLE_DELAYED_REF] = {"delayed-ref", "the extent gets its delayed ref"},
	[ROLE_ACCOUNTED] = {"accounted", "the commit accounts the extent"},
	[ROLE_DROPPED] = {"dropped", "the commit drops bytes"},
	[ROLE_META] = {"meta", "metadata is reserved, converted or freed"},
	[ROLE_USAGE] = {"usage", "what the qgroup has accounted"},
	[ROLE_CHARGED] = {"charged", "the counter takes the reserve"},
	[ROLE_CONTRADICTS] = {"contradicts", "this cannot be after what was before"},
	[ROLE_BEFORE] = {"before", "what was before"},
	[ROLE_EPOCH] = {"epoch", "a counter begins again at 0: quota was off in between"},
};

static const char *const consequences[CONSEQUENCE_COUNT] = {
	[CONSEQUENCE_SHORT_RELEASE] = "short-release",
	[CONSEQUENCE_UNDERFLOW] = "underflow",
	[CONSEQUENCE_BEYOND_LIMIT] = "beyond-limit",
};

const char *explain_role_name(enum evidence_role role)
{
	return roles[role].name;
}

const char *explain_role(enum evidence_role role)
{
	return roles[role].text;
}

const char *explain_consequence_name(enum consequence_kind kind)
{
	return consequences[kind];
}

struct task_ref explain_task(const struct event *event)
{
	return (struct task_ref){.pid = event->pid, .comm = event->comm};
}

const struct event *explain_event(const struct finding *finding, enum evidence_role role)
{
	for (size_t i = 0; i < finding->evidence_count; i++)
		if (finding->evidence[i].role == role && finding->evidence[i].occurrence == 0)
			return &finding->evidence[i].event;
	return NULL;
}

void tell_place(const struct telling *telling)
{
	const struct occurrence *first = telling->first;

	fprintf(telling->stream, "root %" PRIu64, telling->finding->root);
	if (telling->finding->ino != 0)
		fprintf(telling->stream, ", inode %" PRIu64, telling->finding->ino);
	if (first->len != 0)
		fprintf(telling->stream, ", range %s", words_range(first->start, first->len).text);
}

static void tell_owner(const struct telling *telling, const struct owner *owner)
{
	const struct task_ref *thief = &telling->first->task;

	if (owner->task.pid < 0)
		fputs("a reserve that is not in the trace", telling->stream);
	else if (owner->task.pid == thief->pid && owner->task.comm == thief->comm)
		fprintf(telling->stream, "an earlier reserve of the same task (at %s)",
			words_time(owner->time_ns).text);
	else
		fprintf(telling->stream, "%s (reserved at %s)", words_task(telling->comms, owner->task).text,
			words_time(owner->time_ns).text);
}

void tell_owners(const struct telling *telling)
{
	const struct occurrence *first = telling->first;
	size_t named = first->owner_count < OWNERS_NAMED ? first->owner_count : OWNERS_NAMED;

	if (first->owner_count == 0)
		fputs("an unknown owner", telling->stream);
	for (size_t i = 0; i < named; i++) {
		if (i > 0)
			fputs(i + 1 == first->owner_count ? " and " : ", ", telling->stream);
		tell_owner(telling, &first->owners[i]);
	}
	if (first->owner_count > named)
		fprintf(telling->stream, " and %s", words_count(first->owner_count - named, "other", "others").text);
}

void tell_repetitions(const struct telling *telling, const char *one, const char *plural)
{
	const struct finding *finding = telling->finding;

	if (finding->occurrence_total < 2)
		return;
	fprintf(telling->stream, "; %s of %s %s, %s in all",
		words_count(finding->occurrence_total - 1, one, plural).text,
		finding->ino != 0 ? "this inode" : "this root", finding->occurrence_total == 2 ? "follows" : "follow",
		words_bytes(finding->bytes).text);
}

const struct occurrence *explain_first(const struct finding *finding)
{
	static const struct occurrence none = {.task = {.pid = -1}};

	return finding->occurrence_count != 0 ? &finding->occurrences[0] : &none;
}

bool telling_metadata(const struct telling *telling)
{
	enum finding_path path = telling->finding->path;

	return path == PATH_PREALLOC || path == PATH_PERTRANS || telling->finding->where == LEAK_META;
}

const char *telling_counter(const struct telling *telling)
{
	static const char *const counters[PATH_COUNT] = {
		[PATH_PREALLOC] = "META_PREALLOC",
		[PATH_PERTRANS] = "META_PERTRANS",
	};
	const char *counter = counters[telling->finding->path];

	return counter != NULL ? counter : "DATA";
}

uint64_t telling_consequence(const struct telling *telling, enum consequence_kind kind)
{
	const struct finding *finding = telling->finding;
	uint64_t sum = 0;

	for (size_t i = 0; i < finding->consequence_count; i++) {
		uint64_t bytes = finding->consequences[i].kind == kind ? finding->consequences[i].bytes : 0;

		sum = bytes > UINT64_MAX - sum ? UINT64_MAX : sum + bytes;
	}
	return sum;
}

char *explain_text(const struct finding *finding, const struct names *comms)
{
	char *text = NULL;
	size_t size = 0;
	struct telling telling = {open_memstream(&text, &size), finding, explain_first(finding), comms};

	if (telling.stream == NULL)
		abort();
	tellers[finding->kind](&telling);
	fclose(telling.stream);
	return text;
}

/* FNV-1a: stable everywhere, and nothing here is secret. */
static uint64_t hash_text(uint64_t hash, const char *text)
{
	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return (hash ^ '/') * UINT64_C(0x100000001b3);
}

struct words explain_signature(const struct finding *finding)
{
	struct words words;
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	hash = hash_text(hash, finding_kind_name(finding->kind));
	hash = hash_text(hash, finding_path_name(finding->path));
	hash = hash_text(hash, finding_where_name(finding->where));
	snprintf(words.text, sizeof(words.text), "v1:%016" PRIx64, hash);
	return words;
}

char *explain_consequence(const struct consequence *consequence, const struct names *comms)
{
	const struct event *event = &consequence->event;
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (stream == NULL)
		abort();
	fprintf(stream, "%s at %s: ", words_task(comms, explain_task(event)).text, words_time(event->time_ns).text);
	if (consequence->kind == CONSEQUENCE_SHORT_RELEASE)
		fprintf(stream, "%s go out with %s of %s bytes reserved", words_range(event->start, event->len).text,
			words_number(event->bytes).text, words_number(event->len).text);
	else if (consequence->kind == CONSEQUENCE_BEYOND_LIMIT)
		fprintf(stream, "%s are reserved that the limit would have refused",
			words_bytes(consequence->bytes).text);
	else
		fprintf(stream, "counter of %s holds %s, %" PRId64 " is added: underflow by %s",
			words_qgroup(event->root).text, words_number(event->bytes).text, event->diff,
			words_bytes(consequence->bytes).text);
	if (consequence->kind == CONSEQUENCE_UNDERFLOW && consequence->ino != 0)
		fprintf(stream, ", of what inode %" PRIu64 " had reserved", consequence->ino);
	fclose(stream);
	return text;
}
