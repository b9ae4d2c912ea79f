/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/event.h"

static enum event_kind kind_of(const char *name)
{
	return event_kind_of(name, strlen(name));
}

static void test_every_kind_is_found_by_its_names(void **state)
{
	(void)state;
	for (int kind = EVENT_NONE + 1; kind < EVENT_LOST; kind++) {
		const struct event_info *info = event_info((enum event_kind)kind);

		assert_non_null(info->name);
		assert_int_equal(kind_of(info->name), kind);
		if (info->old_name != NULL)
			assert_int_equal(kind_of(info->old_name), kind);
	}
	assert_int_equal(kind_of("qgroup_update_reserve"), EVENT_UPDATE_RESERVE);
	assert_int_equal(kind_of("btrfs_qgroup_update_reserve"), EVENT_UPDATE_RESERVE);
}

static void test_other_names_are_no_kind(void **state)
{
	static const char *const others[] = {"", "btrfs", "btrfs_qgroup_reserve_dat", "btrfs_qgroup_reserve_data2",
		"qgroup_reserve_data", "sched_switch", "none", "lost_events"};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(kind_of(others[i]), EVENT_NONE);
}

static void test_no_two_fields_share_a_member(void **state)
{
	(void)state;
	for (int kind = 0; kind < EVENT_COUNT; kind++) {
		unsigned filled = 0;
		int count = 0;

		for (const struct event_field *field = event_info((enum event_kind)kind)->fields; field->raw != NULL;
			field++) {
			assert_non_null(field->text);
			assert_int_not_equal(field->member, EVENT_MEMBER_NONE);
			assert_false(filled & 1u << field->member);
			filled |= 1u << field->member;
			assert_true(++count < EVENT_FIELDS_MAX);
		}
	}
}

static void test_members_hold_the_kernels_numbers(void **state)
{
	static const enum event_member wide[] = {EVENT_MEMBER_ROOT, EVENT_MEMBER_INO, EVENT_MEMBER_START,
		EVENT_MEMBER_LEN, EVENT_MEMBER_BYTES, EVENT_MEMBER_DIFF};
	struct event event = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++) {
		event_set(&event, wide[i], UINT64_MAX - i);
		assert_int_equal(event_get(&event, wide[i]), UINT64_MAX - i);
	}
	assert_true(event.root == UINT64_MAX);
	assert_true(event.diff == -6);
	event_set(&event, EVENT_MEMBER_FLAGS, 0x1000);
	assert_int_equal(event.flags, EVENT_BIT_QGROUP_RESERVED);
	event_set(&event, EVENT_MEMBER_OP, 4);
	assert_int_equal(event.op, EVENT_OP_FREE);
	event_set(&event, EVENT_MEMBER_OP, 256 + 4);
	assert_int_equal(event.op, EVENT_OP_NONE);
	event_set(&event, EVENT_MEMBER_TYPE, 2);
	assert_int_equal(event.type, EVENT_TYPE_META_PREALLOC);
	assert_true(event_has_type(&event));
	event_set(&event, EVENT_MEMBER_TYPE, 3);
	assert_int_equal(event.type, EVENT_TYPE_GARBAGE);
	assert_false(event_has_type(&event));
	event_set(&event, EVENT_MEMBER_TYPE, UINT64_C(1) << 32);
	assert_int_equal(event.type, EVENT_TYPE_GARBAGE);
	event_set(&event, EVENT_MEMBER_TYPE, EVENT_TYPE_UNKNOWN);
	assert_int_equal(event.type, EVENT_TYPE_UNKNOWN);
	assert_false(event_has_type(&event));
}

/* Texts are lines that tracefs and trace-cmd of 6.18 have printed, and the largest numbers. */
static const struct {
	struct event event;
	const char *text;
} printed[] = {
	{{.kind = EVENT_RESERVE_DATA, .root = 256, .ino = 257, .len = 4096, .bytes = 4096, .op = EVENT_OP_RESERVE},
		"btrfs_qgroup_reserve_data: root=256 ino=257 start=0 len=4096 reserved=4096 op=reserve"},
	{{.kind = EVENT_RELEASE_DATA, .root = 256, .ino = 259, .start = 28672, .len = 4096, .op = EVENT_OP_RELEASE},
		"btrfs_qgroup_release_data: root=256 ino=259 start=28672 len=4096 reserved=0 op=release"},
	{{.kind = EVENT_UPDATE_RESERVE, .root = 256, .type = EVENT_TYPE_DATA, .bytes = 4096, .diff = -4096},
		"btrfs_qgroup_update_reserve: qgid=256 type=DATA cur_reserved=4096 diff=-4096"},
	{{.kind = EVENT_UPDATE_RESERVE,
		 .root = UINT64_C(281474976710756),
		 .type = EVENT_TYPE_META_PREALLOC,
		 .bytes = UINT64_MAX,
		 .diff = INT64_MIN},
		"btrfs_qgroup_update_reserve: qgid=281474976710756 type=META_PREALLOC "
		"cur_reserved=18446744073709551615 diff=-9223372036854775808"},
	{{.kind = EVENT_LOST, .cpu = 0, .bytes = 199}, "CPU:0 [199 EVENTS DROPPED]"},
	{{.kind = EVENT_LOST, .cpu = 3}, "CPU:3 [EVENTS DROPPED]"},
};

static void test_events_print_as_the_kernel_prints_them(void **state)
{
	char text[300];

	(void)state;
	for (size_t i = 0; i < sizeof(printed) / sizeof(printed[0]); i++)
		assert_string_equal(event_text(&printed[i].event, text, sizeof(text)), printed[i].text);
}

/* The byte behind the room must stay as it is, whatever the room. */
static void test_printing_stops_at_the_end_of_the_room(void **state)
{
	char text[300];

	(void)state;
	for (size_t i = 0; i < sizeof(printed) / sizeof(printed[0]); i++)
		for (size_t size = 1; size <= strlen(printed[i].text); size++) {
			memset(text, '#', sizeof(text));
			event_text(&printed[i].event, text, size);
			assert_int_equal(strlen(text), size - 1);
			assert_memory_equal(text, printed[i].text, size - 1);
			assert_int_equal(text[size], '#');
		}
}

static void test_an_event_of_no_kind_can_be_printed(void **state)
{
	const struct event odd = {.kind = 200, .op = 77, .type = 99};
	char text[300];

	(void)state;
	assert_string_equal(event_text(&odd, text, sizeof(text)), "none:");
}

static void test_numbers_without_a_name_can_be_printed(void **state)
{
	const struct event release = {.kind = EVENT_RELEASE_DATA, .op = 77};
	const struct event reserve = {.kind = EVENT_META_RESERVE, .type = 99};
	char text[EVENT_TEXT_MAX];

	(void)state;
	assert_non_null(strstr(event_text(&release, text, sizeof(text)), " op=0x4d"));
	assert_non_null(strstr(event_text(&reserve, text, sizeof(text)), " type=unknown"));
}

static void test_the_longest_texts_have_room(void **state)
{
	struct event event;

	(void)state;
	memset(&event, 0xff, sizeof(event));
	event.diff = INT64_MIN;
	for (int kind = 0; kind < EVENT_COUNT; kind++) {
		char text[2 * EVENT_TEXT_MAX];

		event.kind = (uint8_t)kind;
		assert_true(strlen(event_text(&event, text, sizeof(text))) < EVENT_TEXT_MAX);
	}
}

/* Every required field of the table must stand in the format that a real kernel gave for the event. */
static void expect_fields(const struct event_info *info, const char *format)
{
	for (const struct event_field *field = info->fields; field->raw != NULL; field++) {
		char declared[80];

		snprintf(declared, sizeof(declared), " %s;\t", field->raw);
		if (field->required && strstr(format, declared) == NULL)
			fail_msg("%s has no field '%s'", info->name, field->raw);
	}
}

static int check_formats(const char *path)
{
	static char all[1 << 20];
	FILE *file = fopen(path, "r");
	int known = 0;
	char *next = all;

	if (file == NULL)
		return -1;
	all[fread(all, 1, sizeof(all) - 1, file)] = '\0';
	fclose(file);
	while ((next = strstr(next, "\nname: ")) != NULL) {
		char *name = next + strlen("\nname: ");
		enum event_kind kind = event_kind_of(name, strcspn(name, "\n"));
		char *end = strstr(name, "print fmt:");

		assert_non_null(end);
		*end = '\0';
		if (kind != EVENT_NONE)
			expect_fields(event_info(kind), name);
		known += kind != EVENT_NONE;
		next = end + 1;
	}
	return known;
}

static void test_fields_are_those_of_real_kernels(void **state)
{
	static const char *const kernels[] = {"6.1.0-47-cloud-amd64", "6.12.100+deb12-cloud-amd64", "6.18.44"};
	const char *shared = getenv("SHARED");

	(void)state;
	for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		char path[4096];
		int known;

		snprintf(path, sizeof(path), "%s/traces/text/formats-%s.txt", shared != NULL ? shared : "../shared",
			kernels[i]);
		known = check_formats(path);
		if (known < 0)
			skip();
		assert_true(known >= 14);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_is_found_by_its_names),
		cmocka_unit_test(test_other_names_are_no_kind),
		cmocka_unit_test(test_no_two_fields_share_a_member),
		cmocka_unit_test(test_members_hold_the_kernels_numbers),
		cmocka_unit_test(test_events_print_as_the_kernel_prints_them),
		cmocka_unit_test(test_printing_stops_at_the_end_of_the_room),
		cmocka_unit_test(test_an_event_of_no_kind_can_be_printed),
		cmocka_unit_test(test_numbers_without_a_name_can_be_printed),
		cmocka_unit_test(test_the_longest_texts_have_room),
		cmocka_unit_test(test_fields_are_those_of_real_kernels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
