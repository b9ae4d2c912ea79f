/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/serve_channels.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cmd/serve_child.h"
#include "cmd/serve_notify.h"
#include "cmd/serve_worker.h"
#include "web/web.h"

struct role {
	struct serve_channels *channels;
	unsigned place;
};

static void close_all(const int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static void say(int fd, bool listening, const struct error *error)
{
	const struct serve_word word = {listening, *error};

	/* Nobody is there to be told when this fails. */
	if (write(fd, &word, sizeof(word)) < 0)
		return;
}

static void say_listening(void *context, const char *url)
{
	const struct serve_channels *channels = context;
	struct error word;

	error_set(&word, ERR_OK, "%s", url);
	say(channels->word_fds[1], true, &word);
}

static int be_server(void *context)
{
	struct serve_channels *channels = context;
	struct web_options options = channels->options->web;
	const struct web_ready ready = {say_listening, channels};
	const int foreign[] = {
		channels->signal_fd, channels->stop_fds[1], channels->word_fds[0], channels->spool.store_fd};
	struct error error = {0};

	close_all(foreign, sizeof(foreign) / sizeof(foreign[0]));
	options.listen_fd = channels->listen_fd;
	options.log = channels->trouble;
	if (web_serve(&options, channels->board, channels->stop_fds[0], &ready, &error) == ERR_OK)
		return EXIT_SUCCESS;
	say(channels->word_fds[1], false, &error);
	return EXIT_FAILURE;
}

static int be_worker(void *context)
{
	const struct role *role = context;
	const struct serve_channels *channels = role->channels;
	const int foreign[] = {channels->signal_fd, channels->stop_fds[1], channels->word_fds[0], channels->word_fds[1],
		channels->spool.store_fd, channels->listen_fd};
	const int own[] = {channels->stop_fds[0], channels->board->wake_fd, channels->spool.spool_fd};
	const struct serve_worker worker = {.db_name = channels->options->web.db_name,
		.spool = channels->options->web.spool,
		.keep_uploads = channels->options->keep_uploads,
		.board = channels->board,
		.place = role->place,
		.stop_fd = channels->stop_fds[0],
		.closed = own,
		.closed_count = sizeof(own) / sizeof(own[0]),
		.say = channels->trouble};
	struct error error = {0};

	close_all(foreign, sizeof(foreign) / sizeof(foreign[0]));
	if (serve_worker_run(&worker, &error) == ERR_OK)
		return EXIT_SUCCESS;
	channels->trouble(error.text);
	return EXIT_FAILURE;
}

pid_t serve_channels_fork_server(struct serve_channels *channels)
{
	return serve_child_start("qgreplay-server", be_server, channels);
}

pid_t serve_channels_fork_worker(struct serve_channels *channels, unsigned place)
{
	struct role role = {channels, place};

	return serve_child_start("qgreplay-worker", be_worker, &role);
}

bool serve_channels_hear(const struct serve_channels *channels, struct serve_word *word)
{
	if (read(channels->word_fds[0], word, sizeof(*word)) != (ssize_t)sizeof(*word))
		return false;
	word->error.text[sizeof(word->error.text) - 1] = '\0';
	if ((unsigned)word->error.code > ERR_SYSTEM)
		word->error.code = ERR_SYSTEM;
	return true;
}

void serve_channels_stop(struct serve_channels *channels)
{
	close(channels->stop_fds[1]);
	channels->stop_fds[1] = -1;
	/* As long as anybody has it open, the kernel takes connections that nobody will serve. */
	close(channels->listen_fd);
	channels->listen_fd = -1;
}

static enum err listen_at(struct serve_channels *channels, struct error *error)
{
	enum err err = serve_notify_socket(&channels->listen_fd, error);

	if (err != ERR_OK || channels->listen_fd >= 0)
		return err;
	return web_listen(&channels->listen_fd, channels->options->web.listen, error);
}

static void take_signals(struct serve_channels *channels)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	channels->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

static enum err make(struct serve_channels *channels, struct error *error)
{
	void *memory = mmap(NULL, sizeof(*channels->board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return error_set(error, ERR_SYSTEM, "cannot share memory: %s", strerror(errno));
	channels->board = memory;
	channels->board->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);
	take_signals(channels);
	if (channels->signal_fd >= 0 && channels->board->wake_fd >= 0 && pipe2(channels->stop_fds, O_CLOEXEC) == 0 &&
		pipe2(channels->word_fds, O_CLOEXEC | O_NONBLOCK) == 0)
		return ERR_OK;
	return error_set(error, ERR_SYSTEM, "cannot start the server: %s", strerror(errno));
}

enum err serve_channels_open(struct serve_channels *channels, const struct serve_options *options,
	void (*trouble)(const char *line), struct error *error)
{
	enum err err;

	*channels = (struct serve_channels){.options = options,
		.trouble = trouble,
		.listen_fd = -1,
		.signal_fd = -1,
		.stop_fds = {-1, -1},
		.word_fds = {-1, -1}};
	err = serve_spool_open(&channels->spool, options, error);
	if (err == ERR_OK)
		err = listen_at(channels, error);
	return err == ERR_OK ? make(channels, error) : err;
}

void serve_channels_close(struct serve_channels *channels)
{
	const int fds[] = {channels->listen_fd, channels->signal_fd, channels->stop_fds[0], channels->stop_fds[1],
		channels->word_fds[0], channels->word_fds[1], channels->board == NULL ? -1 : channels->board->wake_fd};

	close_all(fds, sizeof(fds) / sizeof(fds[0]));
	if (channels->board != NULL)
		munmap(channels->board, sizeof(*channels->board));
	serve_spool_close(&channels->spool);
}
