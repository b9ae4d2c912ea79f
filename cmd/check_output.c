/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/check_output.h"
#include "base/write_all.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { COPY_SIZE = 16 * 1024 };

enum err check_output_spool(int *fd, struct error *error)
{
	const char *const folders[] = {getenv("TMPDIR"), "/var/tmp", "/tmp"};

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (folders[i] == NULL || *folders[i] == '\0')
			continue;
		*fd = open(folders[i], O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
		if (*fd >= 0)
			return ERR_OK;
	}
	*fd = memfd_create("qgreplay", MFD_CLOEXEC);
	if (*fd >= 0)
		return ERR_OK;
	return error_set(error, ERR_SYSTEM, "cannot make a temporary file: %s, set TMPDIR to a writable folder",
		strerror(errno));
}

static enum err open_stream(FILE **stream, struct error *error)
{
	int fd;
	enum err err = check_output_spool(&fd, error);

	if (err != ERR_OK)
		return err;
	*stream = fdopen(fd, "w+");
	if (*stream != NULL)
		return ERR_OK;
	error_set(error, ERR_SYSTEM, "cannot use a temporary file: %s", strerror(errno));
	close(fd);
	return ERR_SYSTEM;
}

enum err check_output_open(struct check_output *output, struct error *error)
{
	enum err err;

	*output = (struct check_output){0};
	err = open_stream(&output->streams.traces, error);
	if (err == ERR_OK)
		err = open_stream(&output->streams.findings, error);
	if (err != ERR_OK)
		check_output_close(output);
	return err;
}

void check_output_close(struct check_output *output)
{
	if (output->streams.traces != NULL)
		fclose(output->streams.traces);
	if (output->streams.findings != NULL)
		fclose(output->streams.findings);
	*output = (struct check_output){0};
}

enum err check_output_flush(struct check_output *output, struct error *error)
{
	FILE *const streams[] = {output->streams.traces, output->streams.findings};

	for (size_t i = 0; i < 2; i++) {
		errno = 0;
		if (fflush(streams[i]) != 0 || ferror(streams[i]))
			return error_set(error, ERR_SYSTEM, "cannot write the report to a temporary file: %s",
				errno != 0 ? strerror(errno) : "unknown reason");
	}
	return ERR_OK;
}

static enum err seek_failed(struct error *error)
{
	return error_set(error, ERR_SYSTEM, "cannot go back in a temporary file: %s", strerror(errno));
}

/* The offset is the open file's, which parent and child share. */
enum err check_output_keep(struct check_output *output, struct error *error)
{
	output->traces_size = lseek(fileno(output->streams.traces), 0, SEEK_END);
	output->findings_size = lseek(fileno(output->streams.findings), 0, SEEK_END);
	return output->traces_size >= 0 && output->findings_size >= 0 ? ERR_OK : seek_failed(error);
}

static bool cut(FILE *stream, off_t size)
{
	return ftruncate(fileno(stream), size) == 0 && lseek(fileno(stream), size, SEEK_SET) == size;
}

enum err check_output_drop(struct check_output *output, struct error *error)
{
	return cut(output->streams.traces, output->traces_size) && cut(output->streams.findings, output->findings_size)
		       ? ERR_OK
		       : seek_failed(error);
}

static enum err write_report(int fd, const char *data, size_t size, struct error *error)
{
	int failure = write_all(fd, data, size);

	if (failure == EPIPE)
		return ERR_STOPPED;
	return failure == 0 ? ERR_OK
			    : error_set(error, ERR_SYSTEM, "cannot write the report to stdout: %s", strerror(failure));
}

static enum err copy(int to, FILE *from, struct error *error)
{
	char buffer[COPY_SIZE];
	enum err err = ERR_OK;
	off_t offset = 0;

	while (err == ERR_OK) {
		ssize_t got = pread(fileno(from), buffer, sizeof(buffer), offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set(error, ERR_SYSTEM, "cannot read back the report from a temporary file: %s",
				strerror(errno));
		if (got == 0)
			break;
		offset += got;
		err = write_report(to, buffer, (size_t)got, error);
	}
	return err;
}

/* The parts of the document that stand around the two files, as texts to be freed. */
struct frame {
	char *parts[3];
	size_t sizes[3];
};

static void make_frame(struct frame *frame, const struct report_format *format, const struct report_ending *ending)
{
	FILE *streams[3];

	for (size_t i = 0; i < 3; i++) {
		streams[i] = open_memstream(&frame->parts[i], &frame->sizes[i]);
		if (streams[i] == NULL)
			abort();
	}
	format->begin(streams[0], ending->options);
	format->middle(streams[1], ending->options);
	format->end(streams[2], ending);
	for (size_t i = 0; i < 3; i++)
		fclose(streams[i]);
}

enum err check_output_send(struct check_output *output, int fd, const struct report_format *format,
	const struct report_ending *ending, struct error *error)
{
	struct frame frame;
	enum err err;

	make_frame(&frame, format, ending);
	err = write_report(fd, frame.parts[0], frame.sizes[0], error);
	if (err == ERR_OK)
		err = copy(fd, output->streams.traces, error);
	if (err == ERR_OK)
		err = write_report(fd, frame.parts[1], frame.sizes[1], error);
	if (err == ERR_OK)
		err = copy(fd, output->streams.findings, error);
	if (err == ERR_OK)
		err = write_report(fd, frame.parts[2], frame.sizes[2], error);
	for (size_t i = 0; i < 3; i++)
		free(frame.parts[i]);
	return err;
}
