/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tracedat_build - small trace.dat files in memory, each part as a test wants it, so that it can lie; for
 * test_tracedat.c. mktrace writes larger and truer ones.
 */
#ifndef QGREPLAY_TESTS_TRACEDAT_BUILD_H
#define QGREPLAY_TESTS_TRACEDAT_BUILD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { FILE_MAX = 65536, PAGE = 512, COUNT_OF_CPUS = 2 };

/* A trace.dat file under construction, little-endian, of 8-byte longs, each of its parts as the test wants it. */
struct build {
	unsigned char bytes[FILE_MAX];
	size_t size;
	size_t options_at; /* version 7: where the header has the place of the first options */
};

static const char header_page[] = "\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
				  "\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n"
				  "\tfield: char data;\toffset:16;\tsize:496;\tsigned:0;\n";
static const char commit_format[] = "name: btrfs_transaction_commit\nID: 77\nformat:\n"
				    "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
				    "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
				    "\tfield:u64 generation;\toffset:8;\tsize:8;\tsigned:0;\n";

static inline void put_bytes(struct build *build, const void *bytes, size_t size)
{
	assert_true(build->size + size <= FILE_MAX);
	memcpy(build->bytes + build->size, bytes, size);
	build->size += size;
}

static inline void set(struct build *build, size_t at, uint64_t value, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		build->bytes[at + i] = (unsigned char)(value >> 8 * i);
}

static inline void put(struct build *build, uint64_t value, unsigned size)
{
	build->size += size;
	set(build, build->size - size, value, size);
}

/* With its NUL. */
static inline void put_text(struct build *build, const char *text)
{
	put_bytes(build, text, strlen(text) + 1);
}

static inline void put_sized(struct build *build, const char *text, unsigned size_bytes)
{
	put(build, strlen(text), size_bytes);
	put_bytes(build, text, strlen(text));
}

static inline void start(struct build *build, const char *version, const char *compression)
{
	build->size = 0;
	put_bytes(build, "\x17\x08\x44tracing", 10);
	put_text(build, version);
	put(build, 0, 1);
	put(build, 8, 1);
	put(build, PAGE, 4);
	if (compression == NULL)
		return;
	put_text(build, compression);
	put_text(build, "1");
	build->options_at = build->size;
	put(build, 0, 8);
}

static inline void put_header_info(struct build *build)
{
	put_text(build, "header_page");
	put_sized(build, header_page, 8);
	put_text(build, "header_event");
	put_sized(build, "", 8);
}

static inline void put_formats(struct build *build)
{
	put(build, 2, 4);
	put_text(build, "sched");
	put(build, 1, 4);
	put_sized(build, "name: btrfs_transaction_commit\nID: 5\n(not looked at)", 8);
	put_text(build, "btrfs");
	put(build, 1, 4);
	put_sized(build, commit_format, 8);
}

/* Begins a section, and ends it by filling in its size. */
static inline size_t open_section(struct build *build, unsigned id, unsigned flags)
{
	put(build, id, 2);
	put(build, flags, 2);
	put(build, 0, 4);
	put(build, 0, 8);
	return build->size;
}

static inline void close_section(struct build *build, size_t start_at)
{
	set(build, start_at - 8, build->size - start_at, 8);
}

/* A page with one commit event per generation, the first at `time`, each 10 ns behind the last. */
static inline void put_page(struct build *build, uint64_t time, unsigned events, uint64_t loss)
{
	size_t end = build->size + PAGE;

	put(build, time, 8);
	put(build, (events * 20u) | loss, 8);
	for (unsigned i = 0; i < events; i++) {
		put(build, 4 | (i == 0 ? 0u : 10u << 5), 4); /* four words, 10 ns later */
		put(build, 77, 2);
		put(build, 0, 2);
		put(build, 42, 4);
		put(build, time + 10 * i, 8);
	}
	put(build, loss >> 30 == 3 ? 9 : 0, 8);
	memset(build->bytes + build->size, 0, end - build->size);
	build->size = end;
}

static inline void put_option(struct build *build, unsigned id, const void *data, size_t size)
{
	put(build, id, 2);
	put(build, size, 4);
	put_bytes(build, data, size);
}

static inline void put_place(struct build *build, unsigned id, uint64_t place)
{
	put(build, id, 2);
	put(build, 8, 4);
	put(build, place, 8);
}

/* The option of a buffer whose CPUs have a page each, at the end of the section before. */
static inline void put_buffer_option(struct build *build, const char *name, uint64_t section, unsigned cpus)
{
	put(build, 3, 2);
	put(build, 8 + strlen(name) + 1 + 6 + 8 + 20 * (size_t)cpus, 4);
	put(build, section, 8);
	put_text(build, name);
	put_text(build, "local");
	put(build, PAGE, 4);
	put(build, cpus, 4);
	for (unsigned cpu = 0; cpu < cpus; cpu++) {
		put(build, cpu, 4);
		put(build, section + 16 + (uint64_t)cpu * PAGE, 8);
		put(build, PAGE, 8);
	}
}

/* What every file of version 7 has; the options follow, up to finish(). */
static inline void start_v7(struct build *build, const char *compression)
{
	size_t places[3], at;

	start(build, "7", compression);
	places[0] = build->size;
	at = open_section(build, 16, 0);
	put_header_info(build);
	close_section(build, at);
	places[1] = build->size;
	at = open_section(build, 18, 0);
	put_formats(build);
	close_section(build, at);
	places[2] = build->size;
	at = open_section(build, 21, 0);
	put_sized(build, "42 task of mine\n", 8);
	close_section(build, at);
	set(build, build->options_at, build->size, 8);
	at = open_section(build, 0, 0);
	put_place(build, 16, places[0]);
	put_place(build, 18, places[1]);
	put_place(build, 21, places[2]);
	put_option(build, 5, "Linux host 6.1.0 x86_64", 24);
	put_option(build, 999, "unknown", 7);
	put_place(build, 0, build->size + 14);
	close_section(build, at);
}

/* A buffer section, and behind it the options that name it and end, or go on at `next`. */
static inline size_t put_pages(struct build *build, uint64_t time, unsigned cpus)
{
	size_t section = build->size;
	size_t at = open_section(build, 3, 0);

	for (unsigned cpu = 0; cpu < cpus; cpu++)
		put_page(build, time + cpu, 2, 0);
	close_section(build, at);
	return section;
}

/* Moves the end of the first options, which point behind themselves, to here. */
static inline size_t start_last_options(struct build *build)
{
	size_t first = 0;

	for (unsigned i = 0; i < 8; i++)
		first |= (size_t)build->bytes[build->options_at + i] << 8 * i;
	set(build, first + 16 + 3 * 14 + 30 + 13 + 6, build->size, 8);
	return open_section(build, 0, 0);
}

static inline void finish(struct build *build, size_t options)
{
	put_place(build, 0, 0);
	close_section(build, options);
}

/* One main buffer of two CPUs, and the option that says so, for tests that spoil it. */
static inline size_t make_plain(struct build *build)
{
	size_t section, options, option;

	start_v7(build, "none");
	section = put_pages(build, 100, COUNT_OF_CPUS);
	options = start_last_options(build);
	option = build->size;
	put_buffer_option(build, "", section, COUNT_OF_CPUS);
	finish(build, options);
	return option + 6 + 8 + 1 + 6; /* the page size in the option */
}

/* A buffer of one chunk: its count, sizes and bytes as they are given. */
static inline void make_packed(struct build *build, const uint32_t head[3], const unsigned char *packed, size_t size)
{
	size_t section, at, options;

	start_v7(build, "zlib");
	section = build->size;
	at = open_section(build, 3, 1);
	put(build, head[0], 4);
	put(build, head[1], 4);
	put(build, head[2], 4);
	put_bytes(build, packed, size);
	close_section(build, at);
	options = start_last_options(build);
	put_buffer_option(build, "", section, 1);
	set(build, build->size - 8, 8 + size, 8); /* without the count, as trace-cmd has it */
	finish(build, options);
}

/* Version 6 of two CPUs; `cpus` is what it says, `title` what stands in front of the table. */
static inline void make_v6(struct build *build, uint32_t cpus, const char *title)
{
	size_t table;

	start(build, "6", NULL);
	put_header_info(build);
	put(build, 1, 4);
	put_sized(build, "an event of ftrace", 8);
	put_formats(build);
	put_sized(build, "ffffffff81000000 T startup_64\n", 4);
	put_sized(build, "", 4);
	put_sized(build, "42 task of mine\n", 8);
	put(build, cpus, 4);
	put_bytes(build, "options  ", 10);
	put_option(build, 5, "Linux host 6.1.0 x86_64", 24);
	put(build, 0, 2);
	put_bytes(build, title, 10);
	table = build->size;
	for (size_t cpu = 0; cpu < COUNT_OF_CPUS; cpu++) {
		put(build, 0, 8);
		put(build, PAGE, 8);
	}
	put_sized(build, "local [mono] boot", 8);
	for (size_t cpu = 0; cpu < COUNT_OF_CPUS; cpu++) {
		set(build, table + 16 * cpu, build->size, 8);
		put_page(build, 101 - cpu, 1, 0);
	}
}

#endif
