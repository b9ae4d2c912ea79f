/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * answer - makes what is sent of what a handler wrote or of why it failed: headers, entity tag, packed where it is
 * asked for.
 */
#ifndef QGREPLAY_WEB_HTTP_ANSWER_H
#define QGREPLAY_WEB_HTTP_ANSWER_H

#include <microhttpd.h>
#include <stdbool.h>

#include "web/http/server.h"

struct answer {
	struct MHD_Response *mhd;
	unsigned status;
	uint64_t size;
	struct response packed; /* the bytes that are sent, where they are not those of the handler */
	bool is_packed;
};

/* What stands in the answer beside what the handler wrote. */
struct answer_about {
	struct server *server;
	unsigned methods; /* bits, of the path; 0: unknown */
	bool close;	  /* the connection ends with it */
};

/*
 * Ends call->response. `outcome` and `error` are of the handler; where they are an error, or where the answer cannot be
 * made, the refusal takes its place. What was made refers to call->response, and is freed by answer_release().
 */
void answer_make(struct answer *answer, const struct answer_about *about, struct call *call, enum err outcome,
	struct error *error);

/* Writes an answer that is held in memory to a socket, once and as far as it goes, and ends what is written there. */
void answer_write(const struct answer *answer, const struct response *response, int fd);

void answer_release(struct answer *answer);

#endif
