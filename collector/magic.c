/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/magic.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN = 4, TEXT_CHECKED = 512 };

struct magic {
	const char *bytes;
	size_t length;
	const char *what;
	const char *remedy;
};

#define MAGIC(bytes, what, remedy)                                                                                     \
	{                                                                                                              \
		bytes, sizeof(bytes) - 1, what, remedy                                                                 \
	}

static const struct magic magics[] = {
	MAGIC("PERFILE2", "perf.data", "give the output of 'perf script' on it"),
	MAGIC("2ELIFREP", "perf.data", "give the output of 'perf script' on it"),
	MAGIC("\x7f"
	      "ELF",
		"ELF", "give the trace, not a program or core"),
	MAGIC("SQLite format 3", "SQLite", "give the trace, not a database"),
	MAGIC("PK\x03\x04", "zip", "unpack it first"),
	MAGIC("\xfd"
	      "7zXZ",
		"xz", "unpack it first"),
	MAGIC("BZh", "bzip2", "unpack it first"),
	MAGIC("\x04\x22\x4d\x18", "lz4", "unpack it first"),
	MAGIC("LZIP", "lzip", "unpack it first"),
	MAGIC("7z\xbc\xaf\x27\x1c", "7z", "unpack it first"),
	MAGIC("!<arch>\n", "ar archive", "unpack it first"),
	MAGIC("\xd4\xc3\xb2\xa1", "pcap", "give a btrfs trace"),
	MAGIC("\xa1\xb2\xc3\xd4", "pcap", "give a btrfs trace"),
	MAGIC("\x0a\x0d\x0d\x0a", "pcapng", "give a btrfs trace"),
	MAGIC("\x89PNG", "PNG", "give a btrfs trace"),
	MAGIC("\xff\xd8\xff", "JPEG", "give a btrfs trace"),
	MAGIC("%PDF", "PDF", "give a btrfs trace"),
	MAGIC("\xc1\x1f\xfc\xc1", "LTTng", "LTTng has no btrfs qgroup events, use trace-cmd"),
	MAGIC("\xff\xfe", "UTF-16 text", "convert it with iconv first"),
	MAGIC("\xfe\xff", "UTF-16 text", "convert it with iconv first"),
	MAGIC("\x17\x08", "damaged trace.dat", "record it again or copy it again"),
};

static const struct magic *find(const unsigned char *data, size_t size)
{
	for (size_t i = 0; i < sizeof(magics) / sizeof(*magics); i++)
		if (size >= magics[i].length && memcmp(data, magics[i].bytes, magics[i].length) == 0)
			return &magics[i];
	return NULL;
}

static bool all_zero(const unsigned char *data, size_t size)
{
	return data[0] == 0 && memcmp(data, data + 1, size - 1) == 0;
}

static bool is_text(const unsigned char *data, size_t size)
{
	for (size_t i = 0; i < size && i < TEXT_CHECKED; i++)
		if (data[i] == 0x7f || (data[i] < ' ' && !isspace(data[i])))
			return false;
	return true;
}

enum err magic_refuse(const unsigned char *data, size_t size, struct error *error)
{
	const struct magic *magic = find(data, size);
	char bytes[3 * SHOWN + 1] = "";

	for (size_t i = 0; i < size && i < SHOWN; i++)
		snprintf(bytes + 3 * i, sizeof(bytes) - 3 * i, " %02x", data[i]);
	if (magic != NULL)
		return error_set(
			error, ERR_INPUT, "not a trace (first bytes%s: %s?), %s", bytes, magic->what, magic->remedy);
	if (all_zero(data, size))
		return error_set(
			error, ERR_INPUT, "not a trace (the first %zu bytes are 0), fetch the file again", size);
	if (is_text(data, size))
		return error_set(error, ERR_INPUT, "not a trace (no line of its first %zu bytes is an ftrace line), %s",
			size, "give a trace.dat or the text that 'trace-cmd report' makes of it");
	return error_set(error, ERR_INPUT, "not a trace (first bytes%s), give a trace.dat or the text of one", bytes);
}
