/* SPDX-License-Identifier: GPL-2.0-only */
/* The store where things go wrong: no space, no permission, another writer, damage, and files that are no store. */
#include "tests/unit/store_fixture.h"

#include "schema/store/migrations.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

static enum err try_open(const char *name, enum store_mode mode, uint32_t wait_ms, struct error *error)
{
	const struct store_options options = {mode, wait_ms};
	struct store *store;
	enum err err = store_open(&store, name, &options, error);

	store_close(store);
	return err;
}

static void must_refuse(const char *name, enum store_mode mode, enum err err, const char *text)
{
	struct error error = {.code = ERR_OK};

	assert_int_equal(try_open(name, mode, 0, &error), err);
	if (strstr(error.text, text) == NULL)
		fail_msg("'%s' is not in: %s", text, error.text);
	assert_null(strchr(error.text, '\n'));
}

static void write_file(const char *name, const char *text, size_t size)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, size), (ssize_t)size);
	close(fd);
}

static void test_what_is_no_store_is_refused_in_one_line(void **state)
{
	struct fixture *fixture = *state;
	char text[5000];

	must_refuse(fixture->db, STORE_READ, ERR_USAGE, "there is no store '");
	must_refuse(fixture->db, STORE_WRITE, ERR_USAGE, "`qgreplay import --db");
	must_refuse(fixture->folder, STORE_CREATE, ERR_INPUT, "is a folder");
	must_refuse("/dev/null", STORE_CREATE, ERR_INPUT, "is no regular file");
	must_refuse("/nowhere/x.db", STORE_CREATE, ERR_SYSTEM, "No such file or directory");
	write_file(fixture->db, "", 0);
	must_refuse(fixture->db, STORE_READ, ERR_INPUT, "is empty");
	must_refuse(fixture->db, STORE_WRITE, ERR_INPUT, "is empty");
	memset(text, 'x', sizeof(text));
	write_file(fixture->db, text, sizeof(text));
	must_refuse(fixture->db, STORE_READ, ERR_INPUT, "is no SQLite database");
	must_refuse(fixture->db, STORE_CREATE, ERR_INPUT, "is no SQLite database");
	write_file(fixture->db, text, 5);
	must_refuse(fixture->db, STORE_CREATE, ERR_INPUT, "is no SQLite database");
}

static void test_databases_of_others_are_refused_and_left_alone(void **state)
{
	struct fixture *fixture = *state;

	ask(fixture->db, "CREATE TABLE bookmark (x)");
	must_refuse(fixture->db, STORE_CREATE, ERR_INPUT, "the database of another program");
	must_refuse(fixture->db, STORE_READ, ERR_INPUT, "the database of another program");
	ask(fixture->db, "DROP TABLE bookmark; PRAGMA application_id = 17");
	must_refuse(fixture->db, STORE_CREATE, ERR_INPUT, "the database of another program");
	assert_string_equal(ask(fixture->db, "PRAGMA journal_mode"), "delete");
	assert_string_equal(ask(fixture->db, "SELECT count(*) FROM sqlite_schema"), "0");
}

static void test_an_empty_file_becomes_a_store(void **state)
{
	struct fixture *fixture = *state;

	write_file(fixture->db, "", 0);
	store_close(must_open(fixture->db, STORE_CREATE));
	must_be_sound(fixture->db);
}

static void test_names_that_mean_something_to_sqlite_are_names(void **state)
{
	static const char *const names[] = {":memory:", "file:x?mode=memory", "file:%41", "a b#c?d%25"};
	struct fixture *fixture = *state;
	char here[4096];

	assert_non_null(getcwd(here, sizeof(here)));
	assert_int_equal(chdir(fixture->folder), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		store_close(must_open(names[i], STORE_CREATE));
		assert_int_equal(access(names[i], F_OK), 0);
	}
	assert_int_equal(chdir(here), 0);
}

/* Runs `play` as a user who may not write, and gives what it returned. */
static int as_nobody(int (*play)(const char *), const char *name)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
			_exit(99);
		_exit(play(name));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* How many traces can be read: 100 when the store cannot. */
static int count_traces(const char *name)
{
	const struct store_options options = {STORE_READ, 0};
	struct store *store;
	struct error error;
	uint64_t *ids = NULL;
	size_t count = 0;

	if (store_open(&store, name, &options, &error) != ERR_OK ||
		store_trace_ids(store, &ids, &count, &error) != ERR_OK) {
		dprintf(STDOUT_FILENO, "%s\n", error.text);
		count = strstr(error.text, "-wal'") != NULL ? 101 : 100;
	}
	free(ids);
	store_close(store);
	return (int)count;
}

static int write_refused(const char *name)
{
	struct error error = {.code = ERR_OK};

	return try_open(name, STORE_WRITE, 0, &error) == ERR_SYSTEM && strstr(error.text, "read-only") != NULL ? 0 : 1;
}

static void test_a_read_only_folder_is_read(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = must_open(fixture->db, STORE_CREATE);
	struct store_facts facts = facts_of(NULL);

	must_load(store, spool_of_trace(1, 1), &facts);
	store_close(store);
	assert_int_equal(chmod(fixture->db, 0444), 0);
	assert_int_equal(chmod(fixture->folder, 0555), 0);
	assert_int_equal(as_nobody(count_traces, fixture->db), 1);
	assert_int_equal(as_nobody(write_refused, fixture->db), 0);
	assert_int_equal(chmod(fixture->folder, 0755), 0);
}

/* What a process leaves that was killed after a commit: the trace is in the log alone. */
static void leave_log(struct fixture *fixture)
{
	pid_t child;
	int status;

	store_close(must_open(fixture->db, STORE_CREATE));
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		/* Still in hand when the end comes, so that nobody takes them for lost. */
		static struct store *reader;
		static struct store *writer;
		struct store_facts facts = facts_of("abc");

		reader = must_open(fixture->db, STORE_READ);
		writer = must_open(fixture->db, STORE_WRITE);
		/* A reader of an older moment keeps the log from being moved into the database. */
		if (store_snapshot(reader, NULL) == ERR_OK)
			must_load(writer, spool_of_trace(1, 1), &facts);
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
}

static bool is_beside(const struct fixture *fixture, const char *ending)
{
	char name[120];

	snprintf(name, sizeof(name), "%s%s", fixture->db, ending);
	return access(name, F_OK) == 0;
}

static void test_readers_leave_no_files_and_take_none_away(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = must_open(fixture->db, STORE_CREATE);
	struct store *other;

	store_close(store);
	assert_false(is_beside(fixture, "-wal"));
	store = must_open(fixture->db, STORE_READ);
	other = must_open(fixture->db, STORE_READ);
	assert_true(is_beside(fixture, "-wal"));
	store_close(store);
	assert_int_equal(count_rows(other, ROW_NAME, 1), 0);
	store_close(other);
	store_close(must_open(fixture->db, STORE_READ));
	other = must_open(fixture->db, STORE_WRITE);
	store_close(must_open(fixture->db, STORE_READ));
	assert_true(is_beside(fixture, "-wal"));
	store_close(other);
	assert_false(is_beside(fixture, "-wal"));
	assert_false(is_beside(fixture, "-shm"));
	store_close(must_open(fixture->db, STORE_READ));
	assert_false(is_beside(fixture, "-wal"));
	assert_false(is_beside(fixture, "-shm"));
}

static void test_the_log_of_a_killed_writer_is_read(void **state)
{
	struct fixture *fixture = *state;
	char log[120];
	struct stat status;

	leave_log(fixture);
	snprintf(log, sizeof(log), "%s-wal", fixture->db);
	assert_int_equal(stat(log, &status), 0);
	assert_true(status.st_size > 60000);
	assert_int_equal(count_traces(fixture->db), 1);
	store_close(must_open(fixture->db, STORE_WRITE));
	assert_int_equal(stat(log, &status), -1);
	assert_int_equal(count_traces(fixture->db), 1);
	must_be_sound(fixture->db);
}

/* There it cannot be read; saying so is better than showing what was before. */
static void test_a_log_in_a_read_only_folder_is_not_passed_over(void **state)
{
	struct fixture *fixture = *state;
	char index[120];

	leave_log(fixture);
	snprintf(index, sizeof(index), "%s-shm", fixture->db);
	assert_int_equal(unlink(index), 0);
	assert_int_equal(chmod(fixture->folder, 0555), 0);
	assert_int_equal(as_nobody(count_traces, fixture->db), 101);
	assert_int_equal(chmod(fixture->folder, 0755), 0);
	assert_int_equal(count_traces(fixture->db), 1);
}

/* Another process that writes: it has the lock when the function returns, and ends it when told, or when `pipe` ends.
 */
static pid_t lock_elsewhere(const char *name, int *tell)
{
	int told[2];
	int locked[2];
	char byte;
	pid_t child;

	assert_int_equal(pipe2(told, O_CLOEXEC), 0);
	assert_int_equal(pipe2(locked, O_CLOEXEC), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		sqlite3 *db;

		close(told[1]);
		if (sqlite3_open(name, &db) != SQLITE_OK ||
			sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
			_exit(1);
		close(locked[1]);
		_exit(read(told[0], &byte, 1) < 0 || sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL) != SQLITE_OK);
	}
	close(told[0]);
	close(locked[1]);
	assert_int_equal(read(locked[0], &byte, 1), 0);
	close(locked[0]);
	*tell = told[1];
	return child;
}

static void test_a_second_writer_waits_or_says_why_not(void **state)
{
	struct fixture *fixture = *state;
	const struct store_options hasty = {STORE_CREATE, 20};
	struct store_facts facts = facts_of(NULL);
	struct store_loaded loaded;
	struct error error;
	struct store *store;
	int fd = spool_of_trace(1, 1);
	int status;
	int tell;
	pid_t child;

	store_close(must_open(fixture->db, STORE_CREATE));
	child = lock_elsewhere(fixture->db, &tell);
	assert_int_equal(store_open(&store, fixture->db, &hasty, NULL), ERR_OK);
	assert_int_equal(store_load_trace(store, fd, &facts, &loaded, &error), ERR_SYSTEM);
	assert_non_null(strstr(error.text, "is locked by another process"));
	store_close(store);
	assert_int_equal(count_traces(fixture->db), 0);
	store = must_open(fixture->db, STORE_WRITE);
	close(tell);
	lseek(fd, 0, SEEK_SET);
	must_load(store, fd, &facts);
	store_close(store);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(count_traces(fixture->db), 1);
}

static void fill(const char *name)
{
	static char zeros[65536];
	int fd = open(name, O_WRONLY | O_CREAT, 0644);

	assert_true(fd >= 0);
	while (write(fd, zeros, sizeof(zeros)) > 0)
		;
	close(fd);
}

static void test_a_full_disk_changes_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct store_facts facts = facts_of("abc");
	struct store_loaded loaded;
	struct store *store;
	struct error error;
	char ballast[120];
	int fd = spool_of_trace(20, 5);

	if (mount("none", fixture->folder, "tmpfs", 0, "size=4m") != 0) {
		print_message("a full disk is not tried: a file system of 4 MiB cannot be mounted here\n");
		close(fd);
		skip();
	}
	store = must_open(fixture->db, STORE_CREATE);
	snprintf(ballast, sizeof(ballast), "%s/ballast", fixture->folder);
	fill(ballast);
	assert_int_equal(store_load_trace(store, fd, &facts, &loaded, &error), ERR_SYSTEM);
	assert_non_null(strstr(error.text, "no space left"));
	store_close(store);
	assert_int_equal(unlink(ballast), 0);
	must_be_sound(fixture->db);
	assert_int_equal(count_traces(fixture->db), 0);
	store = must_open(fixture->db, STORE_WRITE);
	lseek(fd, 0, SEEK_SET);
	must_load(store, fd, &facts);
	store_close(store);
	assert_int_equal(count_traces(fixture->db), 1);
	must_be_sound(fixture->db);
	assert_int_equal(umount(fixture->folder), 0);
}

static void test_a_full_disk_makes_no_store(void **state)
{
	struct fixture *fixture = *state;
	char ballast[120];

	if (mount("none", fixture->folder, "tmpfs", 0, "size=4m") != 0) {
		print_message("a full disk is not tried: a file system of 4 MiB cannot be mounted here\n");
		skip();
	}
	snprintf(ballast, sizeof(ballast), "%s/ballast", fixture->folder);
	fill(ballast);
	must_refuse(fixture->db, STORE_CREATE, ERR_SYSTEM, "no space left");
	assert_int_equal(unlink(ballast), 0);
	store_close(must_open(fixture->db, STORE_CREATE));
	must_be_sound(fixture->db);
	assert_int_equal(umount(fixture->folder), 0);
}

/* Garbage over the root page of the table of blocks, which the header of the file says nothing of. */
static void test_damage_is_told_with_the_remedy(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = must_open(fixture->db, STORE_CREATE);
	struct store_facts facts = facts_of(NULL);
	unsigned seen = 0;
	struct row_sink sink = {count_row, &seen};
	struct error error;
	char page[8192];
	long root;
	int fd;

	must_load(store, spool_of_trace(5, 1), &facts);
	store_close(store);
	root = ask_number(fixture->db, "SELECT rootpage FROM sqlite_schema WHERE name = 'event_block'");
	fd = open(fixture->db, O_WRONLY);
	memset(page, 0x5a, sizeof(page));
	assert_int_equal(pwrite(fd, page, sizeof(page), (root - 1) * (off_t)sizeof(page)), sizeof(page));
	close(fd);
	store = must_open(fixture->db, STORE_READ);
	assert_int_equal(count_rows(store, ROW_NAME, 1), 1);
	assert_int_equal(store_each(store, ROW_EVENT_BLOCK, 1, &sink, &error), ERR_INPUT);
	assert_non_null(strstr(error.text, "cannot read table 'event_block': '"));
	assert_non_null(strstr(error.text, "is damaged"));
	assert_non_null(strstr(error.text, ".recover` may save the rest"));
	store_close(store);
}

/* A database that says it is a store, and is not. */
static void test_tables_that_are_not_ours_are_told(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	struct error error;
	char sql[150];
	uint64_t id;

	snprintf(sql, sizeof(sql),
		"CREATE TABLE trace (x); PRAGMA application_id = 1363628624; PRAGMA user_version = %d",
		migrations_count);
	ask(fixture->db, sql);
	store = must_open(fixture->db, STORE_READ);
	assert_int_equal(store_find_trace(store, "abc", &id, &error), ERR_INPUT);
	assert_non_null(strstr(error.text, "are not those of a store"));
	store_close(store);
}

/* A database may come from anywhere, and triggers in it would run with every import. */
static void test_triggers_in_a_store_do_not_run(void **state)
{
	struct fixture *fixture = *state;
	struct store_facts facts = facts_of("abc");
	struct store *store;

	store_close(must_open(fixture->db, STORE_CREATE));
	ask(fixture->db, "CREATE TRIGGER evil AFTER INSERT ON trace BEGIN DELETE FROM event_block; END");
	store = must_open(fixture->db, STORE_WRITE);
	must_load(store, spool_of_trace(2, 1), &facts);
	assert_int_equal(count_rows(store, ROW_EVENT_BLOCK, 1), 2);
	store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_is_no_store_is_refused_in_one_line),
		TEST(test_databases_of_others_are_refused_and_left_alone),
		TEST(test_an_empty_file_becomes_a_store),
		TEST(test_names_that_mean_something_to_sqlite_are_names),
		TEST(test_a_read_only_folder_is_read),
		TEST(test_readers_leave_no_files_and_take_none_away),
		TEST(test_the_log_of_a_killed_writer_is_read),
		TEST(test_a_log_in_a_read_only_folder_is_not_passed_over),
		TEST(test_a_second_writer_waits_or_says_why_not),
		TEST(test_a_full_disk_changes_nothing),
		TEST(test_a_full_disk_makes_no_store),
		TEST(test_damage_is_told_with_the_remedy),
		TEST(test_triggers_in_a_store_do_not_run),
		TEST(test_tables_that_are_not_ours_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
