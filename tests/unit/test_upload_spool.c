/* SPDX-License-Identifier: GPL-2.0-only */
/* The spool: put right at the start of a server, and one server's alone. */
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/unit/upload_fixture.h"

static void put_file(const struct desk *desk, const char *place, const char *name)
{
	char path[200];
	int fd;

	snprintf(path, sizeof(path), "%s/%s/%s", desk->spool, place, name);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	close(fd);
}

static void test_sweep(void **state)
{
	struct desk *desk = *state;
	struct visit visit;

	visit_begin(desk, &visit, HTTP_PUT);
	assert_int_equal(send_body(&visit, "some bytes", 10), 202);
	visit_end(&visit);
	put_file(desk, "incoming", "0123456789abcdef0123456789abcdef");
	put_file(desk, "incoming", "what is this");
	put_file(desk, "queue", "0123456789abcdef0123456789abcdef");
	put_file(desk, "queue", "and this");
	restart(desk);
	assert_int_equal(files_in(desk, "incoming"), 0);
	assert_int_equal(files_in(desk, "queue"), 1);
	assert_int_equal(ask_number(desk->fixture->db, "SELECT count(*) FROM upload WHERE state = 'queued'"), 1);
	ask(desk->fixture->db, "UPDATE upload SET state = 'done', trace = NULL");
	restart(desk);
	assert_int_equal(files_in(desk, "queue"), 0);
}

static void test_one_server_to_a_spool(void **state)
{
	struct desk *desk = *state;
	struct site other = {.options = &desk->options};
	struct error error;
	struct stat stat_of;

	assert_int_equal(upload_sweep(&other, desk->store, &error), ERR_USAGE);
	assert_non_null(strstr(error.text, "--spool"));
	assert_null(other.spool);
	upload_leave(&other);
	upload_leave(&desk->site);
	assert_int_equal(upload_sweep(&other, desk->store, &error), ERR_OK);
	upload_leave(&other);
	assert_int_equal(stat(desk->spool, &stat_of), 0);
	assert_int_equal(stat_of.st_mode & 07777, 0700);
}

static void test_a_spool_that_cannot_be(void **state)
{
	struct desk *desk = *state;
	struct web_options options = {.spool = desk->fixture->db};
	struct site other = {.options = &options};
	struct error error;

	assert_int_equal(upload_sweep(&other, desk->store, &error), ERR_SYSTEM);
	assert_non_null(strstr(error.text, desk->fixture->db));
	assert_null(other.spool);
}

enum { CANNOT_MOUNT = 77 };

/* In a process of its own that sees a disk of `size` in the place of the spool. */
static int on_a_disk_of(struct desk *desk, const char *size)
{
	char options[40];
	struct visit visit;

	snprintf(options, sizeof(options), "size=%s", size);
	if (unshare(CLONE_NEWNS) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
		return CANNOT_MOUNT;
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
		mount("none", desk->spool, "tmpfs", 0, options) != 0)
		return CANNOT_MOUNT;
	must_sweep(desk);
	visit_begin(desk, &visit, HTTP_PUT);
	if (strcmp(size, "64m") == 0)
		return send_body(&visit, "some bytes", 10) != 507 || files_in(desk, "incoming") != 0;
	/* 256 MiB of it are for others. */
	return spool_room(desk->site.spool, 1 << 20) != SPOOL_ROOM ||
	       spool_room(desk->site.spool, 60 << 20) != SPOOL_DISK_FULL;
}

static void test_a_full_disk(void **state)
{
	static const char *const sizes[] = {"64m", "300m"};
	struct desk *desk = *state;
	/* Not by the exit status, which is valgrind's where a child ends in the middle. */
	int *result = mmap(NULL, sizeof(*result), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(result, MAP_FAILED);
	upload_leave(&desk->site);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		pid_t child;

		*result = -1;
		child = fork();
		if (child == 0) {
			*result = on_a_disk_of(desk, sizes[i]);
			_exit(0);
		}
		assert_int_equal(waitpid(child, NULL, 0), child);
		if (*result == CANNOT_MOUNT)
			skip();
		assert_int_equal(*result, 0);
	}
	munmap(result, sizeof(*result));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_up, desk_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_sweep),
		TEST(test_a_full_disk),
		TEST(test_one_server_to_a_spool),
		TEST(test_a_spool_that_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
