/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "cmd/sandbox.h"

#define MEBIBYTE (UINT64_C(1) << 20)

static const struct sandbox_options strict = {
	.confined = true, .memory_bytes = 64 * MEBIBYTE, .cpu_seconds = 1, .output_bytes = MEBIBYTE};
static const struct sandbox_options loose = {
	.confined = false, .memory_bytes = 64 * MEBIBYTE, .cpu_seconds = 1, .output_bytes = MEBIBYTE};

static enum err succeed(void *context, struct error *error)
{
	int memory = *(int *)context;

	(void)error;
	return write(memory, "result", 6) == 6 ? ERR_OK : ERR_SYSTEM;
}

static enum err complain(void *context, struct error *error)
{
	(void)context;
	return error_set(error, ERR_LIMIT, "more than %d\nthings", 7);
}

static enum err stop(void *context, struct error *error)
{
	(void)context;
	(void)error;
	return ERR_STOPPED;
}

/* Works that try what is forbidden. They return ERR_OK when they get away with it. */

static enum err open_file(void *context, struct error *error)
{
	int file = open(context, O_RDONLY);

	return file >= 0 ? ERR_OK : error_set(error, ERR_SYSTEM, "open: %s", strerror(errno));
}

static enum err create_file(void *context, struct error *error)
{
	int file = open(context, O_WRONLY | O_CREAT | O_EXCL, 0600);

	return file >= 0 ? ERR_OK : error_set(error, ERR_SYSTEM, "open: %s", strerror(errno));
}

static enum err make_socket(void *context, struct error *error)
{
	int made = socket(*(int *)context, SOCK_STREAM, 0);

	return made >= 0 ? ERR_OK : error_set(error, ERR_SYSTEM, "socket: %s", strerror(errno));
}

static enum err make_process(void *context, struct error *error)
{
	pid_t child = fork();

	(void)context;
	if (child == 0)
		_exit(0);
	return child > 0 ? ERR_OK : error_set(error, ERR_SYSTEM, "fork: %s", strerror(errno));
}

static enum err start_program(void *context, struct error *error)
{
	char *const nothing[] = {NULL};

	(void)context;
	execve("/bin/true", nothing, nothing);
	return error_set(error, ERR_SYSTEM, "execve: %s", strerror(errno));
}

static enum err signal_parent(void *context, struct error *error)
{
	(void)context;
	return kill(getppid(), 0) == 0 ? ERR_OK : error_set(error, ERR_SYSTEM, "kill: %s", strerror(errno));
}

static enum err trace_parent(void *context, struct error *error)
{
	(void)context;
	return ptrace(PTRACE_SEIZE, getppid(), NULL, NULL) == 0
		       ? ERR_OK
		       : error_set(error, ERR_SYSTEM, "ptrace: %s", strerror(errno));
}

static enum err map_code(void *context, struct error *error)
{
	(void)context;
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED
		       ? ERR_OK
		       : error_set(error, ERR_SYSTEM, "mmap: %s", strerror(errno));
}

static enum err map_shared(void *context, struct error *error)
{
	(void)context;
	return mmap(NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0) != MAP_FAILED
		       ? ERR_OK
		       : error_set(error, ERR_SYSTEM, "mmap: %s", strerror(errno));
}

/* Works that come to a bad end. */

static enum err die_of(void *context, struct error *error)
{
	int number = *(int *)context;

	(void)error;
	signal(number, SIG_DFL); /* sanitizers catch some */
	raise(number);
	return ERR_OK;
}

static enum err abort_itself(void *context, struct error *error)
{
	(void)context;
	(void)error;
	signal(SIGABRT, SIG_DFL);
	abort();
}

static enum err spin(void *context, struct error *error)
{
	(void)error;
	for (volatile unsigned turns = 0; turns != UINT32_MAX || context == NULL; turns++)
		;
	return ERR_OK;
}

static enum err leave_early(void *context, struct error *error)
{
	(void)error;
	_exit(*(int *)context);
}

static enum err take_memory(void *context, struct error *error)
{
	enum { GIBIBYTE = 1 << 30 };
	size_t capacity = 0;
	char *bytes = NULL;

	(void)context;
	(void)error;
	for (size_t size = 4096; size <= GIBIBYTE; size *= 2) {
		bytes = memory_grown(bytes, &capacity, size, 1);
		memset(bytes, 1, capacity);
	}
	free(bytes);
	return ERR_OK;
}

static enum err write_much(void *context, struct error *error)
{
	static const char block[4096];
	int file = *(int *)context;

	for (int i = 0; i < 4096; i++)
		if (write(file, block, sizeof(block)) != (ssize_t)sizeof(block))
			return error_set(error, ERR_SYSTEM, "write: %s", strerror(errno));
	return ERR_OK;
}

/* The work behind a deadly one: results first, then the end. */
static enum err write_and_die(void *context, struct error *error)
{
	int number = SIGSEGV;

	return succeed(context, error) == ERR_OK ? die_of(&number, error) : ERR_OK;
}

/* What decoders do that needs system calls: all of it must go on working. */
static enum err work_honestly(void *context, struct error *error)
{
	int memory = *(int *)context;
	size_t count = 1 << 20;
	char *bytes = memory_zeroed(count);
	char back[2];
	FILE *stream = fdopen(memory, "w");

	if (stream == NULL)
		return error_set(error, ERR_SYSTEM, "fdopen: %s", strerror(errno));
	for (size_t i = 0; i < count; i++)
		bytes[i] = (char)(count - i);
	bytes = memory_resized(bytes, count, 16);
	if (ftruncate(memory, 8192) != 0 || pread(memory, back, 2, 0) != 2 || lseek(memory, 0, SEEK_END) != 8192)
		return error_set(error, ERR_SYSTEM, "file: %s", strerror(errno));
	if (mmap(NULL, 4096, PROT_READ, MAP_SHARED, memory, 0) == MAP_FAILED)
		return error_set(error, ERR_SYSTEM, "map: %s", strerror(errno));
	if (fprintf(stream, "%d %s\n", bytes != NULL, strerror(ENOMEM)) < 0 || fflush(stream) != 0)
		return error_set(error, ERR_SYSTEM, "stream: %s", strerror(errno));
	free(bytes);
	return ERR_OK;
}

static void *return_given(void *context)
{
	return context;
}

static enum err work_in_a_thread(void *context, struct error *error)
{
	pthread_t thread;
	void *result = NULL;

	if (pthread_create(&thread, NULL, return_given, context) != 0 || pthread_join(thread, &result) != 0)
		return error_set(error, ERR_SYSTEM, "no thread: %s", strerror(errno));
	return result == context ? ERR_OK : error_set(error, ERR_SYSTEM, "the thread returned nothing");
}

static int memory_file(void)
{
	int file = memfd_create("test", MFD_CLOEXEC);

	assert_true(file >= 0);
	return file;
}

static void expect_text(const struct error *error, const char *part)
{
	if (strstr(error->text, part) == NULL)
		fail_msg("'%s' does not hold '%s'", error->text, part);
	assert_null(strchr(error->text, '\n'));
}

static void expect_end(const struct sandbox_options *options, enum err (*work)(void *, struct error *), void *context,
	const char *part)
{
	struct error error = {0};

	assert_int_equal(sandbox_run(options, work, context, &error), ERR_INPUT);
	assert_int_equal(error.code, ERR_INPUT);
	expect_text(&error, part);
}

static void test_result_and_error_come_back(void **state)
{
	const struct sandbox_options *each[] = {&strict, &loose};
	struct error error = {0};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		int file = memory_file();
		char result[8] = "";

		assert_int_equal(sandbox_run(each[i], succeed, &file, &error), ERR_OK);
		assert_int_equal(pread(file, result, sizeof(result), 0), 6);
		assert_string_equal(result, "result");
		close(file);
		assert_int_equal(sandbox_run(each[i], complain, NULL, &error), ERR_LIMIT);
		assert_string_equal(error.text, "more than 7?things");
		assert_int_equal(sandbox_run(each[i], stop, NULL, &error), ERR_STOPPED);
		assert_int_equal(sandbox_run(each[i], complain, NULL, NULL), ERR_LIMIT);
	}
}

static void test_honest_work_is_not_hindered(void **state)
{
	struct error error = {0};
	int file = memory_file();

	(void)state;
	sandbox_run(&strict, work_honestly, &file, &error);
	assert_string_equal(error.text, "");
	sandbox_run(&strict, work_in_a_thread, &file, &error);
	assert_string_equal(error.text, "");
	assert_int_equal(sandbox_run(&strict, work_honestly, &file, &error), ERR_OK);
	assert_int_equal(sandbox_run(&strict, work_in_a_thread, &file, &error), ERR_OK);
	close(file);
}

static void test_no_file_can_be_opened(void **state)
{
	char path[] = "/etc/passwd";
	char new_path[] = "/tmp/qgreplay-sandbox-must-not-exist";
	struct error error = {0};

	(void)state;
	assert_int_equal(sandbox_run(&strict, open_file, path, &error), ERR_SYSTEM);
	expect_text(&error, strerror(EACCES));
	assert_int_equal(sandbox_run(&strict, create_file, new_path, &error), ERR_SYSTEM);
	expect_text(&error, strerror(EACCES));
	assert_int_not_equal(access(new_path, F_OK), 0);
	assert_int_equal(sandbox_run(&loose, open_file, path, &error), ERR_OK);
}

static void test_no_socket_can_be_made(void **state)
{
	int families[] = {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK};
	struct error error = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		expect_end(&strict, make_socket, &families[i], "forbidden system call (socket)");
	assert_int_equal(sandbox_run(&loose, make_socket, &families[2], &error), ERR_OK);
}

static void test_no_process_can_be_made_or_touched(void **state)
{
	(void)state;
	expect_end(&strict, make_process, NULL, "forbidden system call (clone");
	expect_end(&strict, start_program, NULL, "forbidden system call (execve)");
	expect_end(&strict, signal_parent, NULL, "forbidden system call (");
	expect_end(&strict, trace_parent, NULL, "forbidden system call (");
}

static void test_no_code_or_shared_memory_can_be_made(void **state)
{
	(void)state;
	expect_end(&strict, map_code, NULL, "forbidden system call (mmap)");
	expect_end(&strict, map_shared, NULL, "forbidden system call (mmap)");
}

static void test_a_crash_is_one_line(void **state)
{
	const struct sandbox_options *each[] = {&strict, &loose};
	int segv = SIGSEGV;
	int bus = SIGBUS;
	int term = SIGTERM;
	int early = 0;
	int odd = 77;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		expect_end(each[i], die_of, &segv, "died of signal 11 (Segmentation fault)");
		expect_end(each[i], die_of, &bus, "signal 7 (Bus error)");
		expect_end(each[i], die_of, &term, "died of signal 15");
		expect_end(each[i], abort_itself, NULL, "died of signal 6 (Aborted)");
		expect_end(each[i], leave_early, &early, "ended before its work was done");
		expect_end(each[i], leave_early, &odd, "exit status 77");
	}
}

static void test_an_endless_loop_ends(void **state)
{
	(void)state;
	expect_end(&strict, spin, NULL, "used up its 1 seconds of processor time");
}

/* A caller that ignores or blocks these signals must not make the child immortal. */
static void test_limits_hold_whatever_the_callers_signals(void **state)
{
	int file = memory_file();
	sigset_t blocked;
	sigset_t before;

	(void)state;
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGXCPU);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	signal(SIGXFSZ, SIG_IGN);
	expect_end(&loose, spin, NULL, "used up its 1 seconds of processor time");
	expect_end(&strict, write_much, &file, "wrote more than its 1 MiB");
	signal(SIGXFSZ, SIG_DFL);
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(file);
}

static void test_runaway_memory_ends(void **state)
{
	(void)state;
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__
#endif
#endif
#if !defined(__SANITIZE_ADDRESS__)
	expect_end(&strict, take_memory, NULL, "ran out of memory (it may use 64 MiB)");
	expect_end(&loose, take_memory, NULL, "ran out of memory (it may use 64 MiB)");
#else
	(void)take_memory;
	skip();
#endif
}

static void test_runaway_output_ends(void **state)
{
	const struct sandbox_options *each[] = {&strict, &loose};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		int file = memory_file();

		expect_end(each[i], write_much, &file, "wrote more than its 1 MiB");
		assert_int_equal(lseek(file, 0, SEEK_END), MEBIBYTE);
		close(file);
	}
}

static void test_what_was_written_before_a_crash_is_kept(void **state)
{
	int file = memory_file();
	char result[8] = "";

	(void)state;
	expect_end(&strict, write_and_die, &file, "died of signal 11");
	assert_int_equal(pread(file, result, sizeof(result), 0), 6);
	assert_string_equal(result, "result");
	close(file);
}

static int open_descriptors(void)
{
	int count = 0;

	for (int file = 0; file < 1024; file++)
		count += fcntl(file, F_GETFD) >= 0;
	return count;
}

static void test_nothing_is_left_behind(void **state)
{
	int segv = SIGSEGV;
	int file = memory_file();
	int before = open_descriptors();

	(void)state;
	for (int i = 0; i < 20; i++) {
		struct error error;

		sandbox_run(&strict, succeed, &file, &error);
		sandbox_run(&strict, die_of, &segv, &error);
	}
	assert_int_equal(open_descriptors(), before);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	close(file);
}

static int pipe_to_child[2];

/* The parent is interrupted in its waiting ten times before the child may end. */
static void interrupt(int number)
{
	static int times;

	(void)number;
	if (++times == 10 && write(pipe_to_child[1], "x", 1) != 1)
		abort();
}

static enum err await_byte(void *context, struct error *error)
{
	char byte;

	(void)context;
	return read(pipe_to_child[0], &byte, 1) == 1 ? ERR_OK : error_set(error, ERR_SYSTEM, "read failed");
}

static void test_waiting_survives_signals(void **state)
{
	const struct sigaction action = {.sa_handler = interrupt}; /* no SA_RESTART */
	const struct sigaction standard = {.sa_handler = SIG_DFL};
	struct error error = {0};

	(void)state;
	assert_int_equal(pipe(pipe_to_child), 0);
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	ualarm(1000, 1000);
	assert_int_equal(sandbox_run(&strict, await_byte, NULL, &error), ERR_OK);
	ualarm(0, 0);
	sigaction(SIGALRM, &standard, NULL);
	close(pipe_to_child[0]);
	close(pipe_to_child[1]);
}

static void test_defaults_grow_with_the_input(void **state)
{
	struct sandbox_options small = sandbox_defaults(0);
	struct sandbox_options larger = sandbox_defaults(UINT64_C(500) << 20);
	struct sandbox_options unknown = sandbox_defaults(SANDBOX_INPUT_UNKNOWN);

	(void)state;
	assert_true(small.confined && small.cpu_seconds > 0);
	assert_true(small.memory_bytes >= UINT64_C(64) << 20);
	assert_true(larger.memory_bytes > small.memory_bytes && larger.cpu_seconds > small.cpu_seconds);
	assert_true(unknown.memory_bytes >= larger.memory_bytes && unknown.output_bytes >= larger.output_bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_result_and_error_come_back),
		cmocka_unit_test(test_honest_work_is_not_hindered),
		cmocka_unit_test(test_no_file_can_be_opened),
		cmocka_unit_test(test_no_socket_can_be_made),
		cmocka_unit_test(test_no_process_can_be_made_or_touched),
		cmocka_unit_test(test_no_code_or_shared_memory_can_be_made),
		cmocka_unit_test(test_a_crash_is_one_line),
		cmocka_unit_test(test_an_endless_loop_ends),
		cmocka_unit_test(test_limits_hold_whatever_the_callers_signals),
		cmocka_unit_test(test_runaway_memory_ends),
		cmocka_unit_test(test_runaway_output_ends),
		cmocka_unit_test(test_what_was_written_before_a_crash_is_kept),
		cmocka_unit_test(test_nothing_is_left_behind),
		cmocka_unit_test(test_waiting_survives_signals),
		cmocka_unit_test(test_defaults_grow_with_the_input),
	};

	const char *under = getenv("UNDER");

	if (under != NULL && strstr(under, "valgrind") != NULL) {
		puts("valgrind cannot live behind the filter of system calls");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
