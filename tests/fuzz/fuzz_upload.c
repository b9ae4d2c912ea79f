/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fuzz_upload - any text as what a sender says of an upload: as a name, and as headers of tus. What comes out is within
 * its bounds, and fit to be shown.
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "web/upload/tus_metadata.h"
#include "web/upload/tus_sum.h"
#include "web/upload/upload_name.h"
#include "web/upload/visits.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void must_be_harmless(const char *text)
{
	char *again = utf8_harmless(text);

	if (strcmp(text, again) != 0)
		abort();
	free(again);
}

static void as_name(const char *text)
{
	char name[UPLOAD_NAME];
	char host[UPLOAD_HOST];

	upload_name(name, text);
	upload_host(host, text);
	if (name[0] == '\0' || strpbrk(name, "/\\") || strcmp(name, "..") == 0)
		abort();
	must_be_harmless(name);
	must_be_harmless(host);
}

static void as_headers(const char *text)
{
	static const char *const keys[] = {"filename", "host", "a", ""};
	char value[24];
	struct tus_sum sum;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		bool found = tus_metadata_find(text, keys[i], value, sizeof(value));

		if (found && memchr(value, '\0', sizeof(value)) == NULL)
			abort();
		/* What it does not take for one, it may find half of. */
		if (found && keys[i][0] == '\0' && tus_metadata_is_valid(text))
			abort();
	}
	if (tus_sum_begin(&sum, text)) {
		tus_sum_update(&sum, text, strlen(text));
		tus_sum_is_right(&sum);
	}
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static struct visits visits;
	static uint64_t now_ms = 1;
	char *text = malloc(size + 1);

	memcpy(text, data, size);
	text[size] = '\0';
	as_name(text);
	as_headers(text);
	if (visits_take(&visits, text, 1 + (unsigned)(size % 7), now_ms += size) > 61)
		abort();
	free(text);
	return 0;
}
