/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fuzz_klog - any bytes as lines of a kernel's log and as the name of a kernel: what is read is within its bounds, and
 * says again what it said.
 */
#include <stdlib.h>
#include <string.h>

#include "analyzer/bugs/kernel.h"
#include "analyzer/klog_join.h"
#include "collector/klog_file.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static bool same(const struct klog_line *a, const struct klog_line *b)
{
	return a->kind == b->kind && a->qgid == b->qgid && a->type == b->type && a->have_bytes == b->have_bytes &&
	       a->bytes == b->bytes && a->ino == b->ino && a->start == b->start && a->end == b->end;
}

static void read_line(const char *text, size_t length)
{
	struct klog_line line;
	struct klog_line again;
	char *words;

	if (!klog_file_parse(&line, text, length))
		return;
	if (line.kind >= KLOG_KIND_COUNT || line.type > EVENT_TYPE_META_PREALLOC ||
		memchr(line.device, 0, sizeof(line.device)) == NULL)
		abort();
	words = klog_line_text(&line);
	if (!klog_file_parse(&again, words, strlen(words)) || !same(&line, &again))
		abort();
	free(words);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	char *text = malloc(size + 1);
	char *line = text;

	memcpy(text, data, size);
	text[size] = '\0';
	for (char *end; (end = memchr(line, '\n', size - (size_t)(line - text))) != NULL; line = end + 1)
		read_line(line, (size_t)(end - line));
	read_line(line, size - (size_t)(line - text));
	kernel_read(text);
	free(text);
	return 0;
}
