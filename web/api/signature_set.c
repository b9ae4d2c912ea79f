/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/api/signature_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "schema/store/upload.h"

const char *const signature_states[] = {"open", "known", "fixed", "ignored", NULL};

static bool is_state(const char *state)
{
	size_t i = 0;

	while (signature_states[i] != NULL && strcmp(signature_states[i], state) != 0)
		i++;
	return signature_states[i] != NULL;
}

/* Forms end a line with two characters, of which one is enough. */
static char *with_plain_lines(const char *note)
{
	char *copy = memory_text(note, strlen(note));
	char *to = copy;

	for (const char *from = copy; *from != '\0'; from++)
		if (*from != '\r')
			*to++ = *from;
	*to = '\0';
	return copy;
}

enum err signature_set(struct call *call, const char *state, const char *note, struct error *error)
{
	const char *signature = call->request->captures[0];
	char *text = note != NULL ? with_plain_lines(note) : NULL;
	const struct signature_change change = {.state = state,
		.note = text != NULL && *text != '\0' ? text : NULL,
		.clear_note = text != NULL && *text == '\0'};
	bool found = false;
	enum err err;

	if (state != NULL && !is_state(state))
		err = call_refuse(
			call, 400, error, "the state '%s' is none, it is open, known, fixed or ignored", state);
	else if (text != NULL && strlen(text) > SIGNATURE_NOTE_MAX)
		err = call_refuse(
			call, 400, error, "the note is too long, it has at most %d bytes", SIGNATURE_NOTE_MAX);
	else
		err = store_change_signature(call->store, signature, &change, &found, error);
	if (err == ERR_OK && !found)
		err = call_refuse(
			call, 404, error, "there is no signature '%s', see the list of signatures", signature);
	free(text);
	return err;
}
