/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/diff_side.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/write_all.h"
#include "cmd/diff_report.h"
#include "cmd/pipeline.h"
#include "collector/input.h"

/* A report of some hundred thousand findings; its tree takes many times as much. */
enum { REPORT_MAX = 256 * 1024 * 1024, COPY_SIZE = 64 * 1024 };

static char *copy_of(const char *text)
{
	return memory_text(text, strlen(text));
}

static enum err read_trace(struct compare_side *side, const struct diff_input *input, int fd, struct error *error)
{
	const struct pipeline_input trace_input = {
		.id = 1, .fd = fd, .spool_fd = input->spool_fd, .name = input->name, .replay = input->replay};
	struct pipeline *pipeline = NULL;
	enum err err = pipeline_run(&pipeline, &trace_input, error);

	if (err != ERR_OK)
		return err;
	compare_add_trace(side, pipeline_trace(pipeline));
	pipeline_free(pipeline);
	return ERR_OK;
}

static enum err read_all(struct input *input, char **text, size_t *size, struct error *error)
{
	size_t capacity = 0;
	size_t got;

	do {
		enum err err;

		if (*size > REPORT_MAX)
			return error_set(error, ERR_LIMIT, "a report of more than %d MiB", REPORT_MAX / 1024 / 1024);
		*text = memory_grown(*text, &capacity, *size + COPY_SIZE, 1);
		err = input_read(input, (unsigned char *)*text + *size, COPY_SIZE, &got, error);
		if (err != ERR_OK)
			return err;
		*size += got;
	} while (got > 0);
	return ERR_OK;
}

static bool is_json(const struct input *input)
{
	size_t size;
	const char *head = (const char *)input_head(input, &size);
	size_t at = 0;

	while (at < size && strchr(" \t\r\n", head[at]) != NULL && head[at] != '\0')
		at++;
	return at < size && head[at] == '{';
}

/* `*found` says whether it is a report; without it nothing was read that matters. */
static enum err read_report(struct compare_side *side, int fd, int spool_fd, bool *found, struct error *error)
{
	struct input *input = NULL;
	char *text = NULL;
	size_t size = 0;
	enum err err = input_open(&input, fd, spool_fd, error);

	*found = err == ERR_OK && is_json(input);
	if (*found)
		err = read_all(input, &text, &size, error);
	if (err == ERR_OK && *found)
		err = diff_report_read(side, text, size, error);
	free(text);
	input_close(input);
	return err;
}

static enum err copy_failed(struct error *error)
{
	return error_set(error, ERR_SYSTEM, "cannot keep it in a temporary file: %s", strerror(errno));
}

/* A pipe can be read once, and what it holds must be seen before it is known how to read it. */
static enum err keep_pipe(const struct diff_input *input, int *fd, struct error *error)
{
	char buffer[COPY_SIZE];
	struct stat status;

	*fd = input->fd;
	if (fstat(input->fd, &status) == 0 && S_ISREG(status.st_mode))
		return ERR_OK;
	*fd = input->copy_fd;
	for (;;) {
		ssize_t got = read(input->fd, buffer, sizeof(buffer));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set(error, ERR_INPUT, "%s", strerror(errno));
		if (got == 0)
			return lseek(*fd, 0, SEEK_SET) == 0 ? ERR_OK : copy_failed(error);
		if (write_all(*fd, buffer, (size_t)got) != 0)
			return copy_failed(error);
	}
}

enum err diff_side_read(struct compare_side *side, const struct diff_input *input, struct error *error)
{
	bool is_report = false;
	int fd;
	enum err err = keep_pipe(input, &fd, error);

	*side = (struct compare_side){.name = copy_of(input->name)};
	if (err == ERR_OK)
		err = read_report(side, fd, input->spool_fd, &is_report, error);
	if (err != ERR_OK) {
		error_wrap(error, "cannot read '%s'", input->name);
		return err;
	}
	return is_report ? ERR_OK : read_trace(side, input, fd, error);
}
