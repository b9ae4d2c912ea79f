/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/api/signature_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "schema/store/store.h"

const char *const signature_states[] = {"open", "known", "fixed", "ignored", NULL};

/* A note is one line in the store. */
static char *in_one_line(const char *note)
{
	char *copy = memory_text(note, strlen(note));
	char *to = copy;

	for (const char *from = copy; *from != '\0'; from++)
		if (*from != '\r')
			*to++ = *from == '\n' || *from == '\t' ? ' ' : *from;
	*to = '\0';
	return copy;
}

enum err signature_set(struct call *call, const char *state, const char *note, struct error *error)
{
	const char *signature = call->request->captures[0];
	char *text = note != NULL ? in_one_line(note) : NULL;
	const struct signature_change change = {.state = state,
		.note = text != NULL && *text != '\0' ? text : NULL,
		.clear_note = text != NULL && *text == '\0'};
	bool found = false;
	enum err err;

	err = store_change_signature(call->store, signature, &change, &found, error);
	if (err == ERR_OK && !found)
		err = call_refuse(
			call, 404, error, "there is no signature '%s', see the list of signatures", signature);
	free(text);
	return err;
}
