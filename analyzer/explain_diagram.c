/* SPDX-License-Identifier: GPL-2.0-only */
/* explain_diagram - the first occurrence as two columns of kernel functions, one column a task. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/explain_parts.h"

/* A column is "text mark": 31 columns for the text, a space, and "<<<" or three spaces. */
enum { COLUMN_TEXT = 31, COLUMN_WIDTH = COLUMN_TEXT + 4 };

enum side { SIDE_A, SIDE_B };

struct diagram {
	FILE *stream;
	const struct names *comms;
	struct task_ref tasks[2]; /* whom each column speaks of at the moment */
	bool known[2];
	struct task_ref heads[2]; /* whom it spoke of first: its heading */
	bool failure_traced;	  /* the evidence shows why column B's operation fails */
	bool of_one_owner;
};

static bool same_task(struct task_ref a, struct task_ref b)
{
	return a.pid == b.pid && a.comm == b.comm;
}

static void put_line(const struct diagram *diagram, enum side side, const char *text, bool marked)
{
	const char *mark = marked ? "<<<" : "";
	int gap = COLUMN_TEXT - (int)words_columns(text);

	if (side == SIDE_A)
		fprintf(diagram->stream, "%s%*s %-3s |\n", text, gap > 0 ? gap : 0, "", mark);
	else if (marked)
		fprintf(diagram->stream, "%*s | %s%*s %s\n", COLUMN_WIDTH, "", text, gap > 0 ? gap : 0, "", mark);
	else
		fprintf(diagram->stream, "%*s | %s\n", COLUMN_WIDTH, "", text);
}

static void put(const struct diagram *diagram, enum side side, bool marked, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static void put(const struct diagram *diagram, enum side side, bool marked, const char *format, ...)
{
	char text[160];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	put_line(diagram, side, text, marked);
}

/* Offsets of terabytes are too long for one line of a column. */
static void put_range(const struct diagram *diagram, enum side side, const struct event *event)
{
	struct words range = words_range(event->start, event->len);
	char *space = strchr(range.text, ' ');

	if (words_columns(range.text) + 9 <= COLUMN_TEXT || space == NULL) {
		put(diagram, side, false, "   range %s", range.text);
		return;
	}
	*space = '\0';
	put(diagram, side, false, "   range %s", range.text);
	put(diagram, side, false, "          %s", space + 1);
}

static void put_release(const struct diagram *diagram, enum side side, const struct event *event)
{
	if (event->op == EVENT_OP_FREE) {
		put(diagram, side, false, "qgroup_free_data()");
		put_range(diagram, side, event);
		put(diagram, side, event->bytes != 0, "   Freeing %" PRIu64 " bytes", event->bytes);
		return;
	}
	put(diagram, side, false, "qgroup_release_data()");
	put_range(diagram, side, event);
	if (event->bytes == event->len)
		put(diagram, side, false, "   %" PRIu64 " bytes released", event->bytes);
	else
		put(diagram, side, true, "   only %" PRIu64 " bytes reserved", event->bytes);
}

static uint64_t counter_after(const struct event *event)
{
	uint64_t change = event->diff < 0 ? 0 - (uint64_t)event->diff : (uint64_t)event->diff;

	if (event->diff < 0)
		return event->bytes > change ? event->bytes - change : 0;
	return event->bytes + change;
}

/* The counter moves inside the function that stands above it, but for a rollback and a commit, which are on their own.
 */
static void put_update(const struct diagram *diagram, enum side side, const struct evidence *evidence)
{
	const struct event *event = &evidence->event;
	bool below = event->diff < 0 && event->bytes < 0 - (uint64_t)event->diff;

	if (evidence->role == ROLE_TASK_FREES) {
		put(diagram, side, false, "qgroup_free_reserved_data()");
		put(diagram, side, true, "   Freeing %" PRIu64 " bytes", 0 - (uint64_t)event->diff);
	} else if (below) {
		put(diagram, side, false, "qgroup_free_refroot()");
		put(diagram, side, false, "   Counter has %" PRIu64, event->bytes);
		put(diagram, side, true, "   Freeing %" PRIu64 " bytes", 0 - (uint64_t)event->diff);
		return;
	} else if (evidence->role == ROLE_LAST_VALUE) {
		put(diagram, side, false, "last value of the counter");
	}
	put(diagram, side, false, "   counter %" PRIu64 " -> %" PRIu64, event->bytes, counter_after(event));
}

static void put_meta(const struct diagram *diagram, enum side side, const struct evidence *evidence)
{
	if (evidence->event.diff > 0) {
		put(diagram, side, false, "delalloc_reserve_metadata()");
		if (evidence->role == ROLE_META_FAILS)
			put(diagram, side, true, "   And it *FAILED*");
		return;
	}
	put(diagram, side, false, "delalloc_release_extents()");
	if (evidence->role == ROLE_OWNER_COMPLETE)
		put(diagram, side, false, "   Write done, data is dirty");
}

static const char *ordered_kind(uint32_t flags)
{
	if (flags & EVENT_ORDERED_NOCOW)
		return "NOCOW";
	if (flags & EVENT_ORDERED_PREALLOC)
		return "PREALLOC";
	return flags & EVENT_ORDERED_COMPRESSED ? "COMPRESSED" : "REGULAR";
}

static void put_reserve(const struct diagram *diagram, enum side side, const struct event *event)
{
	put(diagram, side, false, "qgroup_reserve_data()");
	put_range(diagram, side, event);
	if (event->bytes == 0)
		put(diagram, side, false,
			side == SIDE_B && diagram->of_one_owner ? "   Already reserved by A" : "   Already reserved");
	put(diagram, side, true, "   %" PRIu64 " bytes reserved", event->bytes);
}

static void put_event(const struct diagram *diagram, enum side side, const struct evidence *evidence)
{
	const struct event *event = &evidence->event;
	const char *prefix = "btrfs_";
	const char *name = event_info(event->kind)->name;

	if (evidence->role == ROLE_TASK_FREES && !diagram->failure_traced)
		put(diagram, side, false, "(fails: error path)");
	if (event->kind == EVENT_RESERVE_DATA) {
		put_reserve(diagram, side, event);
	} else if (event->kind == EVENT_RELEASE_DATA) {
		put_release(diagram, side, event);
	} else if (event->kind == EVENT_UPDATE_RESERVE) {
		put_update(diagram, side, evidence);
	} else if (event->kind == EVENT_META_RESERVE) {
		put_meta(diagram, side, evidence);
	} else if (event->kind == EVENT_ORDERED_ADD) {
		put(diagram, side, false, "alloc_ordered_extent()");
		put(diagram, side, false, "   %s", ordered_kind(event->flags));
	} else if (event->kind == EVENT_INODE_EVICT && evidence->role == ROLE_EVICTED) {
		put(diagram, side, true, "evict_inode()");
	} else if (evidence->role == ROLE_LAST_VALUE) {
		put(diagram, side, false, "(end of the trace)");
	} else {
		put(diagram, side, false, "%s()",
			strncmp(name, prefix, strlen(prefix)) == 0 ? name + strlen(prefix) : name);
	}
}

static bool is_owners_role(enum evidence_role role)
{
	return role == ROLE_OWNER_RESERVES || role == ROLE_OWNER_COMPLETE;
}

/* Column B is the acting task's; everyone else speaks in column A, by name when it is not the owner. */
static enum side side_of(const struct diagram *diagram, const struct evidence *evidence)
{
	if (is_owners_role(evidence->role) || !diagram->known[SIDE_B])
		return SIDE_A;
	return same_task(explain_task(&evidence->event), diagram->heads[SIDE_B]) ? SIDE_B : SIDE_A;
}

static void put_evidence(struct diagram *diagram, const struct evidence *evidence)
{
	enum side side = side_of(diagram, evidence);
	struct task_ref task = explain_task(&evidence->event);

	if (!same_task(task, diagram->tasks[side])) {
		put(diagram, side, false, "(%s)", words_task(diagram->comms, task).text);
		diagram->tasks[side] = task;
	}
	put_event(diagram, side, evidence);
}

/* Who heads the columns: B the acting task, A the owner, or else whoever comes first of the others. */
static void choose_heads(struct diagram *diagram, const struct finding *finding)
{
	const struct occurrence *first = &finding->occurrences[0];

	diagram->heads[SIDE_B] = first->task;
	diagram->known[SIDE_B] = first->task.pid >= 0;
	for (size_t i = 0; i < finding->evidence_count && !diagram->known[SIDE_A]; i++) {
		const struct evidence *evidence = &finding->evidence[i];

		if (evidence->occurrence != 0 || side_of(diagram, evidence) != SIDE_A)
			continue;
		diagram->heads[SIDE_A] = explain_task(&evidence->event);
		diagram->known[SIDE_A] = true;
	}
	if (first->owner_count != 0 && first->owners[0].task.pid >= 0) {
		diagram->heads[SIDE_A] = first->owners[0].task;
		diagram->known[SIDE_A] = true;
	}
	memcpy(diagram->tasks, diagram->heads, sizeof(diagram->tasks));
}

static void put_heading(const struct diagram *diagram)
{
	char heads[2][80] = {"Task A", "Task B"};

	for (int side = SIDE_A; side <= SIDE_B; side++)
		if (diagram->known[side])
			snprintf(heads[side], sizeof(heads[side]), "Task %c: %.64s", 'A' + side,
				words_task(diagram->comms, diagram->heads[side]).text);
	fprintf(diagram->stream, "%5s%-*s |%5s%s\n", "", COLUMN_WIDTH - 5, heads[SIDE_A], "", heads[SIDE_B]);
	for (int i = 0; i < EXPLAIN_DIAGRAM_WIDTH; i++)
		fputc('-', diagram->stream);
	fputc('\n', diagram->stream);
}

char *explain_diagram(const struct finding *finding, const struct names *comms)
{
	struct diagram diagram = {.comms = comms};
	char *text = NULL;
	size_t size = 0;

	if (finding->severity == SEVERITY_NOTE || finding->evidence_count == 0 || finding->occurrence_count == 0)
		return NULL;
	diagram.stream = open_memstream(&text, &size);
	if (diagram.stream == NULL)
		abort();
	diagram.failure_traced =
		finding->kind != FINDING_FOREIGN_FREE || explain_event(finding, ROLE_META_FAILS) != NULL;
	diagram.of_one_owner = finding->occurrences[0].owner_count == 1;
	choose_heads(&diagram, finding);
	put_heading(&diagram);
	for (size_t i = 0; i < finding->evidence_count; i++)
		if (finding->evidence[i].occurrence == 0)
			put_evidence(&diagram, &finding->evidence[i]);
	fclose(diagram.stream);
	return text;
}
