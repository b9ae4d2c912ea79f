/* SPDX-License-Identifier: GPL-2.0-only */
/* The picture of a finding: the classic's story stands where it should, and nothing that a trace may hold breaks it. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/explain/explain.h"
#include "tests/unit/finding_story.h"
#include "tests/unit/seeded.h"
#include "web/draw/diagram.h"

static char *draw(const struct finding *finding, const struct names *comms, uint64_t trace, uint32_t occurrence)
{
	const struct diagram_wish wish = {.trace = trace, .occurrence = occurrence};
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	diagram_draw(stream, finding, comms, &wish);
	fclose(stream);
	return text;
}

static char *draw_story(struct story *story, uint64_t trace)
{
	return draw(&story->finding, story->comms, trace, 0);
}

static void expect(const char *svg, const char *part)
{
	if (strstr(svg, part) == NULL)
		fail_msg("no '%s' in\n%s", part, svg);
}

static void expect_not(const char *svg, const char *part)
{
	if (strstr(svg, part) != NULL)
		fail_msg("'%s' in\n%s", part, svg);
}

/* The number behind `attribute` in the element that `part` is of, or that follows it. */
static int number_in(const char *svg, const char *part, const char *attribute)
{
	const char *at = strstr(svg, part);
	const char *value = at != NULL ? strstr(at, attribute) : NULL;

	if (value == NULL) {
		fail_msg("no '%s' with '%s' in\n%s", part, attribute, svg);
		return 0;
	}
	return (int)strtol(value + strlen(attribute), NULL, 10);
}

/* Every element is closed in its order, and every attribute stands in quotes. */
static void expect_sound(const char *svg)
{
	char open[64][16];
	size_t depth = 0;

	for (const char *at = strchr(svg, '<'); at != NULL; at = strchr(at + 1, '<')) {
		const char *end = strchr(at, '>');
		size_t quotes = 0;
		char name[16];

		assert_non_null(end);
		for (const char *c = at; c < end; c++)
			quotes += *c == '"';
		assert_int_equal(quotes % 2, 0);
		snprintf(name, sizeof(name), "%.*s", (int)strspn(at + 1 + (at[1] == '/'), "abcdefghijklmnopqrstuvwxyz"),
			at + 1 + (at[1] == '/'));
		if (at[1] == '/') {
			assert_true(depth > 0);
			assert_string_equal(open[--depth], name);
		} else if (end[-1] != '/') {
			assert_true(depth < 64);
			memcpy(open[depth++], name, sizeof(name));
		}
	}
	assert_int_equal(depth, 0);
}

static void test_classic(void **state)
{
	struct story story;
	char *svg;

	(void)state;
	story_init(&story);
	svg = draw_story(&story, 7);
	expect_sound(svg);
	expect(svg, "<title>wl-152 frees 4,096 bytes of wl-151</title>");
	expect(svg, ">wl-151</text>");
	expect(svg, ">reserved the bytes</text>");
	expect(svg, ">wl-152</text>");
	expect(svg, ">frees what is not its own</text>");
	expect(svg, ">finds it reserved</text>");
	expect(svg, ">gets no metadata space</text>");
	expect(svg, ">takes 4 KiB of wl-151</text>");
	expect(svg, ">4,096 \xe2\x86\x92 0</text>");
	expect(svg, ">Counter of 0/256</text>");
	expect(svg, "href=\"/traces/7/events?around=14#e14\"");
	/* The update of the counter is told beside the free, and not as an event by itself. */
	expect_not(svg, "around=15#");
	/* Writeback finds nothing: a consequence, in a column of its own. */
	expect(svg, ">kworker/u4:1-25</text>");
	expect(svg, ">4 KiB missing</text>");
	expect(svg, ">none of it reserved</text>");
	free(svg);
	story_release(&story);
}

/* A line from x to x at y. */
struct line {
	int from;
	int to;
	int y;
};

/* "M" x y "H" x of a path. */
static struct line path_of(const char *svg, const char *style)
{
	const char *at = strstr(svg, style);
	char *end = NULL;
	struct line line = {0};

	at = at != NULL ? strstr(at, "d=\"M") : NULL;
	if (at == NULL) {
		fail_msg("no path '%s' in\n%s", style, svg);
		return line;
	}
	line.from = (int)strtol(at + 4, &end, 10);
	line.y = (int)strtol(end, &end, 10);
	assert_int_equal(*end, 'H');
	line.to = (int)strtol(end + 1, NULL, 10);
	return line;
}

/* The bar begins at the owner's box, is cut where the arrow meets it, and goes on as an outline. */
static void test_bar_and_arrow(void **state)
{
	struct story story;
	struct line line;
	char *svg;
	int bar_x;
	int bar_y;
	int cut_y;

	(void)state;
	story_init(&story);
	svg = draw_story(&story, 0);
	bar_x = number_in(svg, "\"dg-bar owner-0\"", " x=\"");
	bar_y = number_in(svg, "\"dg-bar owner-0\"", " y=\"");
	cut_y = bar_y + number_in(svg, "\"dg-bar owner-0\"", " height=\"");
	line = path_of(svg, "\"arrow\"");
	assert_true(line.from > line.to && line.to > bar_x);
	assert_int_equal(line.y, cut_y);
	assert_int_equal(number_in(svg, "\"dg-bar dg-gone owner-0\"", " y=\""), cut_y);
	line = path_of(svg, "\"edge dg-finds\"");
	assert_true(line.y > bar_y && line.y < cut_y);
	line = path_of(svg, "\"edge-bad dg-misses\"");
	assert_int_equal(line.y, cut_y + number_in(svg, "dg-gone", " height=\""));
	expect_not(svg, "<a ");
	free(svg);
	story_release(&story);
}

/* Without a write that finds nothing, what is left over is dirty data without reservation. */
static void test_dirty_but_not_reserved(void **state)
{
	struct story story;
	char *svg;

	(void)state;
	story_init(&story);
	story.finding.consequence_count = 0;
	story.evidence[2].role = ROLE_OWNER_COMPLETE;
	svg = draw_story(&story, 1);
	expect(svg, ">dirty, but not reserved</text>");
	free(svg);
	story_release(&story);
}

/* What follows from another occurrence, or came before, is not of this story. */
static void test_consequence_of_another(void **state)
{
	struct story story;
	char *svg;

	(void)state;
	story_init(&story);
	story.consequence.event.start = 65536;
	svg = draw_story(&story, 1);
	expect_not(svg, "kworker");
	free(svg);
	story.consequence.event.start = 0;
	story.consequence.event.time_ns = 1;
	svg = draw_story(&story, 1);
	expect_not(svg, "kworker");
	free(svg);
	story_release(&story);
}

/* A leak's bar is not cut: its bytes stay. */
static void test_leak_stays(void **state)
{
	struct story story;
	char *svg;

	(void)state;
	story_init(&story);
	story.finding.kind = FINDING_LEAK;
	story.finding.path = PATH_EVICTED;
	story.evidence[1].role = ROLE_EVICTED;
	story.evidence[1].event.kind = EVENT_INODE_EVICT;
	story.finding.evidence_count = 2;
	story.finding.consequence_count = 0;
	svg = draw_story(&story, 1);
	expect_sound(svg);
	expect(svg, "\"dg-bar dg-held owner-0\"");
	expect(svg, ">4 KiB stay on the counter</text>");
	expect(svg, ">never freed</text>");
	expect_not(svg, "\"strike\"");
	free(svg);
	story_release(&story);
}

/* Kernels print an increase where 3 GiB went through an int; their counter then is 0, as the events behind show. */
static void test_truncated_count(void **state)
{
	struct story story;
	char *svg;

	(void)state;
	story_init(&story);
	story.finding.kind = FINDING_TRUNCATED_COUNT;
	story.finding.path = PATH_FREE;
	story.evidence[1] = story.evidence[4];
	story.evidence[1].event.bytes = UINT64_C(3) << 30;
	story.evidence[1].event.diff = INT64_C(1) << 30;
	story.finding.evidence_count = 2;
	story.finding.consequence_count = 0;
	story.occurrence.bytes = UINT64_C(3) << 30;
	story.occurrence.diff_bytes = INT64_C(1) << 30;
	svg = draw_story(&story, 1);
	expect(svg, ">3,221,225,472 \xe2\x86\x92 0</text>");
	expect(svg, ">frees 3 GiB</text>");
	free(svg);
	story_release(&story);
}

/* The free's event stands before that of the reserve, which two CPUs can make of it. */
static void test_the_other_way_round(void **state)
{
	struct story story;
	struct evidence reserve;
	char *svg;

	(void)state;
	story_init(&story);
	reserve = story.evidence[0];
	memmove(story.evidence, story.evidence + 1, 3 * sizeof(reserve));
	story.evidence[3] = reserve;
	svg = draw_story(&story, 1);
	expect_sound(svg);
	expect(svg, "\"arrow\"");
	expect(svg, ">takes 4 KiB of wl-151</text>");
	free(svg);
	story_release(&story);
}

static void test_nothing_to_draw(void **state)
{
	struct story story;
	char *svg;

	(void)state;
	story_init(&story);
	assert_true(diagram_can(&story.finding, 0));
	assert_false(diagram_can(&story.finding, 1));
	svg = draw(&story.finding, story.comms, 1, 1);
	assert_string_equal(svg, "");
	free(svg);
	story.finding.evidence_count = 0;
	assert_false(diagram_can(&story.finding, 0));
	story_release(&story);
}

/* Each occurrence is drawn from its own evidence, with its own owners. */
static void test_second_occurrence(void **state)
{
	struct story story;
	struct occurrence two[2];
	struct owner owner;
	char *svg;

	(void)state;
	story_init(&story);
	two[0] = two[1] = story.occurrence;
	owner = story.owner;
	owner.task.pid = 777;
	two[1].owners = &owner;
	story.finding.occurrences = two;
	story.finding.occurrence_count = story.finding.occurrence_total = 2;
	story.evidence[3].occurrence = 1;
	svg = draw(&story.finding, story.comms, 1, 1);
	expect(svg, ">wl-777</text>");
	expect_not(svg, ">wl-151</text>");
	expect_not(svg, "around=8#");
	free(svg);
	story_release(&story);
}

/* With two owners, what shows the damage is in the evidence twice, and happened once. */
static void test_told_once(void **state)
{
	struct story story;
	const char *again;
	char *svg;

	(void)state;
	story_init(&story);
	story.evidence[4] = story.evidence[1];
	svg = draw_story(&story, 1);
	again = strstr(svg, "around=12#");
	assert_non_null(again);
	assert_null(strstr(again + 1, "around=12#"));
	free(svg);
	story_release(&story);
}

/* More owners than there are bars are counted, and what they did is left out. */
static void test_many_owners(void **state)
{
	enum { MANY = 5 };
	struct story story;
	struct owner owners[MANY];
	struct evidence evidence[MANY + 1];
	char *svg;

	(void)state;
	story_init(&story);
	for (unsigned i = 0; i < MANY; i++) {
		owners[i] = story.owner;
		owners[i].time_ns += i;
		evidence[i] = story.evidence[0];
		evidence[i].event.number = 100 + i;
		evidence[i].event.time_ns += i;
	}
	evidence[MANY] = story.evidence[3];
	story.occurrence.owners = owners;
	story.occurrence.owner_count = MANY;
	story.finding.evidence = evidence;
	story.finding.evidence_count = MANY + 1;
	story.finding.consequence_count = 0;
	svg = draw_story(&story, 1);
	expect_sound(svg);
	expect(svg, "\"dg-bar owner-2\"");
	expect(svg, "around=102#");
	expect_not(svg, "around=103#");
	expect(svg, "and 2 more reserves</text>");
	free(svg);
	story_release(&story);
}

static char *draw_ranges(const struct finding *finding, const struct names *comms)
{
	const struct diagram_wish wish = {.trace = 1};
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	diagram_draw_ranges(stream, finding, comms, &wish);
	fclose(stream);
	return text;
}

/* Of one range there is nothing to compare; of two, the second one is the last third. */
static void test_ranges(void **state)
{
	struct story story;
	char *svg;
	int x;
	int width;

	(void)state;
	story_init(&story);
	svg = draw_ranges(&story.finding, story.comms);
	assert_string_equal(svg, "");
	free(svg);
	story.evidence[0].event.len = 12288;
	story.evidence[3].event.start = 8192;
	story.finding.consequence_count = 0;
	svg = draw_ranges(&story.finding, story.comms);
	expect_sound(svg);
	expect(svg, "wl-151 reserves</text>");
	expect(svg, "wl-152 frees</text>");
	expect(svg, ">8,192</text>");
	x = number_in(svg, "<title>[0, 12288)</title>", " x=\"");
	width = number_in(svg, "<title>[0, 12288)</title>", " width=\"");
	assert_in_range(
		number_in(svg, "<title>[8192, 12288)</title>", " x=\"") - x, width * 2 / 3 - 1, width * 2 / 3 + 1);
	free(svg);
	story_release(&story);
}

static void test_hostile_names(void **state)
{
	static const char hostile[] = "<script>\"'&\x1b[31m\xff";
	struct story story;
	char long_name[1000];
	char *svg;

	(void)state;
	story_init(&story);
	memset(long_name, 'w', sizeof(long_name));
	story.owner.task.comm = names_number(story.comms, hostile, sizeof(hostile) - 1);
	story.occurrence.task.comm = names_number(story.comms, long_name, sizeof(long_name));
	svg = draw_story(&story, 1);
	expect_sound(svg);
	expect_not(svg, "<script");
	expect_not(svg, "\x1b");
	expect_not(svg, "\xff");
	expect_not(svg, "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww</text>");
	expect(svg, "ww\xe2\x80\xa6</text>");
	free(svg);
	story_release(&story);
}

enum { OWNERS = 40, ROUNDS = 3000 };

static uint64_t any_number(struct seeded *seeded)
{
	static const uint64_t edges[] = {0, 1, 4095, 4096, UINT64_C(1) << 31, INT64_MAX, UINT64_MAX - 1, UINT64_MAX};

	return seeded_percent(seeded, 50) ? edges[seeded_below(seeded, 8)] : seeded_below(seeded, 1 << 20) * 4096;
}

static struct event any_event(struct seeded *seeded)
{
	return (struct event){.number = any_number(seeded),
		.time_ns = any_number(seeded),
		.root = any_number(seeded),
		.ino = 257 + seeded_below(seeded, 2),
		.start = any_number(seeded),
		.len = any_number(seeded),
		.bytes = any_number(seeded),
		.diff = (int64_t)any_number(seeded),
		.comm = (uint32_t)seeded_below(seeded, 4),
		.pid = (int32_t)seeded_below(seeded, 8) - 1,
		.flags = (uint32_t)any_number(seeded),
		.cpu = (uint16_t)any_number(seeded),
		.kind = (uint8_t)(1 + seeded_below(seeded, EVENT_COUNT - 1)),
		.op = (uint8_t)seeded_below(seeded, 6),
		.type = (uint8_t)any_number(seeded)};
}

static struct task_ref any_task(struct seeded *seeded)
{
	return (struct task_ref){(int32_t)seeded_below(seeded, 8) - 1, (uint32_t)seeded_below(seeded, 4)};
}

struct any {
	struct evidence evidence[FINDING_EVIDENCE_KEPT];
	struct consequence consequences[4];
	struct occurrence occurrence;
	struct owner owners[OWNERS];
	struct finding finding;
};

static void any_occurrence(struct seeded *seeded, struct any *any)
{
	for (size_t i = 0; i < OWNERS; i++)
		any->owners[i] = (struct owner){any_task(seeded), any_number(seeded), any_number(seeded),
			any_number(seeded), any_number(seeded)};
	any->occurrence = (struct occurrence){.time_ns = any_number(seeded),
		.ino = 257,
		.start = any_number(seeded),
		.len = any_number(seeded),
		.bytes = any_number(seeded),
		.have_bytes = any_number(seeded),
		.diff_bytes = (int64_t)any_number(seeded),
		.task = any_task(seeded),
		.owners = any->owners,
		.owner_count = seeded_below(seeded, OWNERS)};
}

static void any_finding(struct seeded *seeded, struct any *any)
{
	size_t count = 1 + seeded_below(seeded, seeded_percent(seeded, 10) ? FINDING_EVIDENCE_KEPT : 8);

	for (size_t i = 0; i < count; i++)
		any->evidence[i] =
			(struct evidence){any_event(seeded), (enum evidence_role)seeded_below(seeded, ROLE_COUNT), 0};
	for (size_t i = 0; i < 4; i++)
		any->consequences[i] =
			(struct consequence){(enum consequence_kind)seeded_below(seeded, CONSEQUENCE_COUNT),
				any_event(seeded), any_number(seeded), 257};
	any_occurrence(seeded, any);
	any->finding = (struct finding){.kind = (enum finding_kind)seeded_below(seeded, FINDING_KIND_COUNT),
		.path = (enum finding_path)seeded_below(seeded, PATH_COUNT),
		.evidence = any->evidence,
		.evidence_count = count,
		.consequences = any->consequences,
		.consequence_count = 4,
		.occurrences = &any->occurrence,
		.occurrence_count = seeded_below(seeded, 10) != 0};
}

/* Whatever the store may hold: it is drawn, its elements are sound, and none lies outside of the picture. */
static void test_any_finding(void **state)
{
	struct names *comms = names_new(8);
	struct seeded seeded = seeded_by(20);
	struct any any;

	(void)state;
	names_number(comms, "a", 1);
	names_number(comms, "kworker/u256:33+writeback-btrfs-1", 33);
	for (int round = 0; round < ROUNDS; round++) {
		char *svg;

		any_finding(&seeded, &any);
		svg = draw(&any.finding, comms, 1, 0);
		expect_sound(svg);
		expect(svg, "<svg");
		expect_not(svg, "=\"-1");
		expect_not(svg, "></text>");
		free(svg);
		svg = draw_ranges(&any.finding, comms);
		expect_sound(svg);
		expect_not(svg, "=\"-");
		free(svg);
	}
	names_free(comms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_classic),
		cmocka_unit_test(test_bar_and_arrow),
		cmocka_unit_test(test_dirty_but_not_reserved),
		cmocka_unit_test(test_consequence_of_another),
		cmocka_unit_test(test_leak_stays),
		cmocka_unit_test(test_truncated_count),
		cmocka_unit_test(test_the_other_way_round),
		cmocka_unit_test(test_nothing_to_draw),
		cmocka_unit_test(test_second_occurrence),
		cmocka_unit_test(test_told_once),
		cmocka_unit_test(test_many_owners),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_any_finding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
