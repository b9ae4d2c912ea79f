/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/serve_house.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "cmd/serve_channels.h"
#include "cmd/serve_files.h"
#include "cmd/serve_jobs.h"
#include "cmd/serve_notify.h"

enum {
	SERVER = 0,
	FIRST_WORKER = 1,
	CHILDREN_MAX = FIRST_WORKER + BOARD_WORKERS_MAX,
	PAUSE_MS = 100, /* before a child that died young is started again; doubled each time */
	PAUSE_MAX_MS = 2000,
	GROWN_UP_MS = 1000, /* one that lived so long did not die of how it was started */
	DRAIN_MS = 12000,   /* the server takes up to 10 s */
	GIVE_BACK_MS = 500,
	TIDY_MS = 600000
};

#define NEVER UINT64_MAX

struct child {
	pid_t pid; /* 0: it is not there */
	uint64_t started_ms;
	uint64_t due_ms;
	unsigned young_deaths;
};

struct house {
	const struct house_voice *voice;
	struct serve_channels channels;
	struct child children[CHILDREN_MAX];
	unsigned count;
	bool listening;
	bool server_failed; /* it said why, in `last_word` */
	struct error last_word;
	uint64_t give_back_due_ms; /* a worker died, and may have had an upload in hand */
	uint64_t tidy_due_ms;
};

static void tell(const struct house *house, const struct error *error)
{
	house->voice->trouble(error->text);
}

static void start_due(struct house *house)
{
	uint64_t now = clock_ms();

	for (unsigned i = 0; i < house->count; i++) {
		struct child *child = &house->children[i];
		struct error trouble;

		if (child->pid != 0 || child->due_ms > now)
			continue;
		child->pid = i == SERVER ? serve_channels_fork_server(&house->channels)
					 : serve_channels_fork_worker(&house->channels, i - FIRST_WORKER);
		child->started_ms = now;
		if (child->pid > 0)
			continue;
		child->pid = 0;
		child->due_ms = now + PAUSE_MAX_MS;
		error_set(&trouble, ERR_SYSTEM, "cannot start a process: %s, it is tried again", strerror(errno));
		tell(house, &trouble);
	}
}

/* When the next one is due; NEVER when all are there. */
static uint64_t next_due_ms(const struct house *house)
{
	uint64_t due = house->give_back_due_ms < house->tidy_due_ms ? house->give_back_due_ms : house->tidy_due_ms;

	for (unsigned i = 0; i < house->count; i++)
		if (house->children[i].pid == 0 && house->children[i].due_ms < due)
			due = house->children[i].due_ms;
	return due;
}

static void wait_for_something(const struct house *house, uint64_t until_ms)
{
	struct pollfd fds[] = {{.fd = house->channels.signal_fd, .events = POLLIN},
		{.fd = house->channels.word_fds[0], .events = POLLIN}};
	uint64_t now = clock_ms();
	int wait = until_ms == NEVER	    ? -1
		   : until_ms <= now	    ? 0
		   : until_ms - now > 60000 ? 60000
					    : (int)(until_ms - now);

	poll(fds, 2, wait);
}

static void hear_words(struct house *house)
{
	struct serve_word word;

	while (serve_channels_hear(&house->channels, &word)) {
		if (!word.listening) {
			house->server_failed = true;
			house->last_word = word.error;
			continue;
		}
		if (!house->listening) {
			house->voice->listening(word.error.text);
			serve_notify("READY=1");
		}
		house->listening = true;
	}
}

static void describe_death(char *text, size_t size, int status)
{
	if (WIFSIGNALED(status))
		snprintf(text, size, "was killed by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(text, size, "ended (exit status %d)", WEXITSTATUS(status));
}

static void plan_return(struct house *house, unsigned place, int status)
{
	struct child *child = &house->children[place];
	uint64_t now = clock_ms();
	uint64_t pause = 0;
	struct error told;
	char how[96];

	if (now - child->started_ms >= GROWN_UP_MS)
		child->young_deaths = 0;
	if (child->young_deaths > 0)
		pause = (uint64_t)PAUSE_MS << (child->young_deaths < 8 ? child->young_deaths : 8);
	if (pause > PAUSE_MAX_MS)
		pause = PAUSE_MAX_MS;
	child->young_deaths++;
	child->pid = 0;
	child->due_ms = now + pause;
	describe_death(how, sizeof(how), status);
	if (place == SERVER && house->server_failed)
		error_set(&told, ERR_SYSTEM, "the server ended, it is started again: %s", house->last_word.text);
	else if (place == SERVER)
		error_set(&told, ERR_SYSTEM, "the server %s, it is started again", how);
	else
		error_set(&told, ERR_SYSTEM, "worker %u %s, it is started again", place, how);
	tell(house, &told);
}

/* A server that was never heard of ends the house. */
static enum err bury(struct house *house, unsigned place, int status, struct error *error)
{
	char how[96];

	hear_words(house);
	if (place == SERVER && !house->listening) {
		house->children[place].pid = 0;
		if (house->server_failed)
			return error_set(error, house->last_word.code, "%s", house->last_word.text);
		describe_death(how, sizeof(how), status);
		return error_set(error, ERR_SYSTEM, "the server %s before it listened", how);
	}
	plan_return(house, place, status);
	house->server_failed = false;
	if (place != SERVER) {
		__atomic_store_n(&house->channels.board->workers[place - FIRST_WORKER].upload, 0, __ATOMIC_SEQ_CST);
		house->channels.board->worker_restarts++;
		house->give_back_due_ms = clock_ms();
	}
	return ERR_OK;
}

static enum err reap(struct house *house, struct error *error)
{
	enum err err = ERR_OK;
	int status;
	pid_t pid;

	while (err == ERR_OK && (pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (unsigned i = 0; i < house->count; i++)
			if (house->children[i].pid == pid)
				err = bury(house, i, status, error);
	return err;
}

/* Whether one came that says to stop. */
static bool is_told_to_stop(const struct house *house)
{
	struct signalfd_siginfo info;
	bool stop = false;

	while (read(house->channels.signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		stop = stop || info.ssi_signo != SIGCHLD;
	return stop;
}

static void tidy(struct house *house)
{
	const struct serve_options *options = house->channels.options;
	const struct serve_files files = {options->web.spool, options->keep_uploads};
	struct error trouble;

	if (clock_ms() < house->tidy_due_ms)
		return;
	house->tidy_due_ms = clock_ms() + TIDY_MS;
	if (serve_files_tidy(&files, options->web.db_name, &trouble) != ERR_OK)
		tell(house, &trouble);
}

static void give_back(struct house *house)
{
	struct error trouble;

	if (clock_ms() < house->give_back_due_ms)
		return;
	house->give_back_due_ms = NEVER;
	switch (serve_jobs_give_back(house->channels.options->web.db_name, house->channels.board, &trouble)) {
	case SERVE_JOBS_DONE:
		house->tidy_due_ms = clock_ms();
		return;
	case SERVE_JOBS_TROUBLE:
		tell(house, &trouble);
		break;
	case SERVE_JOBS_UNSURE:
		break;
	}
	house->give_back_due_ms = clock_ms() + GIVE_BACK_MS;
}

static enum err work(struct house *house, struct error *error)
{
	enum err err = ERR_OK;

	while (err == ERR_OK) {
		start_due(house);
		wait_for_something(house, next_due_ms(house));
		if (is_told_to_stop(house))
			return ERR_OK;
		hear_words(house);
		err = reap(house, error);
		give_back(house);
		tidy(house);
	}
	return err;
}

static bool any_left(struct house *house)
{
	bool left = false;
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		for (unsigned i = 0; i < house->count; i++)
			if (house->children[i].pid == pid)
				house->children[i].pid = 0;
	for (unsigned i = 0; i < house->count; i++)
		left = left || house->children[i].pid != 0;
	return left;
}

/* The server answers what has begun, workers end what they have in hand; who takes too long is killed, and at a second
 * signal all are. */
static void stop(struct house *house)
{
	uint64_t deadline = clock_ms() + DRAIN_MS;
	bool killed = false;
	struct error trouble;

	serve_notify("STOPPING=1");
	serve_channels_stop(&house->channels);
	while (any_left(house)) {
		bool again = is_told_to_stop(house);

		if (!killed && (again || clock_ms() >= deadline)) {
			for (unsigned i = 0; i < house->count; i++)
				if (house->children[i].pid > 0)
					kill(house->children[i].pid, SIGKILL);
			killed = true;
		}
		if (any_left(house))
			wait_for_something(house, killed ? clock_ms() + PAUSE_MS : deadline);
		hear_words(house);
	}
	if (serve_jobs_give_back_all(house->channels.options->web.db_name, true, &trouble) != ERR_OK)
		tell(house, &trouble);
}

enum err serve_house_run(const struct serve_options *options, const struct house_voice *voice, struct error *error)
{
	struct house house = {.voice = voice, .count = FIRST_WORKER + options->workers, .give_back_due_ms = NEVER};
	enum err err = serve_channels_open(&house.channels, options, voice->trouble, error);

	if (err == ERR_OK)
		err = serve_jobs_give_back_all(options->web.db_name, false, error);
	/* Before the server sweeps the spool, which keeps nothing. */
	if (err == ERR_OK) {
		tidy(&house);
		err = work(&house, error);
		stop(&house);
	}
	serve_channels_close(&house.channels);
	return err;
}
