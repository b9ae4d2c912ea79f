/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kept_load - a result while it is put together from rows. For the files of analyzer/kept only.
 *
 * Rows come table by table, each table in its order; what refers to another row refers to one that came before.
 */
#ifndef QGREPLAY_ANALYZER_KEPT_KEPT_LOAD_H
#define QGREPLAY_ANALYZER_KEPT_KEPT_LOAD_H

#include "analyzer/kept/kept_record.h"
#include "analyzer/report/report.h"

enum { KEPT_TEXTS = 4 };

/* A root's curves, by the number that its place has in the store. */
struct kept_curve {
	uint32_t place;
	struct whatif_root root; /* its points are taken over at the end */
};

struct kept {
	struct report_trace trace;
	struct replay_result result;
	struct klog log;
	struct names *comms;
	struct names *fsids;
	uint32_t *tasks; /* number n of the store is tasks[n - 1] in `comms` */
	size_t task_count;
	char *texts[KEPT_TEXTS];
	uint32_t only; /* number of the only finding that is wanted; 0: all are */
	uint32_t last; /* of findings: number of the one that came before */
	bool has_only; /* it is there, as the first one */
	size_t fs_at;  /* index of the filesystem whose roots are being read */
	struct kept_curve *curves;
	size_t curve_count;
	size_t curve_at; /* index of the curve whose points are being read */
	bool curves_ordered;
	struct whatif *what_if;
	bool has_trace;
	bool has_replay;
};

/* Room for one more element behind `count`. */
void *kept_grown(void *old, size_t count, size_t size);

enum err kept_take_filesystem(struct kept *kept, const union kept_record *record, struct error *error);
enum err kept_take_ledger(struct kept *kept, const union kept_record *record, struct error *error);
enum err kept_take_sample(struct kept *kept, const union kept_record *record, struct error *error);
enum err kept_take_finding(struct kept *kept, const union kept_record *record, struct error *error);
enum err kept_take_occurrence(struct kept *kept, const union kept_record *record, struct error *error);
enum err kept_take_owner(struct kept *kept, const union kept_record *record, struct error *error);
enum err kept_take_evidence(struct kept *kept, const union kept_record *record, struct error *error);
enum err kept_take_log_line(struct kept *kept, const union kept_record *record, struct error *error);

/* After the last row: that no count is less than what is there; and the curves, made ready for reports. */
enum err kept_check_findings(const struct kept *kept, struct error *error);
enum err kept_end_curves(struct kept *kept, struct error *error);

#endif
