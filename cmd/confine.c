/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What Landlock can forbid grows with its version; bits that the running kernel does not know would be refused. */
struct landlock_handled {
	uint64_t files;	 /* LANDLOCK_ACCESS_FS_* */
	uint64_t net;	 /* LANDLOCK_ACCESS_NET_*, from version 4 */
	uint64_t scoped; /* LANDLOCK_SCOPE_*, from version 6 */
};

struct landlock_version {
	int version;
	size_t size;
	struct landlock_handled handled;
};

/* Source: include/uapi/linux/landlock.h of kernels 5.13 (1), 5.19 (2), 6.2 (3), 6.7 (4), 6.10 (5) and 6.12 (6). */
static const struct landlock_version landlock_versions[] = {
	{6, 24, {0xffff, 3, 3}},
	{5, 16, {0xffff, 3, 0}},
	{4, 16, {0x7fff, 3, 0}},
	{3, 8, {0x7fff, 0, 0}},
	{2, 8, {0x3fff, 0, 0}},
	{1, 8, {0x1fff, 0, 0}},
};

static const int allowed_calls[] = {
	/* the descriptors that are open */
	SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(preadv), SCMP_SYS(write), SCMP_SYS(writev),
	SCMP_SYS(pwrite64), SCMP_SYS(pwritev), SCMP_SYS(lseek), SCMP_SYS(fstat), SCMP_SYS(ftruncate),
	SCMP_SYS(fallocate), SCMP_SYS(fadvise64), SCMP_SYS(close),
	/* memory; mmap and mprotect have rules of their own */
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
	/* what the C library does by itself: locks, signals, abort(), qsort(), malloc() */
	SCMP_SYS(futex), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigaltstack), SCMP_SYS(restart_syscall), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(sched_yield),
	SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(sched_getaffinity), SCMP_SYS(sysinfo), SCMP_SYS(getrandom),
	SCMP_SYS(getrusage), SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(gettimeofday), SCMP_SYS(time),
	/* the end */
	SCMP_SYS(exit), SCMP_SYS(exit_group)};

static const int lookup_calls[] = {SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(openat2), SCMP_SYS(creat),
	SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(statx),
	SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getcwd)};

/* A call that is allowed, or fails with `failure`, when one argument compares as said. */
struct narrow_call {
	int call;
	int failure; /* errno, or 0 for allowed */
	struct scmp_arg_cmp when;
};

/* fstat() of glibc 2.33 and later is newfstatat() with an empty path; stdio asks what a descriptor is. */
static const struct narrow_call narrow_calls[] = {
	{SCMP_SYS(newfstatat), 0, {3, SCMP_CMP_EQ, AT_EMPTY_PATH, 0}},
	{SCMP_SYS(newfstatat), EACCES, {3, SCMP_CMP_NE, AT_EMPTY_PATH, 0}},
	{SCMP_SYS(fcntl), 0, {1, SCMP_CMP_EQ, F_GETFL, 0}},
	{SCMP_SYS(ioctl), ENOTTY, {1, SCMP_CMP_EQ, TCGETS, 0}},
	/* threads, but no processes; clone3() hides its flags, and the C library does without it */
	{SCMP_SYS(clone), 0, {0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD}},
	{SCMP_SYS(clone3), ENOSYS, {0, SCMP_CMP_NE, 0, 0}},
	{SCMP_SYS(mprotect), 0, {2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0}},
};

/* A handler has no other way to what it needs; set once, in a process that does nothing but its work. */
static int *report;

static void end_with_report(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	*report = info->si_syscall;
	_exit(EXIT_FAILURE);
}

static enum err refused(struct error *error, const char *what, int number)
{
	return error_set(
		error, ERR_SYSTEM, "cannot confine the decoder: %s: %s, try --no-sandbox", what, strerror(number));
}

static enum err forbid_files_and_net(struct error *error)
{
	const struct landlock_version *known = landlock_versions;
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	long rules;

	if (version < 1)
		return ERR_OK;
	while (known->version > version)
		known++;
	rules = syscall(SYS_landlock_create_ruleset, &known->handled, known->size, 0);
	if (rules < 0)
		return refused(error, "landlock_create_ruleset", errno);
	if (syscall(SYS_landlock_restrict_self, rules, 0) != 0) {
		int number = errno;

		close((int)rules);
		return refused(error, "landlock_restrict_self", number);
	}
	close((int)rules);
	return ERR_OK;
}

/* Each returns 0 or a negative errno, as libseccomp does. */
static int add_calls(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count)
{
	int result = 0;

	for (size_t i = 0; i < count && result == 0; i++)
		result = seccomp_rule_add(filter, action, calls[i], 0);
	return result;
}

static int add_narrow_calls(scmp_filter_ctx filter)
{
	int result = 0;

	for (size_t i = 0; i < sizeof(narrow_calls) / sizeof(narrow_calls[0]) && result == 0; i++) {
		const struct narrow_call *narrow = &narrow_calls[i];
		uint32_t action = narrow->failure == 0 ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO((uint32_t)narrow->failure);

		result = seccomp_rule_add_array(filter, action, narrow->call, 1, &narrow->when);
	}
	return result;
}

/* Shared anonymous memory would escape the limit on memory, which counts private memory only. */
static int add_mmap(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp no_code = {2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0};
	const struct scmp_arg_cmp private_memory[] = {no_code, {3, SCMP_CMP_MASKED_EQ, MAP_SHARED, 0}};
	const struct scmp_arg_cmp of_a_file[] = {no_code, {3, SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, 0}};
	int result = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, private_memory);

	if (result == 0)
		result = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, of_a_file);
	return result;
}

/* abort() signals its own process; nobody else's may be. */
static int add_tgkill(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp self = {0, SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0};

	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, &self);
}

static int load_filter(scmp_filter_ctx filter)
{
	int result = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);

	if (result == 0)
		result = add_calls(
			filter, SCMP_ACT_ALLOW, allowed_calls, sizeof(allowed_calls) / sizeof(allowed_calls[0]));
	if (result == 0)
		result = add_calls(
			filter, SCMP_ACT_ERRNO(EACCES), lookup_calls, sizeof(lookup_calls) / sizeof(lookup_calls[0]));
	if (result == 0)
		result = add_narrow_calls(filter);
	if (result == 0)
		result = add_mmap(filter);
	if (result == 0)
		result = add_tgkill(filter);
	if (result == 0)
		result = seccomp_load(filter);
	return result;
}

static enum err forbid_calls(struct error *error)
{
	struct sigaction action = {.sa_sigaction = end_with_report, .sa_flags = SA_SIGINFO};
	scmp_filter_ctx filter;
	int result;

	if (sigaction(SIGSYS, &action, NULL) != 0)
		return refused(error, "sigaction", errno);
	filter = seccomp_init(SCMP_ACT_TRAP);
	if (filter == NULL)
		return refused(error, "seccomp_init", ENOMEM);
	result = load_filter(filter);
	seccomp_release(filter);
	return result == 0 ? ERR_OK : refused(error, "seccomp", -result);
}

/* A limit of 0 leaves open descriptors alone and allows no new one. */
static enum err forbid_descriptors(struct error *error)
{
	static const struct rlimit none = {0, 0};

	return setrlimit(RLIMIT_NOFILE, &none) == 0 ? ERR_OK : refused(error, "limit on descriptors", errno);
}

enum err confine_self(int *forbidden_call, struct error *error)
{
	enum err code;

	report = forbidden_call;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return refused(error, "no_new_privs", errno);
	code = forbid_files_and_net(error);
	if (code == ERR_OK)
		code = forbid_descriptors(error);
	if (code == ERR_OK)
		code = forbid_calls(error);
	return code;
}

char *confine_call_name(int call, char *name, unsigned long size)
{
	char *known = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, call);

	if (known != NULL)
		snprintf(name, size, "%s", known);
	else
		snprintf(name, size, "number %d", call);
	free(known);
	return name;
}
