/* SPDX-License-Identifier: GPL-2.0-only */
/* The queue of uploads: each has one worker at a time, and an end. */
#include "schema/store/upload.h"
#include "tests/unit/list_store.h"

#include <sys/wait.h>

static struct upload_ticket hand_in(struct store *store, const char *sha256, const char *file)
{
	const struct upload_slip slip = {
		.name = "a\x1b[31m.dat", .host = "anna", .sha256 = sha256, .file = file, .size = 100, .now = 50};
	struct upload_ticket ticket;
	struct error error;

	if (upload_hand_in(store, &slip, &ticket, &error) != ERR_OK)
		fail_msg("%s", error.text);
	return ticket;
}

static struct upload_job claim_at(struct store *store, uint64_t now)
{
	struct upload_job job;

	assert_int_equal(upload_claim(store, now, &job, NULL), ERR_OK);
	return job;
}

static struct upload_job claim(struct store *store)
{
	return claim_at(store, 60);
}

/* Returns whether that was its end. */
static bool give_back(struct store *store, uint64_t upload, const char *reason, uint64_t now)
{
	const struct upload_return back = {upload, reason, now};
	bool failed;

	assert_int_equal(upload_give_back(store, &back, &failed, NULL), ERR_OK);
	return failed;
}

static const char *upload_row(const struct fixture *fixture, unsigned id)
{
	char sql[300];

	snprintf(sql, sizeof(sql),
		"SELECT printf('%%s tries=%%d trace=%%s started=%%s ended=%%s %%s', state, tries, trace, started_at, "
		"ended_at, reason) FROM upload WHERE id = %u",
		id);
	return ask(fixture->db, sql);
}

static void test_the_way_of_an_upload(void **state)
{
	struct fixture *fixture = *state;
	struct seeded seeded = seeded_by(1);
	struct store *store = must_open(fixture->db, STORE_CREATE);
	struct upload_job job = claim(store);
	uint64_t trace = add_trace(store, &seeded, 3);
	struct upload_load load;
	bool needed;

	assert_int_equal(job.upload, 0);
	assert_int_equal(hand_in(store, "s1", "f1").upload, 1);
	assert_int_equal(hand_in(store, "s2", "f2").upload, 2);
	assert_string_equal(upload_row(fixture, 1), "queued tries=0 trace= started= ended= ");
	job = claim(store);
	assert_int_equal(job.upload, 1);
	assert_int_equal(job.tries, 1);
	assert_int_equal(job.size, 100);
	assert_string_equal(job.name, "a?[31m.dat");
	assert_string_equal(job.host, "anna");
	assert_string_equal(job.file, "f1");
	assert_string_equal(upload_row(fixture, 1), "running tries=1 trace= started=60 ended= ");
	assert_int_equal(upload_load(store, &load, NULL), ERR_OK);
	assert_true(load.queued == 1 && load.running == 1 && load.bytes == 200);
	assert_int_equal(upload_end(store, 1, trace, NULL, 70, NULL), ERR_OK);
	assert_string_equal(upload_row(fixture, 1), "done tries=1 trace=1 started=60 ended=70 ");
	assert_int_equal(claim(store).upload, 2);
	assert_int_equal(upload_end(store, 2, 0, "no trace:\nnothing", 80, NULL), ERR_OK);
	assert_string_equal(upload_row(fixture, 2), "failed tries=1 trace= started=60 ended=80 no trace:?nothing");
	assert_int_equal(claim(store).upload, 0);
	assert_int_equal(upload_needs_file(store, "f2", &needed, NULL), ERR_OK);
	assert_false(needed);
	store_close(store);
}

/* An end that comes too late, of one that was given back or is none, changes nothing. */
static void test_only_what_runs_ends(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = must_open(fixture->db, STORE_CREATE);

	hand_in(store, "s1", "f1");
	assert_int_equal(upload_end(store, 1, 0, "too early", 70, NULL), ERR_OK);
	assert_int_equal(upload_end(store, 99, 0, "of none", 70, NULL), ERR_OK);
	assert_string_equal(upload_row(fixture, 1), "queued tries=0 trace= started= ended= ");
	claim(store);
	/* The trace was deleted before its upload ended. */
	assert_int_equal(upload_end(store, 1, 77, NULL, 70, NULL), ERR_OK);
	assert_string_equal(upload_row(fixture, 1), "done tries=1 trace= started=60 ended=70 ");
	store_close(store);
}

static void test_the_same_bytes_wait_once(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = must_open(fixture->db, STORE_CREATE);
	struct seeded seeded = seeded_by(1);
	struct upload_ticket ticket;
	bool needed;

	hand_in(store, "s1", "f1");
	ticket = hand_in(store, "s1", "f2");
	assert_true(ticket.upload == 1 && ticket.joined && ticket.trace == 0);
	claim(store);
	assert_true(hand_in(store, "s1", "f3").joined);
	assert_int_equal(upload_needs_file(store, "f1", &needed, NULL), ERR_OK);
	assert_true(needed);
	assert_int_equal(upload_needs_file(store, "f2", &needed, NULL), ERR_OK);
	assert_false(needed);
	assert_int_equal(upload_end(store, 1, 0, "bad", 70, NULL), ERR_OK);
	/* What has failed may be tried again, as another one. */
	ticket = hand_in(store, "s1", "f4");
	assert_true(ticket.upload == 2 && !ticket.joined);
	add_trace(store, &seeded, 1);
	ticket = hand_in(store, ask(fixture->db, "SELECT sha256 FROM trace"), "f5");
	assert_true(ticket.upload == 0 && ticket.trace == 1 && !ticket.joined);
	assert_int_equal(ask_number(fixture->db, "SELECT count(*) FROM upload"), 2);
	store_close(store);
}

static void test_what_is_given_back_is_tried_so_often(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = must_open(fixture->db, STORE_CREATE);
	uint64_t now = 60;
	char wanted[100];

	hand_in(store, "s1", "f1");
	for (unsigned i = 1; i < UPLOAD_TRIES; i++) {
		assert_int_equal(claim_at(store, now).tries, i);
		assert_false(give_back(store, 1, "died", now));
		assert_memory_equal(upload_row(fixture, 1), "queued", 6);
		now += 3 * i * i;
	}
	/* Not to blame: this try is none. */
	assert_int_equal(claim_at(store, now).tries, UPLOAD_TRIES);
	assert_false(give_back(store, 1, NULL, now));
	now += 48;
	assert_int_equal(claim_at(store, now).tries, UPLOAD_TRIES);
	hand_in(store, "s2", "f2");
	assert_int_equal(claim_at(store, now).upload, 2);
	/* The server was started again: all that ran come back, and one of them for good. */
	assert_true(give_back(store, 0, "died", now + 1));
	snprintf(wanted, sizeof(wanted), "failed tries=%d trace= started=%u ended=%u died", UPLOAD_TRIES, (unsigned)now,
		(unsigned)now + 1);
	assert_string_equal(upload_row(fixture, 1), wanted);
	assert_memory_equal(upload_row(fixture, 2), "queued tries=1", 14);
	store_close(store);
}

/* One that fails for a reason that may pass keeps nobody waiting who was not tried yet. All were received at 50. */
static void test_what_is_given_back_goes_behind(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = must_open(fixture->db, STORE_CREATE);

	hand_in(store, "s1", "f1");
	hand_in(store, "s2", "f2");
	hand_in(store, "s3", "f3");
	assert_int_equal(claim_at(store, 60).upload, 1);
	give_back(store, 1, "full", 61);
	assert_int_equal(claim_at(store, 100).upload, 2);
	/* The same goes for one that is not to blame. */
	give_back(store, 2, NULL, 101);
	assert_int_equal(claim_at(store, 101).upload, 3);
	/* The first is due since 63, the second, whose try was none, since 100. */
	assert_int_equal(claim_at(store, 101).upload, 1);
	give_back(store, 1, "full", 102);
	assert_int_equal(claim_at(store, 102).upload, 2);
	/* The second try of it was at 101, so the third is at 101 + 3 * 2 * 2. */
	assert_int_equal(claim_at(store, 112).upload, 0);
	assert_int_equal(claim_at(store, 113).upload, 1);
	store_close(store);
}

/* Neither does a clock that is put back by a year, or by a minute. */
static void test_a_clock_that_is_put_back_stops_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = must_open(fixture->db, STORE_CREATE);

	hand_in(store, "s1", "f1");
	ask(fixture->db, "UPDATE upload SET received_at = 31000000");
	assert_int_equal(claim_at(store, 30999930).upload, 1);
	give_back(store, 1, "full", 30999931);
	assert_int_equal(claim_at(store, 60).upload, 1);
	store_close(store);
}

/* Claims until nothing waits; says which, a byte each. Returns 0 when all went well. */
static int claim_all(const char *db, int told, int say)
{
	const struct store_options options = {STORE_WRITE, 0};
	struct store *store;
	struct upload_job job;
	char byte;
	int taken = 0;

	if (read(told, &byte, 1) != 0 || store_open(&store, db, &options, NULL) != ERR_OK)
		return 1;
	do {
		if (upload_claim(store, 60, &job, NULL) != ERR_OK)
			return 2;
		byte = (char)job.upload;
		if (job.upload != 0 &&
			(write(say, &byte, 1) != 1 || upload_end(store, job.upload, 0, "x", 1, NULL) != ERR_OK))
			return 3;
		taken++;
	} while (job.upload != 0);
	store_close(store);
	return 0;
}

static void test_no_two_workers_have_the_same(void **state)
{
	enum { UPLOADS = 100, WORKERS = 4 };
	struct fixture *fixture = *state;
	struct store *store = must_open(fixture->db, STORE_CREATE);
	bool seen[UPLOADS + 1] = {false};
	unsigned count = 0;
	unsigned char upload;
	int start[2], answers[2];
	int status;

	for (unsigned i = 0; i < UPLOADS; i++) {
		char name[20];

		snprintf(name, sizeof(name), "s%u", i);
		hand_in(store, name, name);
	}
	store_close(store);
	assert_int_equal(pipe(start) + pipe(answers), 0);
	for (unsigned i = 0; i < WORKERS; i++) {
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0) {
			close(start[1]);
			_exit(claim_all(fixture->db, start[0], answers[1]));
		}
	}
	close(start[0]);
	close(start[1]);
	close(answers[1]);
	for (; read(answers[0], &upload, 1) == 1; count++) {
		assert_in_range(upload, 1, UPLOADS);
		assert_false(seen[upload]);
		seen[upload] = true;
	}
	assert_int_equal(count, UPLOADS);
	close(answers[0]);
	for (unsigned i = 0; i < WORKERS; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
}

/* A name is cut where a character ends, and not in it. */
static void test_long_names_are_cut(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = must_open(fixture->db, STORE_CREATE);
	char name[400];
	struct upload_slip slip = {.name = name, .sha256 = "s", .file = "f"};
	struct upload_ticket ticket;

	for (size_t i = 0; i + 2 < sizeof(name); i += 2)
		memcpy(name + i, "\xc3\xa4", 3);
	assert_int_equal(upload_hand_in(store, &slip, &ticket, NULL), ERR_OK);
	assert_int_equal(strlen(claim(store).name), UPLOAD_NAME - 2);
	assert_int_equal(ask_number(fixture->db, "SELECT length(name) FROM upload"), (UPLOAD_NAME - 2) / 2);
	store_close(store);
}

static void test_what_people_say_of_a_signature(void **state)
{
	struct fixture *fixture = *state;
	struct seeded seeded = seeded_by(1);
	struct store *store = must_open(fixture->db, STORE_CREATE);
	const struct signature_change known = {.state = "known", .note = "seen\tbefore"};
	const struct signature_change cleared = {.clear_note = true};
	const struct signature_change wrong = {.state = "closed"};
	char signature[64];
	char note[STORE_NOTE_BYTES + 2];
	struct signature_change longer = {.note = note};
	struct error error;
	bool found;

	add_trace(store, &seeded, 5);
	snprintf(signature, sizeof(signature), "%s", ask(fixture->db, "SELECT min(signature) FROM signature"));
	assert_int_equal(store_change_signature(store, signature, &known, &found, NULL), ERR_OK);
	assert_true(found);
	assert_string_equal(ask(fixture->db, "SELECT count(*) || state || note FROM signature WHERE state <> 'open'"),
		"1knownseen?before");
	assert_int_equal(store_change_signature(store, signature, &cleared, &found, NULL), ERR_OK);
	assert_string_equal(ask(fixture->db, "SELECT state, note FROM signature WHERE state = 'known'"), "known");
	assert_int_equal(ask_number(fixture->db, "SELECT count(*) FROM signature WHERE note IS NULL"),
		ask_number(fixture->db, "SELECT count(*) FROM signature"));
	assert_int_equal(store_change_signature(store, "none", &known, &found, NULL), ERR_OK);
	assert_false(found);
	assert_int_equal(store_change_signature(store, signature, &wrong, &found, &error), ERR_USAGE);
	assert_string_equal(error.text, "a signature cannot be 'closed', but open, known, fixed or ignored");
	memset(note, 'x', sizeof(note));
	note[STORE_NOTE_BYTES + 1] = '\0';
	assert_int_equal(store_change_signature(store, signature, &longer, &found, &error), ERR_LIMIT);
	store_close(store);
}

static void test_how_the_store_is(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = must_open(fixture->db, STORE_CREATE);
	struct store_health health;
	struct error error;

	ask(fixture->db, "CREATE TABLE x (y)");
	assert_int_equal(store_health(store, &health, NULL), ERR_OK);
	assert_true(health.writable);
	assert_int_equal(health.db_bytes % 8192, 0);
	assert_true(health.db_bytes > 0 && health.wal_bytes > 0 && health.disk_free_bytes > 0);
	unlink(fixture->db);
	assert_int_equal(store_health(store, &health, &error), ERR_SYSTEM);
	store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_way_of_an_upload),
		TEST(test_only_what_runs_ends),
		TEST(test_the_same_bytes_wait_once),
		TEST(test_what_is_given_back_is_tried_so_often),
		TEST(test_what_is_given_back_goes_behind),
		TEST(test_a_clock_that_is_put_back_stops_nothing),
		TEST(test_no_two_workers_have_the_same),
		TEST(test_long_names_are_cut),
		TEST(test_what_people_say_of_a_signature),
		TEST(test_how_the_store_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
