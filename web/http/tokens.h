/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tokens - who may do what: a file with a right and a token a line.
 *
 *     # for the dashboards
 *     read   Chahs7eishoh4eit
 *     upload eeNgae3phe9AhPhu
 *     admin  Aeti5iexeiBo3ohz
 *     anonymous read
 *
 * Only hashes of the tokens are kept, and compared in a time that does not depend on them.
 */
#ifndef QGREPLAY_WEB_HTTP_TOKENS_H
#define QGREPLAY_WEB_HTTP_TOKENS_H

#include <stdbool.h>

#include "base/error.h"
#include "web/message/request.h"

struct tokens;

enum { TOKEN_MIN = 16, TOKEN_MAX = 512 };

/*
 * Reads the file, which nobody but its owner may read. `*result` is the caller's, to be freed by tokens_free(), which
 * accepts NULL. Errors: ERR_INPUT for a file that others can read, a line that is neither, or a token that is too
 * short; ERR_SYSTEM.
 */
enum err tokens_read(struct tokens **result, const char *file, struct error *error);
void tokens_free(struct tokens *tokens);

/*
 * What a header Authorization (NULL: none) lets its sender do: "Bearer TOKEN", or "Basic" with the token as password,
 * which is how a browser asks for it. False when it names a token that is not known, or is neither.
 */
bool tokens_right(const struct tokens *tokens, const char *authorization, enum right *right);

#endif
