/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every write and every sync that the store asks for fails once, in turn, and once with all that come after it, as on a
 * full disk; each time the store must open again, be sound, and hold what was asked for whole or not at all.
 *
 * SQLite lets its calls of write() and ftruncate() be replaced. Those of fsync() it does not; they come to the
 * functions of that name here, because a program's own go before those of the C library.
 */
#include "tests/unit/store_fixture.h"

#include <errno.h>
#include <fcntl.h>

static struct {
	unsigned countdown; /* calls until one fails; 0: none does */
	bool lasting;	    /* all that follow fail too */
	int failure;
	bool fired;
} fault;

static bool strikes(void)
{
	if (fault.countdown == 0)
		return false;
	if (fault.fired ? !fault.lasting : --fault.countdown > 0)
		return false;
	fault.countdown = 1;
	fault.fired = true;
	errno = fault.failure;
	return true;
}

/* Files that were written to, and not yet synced. */
static bool dirty[1024];

static void soil(int fd)
{
	if (fd >= 0 && (size_t)fd < sizeof(dirty))
		dirty[fd] = true;
}

static ssize_t failing_write(int fd, const void *bytes, size_t size)
{
	soil(fd);
	return strikes() ? -1 : write(fd, bytes, size);
}

static ssize_t failing_pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
	soil(fd);
	return strikes() ? -1 : pwrite(fd, bytes, size, offset);
}

static int failing_ftruncate(int fd, off_t size)
{
	return strikes() ? -1 : ftruncate(fd, size);
}

/* What succeeds does nothing: no power is cut here, and a real disk would make hours of it. */
int fsync(int fd)
{
	if (strikes())
		return -1;
	if (fd >= 0 && (size_t)fd < sizeof(dirty))
		dirty[fd] = false;
	return 0;
}

int fdatasync(int fildes)
{
	return fsync(fildes);
}

static int replace_calls(void **state)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

	(void)state;
	vfs->xSetSystemCall(vfs, "write", (sqlite3_syscall_ptr)failing_write);
	vfs->xSetSystemCall(vfs, "pwrite", (sqlite3_syscall_ptr)failing_pwrite);
	vfs->xSetSystemCall(vfs, "pwrite64", (sqlite3_syscall_ptr)failing_pwrite);
	vfs->xSetSystemCall(vfs, "ftruncate", (sqlite3_syscall_ptr)failing_ftruncate);
	return 0;
}

/* Something to do with a store that is closed before and after; it says how that ended. */
struct deed {
	enum err (*act)(const char *db, struct error *error);
	bool has_store;	      /* a store with one trace is there before */
	const char *measure;  /* a query */
	const char *none;     /* its answer when nothing was done */
	const char *all;      /* and when all was */
	unsigned calls_least; /* it writes and syncs at least as often, so that something was tried at all */
};

static enum err open_and(const char *db, enum store_mode mode, struct store **store, struct error *error)
{
	const struct store_options options = {mode, 0};

	return store_open(store, db, &options, error);
}

static enum err create(const char *db, struct error *error)
{
	struct store *store;
	enum err err = open_and(db, STORE_CREATE, &store, error);

	store_close(store);
	return err;
}

static enum err load_blocks(const char *db, unsigned blocks, struct error *error)
{
	struct store_facts facts = facts_of("second");
	struct store_loaded loaded;
	struct store *store;
	int fd = spool_of_trace(blocks, 3);
	enum err err = open_and(db, STORE_WRITE, &store, error);

	if (err == ERR_OK)
		err = store_load_trace(store, fd, &facts, &loaded, error);
	store_close(store);
	close(fd);
	return err;
}

static enum err load(const char *db, struct error *error)
{
	return load_blocks(db, 5, error);
}

/* More than the cache holds: pages go into the log before the commit. */
static enum err load_much(const char *db, struct error *error)
{
	return load_blocks(db, 100, error);
}

static enum err delete_first(const char *db, struct error *error)
{
	struct store *store;
	uint64_t freed;
	enum err err = open_and(db, STORE_WRITE, &store, error);

	if (err == ERR_OK)
		err = store_delete_trace(store, 1, &freed, error);
	store_close(store);
	return err;
}

static void copy_file(const char *from, const char *to)
{
	int source = open(from, O_RDONLY);
	int target = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	char bytes[65536];
	ssize_t got;

	assert_true(source >= 0 && target >= 0);
	while ((got = read(source, bytes, sizeof(bytes))) > 0)
		assert_int_equal(write(target, bytes, (size_t)got), got);
	close(source);
	close(target);
}

/* A store with one trace is made once, and copied for each try. */
static void prepare(const char *db, const struct deed *deed)
{
	static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
	struct store_facts facts = facts_of("first");
	struct store *store;
	char name[120];

	for (size_t i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "%s%s", db, endings[i]);
		unlink(name);
	}
	if (!deed->has_store)
		return;
	snprintf(name, sizeof(name), "%s.good", db);
	if (access(name, F_OK) != 0) {
		store = must_open(name, STORE_CREATE);
		must_load(store, spool_of_trace(5, 3), &facts);
		store_close(store);
	}
	copy_file(name, db);
}

/* Afterwards, with a disk that works again. */
static void must_be_whole(const char *db, const struct deed *deed, bool done)
{
	const char *answer;

	store_close(must_open(db, STORE_CREATE));
	must_be_sound(db);
	answer = ask(db, deed->measure);
	if (strcmp(answer, deed->all) != 0 && (done || strcmp(answer, deed->none) != 0))
		fail_msg(
			"%s: it is '%s' after call %s", deed->measure, answer, done ? "that succeeded" : "that failed");
}

/* Returns how many faults it took until the deed was done without meeting one. */
static unsigned try_each(const char *db, const struct deed *deed, unsigned first, unsigned step)
{
	unsigned n = first;
	bool met = true;

	for (; met; n += step) {
		struct error error = {.code = ERR_OK};
		enum err err;

		prepare(db, deed);
		fault.countdown = n;
		fault.fired = false;
		err = deed->act(db, &error);
		met = fault.fired;
		fault.countdown = 0;
		fault.fired = false;
		if (err != ERR_OK && (err != ERR_SYSTEM || error.text[0] == '\0'))
			fail_msg("fault %u ends with %d: %s", n, err, error.text);
		assert_true(met || err == ERR_OK);
		must_be_whole(db, deed, err == ERR_OK);
	}
	return n;
}

/* Each call fails once with EIO; the other ways to fail take every fourth call, each another one. */
static void try_faults(const char *db, const struct deed *deed, unsigned step)
{
	static const int failures[] = {EIO, ENOSPC};

	for (unsigned i = 0; i < 4; i++) {
		fault.failure = failures[i % 2];
		fault.lasting = i >= 2;
		assert_true(try_each(db, deed, i + 1, i == 0 ? step : 4 * step) > deed->calls_least);
	}
}

static void test_a_creation_survives_every_fault(void **state)
{
	const struct deed deed = {create, false, "SELECT count(*) > 20 FROM sqlite_schema", "1", "1", 10};

	try_faults(((struct fixture *)*state)->db, &deed, 1);
}

#define TRACES                                                                                                         \
	"SELECT (SELECT count(*) FROM trace) || ' ' || (SELECT count(*) FROM event_block) || ' ' || \
	(SELECT count(*) FROM sample) || ' ' || (SELECT count(*) FROM signature)"

static void test_an_import_survives_every_fault(void **state)
{
	const struct deed deed = {load, true, TRACES, "1 5 3 3", "2 10 6 3", 50};

	try_faults(((struct fixture *)*state)->db, &deed, 1);
}

static void test_a_large_import_survives_faults(void **state)
{
	const struct deed deed = {load_much, true, TRACES, "1 5 3 3", "2 105 6 3", 1500};

	try_faults(((struct fixture *)*state)->db, &deed, 499);
}

static void test_a_deletion_survives_every_fault(void **state)
{
	const struct deed deed = {delete_first, true, TRACES, "1 5 3 3", "0 0 0 0", 20};

	try_faults(((struct fixture *)*state)->db, &deed, 1);
}

static void must_be_on_disk(const char *db)
{
	char link[64];
	char name[200];

	for (size_t fd = 0; fd < sizeof(dirty); fd++) {
		ssize_t length;

		snprintf(link, sizeof(link), "/proc/self/fd/%zu", fd);
		length = dirty[fd] ? readlink(link, name, sizeof(name) - 1) : -1;
		if (length < 0)
			continue;
		name[length] = '\0';
		if (strncmp(name, db, strlen(db)) == 0 && strstr(name, "-shm") == NULL)
			fail_msg("'%s' was written to after it was synced", name);
	}
}

/* A power cut takes what was written and not synced. */
static void test_what_was_reported_is_on_the_disk(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = must_open(fixture->db, STORE_CREATE);
	struct store *reader = must_open(fixture->db, STORE_READ);
	struct store_facts facts = facts_of(NULL);
	uint64_t freed;

	must_load(store, spool_of_trace(100, 3), &facts);
	must_be_on_disk(fixture->db);
	/* With a reader in the way, it stays in the log. */
	assert_int_equal(store_snapshot(reader, NULL), ERR_OK);
	must_load(store, spool_of_trace(5, 3), &facts);
	must_be_on_disk(fixture->db);
	store_snapshot_end(reader);
	assert_int_equal(store_delete_trace(store, 1, &freed, NULL), ERR_OK);
	must_be_on_disk(fixture->db);
	store_close(reader);
	store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_was_reported_is_on_the_disk),
		TEST(test_a_creation_survives_every_fault),
		TEST(test_an_import_survives_every_fault),
		TEST(test_a_large_import_survives_faults),
		TEST(test_a_deletion_survives_every_fault),
	};

	return cmocka_run_group_tests(tests, replace_calls, NULL);
}
