/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "cmd/confine.h"

/*
 * The sanitizers of addresses and of threads take terabytes of address space for their own books and report on stderr:
 * with them the child has no limit on memory and keeps its stderr.
 */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__
#elif __has_feature(thread_sanitizer)
#define __SANITIZE_THREAD__
#endif
#endif

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#define CHECK_FOR_LEAKS() __lsan_do_leak_check()
#else
#define CHECK_FOR_LEAKS() ((void)0)
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { INSTRUMENTED = 1 };
#else
enum { INSTRUMENTED = 0 };
#endif

enum { TICK_MS = 200 };

static const uint64_t mebibyte = UINT64_C(1) << 20;
static const uint64_t gibibyte = UINT64_C(1) << 30;

/* What the child tells the parent, in memory that both have. Once the child is dead it is data, and not trusted. */
struct report {
	uint8_t finished; /* not 0: `code` and `error` are those of the work, or of the confinement that failed */
	enum err code;
	struct error error;
	int forbidden_call; /* -1 as long as there was none */
};

struct sandbox_options sandbox_defaults(uint64_t input_bytes)
{
	struct sandbox_options options = {
		.confined = true, .memory_bytes = 4 * gibibyte, .cpu_seconds = 3600, .output_bytes = 64 * gibibyte};

	if (input_bytes == SANDBOX_INPUT_UNKNOWN || input_bytes > gibibyte)
		return options;
	options.memory_bytes = gibibyte + 3 * input_bytes;
	options.cpu_seconds = 60 + 3 * (input_bytes / mebibyte);
	options.output_bytes = gibibyte + 63 * input_bytes;
	return options;
}

static enum err refused(struct error *error, const char *what)
{
	return error_set(error, ERR_SYSTEM, "cannot start the decoder: %s: %s", what, strerror(errno));
}

/* A limit that was already lower stays as it is. */
static bool limit(__rlimit_resource_t resource, uint64_t soft, uint64_t hard)
{
	struct rlimit limits;

	if (getrlimit(resource, &limits) != 0)
		return false;
	if (limits.rlim_max > hard)
		limits.rlim_max = hard;
	if (limits.rlim_cur > soft)
		limits.rlim_cur = soft;
	if (limits.rlim_cur > limits.rlim_max)
		limits.rlim_cur = limits.rlim_max;
	return setrlimit(resource, &limits) == 0;
}

/* Private writable memory that this process has already, in bytes; source: proc(5), the sixth field of statm. */
static bool memory_in_use(uint64_t *bytes)
{
	unsigned long long pages = 0;
	char text[128];
	char *at = text;
	ssize_t length;
	int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);

	if (file < 0)
		return false;
	length = read(file, text, sizeof(text) - 1);
	close(file);
	if (length <= 0)
		return false;
	text[length] = '\0';
	for (int field = 1; field <= 6; field++)
		pages = strtoull(at, &at, 10);
	*bytes = pages * (uint64_t)sysconf(_SC_PAGESIZE);
	return pages != 0;
}

/* RLIMIT_AS would count the mapped trace, which may be larger than the memory of the machine, and costs none. */
static enum err limit_memory(uint64_t memory_bytes, struct error *error)
{
	uint64_t used = 0;
	uint64_t all;

	if (INSTRUMENTED)
		return ERR_OK;
	if (!memory_in_use(&used))
		return refused(error, "/proc/self/statm");
	if (__builtin_add_overflow(used, memory_bytes, &all))
		all = RLIM_INFINITY;
	return limit(RLIMIT_DATA, all, all) ? ERR_OK : refused(error, "limit on memory");
}

static enum err limit_self(const struct sandbox_options *options, struct error *error)
{
	static const struct rlimit no_core = {0, 0};

	if (setrlimit(RLIMIT_CORE, &no_core) != 0)
		return refused(error, "limit on core files");
	if (!limit(RLIMIT_CPU, options->cpu_seconds, options->cpu_seconds + 1))
		return refused(error, "limit on processor time");
	if (!limit(RLIMIT_FSIZE, options->output_bytes, options->output_bytes))
		return refused(error, "limit on output");
	return limit_memory(options->memory_bytes, error);
}

/* Libraries complain on stderr about hostile input; what the user sees is the parent's one line. */
static void silence_stderr(void)
{
	int null;

	if (INSTRUMENTED)
		return;
	null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (null < 0)
		return;
	dup2(null, STDERR_FILENO);
	close(null);
}

/* Whoever ignores or blocks these gets errors in their place; the child must die of them. */
static void restore_signals(void)
{
	sigset_t limits;

	signal(SIGXCPU, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	sigemptyset(&limits);
	sigaddset(&limits, SIGXCPU);
	sigaddset(&limits, SIGXFSZ);
	sigprocmask(SIG_UNBLOCK, &limits, NULL);
}

static enum err enter(const struct sandbox_options *options, struct report *report, pid_t parent, struct error *error)
{
	enum err code;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		return refused(error, "signal at the parent's death");
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	restore_signals();
	silence_stderr();
	for (size_t i = 0; i < options->closed_count; i++)
		close(options->closed[i]);
	code = limit_self(options, error);
	if (code != ERR_OK || !options->confined)
		return code;
	return confine_self(&report->forbidden_call, error);
}

static _Noreturn void leave(bool confined)
{
	/* The leak checker starts a thread and reads /proc, which a confined child cannot. */
	if (!confined)
		CHECK_FOR_LEAKS();
	_exit(EXIT_SUCCESS);
}

static enum err died(const struct sandbox_options *options, int signal, struct error *error)
{
	switch (signal) {
	case SIGXCPU:
		return error_set(error, ERR_INPUT, "the decoder used up its %" PRIu64 " seconds of processor time",
			options->cpu_seconds);
	case SIGXFSZ:
		return error_set(error, ERR_INPUT, "the decoder wrote more than its %" PRIu64 " MiB of output",
			options->output_bytes / mebibyte);
	case SIGBUS:
		return error_set(error, ERR_INPUT,
			"the decoder died of signal %d (%s), as when a file shrinks while it "
			"is read",
			signal, strsignal(signal));
	case SIGKILL:
		return error_set(
			error, ERR_SYSTEM, "the decoder was killed (signal %d), as when memory is short", signal);
	case SIGSYS:
		return error_set(error, ERR_INPUT, "the decoder made a forbidden system call");
	default:
		return error_set(error, ERR_INPUT, "the decoder died of signal %d (%s)", signal, strsignal(signal));
	}
}

static enum err ended_early(
	const struct sandbox_options *options, const struct report *report, int status, struct error *error)
{
	char name[64];

	if (report->forbidden_call >= 0)
		return error_set(error, ERR_INPUT, "the decoder made a forbidden system call (%s)",
			confine_call_name(report->forbidden_call, name, sizeof(name)));
	if (status == MEMORY_EXIT_STATUS)
		return error_set(error, ERR_INPUT, "the decoder ran out of memory (it may use %" PRIu64 " MiB)",
			options->memory_bytes / mebibyte);
	return error_set(error, ERR_INPUT, "the decoder ended before its work was done (exit status %d)", status);
}

static enum err told(struct report *report, struct error *error)
{
	if ((unsigned)report->code > ERR_STOPPED)
		return error_set(
			error, ERR_INPUT, "the decoder gave an impossible result (%u)", (unsigned)report->code);
	report->error.text[sizeof(report->error.text) - 1] = '\0';
	return report->code == ERR_OK ? ERR_OK : error_set(error, report->code, "%s", report->error.text);
}

static enum err outcome(const struct sandbox_options *options, struct report *report, int status, struct error *error)
{
	if (WIFSIGNALED(status))
		return died(options, WTERMSIG(status), error);
	if (WEXITSTATUS(status) != EXIT_SUCCESS || report->finished == 0)
		return ended_early(options, report, WEXITSTATUS(status), error);
	return told(report, error);
}

static uint64_t now_seconds(void)
{
	struct timespec now = {0, 0};

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec;
}

/* Whether it ended in its time. Without a descriptor for the child nobody hears of its progress. */
static bool tick_until_end(const struct sandbox_options *options, pid_t child)
{
	struct pollfd ended = {.fd = options->tick == NULL ? -1 : pidfd_open(child, 0), .events = POLLIN};
	uint64_t begun = now_seconds();
	bool late = false;

	if (ended.fd < 0)
		return true;
	while (!late && poll(&ended, 1, TICK_MS) <= 0) {
		options->tick(options->tick_context);
		late = options->wall_seconds != 0 && now_seconds() - begun > options->wall_seconds;
	}
	close(ended.fd);
	return !late;
}

static enum err wait_for(const struct sandbox_options *options, pid_t child, int *status, struct error *error)
{
	bool in_time = tick_until_end(options, child);

	if (!in_time)
		kill(child, SIGKILL);
	while (waitpid(child, status, 0) < 0)
		if (errno != EINTR)
			return error_set(error, ERR_SYSTEM, "cannot wait for the decoder: %s", strerror(errno));
	if (in_time)
		return ERR_OK;
	return error_set(error, ERR_INPUT, "the decoder took longer than %" PRIu64 " seconds", options->wall_seconds);
}

enum err sandbox_run(const struct sandbox_options *options, enum err (*work)(void *context, struct error *error),
	void *context, struct error *error)
{
	pid_t parent = getpid();
	pid_t child;
	enum err code;
	int status = 0;
	struct report *report = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (report == MAP_FAILED)
		return refused(error, "shared memory");
	report->forbidden_call = -1;
	child = fork();
	if (child == 0) {
		report->code = enter(options, report, parent, &report->error);
		if (report->code == ERR_OK)
			report->code = work(context, &report->error);
		report->finished = 1;
		leave(options->confined);
	}
	code = child < 0 ? refused(error, "fork") : wait_for(options, child, &status, error);
	if (code == ERR_OK)
		code = outcome(options, report, status, error);
	munmap(report, sizeof(*report));
	return code;
}
