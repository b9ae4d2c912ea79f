/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/samples.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/write_all.h"

enum { BATCH = 1024 };

struct samples {
	struct whatif_sink sink;
	int fd;
	int failure; /* errno of the first write that failed */
	uint64_t bytes;
};

static void take(void *context, const struct whatif_sample *taken, size_t count)
{
	struct samples *samples = context;

	if (samples->failure != 0)
		return;
	samples->failure = write_all(samples->fd, taken, count * sizeof(*taken));
	samples->bytes += count * sizeof(*taken);
}

struct samples *samples_new(int fd)
{
	struct samples *samples = memory_zeroed(sizeof(*samples));

	samples->sink = (struct whatif_sink){take, samples};
	samples->fd = fd;
	return samples;
}

void samples_free(struct samples *samples)
{
	free(samples);
}

const struct whatif_sink *samples_sink(struct samples *samples)
{
	return &samples->sink;
}

static int read_all(int fd, char *data, size_t size, uint64_t offset)
{
	while (size > 0) {
		ssize_t got = pread(fd, data, size, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? errno : EIO;
		data += got;
		size -= (size_t)got;
		offset += (uint64_t)got;
	}
	return 0;
}

enum err samples_draw(struct samples *samples, struct whatif *whatif, uint64_t last_ns, struct error *error)
{
	struct whatif_sample *batch = memory_zeroed(BATCH * sizeof(*batch));
	int failure = samples->failure;
	uint64_t offset = 0;

	while (failure == 0 && offset < samples->bytes) {
		uint64_t left = samples->bytes - offset;
		size_t size = left < BATCH * sizeof(*batch) ? (size_t)left : BATCH * sizeof(*batch);

		failure = read_all(samples->fd, (char *)batch, size, offset);
		if (failure == 0)
			whatif_take(whatif, batch, size / sizeof(*batch));
		offset += size;
	}
	free(batch);
	if (failure != 0)
		return error_set(error, ERR_SYSTEM, "cannot keep the counters in a temporary file: %s, set TMPDIR",
			strerror(failure));
	whatif_finish(whatif, last_ns);
	return ERR_OK;
}
