/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Any bytes as a page of the ring buffer, its layout chosen by the first of them: the page is refused, or all its
 * records lie within it, one behind the other.
 */
#include <stdlib.h>
#include <string.h>

#include "collector/ring_page.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void walk(struct ring_reader *reader, struct span page)
{
	const unsigned char *end = page.data;
	struct ring_record record;
	struct ring_loss loss;
	struct error error = {ERR_OK, ""};

	if (ring_reader_load(reader, page, &loss, &error) != ERR_OK) {
		if (error.code != ERR_INPUT || error.text[0] == '\0')
			abort();
		return;
	}
	while (ring_reader_next(reader, &record)) {
		if (record.data <= end || record.size > page.size || record.data + record.size > page.data + page.size)
			abort();
		end = record.data + record.size;
	}
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct ring_layout layout;
	struct ring_reader *reader;
	unsigned char *page;

	if (size == 0)
		return 0;
	layout = (struct ring_layout){(data[0] & 1) != 0, (data[0] & 2) != 0 ? 8 : 4};
	reader = ring_reader_new(&layout);
	page = malloc(size - 1 != 0 ? size - 1 : 1); /* of its own, aligned as pages are, with nothing behind it */
	if (page == NULL)
		abort();
	memcpy(page, data + 1, size - 1);
	walk(reader, (struct span){page, size - 1});
	ring_reader_free(reader);
	free(page);
	return 0;
}
