/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/klog_file.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/event.h"
#include "base/memory.h"
#include "collector/input.h"
#include "collector/text_line.h"
#include "collector/text_split.h"
#include "collector/tracedat.h"

enum { NUMBERS_MAX = 4, ZEROS_SHARE = 8 };

/* A line, which is not ended by a NUL. */
struct span {
	const char *at;
	const char *end;
};

/* The words of a statement; each # is a decimal number. */
struct form {
	const char *words;
	enum klog_kind kind;
	uint8_t type;
};

static const struct form forms[] = {
	{"qgroup # data reserved space underflow, have # to free #", KLOG_UNDERFLOW, EVENT_TYPE_DATA},
	{"qgroup # meta_pertrans reserved space underflow, have # to free #", KLOG_UNDERFLOW, EVENT_TYPE_META_PERTRANS},
	{"qgroup # meta_prealloc reserved space underflow, have # to free #", KLOG_UNDERFLOW, EVENT_TYPE_META_PREALLOC},
	{"qgroup #/# has unreleased space, type # rsv #", KLOG_UNRELEASED, 0},
	{"qgroup reserved space leaked", KLOG_LEAKED, 0},
	{"leaking qgroup reserved space, ino: #, start: #, end: #", KLOG_LEAKING, 0},
	{"qgroup marked inconsistent", KLOG_INCONSISTENT, 0},
	{"qgroup is inconsistent", KLOG_INCONSISTENT, 0},
};

/* What only a kernel's log holds. */
static const char *const marks[] = {"BTRFS", "Linux version ", " kernel: ", "Command line: ", "WARNING: CPU: ",
	"Modules linked in: ", "Call Trace:", "Tainted: ", "Hardware name: "};

static const char *find(struct span span, const char *words)
{
	return memmem(span.at, (size_t)(span.end - span.at), words, strlen(words));
}

static bool match(const struct form *form, struct span text, uint64_t numbers[NUMBERS_MAX])
{
	size_t count = 0;

	for (const char *word = form->words; *word != '\0'; word++) {
		if (*word != '#') {
			if (text.at == text.end || *text.at++ != *word)
				return false;
			continue;
		}
		if (!text_line_number(&text.at, text.end, UINT64_MAX, &numbers[count++]))
			return false;
	}
	return true;
}

static bool fill(struct klog_line *line, const struct form *form, const uint64_t numbers[NUMBERS_MAX])
{
	line->kind = form->kind;
	line->type = form->type;
	if (form->kind == KLOG_UNDERFLOW) {
		line->qgid = numbers[0];
		line->have_bytes = numbers[1];
		line->bytes = numbers[2];
	} else if (form->kind == KLOG_UNRELEASED) {
		/* Levels are 16 bits, types three. */
		if (numbers[0] > UINT16_MAX || numbers[1] >> 48 != 0 || numbers[2] > EVENT_TYPE_META_PREALLOC)
			return false;
		line->qgid = numbers[0] << 48 | numbers[1];
		line->type = (uint8_t)numbers[2];
		line->bytes = numbers[3];
	} else if (form->kind == KLOG_LEAKING) {
		line->ino = numbers[0];
		line->start = numbers[1];
		line->end = numbers[2];
	}
	return true;
}

/* "[   16.464730]", the first bracket of the line that holds such a number. */
static void read_time(struct klog_line *line, struct span text)
{
	for (; text.at < text.end; text.at++) {
		struct span inside = {text.at + 1, text.end};
		uint64_t seconds;
		uint64_t micros;

		if (*text.at != '[')
			continue;
		while (inside.at < inside.end && *inside.at == ' ')
			inside.at++;
		if (!text_line_number(&inside.at, inside.end, UINT64_MAX / UINT64_C(2000000000), &seconds) ||
			inside.end - inside.at < 8 || *inside.at++ != '.' || inside.at[6] != ']' ||
			!text_line_number(&inside.at, inside.end, 999999, &micros) || *inside.at != ']')
			continue;
		line->timed = true;
		line->time_ns = seconds * UINT64_C(1000000000) + micros * 1000;
		return;
	}
}

/* "(device sda):", "(device dm-0 state E):" */
static void read_device(struct klog_line *line, struct span text)
{
	static const char word[] = "(device ";
	const char *at = find(text, word);
	size_t length = 0;

	if (at == NULL)
		return;
	at += sizeof(word) - 1;
	while (at + length < text.end && length < KLOG_DEVICE_MAX - 1 && isgraph((unsigned char)at[length]) &&
		at[length] != ')')
		length++;
	memcpy(line->device, at, length);
}

bool klog_file_parse(struct klog_line *parsed, const char *text, size_t length)
{
	const struct span whole = {text, text + length};
	uint64_t numbers[NUMBERS_MAX] = {0};

	*parsed = (struct klog_line){0};
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		size_t first = strcspn(forms[i].words, "#");
		struct span rest = whole;
		char lead[64];

		memcpy(lead, forms[i].words, first);
		lead[first] = '\0';
		while ((rest.at = find(rest, lead)) != NULL) {
			if (match(&forms[i], rest, numbers) && fill(parsed, &forms[i], numbers)) {
				read_time(parsed, whole);
				read_device(parsed, whole);
				return true;
			}
			rest.at++;
		}
	}
	return false;
}

/*
 * "Linux version 6.1.0-56-amd64 (debian-kernel@...) (gcc ...) #1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-16)",
 * and of a warning "CPU: 0 PID: 172 Comm: sync Tainted: G  OE  6.1.0-56-amd64 #1  Debian 6.1.192-2".
 */
static void read_kernel(struct klog *klog, struct span text)
{
	static const char boot[] = "Linux version ";
	static const char version_mark[] = " #";
	const char *at = find(text, boot);
	const char *version = find(text, version_mark);
	const char *release_end;
	char *kernel;
	size_t used;

	if (klog->kernel != NULL || version == NULL || (at == NULL && find(text, " Comm: ") == NULL))
		return;
	if (at != NULL) {
		at += sizeof(boot) - 1;
	} else {
		at = version;
		while (at > text.at && at[-1] != ' ')
			at--;
	}
	if (at == text.end || !isdigit((unsigned char)*at))
		return;
	release_end = at;
	while (release_end < text.end && isgraph((unsigned char)*release_end))
		release_end++;
	used = (size_t)(release_end - at);
	kernel = memory_zeroed(used + (size_t)(text.end - version) + 1);
	memcpy(kernel, at, used);
	memcpy(kernel + used, version, (size_t)(text.end - version));
	klog->kernel = kernel;
}

static bool is_kernels(struct span text)
{
	struct klog_line timed = {0};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (find(text, marks[i]) != NULL)
			return true;
	read_time(&timed, text);
	return timed.timed;
}

static void take(struct klog *klog, const struct text_split_line *line)
{
	struct klog_line parsed;

	if (!klog_file_parse(&parsed, line->text, line->length))
		return;
	if (klog->count == KLOG_LINES_KEPT) {
		klog->left_out++;
		return;
	}
	parsed.line = klog->file_lines;
	klog->lines = memory_grown(klog->lines, &klog->capacity, klog->count + 1, sizeof(*klog->lines));
	klog->lines[klog->count++] = parsed;
}

static enum err read_lines(struct klog *klog, struct text_split *split, bool *kernels, struct error *error)
{
	struct text_split_line line;
	bool more = true;

	for (;;) {
		enum err err = text_split_next(split, &line, &more, error);
		struct span text = {line.text, line.text + line.length};

		if (err != ERR_OK || !more)
			return err;
		klog->file_lines++;
		*kernels = *kernels || is_kernels(text);
		read_kernel(klog, text);
		take(klog, &line);
	}
}

/* A trace holds a kernel's words, too. A crash leaves some zeros in a log; more of them are another kind of file. */
static bool is_binary(const struct input *input)
{
	size_t size;
	size_t zeros = 0;
	const unsigned char *head = input_head(input, &size);

	for (size_t i = 0; i < size; i++)
		zeros += head[i] == 0;
	return zeros > size / ZEROS_SHARE || tracedat_recognised(head, size);
}

enum err klog_file_read(struct klog *klog, int fd, const char *name, struct error *error)
{
	struct text_split *split = memory_zeroed(sizeof(*split));
	struct input *input = NULL;
	struct bytes bytes = {input_read, NULL};
	bool kernels = false;
	enum err err = input_open(&input, fd, -1, error);

	if (err == ERR_OK && !is_binary(input)) {
		bytes.context = input;
		text_split_init(split, &bytes);
		err = read_lines(klog, split, &kernels, error);
	}
	if (err == ERR_OK && !kernels && klog->count == 0)
		err = error_set(
			error, ERR_INPUT, "no line of it is a kernel's, save what `dmesg` or `journalctl -k` prints");
	if (err != ERR_OK)
		error_wrap(error, "cannot read the kernel's log '%s'", name);
	input_close(input);
	free(split);
	return err;
}
