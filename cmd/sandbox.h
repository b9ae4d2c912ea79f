/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sandbox - runs work on hostile input in a child process that can open no file and no socket, with limits on memory,
 * time and output, so that even a crash inside a library ends as one line for the user.
 */
#ifndef QGREPLAY_CMD_SANDBOX_H
#define QGREPLAY_CMD_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct sandbox_options {
	bool confined;	       /* false (--no-sandbox): a child with limits, but without seccomp and Landlock */
	uint64_t memory_bytes; /* private memory of the child beyond what it has at its start; mapped files are free */
	uint64_t cpu_seconds;  /* at least 1 */
	uint64_t output_bytes; /* largest file that it may write */
	uint64_t wall_seconds; /* until it is killed, whatever it waits for; 0: no limit. Needs `tick` */
	const int *closed;     /* descriptors that are closed in the child, or NULL */
	size_t closed_count;
	/* Called in the parent a few times a second while the child works, or NULL. */
	void (*tick)(void *context);
	void *tick_context;
};

/* The size of a pipe's content. */
#define SANDBOX_INPUT_UNKNOWN UINT64_MAX

/* Sensible limits for decoding one command's traces of `input_bytes` in all, or SANDBOX_INPUT_UNKNOWN. */
struct sandbox_options sandbox_defaults(uint64_t input_bytes);

/*
 * Forks, confines the child, and runs `work(context, error)` there; descriptors that are open now stay usable in it.
 * What work() returns, with its error text, is returned here. When the child dies instead (a signal, a limit, a
 * forbidden system call, no memory), that is ERR_INPUT with a text that says which, such as "the decoder died of signal
 * 11 (Segmentation fault)"; the caller wraps it with the file's name. SIGKILL alone is ERR_SYSTEM: it comes from
 * outside, and says nothing of the input. `context` is copied by the fork: results travel
 * through shared memory or descriptors that it holds. ERR_SYSTEM when the child cannot be made or confined.
 *
 * The child's stderr goes nowhere, because libraries complain there; stdout is the caller's, and work() should leave it
 * alone. The caller has one thread, or at least stays in this call with the thread that made it: the child is killed
 * when that thread ends. SIGCHLD must not be ignored.
 */
enum err sandbox_run(const struct sandbox_options *options, enum err (*work)(void *context, struct error *error),
	void *context, struct error *error);

#endif
