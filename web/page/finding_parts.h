/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * finding_parts - the sections of the page of a finding, each a function; used by finding*.c only.
 */
#ifndef QGREPLAY_WEB_PAGE_FINDING_PARTS_H
#define QGREPLAY_WEB_PAGE_FINDING_PARTS_H

#include "web/page/proof.h"

enum { FINDING_ROWS = 20 }; /* of a list of occurrences, of owners or of consequences */

struct finding_page {
	struct call *call;
	FILE *stream;
	const struct proof *proof;
	const struct finding *finding; /* the proof's */
	const struct names *comms;
	uint32_t occurrence; /* that is drawn, from 0 */
	uint64_t from;	     /* first of the occurrences that are listed, from 0 */
	bool kept;	     /* by the number of the replay, and not as the last one of the trace */
};

/* The address of this page without query: of the trace, or the permalink. */
void finding_url(const struct finding_page *page);

/* With the facts beside it. */
void finding_put_diagram(const struct finding_page *page);
void finding_put_facts(const struct finding_page *page);

void finding_put_owners(const struct finding_page *page);
void finding_put_evidence(const struct finding_page *page);
void finding_put_consequences(const struct finding_page *page);
void finding_put_occurrences(const struct finding_page *page);

/* What the kernel's log says of it; nothing without. */
void finding_put_log(const struct finding_page *page);

/* Known bugs that it looks like. */
void finding_put_causes(const struct finding_page *page);

/* The signature, and where else it was seen. */
enum err finding_put_signature(const struct finding_page *page, struct error *error);

/* To take away: a mail, and the commands that tell the same. */
void finding_put_sharing(const struct finding_page *page);

/* The finding as a mail to linux-btrfs; nothing for a note. */
void finding_write_mail(FILE *stream, struct call *call, const struct proof *proof);

#endif
