/* SPDX-License-Identifier: GPL-2.0-only */
/* The pure parts of taking uploads: names, who comes how often, and the headers of tus. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "web/upload/tus_metadata.h"
#include "web/upload/tus_sum.h"
#include "web/upload/upload_name.h"
#include "web/upload/visits.h"

static void test_names(void **state)
{
	static const struct {
		const char *given;
		const char *name;
	} cases[] = {
		{NULL, "upload"},
		{"", "upload"},
		{" \t ", "upload"},
		{"trace.dat", "trace.dat"},
		{"../../etc/passwd", "passwd"},
		{"/etc/passwd", "passwd"},
		{"C:\\fakepath\\trace.dat", "trace.dat"},
		{"..", "upload"},
		{"a/..", "upload"},
		{"a/", "upload"},
		{".", "upload"},
		{".hidden", ".hidden"},
		{"<script>alert(1)</script>", "script>"},
		{"<script>", "<script>"},
		{"a\nb\x1b[31m", "a?b?[31m"},
		{"  two words  ", "two words"},
		{"Spur f\xc3\xbcr Anna.dat", "Spur f\xc3\xbcr Anna.dat"},
		{"\xff\xfe", "??"},
		{"a\xe2\x80\xae"
		 "b",
			"a?b"},
	};
	char name[UPLOAD_NAME];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		upload_name(name, cases[i].given);
		assert_string_equal(name, cases[i].name);
	}
}

static void test_long_names_are_cut_between_characters(void **state)
{
	char given[10001];
	char name[UPLOAD_NAME];
	char host[UPLOAD_HOST];

	(void)state;
	memset(given, 'a', 10000);
	given[10000] = '\0';
	upload_name(name, given);
	assert_int_equal(strlen(name), UPLOAD_NAME - 1);
	for (size_t i = 0; i < 10000; i += 2)
		memcpy(given + i, "\xc3\xbc", 2);
	upload_name(name, given);
	assert_int_equal(strlen(name), UPLOAD_NAME - 2);
	assert_memory_equal(name + UPLOAD_NAME - 4, "\xc3\xbc", 3);
	upload_host(host, given);
	assert_int_equal(strlen(host), UPLOAD_HOST - 2);
	upload_host(host, NULL);
	assert_string_equal(host, "");
	/* A host is no path. */
	upload_host(host, "rack/7");
	assert_string_equal(host, "rack/7");
}

static void test_visits(void **state)
{
	struct visits visits = {.buckets = {{.at_ms = 0}}};
	uint64_t now = 1000;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(visits_take(&visits, "192.0.2.1", 3, now), 0);
	/* Three a minute are one in 20 s. */
	assert_int_equal(visits_take(&visits, "192.0.2.1", 3, now), 21);
	assert_int_equal(visits_take(&visits, "192.0.2.2", 3, now), 0);
	assert_int_equal(visits_take(&visits, "192.0.2.1", 3, now + 19999), 1);
	assert_int_equal(visits_take(&visits, "192.0.2.1", 3, now + 20000), 0);
	assert_int_not_equal(visits_take(&visits, "192.0.2.1", 3, now + 20001), 0);
	/* Years later the bucket holds what it holds. */
	now += UINT64_C(1) << 60;
	assert_int_equal(visits_take(&visits, "192.0.2.1", 3, now), 0);
	now += UINT64_C(1) << 60;
	for (int i = 0; i < 3; i++)
		assert_int_equal(visits_take(&visits, "192.0.2.1", 3, now), 0);
	assert_int_not_equal(visits_take(&visits, "192.0.2.1", 3, now), 0);
}

/* Who asks again and again must not wait longer for that. */
static void test_visits_refused_cost_nothing(void **state)
{
	struct visits visits = {.buckets = {{.at_ms = 0}}};
	uint64_t now = 1;

	(void)state;
	assert_int_equal(visits_take(&visits, "192.0.2.1", 1, now), 0);
	for (; now < 60001; now += 7)
		assert_int_not_equal(visits_take(&visits, "192.0.2.1", 1, now), 0);
	assert_int_equal(visits_take(&visits, "192.0.2.1", 1, 60001), 0);
}

static void test_visits_by_address(void **state)
{
	static const struct {
		const char *first;
		const char *second;
		bool same;
	} cases[] = {
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"192.0.2.1", "::ffff:192.0.2.1", true},
		{"::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
		{"2001:db8::1", "2001:db8::ffff:2", true},
		{"2001:db8::1", "2001:db8:0:1::1", false},
		{"::1", "127.0.0.1", false},
		{"who", "knows", true},
		{NULL, "who", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct visits visits = {.buckets = {{.at_ms = 0}}};

		assert_int_equal(visits_take(&visits, cases[i].first, 1, 1), 0);
		assert_int_equal(visits_take(&visits, cases[i].second, 1, 1) != 0, cases[i].same);
	}
}

static void test_visits_forget_the_oldest(void **state)
{
	static struct visits visits;
	char address[40];

	(void)state;
	for (int i = 0; i <= VISITS_MAX; i++) {
		snprintf(address, sizeof(address), "10.0.%d.%d", i / 256, i % 256);
		assert_int_equal(visits_take(&visits, address, 1, (uint64_t)i + 1), 0);
	}
	assert_int_not_equal(visits_take(&visits, "10.0.0.1", 1, VISITS_MAX + 2), 0);
	assert_int_equal(visits_take(&visits, "10.0.0.0", 1, VISITS_MAX + 2), 0);
}

static void test_metadata(void **state)
{
	static const struct {
		const char *text;
		bool valid;
	} cases[] = {
		{"filename dHJhY2UuZGF0", true},
		{"filename dHJhY2UuZGF0,host YW5uYQ==", true},
		{"filename dHJhY2UuZGF0, host YW5uYQ==", true},
		{"is_confidential", true},
		{"a,b,c ", true},
		{"", true},
		{"filename !!!!", false},
		{"filename dHJhY2UuZGF", false},
		{"filename dHJh Y2Uu", false},
		{"a YQ==,a Yg==", false},
		{",", false},
		{"a,", false},
		{",a", false},
		{"a,,b", false},
		{"f\xc3\xbc YQ==", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (tus_metadata_is_valid(cases[i].text) != cases[i].valid)
			fail_msg("'%s' is taken for %s", cases[i].text, cases[i].valid ? "broken" : "valid");
}

static void test_metadata_values(void **state)
{
	static const char text[] = "name eA==,filename dHJhY2UuZGF0,empty,zero AGEA,file Yg==";
	char value[16];

	(void)state;
	assert_true(tus_metadata_find(text, "filename", value, sizeof(value)));
	assert_string_equal(value, "trace.dat");
	assert_true(tus_metadata_find(text, "file", value, sizeof(value)));
	assert_string_equal(value, "b");
	assert_true(tus_metadata_find(text, "empty", value, sizeof(value)));
	assert_string_equal(value, "");
	assert_true(tus_metadata_find(text, "zero", value, sizeof(value)));
	assert_string_equal(value, " a ");
	assert_true(tus_metadata_find(text, "filename", value, 4));
	assert_string_equal(value, "tra");
	assert_false(tus_metadata_find(text, "host", value, sizeof(value)));
	assert_false(tus_metadata_find("", "host", value, sizeof(value)));
}

/* The digests are those that coreutils gives for "hello world". */
static void test_sums(void **state)
{
	static const struct {
		const char *header;
		bool known;
		bool right;
	} cases[] = {
		{NULL, true, true},
		{"sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", true, true},
		{"sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=", true, true},
		{"sha1 Kq5sNclPz7QV2+lfQIuc6R7oRuU=", true, false},
		{"sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzeg=", true, false},
		{"sha1 Kq5sNclPz7QV2+lfQIuc6R7oRg==", false, false},
		{"sha1 ", false, false},
		{"sha1", false, false},
		{"md5 XrY7u+Ae7tCTyyK7j1rNww==", false, false},
		{"sha256 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", false, false},
		{"", false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tus_sum sum;

		assert_int_equal(tus_sum_begin(&sum, cases[i].header), cases[i].known);
		if (!cases[i].known)
			continue;
		tus_sum_update(&sum, "hello ", 6);
		tus_sum_update(&sum, "world", 5);
		assert_int_equal(tus_sum_is_right(&sum), cases[i].right);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_long_names_are_cut_between_characters),
		cmocka_unit_test(test_visits),
		cmocka_unit_test(test_visits_refused_cost_nothing),
		cmocka_unit_test(test_visits_by_address),
		cmocka_unit_test(test_visits_forget_the_oldest),
		cmocka_unit_test(test_metadata),
		cmocka_unit_test(test_metadata_values),
		cmocka_unit_test(test_sums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
