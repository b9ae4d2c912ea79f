/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * howto - what somebody types to get a trace, and to get it here: the same on each page that says so.
 */
#ifndef QGREPLAY_WEB_PAGE_HOWTO_H
#define QGREPLAY_WEB_PAGE_HOWTO_H

#include <stdio.h>

#include "web/message/call.h"

enum { HOWTO_ADDRESS = 300 };

/* "http://127.0.0.1:8470": this server as its asker calls it. Holds no byte that a shell or HTML would take amiss. */
void howto_address(const struct call *call, char address[HOWTO_ADDRESS]);

/* The commands, each in a <pre class="command"> with a button that copies it. */
void howto_send(struct call *call);
void howto_record(FILE *stream);

#endif
