/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * page - the pages: one handler each, named as its path. Each works without JavaScript, and has all its state in the
 * URL.
 */
#ifndef QGREPLAY_WEB_PAGE_PAGE_H
#define QGREPLAY_WEB_PAGE_PAGE_H

#include "web/message/call.h"

enum err page_overview(struct call *call, struct error *error);
enum err page_findings(struct call *call, struct error *error);
enum err page_traces(struct call *call, struct error *error);
enum err page_trace(struct call *call, struct error *error);
enum err page_events(struct call *call, struct error *error);
enum err page_finding(struct call *call, struct error *error);	    /* of the last replay of a trace */
enum err page_finding_kept(struct call *call, struct error *error); /* of a replay by its number: the permalink */
enum err page_finding_mail(struct call *call, struct error *error);
enum err page_root(struct call *call, struct error *error);
enum err page_inode(struct call *call, struct error *error);
enum err page_signatures(struct call *call, struct error *error);
enum err page_signature(struct call *call, struct error *error);
enum err page_signature_change(struct call *call, struct error *error); /* the form on it */
enum err page_bugs(struct call *call, struct error *error);
enum err page_bug(struct call *call, struct error *error);
enum err page_upload(struct call *call, struct error *error);
enum err page_upload_sent(struct call *call, struct error *error); /* the form on it */
enum err page_uploads(struct call *call, struct error *error);
enum err page_upload_one(struct call *call, struct error *error);
enum err page_about(struct call *call, struct error *error);

#endif
