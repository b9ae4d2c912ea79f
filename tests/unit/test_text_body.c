/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "collector/text_body.h"
#include "collector/text_words.h"

#define FSID "2f077664-b46e-4eb4-9cbe-2af92dee194d"
#define RAW_FSID "fsid=ARRAY[2f, 07, 76, 64, b4, 6e, 4e, b4, 9c, be, 2a, f9, 2d, ee, 19, 4d]"

struct body {
	enum event_kind kind;
	const char *text;
	const char *fsid;
	struct event event; /* expected; kind is set by the test */
};

/* Each expected value was read off the text by eye, with the numbers of the kernel's headers for the words. */
static const struct body good[] = {
	{EVENT_RESERVE_DATA, FSID ": root=256 ino=257 start=8192 len=4096 reserved=4096 op=reserve", FSID,
		{.root = 256, .ino = 257, .start = 8192, .len = 4096, .bytes = 4096, .op = 1}},
	{EVENT_RESERVE_DATA, RAW_FSID " rootid=256 ino=257 start=8192 len=4096 reserved=4096 op=1", FSID,
		{.root = 256, .ino = 257, .start = 8192, .len = 4096, .bytes = 4096, .op = 1}},
	{EVENT_RELEASE_DATA, FSID ": root=256 ino=257 start=0 len=4096 reserved=0 op=0x4", FSID,
		{.root = 256, .ino = 257, .len = 4096, .op = 4}},
	{EVENT_RELEASE_DATA, FSID ": root=256 ino=257 start=0 len=4096 reserved=0 op=free", FSID,
		{.root = 256, .ino = 257, .len = 4096, .op = 4}},
	{EVENT_RELEASE_DATA, FSID ": root=256 ino=257 start=0 len=4096 reserved=0 op=releasefree", FSID,
		{.root = 256, .ino = 257, .len = 4096, .op = 6}},
	{EVENT_RELEASE_DATA, "root=256 ino=257 start=0 len=4096 reserved=1 op=release", "",
		{.root = 256, .ino = 257, .len = 4096, .bytes = 1, .op = 2}},
	{EVENT_RELEASE_DATA, "op=release reserved=1 len=4096 start=0 ino=257 root=256", "",
		{.root = 256, .ino = 257, .len = 4096, .bytes = 1, .op = 2}},
	{EVENT_UPDATE_RESERVE, FSID ": qgid=281474976710756 type=DATA cur_reserved=8192 diff=-8192", FSID,
		{.root = 281474976710756, .bytes = 8192, .diff = -8192}},
	{EVENT_UPDATE_RESERVE, FSID ": qgid=256 type=META_PERTRANS cur_reserved=0 diff=16384", FSID,
		{.root = 256, .diff = 16384, .type = 1}},
	{EVENT_UPDATE_RESERVE, FSID ": qgid=256 type=0x2 cur_reserved=0 diff=16384", FSID,
		{.root = 256, .diff = 16384, .type = 2}},
	{EVENT_UPDATE_RESERVE, FSID ": qgid=256 type=0x258792 cur_reserved=0 diff=16384", FSID,
		{.root = 256, .diff = 16384, .type = EVENT_TYPE_GARBAGE}},
	{EVENT_UPDATE_RESERVE, FSID ": qgid=256 type=garbage cur_reserved=0 diff=16384", FSID,
		{.root = 256, .diff = 16384, .type = EVENT_TYPE_GARBAGE}},
	{EVENT_UPDATE_RESERVE, FSID ": qgid=256 type=SOMETHING cur_reserved=0 diff=16384", FSID,
		{.root = 256, .diff = 16384, .type = EVENT_TYPE_UNKNOWN}},
	{EVENT_UPDATE_RESERVE, FSID ": qgid=256 cur_reserved=0 diff=-9223372036854775808", FSID,
		{.root = 256, .diff = INT64_MIN, .type = EVENT_TYPE_UNKNOWN}},
	{EVENT_META_RESERVE, "2F077664-B46E-4EB4-9CBE-2AF92DEE194D: refroot=5(FS_TREE) type=META_PREALLOC diff=0", FSID,
		{.root = 5, .type = 2}},
	{EVENT_META_RESERVE, FSID ": refroot=18446744073709551607(DATA_RELOC_TREE) type=META_PREALLOC diff=1", FSID,
		{.root = UINT64_MAX - 8, .type = 2, .diff = 1}},
	{EVENT_META_RESERVE, RAW_FSID " refroot=-9 diff=-16384 type=2", FSID,
		{.root = UINT64_MAX - 8, .type = 2, .diff = -16384}},
	{EVENT_META_RESERVE, "fsid=J refroot=5 diff=1 type=2", "4a00xxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
		{.root = 5, .diff = 1, .type = 2}},
	{EVENT_META_RESERVE, "fsid=Jx y refroot=5 diff=1 type=2", "4a782079-00xx-xxxx-xxxx-xxxxxxxxxxxx",
		{.root = 5, .diff = 1, .type = 2}},
	{EVENT_META_RESERVE, "fsid=J=x refroot=5 diff=1 type=2", "4a3d7800-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
		{.root = 5, .diff = 1, .type = 2}},
	{EVENT_META_RESERVE, "fsid= refroot=5 diff=1 type=2", "00xxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
		{.root = 5, .diff = 1, .type = 2}},
	{EVENT_META_RESERVE, "fsid=ABCDEFGHIJKLMNOP refroot=5 diff=1 type=2", "41424344-4546-4748-494a-4b4c4d4e4f50",
		{.root = 5, .diff = 1, .type = 2}},
	{EVENT_META_CONVERT, FSID ": refroot=256(-) type=META_PREALLOC->META_PERTRANS diff=81920", FSID,
		{.root = 256, .diff = 81920}},
	{EVENT_FREE_DELAYED_REF, FSID ": root=257 reserved=4096 op=free", FSID, {.root = 257, .bytes = 4096}},
	{EVENT_TRANSACTION_COMMIT, FSID ": root=1(ROOT_TREE) gen=11", FSID, {.root = 1, .bytes = 11}},
	{EVENT_TRANSACTION_COMMIT, RAW_FSID " generation=10 root_objectid=1", FSID, {.root = 1, .bytes = 10}},
	{EVENT_INODE_EVICT, FSID ": root=257(-) gen=11 ino=259 blocks=744 disk_i_size=1355776 last_trans=15", FSID,
		{.root = 257, .bytes = 11, .ino = 259}},
	{EVENT_ORDERED_ADD,
		FSID ": root=256(-) ino=257 file_offset=4096 start=13631488 len=8192 disk_len=4096 "
		     "truncated_len=18446744073709551615 bytes_left=8192 flags=REGULAR|DIRECT "
		     "compress_type=0 refs=1",
		FSID, {.root = 256, .ino = 257, .start = 4096, .bytes = 13631488, .len = 8192, .flags = 0x11}},
	{EVENT_ORDERED_REMOVE,
		RAW_FSID " ino=257 file_offset=0 start=13631488 len=65536 disk_len=65536 bytes_left=0 "
			 "flags=0x61 compress_type=0 refs=2 root_objectid=256",
		FSID, {.root = 256, .ino = 257, .bytes = 13631488, .len = 65536, .flags = 0x61}},
	{EVENT_ORDERED_REMOVE, FSID ": root=256(-) ino=257 file_offset=0 start=1 len=2 flags=REGULAR|IO_DONE|COMPLETE",
		FSID, {.root = 256, .ino = 257, .bytes = 1, .len = 2, .flags = 0x61}},
	{EVENT_ORDERED_ADD, FSID ": root=256(-) ino=257 file_offset=0 start=0 len=1 flags= compress_type=0", FSID,
		{.root = 256, .ino = 257, .len = 1}},
	{EVENT_ORDERED_ADD, FSID ": root=256(-) ino=257 file_offset=0 start=0 len=1 flags=NOCOW|FUTURE|0x20000", FSID,
		{.root = 256, .ino = 257, .len = 1, .flags = 0x20002}},
	{EVENT_SET_EXTENT_BIT, FSID ": io_tree=INODE_IO ino=257 root=256 start=0 len=4096 set_bits=QGROUP_RESERVED",
		FSID, {.op = 3, .ino = 257, .root = 256, .len = 4096, .flags = 0x1000}},
	{EVENT_SET_EXTENT_BIT, FSID ": io_tree=INODE_IO ino=257 root=256 start=0 len=4096 set_bits=0x1000", FSID,
		{.op = 3, .ino = 257, .root = 256, .len = 4096, .flags = 0x1000}},
	{EVENT_SET_EXTENT_BIT, RAW_FSID " owner=3 ino=257 rootid=256 start=0 len=4096 set_bits=0x1000", FSID,
		{.op = 3, .ino = 257, .root = 256, .len = 4096, .flags = 0x1000}},
	{EVENT_CLEAR_EXTENT_BIT,
		FSID ": io_tree=INODE_IO ino=257 root=256 start=0 len=1 "
		     "clear_bits=LOCKED|DELALLOC|QGROUP_RESERVED|0x20000",
		FSID, {.op = 3, .ino = 257, .root = 256, .len = 1, .flags = 0x21022}},
	{EVENT_CLEAR_EXTENT_BIT, FSID ": io_tree=NEW_TREE ino=257 root=256 start=0 len=1 clear_bits=LOCKED", FSID,
		{.op = 255, .ino = 257, .root = 256, .len = 1, .flags = 2}},
	{EVENT_ADD_DELAYED_DATA_REF,
		FSID ": bytenr=13631488 num_bytes=4096 action=DROP_DELAYED_REF parent=0(-) "
		     "ref_root=256(-) owner=257 offset=1114112 type=EXTENT_DATA_REF seq=0",
		FSID, {.start = 13631488, .len = 4096, .op = 2, .root = 256, .ino = 257, .bytes = 1114112}},
	{EVENT_ADD_DELAYED_REF_HEAD, FSID ": bytenr=1 num_bytes=2 action=ADD_DELAYED_EXTENT is_data=1", FSID,
		{.start = 1, .len = 2, .op = 3, .flags = 1}},
	{EVENT_NUM_DIRTY_EXTENTS, FSID ": transid=7 num_dirty_extents=3", FSID, {.start = 7, .bytes = 3}},
	{EVENT_UPDATE_COUNTERS, FSID ": qgid=5 old_rfer=16384 old_excl=8192 cur_old_count=1 cur_new_count=0", FSID,
		{.root = 5, .bytes = 16384, .len = 8192, .start = 1}},
	{EVENT_UPDATE_COUNTERS, "qgid=5 cur_old_count=0 cur_new_count=2", "", {.root = 5, .diff = 2}},
	{EVENT_ACCOUNT_EXTENT, FSID ": transid=8 bytenr=30425088 num_bytes=16384 nr_old_roots=0 nr_new_roots=1", FSID,
		{.start = 30425088, .len = 16384, .diff = 1}},
};

static void assert_event(const struct event *event, const struct event *expected)
{
	assert_true(event->root == expected->root);
	assert_true(event->ino == expected->ino);
	assert_true(event->start == expected->start);
	assert_true(event->len == expected->len);
	assert_true(event->bytes == expected->bytes);
	assert_true(event->diff == expected->diff);
	assert_int_equal(event->flags, expected->flags);
	assert_int_equal(event->op, expected->op);
	assert_int_equal(event->type, expected->type);
}

static bool parse(enum event_kind kind, const char *text, size_t length, struct event *event, char *fsid)
{
	struct text_body_fields fields;

	text_body_init(&fields);
	memset(event, 0, sizeof(*event));
	event->kind = (uint8_t)kind;
	return text_body_parse(&fields, event, text, length, fsid);
}

static void reads_every_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char fsid[FSID_TEXT + 1];
		struct event event;

		print_message("%s: %s\n", event_info(good[i].kind)->name, good[i].text);
		assert_true(parse(good[i].kind, good[i].text, strlen(good[i].text), &event, fsid));
		assert_event(&event, &good[i].event);
		assert_string_equal(fsid, good[i].fsid);
	}
}

static const struct {
	enum event_kind kind;
	const char *text;
} bad[] = {
	{EVENT_RESERVE_DATA, ""},
	{EVENT_RESERVE_DATA, FSID ": root=256 ino=257 start=8192 len=4096 reserved=4096"},
	{EVENT_RESERVE_DATA, FSID ": root=256 ino=257 start=8192 len=4096 reserved=4096 op="},
	{EVENT_RESERVE_DATA, FSID ": root=256 ino=257 start=8192 len=4096 reserved=4096 op=maybe"},
	{EVENT_RESERVE_DATA, FSID ": root=256 ino=257 start=8192 len=4096 reserved=4096 op=reserves"},
	{EVENT_RESERVE_DATA, FSID ": root=256 ino=257 start=8192 len=40x6 reserved=4096 op=reserve"},
	{EVENT_RESERVE_DATA, FSID ": root=256 ino=257 start=8192 len=0x reserved=4096 op=reserve"},
	{EVENT_RESERVE_DATA, FSID ": root=256 ino=257 start=8192 len= reserved=4096 op=reserve"},
	{EVENT_RESERVE_DATA, FSID ": root=256 ino=257 start=- len=1 reserved=4096 op=reserve"},
	{EVENT_RESERVE_DATA, FSID ": root=256 ino=257 start=18446744073709551616 len=1 reserved=4096 op=reserve"},
	{EVENT_RESERVE_DATA, FSID ": root=256 ino=257 start=0x10000000000000000 len=1 reserved=4096 op=reserve"},
	{EVENT_RESERVE_DATA, FSID ": root=256 ino=257 start=1|2 len=1 reserved=4096 op=reserve"},
	{EVENT_UPDATE_RESERVE, FSID ": qgid=256 type=DATA cur_reserved=0 diff=-9223372036854775809"},
	{EVENT_UPDATE_RESERVE, FSID ": qgid=256 type=DATA cur_reserved=0 dif=1"},
	{EVENT_META_RESERVE, FSID ": refroot=5(FS_TREE type=DATA diff=0"},
	{EVENT_META_RESERVE, FSID ": refroot=5(FS_TREE)x type=DATA diff=0"},
	{EVENT_META_RESERVE, "fsid=ARRAY[2f, 07] refroot=5 diff=0 type=2"},
	{EVENT_META_RESERVE,
		"fsid=ARRAY[2f, 07, 76, 64, b4, 6e, 4e, b4, 9c, be, 2a, f9, 2d, ee, 19, 4d, 4d] refroot=5 diff=0"},
	{EVENT_META_RESERVE,
		"fsid=ARRAY[2f, 07, 76, 64, b4, 6e, 4e, b4, 9c, be, 2a, f9, 2d, ee, 19, xx] refroot=5 diff=0"},
	{EVENT_META_RESERVE, "2f077664-b46e-4eb4-9cbe-2af92dee194: refroot=5 diff=0"},
	{EVENT_META_RESERVE, "2f077664-b46e-4eb4-9cbe-2af92dee194x: refroot=5 diff=0"},
	{EVENT_META_RESERVE, "2f077664-b46e-4eb4-9cbe 2af92dee194d: refroot=5 diff=0"},
	{EVENT_META_RESERVE, "2f077664-b46e-4-eb49cbe-2af92dee194d: refroot=5 diff=0"},
	{EVENT_META_RESERVE, ": refroot=5 diff=0"},
	{EVENT_META_RESERVE, "fsid=" FSID " refroot=5 diff=0"},
};

static void refuses_what_is_incomplete(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char fsid[FSID_TEXT + 1];
		struct event event;

		print_message("%s\n", bad[i].text);
		assert_false(parse(bad[i].kind, bad[i].text, strlen(bad[i].text), &event, fsid));
	}
}

/* The first value of a field counts, as in a body whose last field is a text that the kernel took from a user. */
static void takes_the_first_of_two(void **state)
{
	char fsid[FSID_TEXT + 1];
	struct event event;
	const char *text = "qgid=1 cur_reserved=2 diff=3 qgid=4 cur_reserved=5 diff=6 root=7";

	(void)state;
	assert_true(parse(EVENT_UPDATE_RESERVE, text, strlen(text), &event, fsid));
	assert_event(&event, &(struct event){.root = 1, .bytes = 2, .diff = 3, .type = EVENT_TYPE_UNKNOWN});
}

/* What event_text() writes is read back: no kind of event and no field is forgotten in either. A print has none. */
static void reads_what_is_written(void **state)
{
	(void)state;
	for (int kind = EVENT_NONE + 1; kind < EVENT_PRINT; kind++) {
		struct event written = {.kind = (uint8_t)kind}, read;
		char fsid[FSID_TEXT + 1];
		char text[400];
		const char *body;
		uint64_t value = 1;

		for (const struct event_field *field = event_info((enum event_kind)kind)->fields; field->raw != NULL;
			field++)
			event_set(&written, field->member, value++ % 3 + 1);
		if (written.op == 3)
			written.op = EVENT_OP_FREE;
		body = strchr(event_text(&written, text, sizeof(text)), ' ');
		print_message("%s\n", text);
		assert_non_null(body);
		assert_true(parse((enum event_kind)kind, body + 1, strlen(body + 1), &read, fsid));
		assert_event(&read, &written);
	}
}

static void stays_inside_the_body(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		for (size_t length = 0; length <= strlen(good[i].text); length++) {
			char *copy = test_malloc(length + 1);
			char fsid[FSID_TEXT + 1];
			struct event event;

			memcpy(copy + 1, good[i].text, length);
			if (parse(good[i].kind, copy + 1, length, &event, fsid))
				assert_true(strlen(fsid) == 0 || strlen(fsid) == FSID_TEXT);
			test_free(copy);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_every_form),
		cmocka_unit_test(refuses_what_is_incomplete),
		cmocka_unit_test(takes_the_first_of_two),
		cmocka_unit_test(reads_what_is_written),
		cmocka_unit_test(stays_inside_the_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
