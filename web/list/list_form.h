/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * list_form - what stands above a list: the form of its filters, and those in force, each with a link that takes it
 * away.
 */
#ifndef QGREPLAY_WEB_LIST_LIST_FORM_H
#define QGREPLAY_WEB_LIST_LIST_FORM_H

#include "web/list/list_view.h"

void list_form_write(struct call *call, const struct list_view *view, const struct list_fixed *fixed);

#endif
