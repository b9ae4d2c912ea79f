/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fuzz_limits - the reader of limits on any bytes. What it may not do, besides what the sanitizers see: accept a text
 * without a qgroup, leave what it read unsorted or twice, or fail without saying why.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "collector/limits_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool right)
{
	if (!right)
		abort();
}

static void check_read(const struct limits *limits)
{
	check(limits->count > 0);
	for (size_t i = 1; i < limits->count; i++)
		check(limits->all[i - 1].qgid < limits->all[i].qgid);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error error = {ERR_OK, ""};
	struct limits limits = {0};
	int fd = memfd_create("limits", MFD_CLOEXEC);

	check(fd >= 0 && write(fd, data, size) == (ssize_t)size && lseek(fd, 0, SEEK_SET) == 0);
	if (limits_file_read(&limits, fd, "fuzz", &error) == ERR_OK)
		check_read(&limits);
	else
		check(error.code != ERR_OK && error.text[0] != '\0' && strchr(error.text, '\n') == NULL);
	limits_release(&limits);
	close(fd);
	return 0;
}
