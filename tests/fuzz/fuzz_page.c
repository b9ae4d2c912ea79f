/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Any bytes as a page of the ring buffer, its layout chosen by the first of them: the page is refused, or all its
 * records lie within it, one behind the other, and libtraceevent's kbuffer sees the same ones.
 */
#include <stdlib.h>
#include <string.h>
#include <traceevent/kbuffer.h>

#include "collector/ring_page.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Walks to the end; false when the page is damaged. */
static bool walk_page(const struct ring_layout *layout, struct span page)
{
	const unsigned char *end = page.data;
	struct ring_record record;
	struct ring_loss loss;
	struct ring_walk walk;
	struct error error = {ERR_OK, ""};
	enum ring_step step;

	if (ring_walk_start(&walk, layout, page, &loss, &error) != ERR_OK) {
		if (error.code != ERR_INPUT || error.text[0] == '\0')
			abort();
		return false;
	}
	while ((step = ring_walk_next(&walk, &record)) == RING_RECORD) {
		if (record.data <= end || record.size > (size_t)(page.data + page.size - record.data))
			abort();
		end = record.data + record.size;
	}
	return step == RING_END;
}

static void compare(const struct ring_layout *layout, struct span page)
{
	struct kbuffer *kbuffer = kbuffer_alloc(layout->long_bytes == 8 ? KBUFFER_LSIZE_8 : KBUFFER_LSIZE_4,
		layout->big_endian ? KBUFFER_ENDIAN_BIG : KBUFFER_ENDIAN_LITTLE);
	struct ring_record record;
	struct ring_loss loss;
	struct ring_walk walk;
	unsigned long long time;
	const void *theirs;

	ring_walk_start(&walk, layout, page, &loss, NULL);
	kbuffer_load_subbuffer(kbuffer, (void *)page.data);
	theirs = kbuffer_read_event(kbuffer, &time);
	while (ring_walk_next(&walk, &record) == RING_RECORD) {
		if (theirs != record.data || time != record.time || (size_t)kbuffer_event_size(kbuffer) != record.size)
			abort();
		theirs = kbuffer_next_event(kbuffer, &time);
	}
	if (theirs != NULL)
		abort();
	kbuffer_free(kbuffer);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct ring_layout layout;
	struct span page;
	unsigned char *copy;

	if (size == 0)
		return 0;
	layout = (struct ring_layout){(data[0] & 1) != 0, (data[0] & 2) != 0 ? 8 : 4};
	copy = malloc(size - 1 != 0 ? size - 1 : 1); /* aligned as pages are, with nothing behind it */
	if (copy == NULL)
		abort();
	memcpy(copy, data + 1, size - 1);
	page = (struct span){copy, size - 1};
	if (walk_page(&layout, page))
		compare(&layout, page);
	free(copy);
	return 0;
}
