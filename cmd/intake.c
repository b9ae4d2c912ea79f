/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/intake.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/write_all.h"
#include "cmd/check_output.h"
#include "cmd/sandbox.h"

enum { COPY_BYTES = 64 * 1024 };

static bool is_file(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

static enum err open_trace(struct intake *intake, const char *name, struct error *error)
{
	struct stat status;

	intake->input.name = strcmp(name, "-") == 0 ? "stdin" : name;
	if (strcmp(name, "-") == 0) {
		intake->input.fd = STDIN_FILENO;
		return ERR_OK;
	}
	intake->input.fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (intake->input.fd < 0)
		return error_set(error, ERR_INPUT, "cannot read '%s': %s", name, strerror(errno));
	if (fstat(intake->input.fd, &status) != 0 || !S_ISDIR(status.st_mode))
		return ERR_OK;
	return error_set(error, ERR_INPUT, "cannot read '%s': it is a directory, name the trace in it", name);
}

static enum err copy_chunk(int from, int to, size_t *copied, const char *name, struct error *error)
{
	char chunk[COPY_BYTES];
	ssize_t got = read(from, chunk, sizeof(chunk));

	*copied = 0;
	if (got < 0 && errno == EINTR)
		return copy_chunk(from, to, copied, name, error);
	if (got < 0)
		return error_set(error, ERR_INPUT, "cannot read '%s': %s", name, strerror(errno));
	if (write_all(to, chunk, (size_t)got) != 0)
		return error_set(error, ERR_SYSTEM, "cannot keep '%s' in a temporary file: %s, set TMPDIR", name,
			strerror(errno));
	*copied = (size_t)got;
	return ERR_OK;
}

/* What comes through a pipe is made a file. */
static enum err settle(struct intake *intake, struct error *error)
{
	size_t copied = 1;
	int copy;
	enum err err;

	if (is_file(intake->input.fd))
		return ERR_OK;
	err = check_output_spool(&copy, error);
	if (err != ERR_OK)
		return err;
	while (err == ERR_OK && copied > 0)
		err = copy_chunk(intake->input.fd, copy, &copied, intake->input.name, error);
	if (intake->input.fd > STDERR_FILENO)
		close(intake->input.fd);
	intake->input.fd = copy;
	return err;
}

static enum err open_spools(struct intake *intake, const struct intake_wish *wish, struct error *error)
{
	enum err err = check_output_spool(&intake->input.spool_fd, error);

	if (err == ERR_OK && (wish->samples || wish->rows))
		err = check_output_spool(&intake->input.samples_fd, error);
	if (err == ERR_OK && wish->rows)
		err = check_output_spool(&intake->input.rows_fd, error);
	if (err == ERR_OK && wish->again)
		err = check_output_spool(&intake->again_spool_fd, error);
	return err;
}

enum err intake_open(struct intake *intake, const char *name, const struct intake_wish *wish, struct error *error)
{
	enum err err;

	*intake = (struct intake){.input = {.fd = -1, .spool_fd = -1, .samples_fd = -1, .rows_fd = -1},
		.again_spool_fd = -1,
		.confined = wish->confined};
	err = side_files_open(&intake->side, wish->limits_name, wish->dmesg_name, error);
	if (err == ERR_OK)
		err = open_trace(intake, name, error);
	if (err == ERR_OK && wish->again && !is_file(intake->input.fd))
		err = error_set(
			error, ERR_USAGE, "--cut reads the trace twice, save '%s' to a file first", intake->input.name);
	if (err == ERR_OK && wish->rows)
		err = settle(intake, error);
	if (err == ERR_OK && fstat(intake->input.fd, &intake->opened) != 0)
		err = error_set(error, ERR_SYSTEM, "cannot read '%s': %s", intake->input.name, strerror(errno));
	return err == ERR_OK ? open_spools(intake, wish, error) : err;
}

enum err intake_unchanged(const struct intake *intake, struct error *error)
{
	const struct stat *before = &intake->opened;
	struct stat now;

	if (fstat(intake->input.fd, &now) == 0 && now.st_size == before->st_size &&
		now.st_mtim.tv_sec == before->st_mtim.tv_sec && now.st_mtim.tv_nsec == before->st_mtim.tv_nsec)
		return ERR_OK;
	return error_set(error, ERR_INPUT, "'%s' was written to while it was read, import it again when it is complete",
		intake->input.name);
}

void intake_close(struct intake *intake)
{
	const int fds[] = {intake->input.fd, intake->input.spool_fd, intake->input.samples_fd, intake->input.rows_fd,
		intake->again_spool_fd};

	side_files_close(&intake->side);
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] > STDERR_FILENO)
			close(fds[i]);
}

enum err intake_run(struct intake *intake, enum err (*work)(void *context, struct error *error), void *context,
	uint8_t *finished, struct error *error)
{
	struct stat status;
	bool sized = is_file(intake->input.fd) && fstat(intake->input.fd, &status) == 0;
	struct sandbox_options limits = sandbox_defaults(sized ? (uint64_t)status.st_size : SANDBOX_INPUT_UNKNOWN);
	enum err err;

	if (intake->limits != NULL)
		limits = *intake->limits;
	limits.confined = intake->confined;
	*finished = 0;
	if (intake->progress != NULL) {
		limits.tick = progress_tick;
		limits.tick_context = intake->progress;
		progress_begin(intake->progress, intake->input.name);
	}
	err = sandbox_run(&limits, work, context, error);
	if (intake->progress != NULL)
		progress_end(intake->progress);
	if (err != ERR_OK && *finished == 0)
		error_wrap(error, "cannot read '%s'", intake->input.name);
	return err;
}
