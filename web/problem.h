/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * problem - the answer to a request that was refused: a page for people, problem+json (RFC 9457) for programs.
 */
#ifndef QGREPLAY_WEB_PROBLEM_H
#define QGREPLAY_WEB_PROBLEM_H

#include "web/message/call.h"

/* Writes it to call->response, which is empty; `reason` is one line. */
void problem_answer(struct call *call, unsigned status, const char *reason);

#endif
