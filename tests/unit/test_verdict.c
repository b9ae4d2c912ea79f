/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "analyzer/ledger/verdict.h"

static const struct verdict_group_key foreign = {
	.kind = FINDING_FOREIGN_FREE, .path = PATH_TRACED_FREE, .fs = 1, .root = 256, .ino = 257};
static const struct verdict_group_key warning = {
	.kind = FINDING_UNRESERVED_WRITE, .path = PATH_OLDER_WRITEBACK, .fs = 1, .root = 256, .ino = 257};
static const struct verdict_group_key note = {.kind = FINDING_MISSING_HEAD, .fs = 1};
static const struct verdict_group_key epoch = {.kind = FINDING_QUOTA_EPOCH, .fs = 1};

struct grouped {
	struct finding *findings;
	size_t count;
};

/* A verdict of 4096 bytes at a time, which the replay comes to at that time. */
static struct verdict *add(struct verdicts *verdicts, struct verdict_group_key key, uint64_t time_ns)
{
	struct event event = {.time_ns = time_ns, .pid = 152, .comm = 3, .start = 8192, .len = 4096};
	struct verdict *verdict = verdict_new(key, &event);

	verdict->occurrence.bytes = 4096;
	verdicts->now_ns = time_ns;
	return verdicts_add(verdicts, verdict);
}

static struct grouped group(struct verdicts *verdicts)
{
	struct grouped grouped;

	grouped.findings = verdicts_findings(verdicts, &grouped.count);
	return grouped;
}

static void release(struct verdicts *verdicts, struct grouped *grouped)
{
	for (size_t i = 0; i < grouped->count; i++)
		finding_release(&grouped->findings[i]);
	free(grouped->findings);
	verdicts_release(verdicts);
}

static void test_no_verdicts_no_findings(void **state)
{
	struct verdicts verdicts;
	struct grouped grouped;

	(void)state;
	verdicts_init(&verdicts);
	grouped = group(&verdicts);
	assert_int_equal(grouped.count, 0);
	release(&verdicts, &grouped);
}

static void test_a_verdict_becomes_a_finding(void **state)
{
	struct verdicts verdicts;
	struct grouped grouped;
	const struct finding *finding;

	(void)state;
	verdicts_init(&verdicts);
	verdict_owner(add(&verdicts, foreign, 5), (struct owner){.task = {151, 2}, .bytes = 4096, .time_ns = 4});
	grouped = group(&verdicts);
	assert_int_equal(grouped.count, 1);
	finding = &grouped.findings[0];
	assert_int_equal(finding->id, 1);
	assert_int_equal(finding->kind, FINDING_FOREIGN_FREE);
	assert_int_equal(finding->severity, SEVERITY_ERROR);
	assert_int_equal(finding->certainty, CERTAINTY_PROVEN);
	assert_int_equal(finding->path, PATH_TRACED_FREE);
	assert_true(finding->fs == 1 && finding->root == 256 && finding->ino == 257);
	assert_int_equal(finding->bytes, 4096);
	assert_int_equal(finding->occurrence_count, 1);
	assert_int_equal(finding->occurrence_total, 1);
	assert_int_equal(finding->occurrences[0].task.pid, 152);
	assert_int_equal(finding->occurrences[0].task.comm, 3);
	assert_true(finding->occurrences[0].start == 8192 && finding->occurrences[0].len == 4096);
	assert_int_equal(finding->occurrences[0].owner_count, 1);
	assert_int_equal(finding->occurrences[0].owners[0].task.pid, 151);
	release(&verdicts, &grouped);
}

/* Every part of the key makes a group of its own. */
static void test_what_makes_a_group(void **state)
{
	struct verdict_group_key keys[7] = {foreign, foreign, foreign, foreign, foreign, foreign, foreign};
	struct verdicts verdicts;
	struct grouped grouped;

	(void)state;
	keys[1].kind = FINDING_UNDERFLOW;
	keys[2].path = PATH_ROLLBACK;
	keys[3].where = LEAK_RANGE;
	keys[4].fs = 2;
	keys[5].root = 257;
	keys[6].ino = 258;
	verdicts_init(&verdicts);
	for (uint64_t round = 0; round < 3; round++)
		for (uint64_t i = 0; i < 7; i++)
			add(&verdicts, keys[i], 100 * i + round);
	grouped = group(&verdicts);
	assert_int_equal(grouped.count, 7);
	for (size_t i = 0; i < 7; i++) {
		assert_int_equal(grouped.findings[i].id, i + 1);
		assert_int_equal(grouped.findings[i].occurrence_count, 3);
		assert_int_equal(grouped.findings[i].bytes, 3 * 4096);
		assert_true(grouped.findings[i].occurrences[0].time_ns == 100 * i);
		assert_true(grouped.findings[i].occurrences[2].time_ns == 100 * i + 2);
	}
	release(&verdicts, &grouped);
}

/* Errors first, then warnings, then notes; each in the order of time of the first occurrence. */
static void test_the_order_of_findings(void **state)
{
	struct verdict_group_key later = foreign;
	struct verdicts verdicts;
	struct grouped grouped;

	(void)state;
	later.ino = 1;
	verdicts_init(&verdicts);
	add(&verdicts, note, 1);
	add(&verdicts, warning, 2);
	add(&verdicts, later, 9);
	add(&verdicts, foreign, 8);
	add(&verdicts, later, 10);
	grouped = group(&verdicts);
	assert_int_equal(grouped.count, 4);
	assert_int_equal(grouped.findings[0].ino, 257);
	assert_int_equal(grouped.findings[1].ino, 1);
	assert_int_equal(grouped.findings[2].severity, SEVERITY_WARNING);
	assert_int_equal(grouped.findings[3].severity, SEVERITY_NOTE);
	release(&verdicts, &grouped);
}

/* Occurrences are sorted by when they happened, not by when they were concluded, and the evidence goes with them. */
static void test_evidence_follows_its_occurrence(void **state)
{
	struct verdicts verdicts;
	struct grouped grouped;
	struct verdict *late, *early;
	const struct finding *finding;

	(void)state;
	verdicts_init(&verdicts);
	late = add(&verdicts, foreign, 20);
	early = add(&verdicts, foreign, 10);
	verdict_evidence(late, &(struct event){.number = 7}, ROLE_TASK_FREES);
	verdict_evidence(late, &(struct event){.number = 5}, ROLE_TASK_RESERVES);
	verdict_evidence(early, &(struct event){.number = 6}, ROLE_TASK_FREES);
	verdict_evidence(early, &(struct event){.number = 4}, ROLE_OWNER_RESERVES);
	grouped = group(&verdicts);
	finding = &grouped.findings[0];
	assert_int_equal(finding->evidence_count, 4);
	for (size_t i = 0; i < 4; i++) {
		static const uint64_t numbers[] = {4, 6, 5, 7};

		assert_int_equal(finding->evidence[i].event.number, numbers[i]);
		assert_int_equal(finding->evidence[i].occurrence, i / 2);
	}
	assert_true(finding->occurrences[0].time_ns == 10);
	release(&verdicts, &grouped);
}

static void test_a_group_is_as_certain_as_its_best(void **state)
{
	struct verdicts verdicts;
	struct grouped grouped;

	(void)state;
	verdicts_init(&verdicts);
	add(&verdicts, foreign, 1)->certainty = CERTAINTY_LIKELY;
	add(&verdicts, foreign, 2);
	add(&verdicts, foreign, 3)->certainty = CERTAINTY_LIKELY;
	add(&verdicts, warning, 1)->certainty = CERTAINTY_LIKELY;
	grouped = group(&verdicts);
	assert_int_equal(grouped.findings[0].certainty, CERTAINTY_PROVEN);
	assert_int_equal(grouped.findings[1].certainty, CERTAINTY_LIKELY);
	release(&verdicts, &grouped);
}

static void test_healed_bytes_are_summed(void **state)
{
	struct verdicts verdicts;
	struct grouped grouped;

	(void)state;
	verdicts_init(&verdicts);
	add(&verdicts, foreign, 1)->healed_bytes = 4096;
	add(&verdicts, foreign, 2)->healed_bytes = 1024;
	grouped = group(&verdicts);
	assert_int_equal(grouped.findings[0].healed_bytes, 5120);
	release(&verdicts, &grouped);
}

/* Revocation goes by when it was concluded, from that moment on, and leaves notes alone. */
static void test_revoking(void **state)
{
	struct verdict_group_key elsewhere = foreign;
	struct verdicts verdicts;
	struct grouped grouped;

	(void)state;
	elsewhere.fs = 2;
	verdicts_init(&verdicts);
	add(&verdicts, foreign, 10);
	add(&verdicts, foreign, 20);
	add(&verdicts, elsewhere, 21);
	add(&verdicts, warning, 22);
	add(&verdicts, note, 23);
	add(&verdicts, epoch, 24);
	verdicts_revoke(&verdicts, 1, 20);
	grouped = group(&verdicts);
	assert_int_equal(grouped.count, 3);
	assert_int_equal(grouped.findings[0].fs, 1);
	assert_int_equal(grouped.findings[0].occurrence_count, 1);
	assert_int_equal(grouped.findings[0].bytes, 4096);
	assert_int_equal(grouped.findings[1].fs, 2);
	assert_int_equal(grouped.findings[2].kind, FINDING_MISSING_HEAD);
	release(&verdicts, &grouped);
}

static void test_revoking_everywhere(void **state)
{
	struct verdict_group_key elsewhere = foreign;
	struct verdicts verdicts;
	struct grouped grouped;

	(void)state;
	elsewhere.fs = 2;
	verdicts_init(&verdicts);
	add(&verdicts, foreign, 10);
	add(&verdicts, elsewhere, 11);
	verdicts_revoke(&verdicts, UINT16_MAX, 10);
	grouped = group(&verdicts);
	assert_int_equal(grouped.count, 0);
	release(&verdicts, &grouped);
}

/* An old mismatch that was concluded only after the moment is revoked with it. */
static void test_revoking_what_was_concluded_late(void **state)
{
	struct event old = {.time_ns = 1};
	struct verdicts verdicts;
	struct grouped grouped;

	(void)state;
	verdicts_init(&verdicts);
	verdicts.now_ns = 50;
	verdicts_add(&verdicts, verdict_new(foreign, &old));
	verdicts_revoke(&verdicts, 1, 40);
	grouped = group(&verdicts);
	assert_int_equal(grouped.count, 0);
	release(&verdicts, &grouped);
}

/* Ten thousand warnings of a group are kept; of more only the number and the bytes. */
static void test_a_large_group_of_warnings_is_counted(void **state)
{
	struct verdicts verdicts;
	struct grouped grouped;

	(void)state;
	verdicts_init(&verdicts);
	for (uint64_t i = 0; i < FINDING_OCCURRENCES_KEPT; i++)
		assert_non_null(add(&verdicts, warning, i));
	for (uint64_t i = 0; i < 5; i++)
		assert_null(add(&verdicts, warning, FINDING_OCCURRENCES_KEPT + i));
	assert_non_null(add(&verdicts, foreign, 1));
	grouped = group(&verdicts);
	assert_int_equal(grouped.count, 2);
	assert_int_equal(grouped.findings[0].occurrence_total, 1);
	assert_int_equal(grouped.findings[1].occurrence_count, FINDING_OCCURRENCES_KEPT);
	assert_int_equal(grouped.findings[1].occurrence_total, FINDING_OCCURRENCES_KEPT + 5);
	assert_int_equal(grouped.findings[1].bytes, (FINDING_OCCURRENCES_KEPT + 5) * UINT64_C(4096));
	release(&verdicts, &grouped);
}

/* Of errors too a finding tells ten thousand, but each can be revoked to the end. */
static void test_errors_of_a_large_group_can_be_revoked(void **state)
{
	const uint64_t count = FINDING_OCCURRENCES_KEPT + 10;
	struct verdicts verdicts;
	struct grouped grouped;

	(void)state;
	verdicts_init(&verdicts);
	for (uint64_t i = 0; i < count; i++)
		assert_non_null(add(&verdicts, foreign, i));
	verdicts_revoke(&verdicts, 1, count - 3);
	grouped = group(&verdicts);
	assert_int_equal(grouped.count, 1);
	assert_int_equal(grouped.findings[0].occurrence_count, FINDING_OCCURRENCES_KEPT);
	assert_int_equal(grouped.findings[0].occurrence_total, FINDING_OCCURRENCES_KEPT + 7);
	assert_int_equal(grouped.findings[0].bytes, (FINDING_OCCURRENCES_KEPT + 7) * UINT64_C(4096));
	release(&verdicts, &grouped);
}

static void test_evidence_and_consequences_are_limited(void **state)
{
	struct verdicts verdicts;
	struct grouped grouped;

	(void)state;
	verdicts_init(&verdicts);
	for (uint64_t time_ns = 1; time_ns <= 2; time_ns++) {
		struct verdict *verdict = add(&verdicts, foreign, time_ns);

		for (uint64_t i = 0; i < 40; i++) {
			struct event event = {.number = 100 * time_ns + i};

			verdict_evidence(verdict, &event, ROLE_RELEASE_SHORT);
			verdict_consequence(verdict, CONSEQUENCE_SHORT_RELEASE, &event, 4096);
		}
	}
	grouped = group(&verdicts);
	/* An occurrence's evidence is whole or absent; consequences are cut and counted. */
	assert_int_equal(grouped.findings[0].evidence_count, 40);
	assert_int_equal(grouped.findings[0].consequence_count, FINDING_CONSEQUENCES_KEPT);
	assert_int_equal(grouped.findings[0].consequence_total, 80);
	assert_int_equal(grouped.findings[0].consequences[40].event.number, 200);
	release(&verdicts, &grouped);
}

static void test_one_verdict_keeps_64_events(void **state)
{
	struct verdict *verdict = verdict_new(foreign, &(struct event){.time_ns = 1});

	(void)state;
	for (uint64_t i = 0; i < 100; i++) {
		verdict_evidence(verdict, &(struct event){.number = i}, ROLE_COUNTER);
		verdict_consequence(verdict, CONSEQUENCE_UNDERFLOW, &(struct event){.number = i}, 1);
	}
	assert_int_equal(verdict->evidence_count, FINDING_EVIDENCE_KEPT);
	assert_int_equal(verdict->consequence_count, FINDING_CONSEQUENCES_KEPT);
	verdict_free(verdict);
	verdict_free(NULL);
}

/* Pieces of one reserve are one owner; a piece that nobody in the trace reserved has none that is known. */
static void test_owners_are_joined(void **state)
{
	struct verdict *verdict = verdict_new(foreign, &(struct event){.time_ns = 9, .start = 0, .len = 65536});
	struct claims claims;
	struct claim *claim;

	(void)state;
	claims_init(&claims);
	claim = claim_new(&claims, &(struct event){.number = 5, .time_ns = 4, .pid = 151, .comm = 2});
	verdict_claim(verdict, claim, (struct claim_part){8192, 12288});
	verdict_claim(verdict, claim, (struct claim_part){12288, 16384});
	verdict_claim(verdict, NULL, (struct claim_part){16384, 20480});
	verdict_claim(verdict, claim, (struct claim_part){28672, 32768});
	assert_int_equal(verdict->occurrence.owner_count, 3);
	assert_int_equal(verdict->occurrence.owners[0].task.pid, 151);
	assert_int_equal(verdict->occurrence.owners[0].bytes, 8192);
	assert_int_equal(verdict->occurrence.owners[0].start, 8192);
	assert_int_equal(verdict->occurrence.owners[1].task.pid, -1);
	assert_int_equal(verdict->occurrence.owners[1].bytes, 4096);
	assert_int_equal(verdict->occurrence.bytes, 16384);
	assert_int_equal(verdict->occurrence.start, 8192);
	assert_int_equal(verdict->occurrence.len, 32768 - 8192);
	assert_int_equal(verdict->evidence[0].event.number, 5);
	assert_int_equal(verdict->evidence[0].role, ROLE_OWNER_RESERVES);
	verdict_free(verdict);
	claim_drop(&claims, claim);
	claims_release(&claims);
}

/* However many owners there are, what the acting task did is shown. */
static void test_owners_leave_room_for_the_story(void **state)
{
	struct verdict *verdict = verdict_new(foreign, &(struct event){.time_ns = 1});
	struct evidence *last;

	(void)state;
	for (uint64_t i = 0; i < 100; i++)
		verdict_evidence(verdict, &(struct event){.number = i}, ROLE_OWNER_RESERVES);
	verdict_evidence(verdict, &(struct event){.number = 1000}, ROLE_TASK_FREES);
	assert_true(verdict->evidence_count <= FINDING_EVIDENCE_KEPT);
	last = &verdict->evidence[verdict->evidence_count - 1];
	assert_int_equal(last->event.number, 1000);
	assert_int_equal(last->role, ROLE_TASK_FREES);
	verdict_free(verdict);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_verdicts_no_findings),
		cmocka_unit_test(test_a_verdict_becomes_a_finding),
		cmocka_unit_test(test_what_makes_a_group),
		cmocka_unit_test(test_the_order_of_findings),
		cmocka_unit_test(test_evidence_follows_its_occurrence),
		cmocka_unit_test(test_a_group_is_as_certain_as_its_best),
		cmocka_unit_test(test_healed_bytes_are_summed),
		cmocka_unit_test(test_revoking),
		cmocka_unit_test(test_revoking_everywhere),
		cmocka_unit_test(test_revoking_what_was_concluded_late),
		cmocka_unit_test(test_a_large_group_of_warnings_is_counted),
		cmocka_unit_test(test_errors_of_a_large_group_can_be_revoked),
		cmocka_unit_test(test_evidence_and_consequences_are_limited),
		cmocka_unit_test(test_one_verdict_keeps_64_events),
		cmocka_unit_test(test_owners_are_joined),
		cmocka_unit_test(test_owners_leave_room_for_the_story),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
