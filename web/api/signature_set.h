/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * signature_set - what people say of a signature, on its way from a form or from JSON into the store.
 */
#ifndef QGREPLAY_WEB_API_SIGNATURE_SET_H
#define QGREPLAY_WEB_API_SIGNATURE_SET_H

#include "web/message/call.h"

/* The states that there are; ends with NULL. */
extern const char *const signature_states[];

/*
 * Sets the state and the note of the signature that the route's path names; NULL leaves either as it is, and an empty
 * note takes the note away. Lines become one. Errors: 404; those of store_change_signature().
 */
enum err signature_set(struct call *call, const char *state, const char *note, struct error *error);

#endif
