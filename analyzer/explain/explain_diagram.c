/* SPDX-License-Identifier: GPL-2.0-only */
/* explain_diagram - the first occurrence as columns of kernel functions, one column a task. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/explain/explain_columns.h"
#include "analyzer/explain/explain_parts.h"

struct diagram {
	struct columns columns;
	bool failure_traced; /* the evidence shows why column B's operation fails */
	bool of_one_owner;
	bool cut; /* the count of a free went through 32 bits */
};

/* Offsets of terabytes are too long for one line of a column. */
static void put_range(const struct diagram *diagram, unsigned column, const struct event *event)
{
	struct words range = words_range(event->start, event->len);
	char *space = strchr(range.text, ' ');

	if (words_columns(range.text) + 9 <= diagram->columns.text || space == NULL) {
		columns_put(&diagram->columns, column, false, "   range %s", range.text);
		return;
	}
	*space = '\0';
	columns_put(&diagram->columns, column, false, "   range %s", range.text);
	columns_put(&diagram->columns, column, false, "          %s", space + 1);
}

static void put_release(const struct diagram *diagram, unsigned column, const struct event *event)
{
	if (event->op == EVENT_OP_FREE) {
		columns_put(&diagram->columns, column, false, "qgroup_free_data()");
		put_range(diagram, column, event);
		columns_put(&diagram->columns, column, event->bytes != 0, "   Freeing %" PRIu64 " bytes", event->bytes);
		return;
	}
	columns_put(&diagram->columns, column, false, "qgroup_release_data()");
	put_range(diagram, column, event);
	if (event->bytes == event->len)
		columns_put(&diagram->columns, column, false, "   %" PRIu64 " bytes released", event->bytes);
	else
		columns_put(&diagram->columns, column, true, "   only %" PRIu64 " bytes reserved", event->bytes);
}

/* A free whose count was cut to a negative number is traced as an increase; the kernel takes that number as unsigned,
 * larger than any counter, and sets the counter to 0 (qgroup_rsv_release()). */
static uint64_t counter_after(const struct diagram *diagram, const struct event *event)
{
	uint64_t change = event->diff < 0 ? 0 - (uint64_t)event->diff : (uint64_t)event->diff;

	if (event->diff < 0)
		return event->bytes > change ? event->bytes - change : 0;
	if (diagram->cut)
		return 0;
	return event->bytes + change;
}

/* The counter moves inside the function that stands above it, but for a rollback and a commit, which are on their own.
 */
static void put_update(const struct diagram *diagram, unsigned column, const struct evidence *evidence)
{
	const struct event *event = &evidence->event;
	bool below = event->diff < 0 && event->bytes < 0 - (uint64_t)event->diff;

	if (evidence->role == ROLE_TASK_FREES) {
		columns_put(&diagram->columns, column, false, "qgroup_free_reserved_data()");
		columns_put(&diagram->columns, column, true, "   Freeing %" PRIu64 " bytes", 0 - (uint64_t)event->diff);
	} else if (below) {
		columns_put(&diagram->columns, column, false, "qgroup_free_refroot()");
		columns_put(&diagram->columns, column, false, "   Counter has %" PRIu64, event->bytes);
		columns_put(&diagram->columns, column, true, "   Freeing %" PRIu64 " bytes", 0 - (uint64_t)event->diff);
		return;
	} else if (evidence->role == ROLE_LAST_VALUE) {
		columns_put(&diagram->columns, column, false, "last value of the counter");
	}
	columns_put(&diagram->columns, column, false, "   counter %" PRIu64 " -> %" PRIu64, event->bytes,
		counter_after(diagram, event));
}

/* Of a finding about metadata: the kernel's functions by what the event says, whoever calls them. */
static void put_metadata(const struct diagram *diagram, unsigned column, const struct event *event)
{
	uint64_t bytes = event->diff < 0 ? 0 - (uint64_t)event->diff : (uint64_t)event->diff;
	const char *function = event->diff > 0 ? "qgroup_reserve_meta()" : "qgroup_free_meta()";

	if (event->kind == EVENT_META_CONVERT)
		function = "convert_reserved_meta()";
	else if (event->kind == EVENT_META_FREE_ALL_PERTRANS)
		function = "free_meta_all_pertrans()";
	columns_put(&diagram->columns, column, false, "%s", function);
	/* What the last of these prints is a sum over all transactions. */
	if (event->kind != EVENT_META_FREE_ALL_PERTRANS)
		columns_put(&diagram->columns, column, false, "   %" PRIu64 " bytes", bytes);
}

static void put_meta(const struct diagram *diagram, unsigned column, const struct evidence *evidence)
{
	if (evidence->role == ROLE_META) {
		put_metadata(diagram, column, &evidence->event);
		return;
	}
	if (evidence->event.diff > 0) {
		columns_put(&diagram->columns, column, false, "delalloc_reserve_metadata()");
		if (evidence->role == ROLE_META_FAILS)
			columns_put(&diagram->columns, column, true, "   And it *FAILED*");
		return;
	}
	columns_put(&diagram->columns, column, false, "delalloc_release_extents()");
	if (evidence->role == ROLE_OWNER_COMPLETE)
		columns_put(&diagram->columns, column, false, "   Write done, data dirty");
}

static const char *ordered_kind(uint32_t flags)
{
	if (flags & EVENT_ORDERED_NOCOW)
		return "NOCOW";
	if (flags & EVENT_ORDERED_PREALLOC)
		return "PREALLOC";
	return flags & EVENT_ORDERED_COMPRESSED ? "COMPRESSED" : "REGULAR";
}

static void put_reserve(const struct diagram *diagram, unsigned column, const struct event *event)
{
	columns_put(&diagram->columns, column, false, "qgroup_reserve_data()");
	put_range(diagram, column, event);
	if (event->bytes == 0)
		columns_put(&diagram->columns, column, false,
			column == COLUMN_B && diagram->of_one_owner ? "   Already reserved by A"
								    : "   Already reserved");
	columns_put(&diagram->columns, column, true, "   %" PRIu64 " bytes reserved", event->bytes);
}

/* Events without lines of their own are called as the kernel calls them. */
static void put_other(const struct diagram *diagram, unsigned column, const struct evidence *evidence)
{
	static const char prefix[] = "btrfs_";
	const struct event *event = &evidence->event;
	const char *name = event_info(event->kind)->name;
	bool evicted = event->kind == EVENT_INODE_EVICT && evidence->role == ROLE_EVICTED;

	if (evicted)
		name = "evict_inode";
	else if (strncmp(name, prefix, sizeof(prefix) - 1) == 0)
		name += sizeof(prefix) - 1;
	columns_put(&diagram->columns, column, evicted || evidence->role == ROLE_CONTRADICTS, "%s()", name);
	if (event->kind == EVENT_CLEAR_EXTENT_BIT || event->kind == EVENT_SET_EXTENT_BIT)
		put_range(diagram, column, event);
}

/* What is to be known before the event, where its role says that something happened without one. */
static void put_remark(const struct diagram *diagram, unsigned column, const struct evidence *evidence)
{
	if (evidence->role == ROLE_TASK_FREES && !diagram->failure_traced)
		columns_put(&diagram->columns, column, false, "(fails: error path)");
	else if (evidence->role == ROLE_EPOCH)
		columns_put(&diagram->columns, column, false, "(quota was off meanwhile)");
	else if (evidence->role == ROLE_LAST_VALUE && evidence->event.kind != EVENT_UPDATE_RESERVE)
		columns_put(&diagram->columns, column, false, "(end of the trace)");
}

static void put_event(const struct diagram *diagram, unsigned column, const struct evidence *evidence)
{
	const struct event *event = &evidence->event;

	put_remark(diagram, column, evidence);
	if (event->kind == EVENT_RESERVE_DATA) {
		put_reserve(diagram, column, event);
	} else if (event->kind == EVENT_RELEASE_DATA) {
		put_release(diagram, column, event);
	} else if (event->kind == EVENT_UPDATE_RESERVE) {
		put_update(diagram, column, evidence);
	} else if (event->kind == EVENT_META_RESERVE || event->kind == EVENT_META_CONVERT ||
		   event->kind == EVENT_META_FREE_ALL_PERTRANS) {
		put_meta(diagram, column, evidence);
	} else if (event->kind == EVENT_ORDERED_ADD) {
		columns_put(&diagram->columns, column, false, "alloc_ordered_extent()");
		columns_put(&diagram->columns, column, false, "   %s", ordered_kind(event->flags));
	} else if (evidence->role != ROLE_LAST_VALUE) {
		put_other(diagram, column, evidence);
	}
}

char *explain_diagram(const struct finding *finding, const struct names *comms, unsigned width)
{
	struct diagram diagram = {.columns = {.comms = comms}};
	struct columns *columns = &diagram.columns;
	char *text = NULL;
	size_t size = 0;

	if (finding->severity == SEVERITY_NOTE || finding->evidence_count == 0 || finding->occurrence_count == 0)
		return NULL;
	columns->stream = open_memstream(&text, &size);
	if (columns->stream == NULL)
		abort();
	diagram.failure_traced =
		finding->kind != FINDING_FOREIGN_FREE || explain_event(finding, ROLE_META_FAILS) != NULL;
	diagram.cut = finding->kind == FINDING_TRUNCATED_COUNT;
	diagram.of_one_owner = finding->occurrences[0].owner_count == 1;
	columns_choose(columns, finding, width);
	columns_put_heading(columns);
	for (size_t i = 0; i < finding->evidence_count; i++) {
		const struct evidence *evidence = &finding->evidence[i];

		if (evidence->occurrence == 0)
			put_event(&diagram, columns_turn_to(columns, evidence), evidence);
	}
	fclose(columns->stream);
	return text;
}
