/* SPDX-License-Identifier: GPL-2.0-only */
/* A trace as text, and what the reader makes of it: odd names of tasks harm neither their own line nor another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "cmd/scrub_names.h"
#include "cmd/text_out.h"
#include "tests/unit/text_collect.h"

static const struct {
	const char *given;
	const char *read; /* "": the reader knows no name */
} comms[] = {
	{"wl", "wl"},
	{"h\xc3\xb6st", "h\xc3\xb6st"},
	{"a b", "a b"},
	{"kworker/u4:1-btrfs-endio", "kworker/u4:1-btrfs-endio"},
	{"a-1 [000] 5:x", "a-1 [000] 5:x"},
	{"<...>", "_..._"},
	{" a", "_a"},
	{"a ", "a_"},
	{"   ", "___"},
	{"x\ny", "x?y"},
	/* The reader would take the end of it for the line. */
	{"x\n<...>-1 [000] ..... 1.0: btrfs_inode_evict: root=1 gen=1 ino=1",
		"x__...__1__000__....._1.0:_btrfs_inode_evict:_root_1_gen_1_ino_1"},
	{"\x1b[31m", "?[31m"},
	{"\xff", "?"},
	{"", ""},
};

enum { COMMS = sizeof(comms) / sizeof(comms[0]) };

/* The tables of a trace, which a source would fill. */
static struct names *task_names;
static struct names *fsids;
static struct names *texts;

static int set_up(void **state)
{
	(void)state;
	task_names = names_new(100);
	fsids = names_new(10);
	texts = names_new(10);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	names_free(task_names);
	names_free(fsids);
	names_free(texts);
	return 0;
}

static struct event_names tables(void)
{
	return (struct event_names){task_names, fsids, texts};
}

static uint32_t number(struct names *names, const char *text)
{
	return names_number(names, text, strlen(text));
}

static void test_names_of_tasks(void **state)
{
	const struct event_names names = tables();
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	struct text_out *out = text_out_new(stream, &names);
	struct collected collected;

	(void)state;
	for (size_t i = 0; i < 2 * COMMS; i++) {
		struct event event = {.kind = EVENT_TRANSACTION_COMMIT, .time_ns = 1000000 * i, .pid = (int32_t)i};

		event.comm = number(task_names, comms[i % COMMS].given);
		assert_int_equal(text_out_event(out, &event, NULL), ERR_OK);
	}
	text_out_free(out);
	fclose(stream);
	assert_int_equal(collect(&collected, text), ERR_OK);
	assert_int_equal(collected.count, 2 * COMMS);
	assert_int_equal(collected.info.garbled_lines, 0);
	for (size_t i = 0; i < 2 * COMMS; i++) {
		assert_int_equal(collected.events[i].pid, i);
		assert_string_equal(names_text(collected.info.comms, collected.events[i].comm), comms[i % COMMS].read);
	}
	collected_release(&collected);
	free(text);
}

static void test_head_and_refusal(void **state)
{
	static const struct text_out_head head = {"6.1.0-56-amd64\n# clockid: local", "mono", NULL};
	const struct event odd = {.kind = EVENT_TRANSACTION_COMMIT, .number = 7, .pid = -5};
	const struct event_names names = tables();
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	struct text_out *out = text_out_new(stream, &names);
	struct error error = {0};
	struct collected collected;

	(void)state;
	text_out_head_begin(stream);
	text_out_note(stream, "said: ", "x\nCPU:0 [LOST 5 EVENTS]");
	text_out_note(stream, "not said: ", NULL);
	text_out_head_end(stream, &head);
	assert_int_equal(text_out_event(out, &odd, &error), ERR_INPUT);
	assert_string_equal(error.text, "event 7 has pid -5, which no line of text can hold");
	text_out_free(out);
	fclose(stream);
	assert_true(text_recognised((const unsigned char *)text, size));
	assert_int_equal(collect(&collected, text), ERR_OK);
	assert_string_equal(collected.info.kernel, "6.1.0-56-amd64?# clockid: local");
	assert_string_equal(collected.info.clock, "mono");
	assert_int_equal(collected.count, 0);
	collected_release(&collected);
	free(text);
}

static void test_what_is_shared_of_a_kernel(void **state)
{
	static const struct {
		const char *given;
		const char *shared;
	} kernels[] = {
		{"6.1.0-56-amd64", "6.1.0-56-amd64"},
		{"6.1.0-56-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-05-08)",
			"6.1.0-56-amd64 Debian 6.1.192-2"},
		{"6.18.44 #3 SMP root@secret", "6.18.44"},
		{"6.18.44 #3 SMP Debian secret", "6.18.44"},
		{"6.12.0-rc3+", "6.12.0-rc3+"},
		{"5.14.0-427.el9.x86_64 secret Debian 6.1/secret", "5.14.0-427.el9.x86_64 Debian 6.1"},
		{"secret", NULL},
		{"6.1\tsecret", NULL},
		{"6", NULL},
		{"6.", NULL},
		{"6.1-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL},
		{"", NULL},
		{NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		char *shared = scrub_names_kernel(kernels[i].given);

		if (kernels[i].shared == NULL)
			assert_null(shared);
		else
			assert_string_equal(shared, kernels[i].shared);
		free(shared);
	}
	assert_null(scrub_names_clock("secret"));
	assert_null(scrub_names_clock(NULL));
	for (int i = 0; i < 2; i++) {
		char *clock = scrub_names_clock(i == 0 ? "mono_raw" : "x86-tsc");

		assert_string_equal(clock, i == 0 ? "mono_raw" : "x86-tsc");
		free(clock);
	}
}

/* The id, and then its SHA-256 as sha256sum(1) has it, of which an id holds the first 16 bytes. */
static void test_other_names(void **state)
{
	static const char fsid[] = "2f077664-b46e-4eb4-9cbe-2af92dee194d";
	static const char *const due[] = {"task1", "kworker/2", "task1", "task3"};
	static const char *const given[] = {"bash", "kworker/u4:1-secret", "bash", "zsh"};
	const struct scrub_options options = {.tasks = true};
	const struct event_names names = tables();
	struct scrub_names *scrub = scrub_names_new(&names, &options);
	struct event_names others;

	(void)state;
	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		struct event event = {.kind = EVENT_INODE_EVICT,
			.comm = number(task_names, given[i]),
			.fs = (uint16_t)number(fsids, fsid)};

		scrub_names_apply(scrub, &event);
		others = scrub_names_tables(scrub);
		assert_string_equal(names_text(others.comms, event.comm), due[i]);
		assert_int_equal(event.fs, 1);
		assert_string_equal(names_text(others.fsids, event.fs), "020339cb-bc6d-e5f0-cdb3-ab39f6880b0f");
	}
	scrub_names_free(scrub);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_names_of_tasks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_head_and_refusal, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_what_is_shared_of_a_kernel, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_other_names, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
