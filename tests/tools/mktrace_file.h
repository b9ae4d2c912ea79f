/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mktrace_file - the containers: trace.dat version 6 and version 7 around the pages of mktrace_ring.
 *
 * Written from trace-cmd.dat.v6(5) and trace-cmd.dat.v7(5), and held against files of trace-cmd 3.1.6.
 */
#ifndef QGREPLAY_TESTS_MKTRACE_FILE_H
#define QGREPLAY_TESTS_MKTRACE_FILE_H

#include "mktrace_feed.h"
#include "mktrace_ring.h"

enum option_id {
	OPTION_DONE = 0,
	OPTION_BUFFER = 3,
	OPTION_CLOCK = 4,
	OPTION_UNAME = 5,
	OPTION_CPUCOUNT = 8,
	OPTION_VERSION = 9,
	OPTION_STRINGS = 15,
	OPTION_HEADER_INFO = 16,
	OPTION_FTRACE_EVENTS = 17,
	OPTION_EVENT_FORMATS = 18,
	OPTION_KALLSYMS = 19,
	OPTION_PRINTK = 20,
	OPTION_CMDLINES = 21,
	OPTION_NOBODYS = 99 /* unknown to all readers, to be passed over */
};

struct container {
	struct out *out;
	struct feed *feed;
	bool old_names;	   /* of kernels before 6.16 */
	const char *uname; /* NULL: not said */
	const char *clock; /* NULL: not said */
	bool no_cmdlines;
	const char *foreign_name; /* of an event, or header_page, whose format text comes from a file; or NULL */
	const char *foreign_path;
};

struct cpu_data {
	uint64_t offset;
	uint64_t size;
};

static inline char *text_of(
	void (*write)(struct container *container, FILE *text), struct container *container, size_t *size)
{
	char *text = NULL;
	FILE *file = out_memory(open_memstream(&text, size));

	write(container, file);
	if (fclose(file) != 0)
		err(2, "cannot build a text");
	return text;
}

/* Puts a text behind its size; the one called container->foreign_name comes from a file instead. */
static inline void put_sized_text(struct container *container, const char *name, const char *text, size_t size)
{
	bool foreign = container->foreign_name != NULL && strcmp(container->foreign_name, name) == 0;
	FILE *file = foreign ? fopen(container->foreign_path, "rb") : NULL;
	char *other = NULL;

	if (foreign && (file == NULL || fseek(file, 0, SEEK_END) != 0))
		err(2, "cannot read '%s'", container->foreign_path);
	if (foreign) {
		size = (size_t)ftell(file);
		other = out_memory(malloc(size + 1));
		rewind(file);
		if (fread(other, 1, size, file) != size)
			err(2, "cannot read '%s'", container->foreign_path);
		fclose(file);
		text = other;
	}
	out_number(container->out, "text.size", size, 8);
	out_bytes(container->out, text, size);
	free(other);
}

static inline void page_text(struct container *container, FILE *text)
{
	const struct out *out = container->out;
	size_t data = 8 + out->long_size;

	fputs("\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n", text);
	fprintf(text, "\tfield: local_t commit;\toffset:8;\tsize:%u;\tsigned:1;\n", out->long_size);
	fputs("\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n", text);
	fprintf(text, "\tfield: char data;\toffset:%zu;\tsize:%zu;\tsigned:1;\n", data, out->page_size - data);
}

static inline void event_header_text(struct container *container, FILE *text)
{
	(void)container;
	fputs("# compressed entry header\n\ttype_len    :    5 bits\n\ttime_delta  :   27 bits\n"
	      "\tarray       :   32 bits\n\n\tpadding     : type == 29\n\ttime_extend : type == 30\n"
	      "\ttime_stamp : type == 31\n\tdata max type_len  == 28\n",
		text);
}

static inline void put_written_text(
	struct container *container, const char *name, void (*write)(struct container *container, FILE *text))
{
	size_t size;
	char *text = text_of(write, container, &size);

	put_sized_text(container, name, text, size);
	free(text);
}

static inline void put_header_info(struct container *container)
{
	out_text(container->out, "header_page");
	put_written_text(container, "header_page", page_text);
	out_text(container->out, "header_event");
	put_written_text(container, "header_event", event_header_text);
}

static inline void put_print_format(struct container *container, FILE *text)
{
	print_format(container->out, text);
}

static inline void put_ftrace_events(struct container *container)
{
	out_number(container->out, "ftrace_events.count", 1, 4);
	put_written_text(container, "print", put_print_format);
}

static inline void put_event_formats(struct container *container)
{
	struct out *out = container->out;

	out_number(out, "systems.count", 1, 4);
	out_text(out, "btrfs");
	out_number(out, "system.events", KIND_PRINT, 4);
	for (int kind = 0; kind < KIND_PRINT; kind++) {
		const struct kind_info *info = &kinds[kind];
		bool old = container->old_names && info->old_name != NULL;
		char *text = NULL;
		size_t size;
		FILE *file = out_memory(open_memstream(&text, &size));
		kind_format(out, file, (enum kind)kind, old ? info->old_name : info->name);
		if (fclose(file) != 0)
			err(2, "cannot build a format");
		put_sized_text(container, info->name, text, size);
		free(text);
	}
}

static inline void put_kallsyms(struct container *container)
{
	static const char symbols[] = "ffffffff81000000 T _text\nffffffff81000100 t start_it\n";

	out_number(container->out, "kallsyms.size", sizeof(symbols) - 1, 4);
	out_bytes(container->out, symbols, sizeof(symbols) - 1);
}

static inline void put_printk(struct container *container)
{
	out_number(container->out, "printk.size", 0, 4);
}

static inline void put_cmdlines(struct container *container)
{
	const char *lines = container->no_cmdlines ? "" : container->feed->cmdlines;

	out_number(container->out, "cmdlines.size", strlen(lines), 8);
	out_bytes(container->out, lines, strlen(lines));
}

/* The pages of all CPUs of a buffer; `data` takes where they are. */
static inline void put_cpu_data(struct container *container, unsigned buffer, struct cpu_data data[CPUS_MAX])
{
	struct feed *feed = container->feed;
	unsigned char bytes[RECORD_MAX];
	struct record record;
	struct ring ring;

	for (unsigned cpu = 0; cpu < feed->cpus; cpu++) {
		out_align(container->out);
		ring_start(&ring, container->out);
		feed->rewind(feed->context);
		while (feed->next(feed->context, &record)) {
			if (record.cpu != cpu || record.buffer != buffer)
				continue;
			if (record.lost)
				ring_lost(&ring, record.lost_count);
			else
				ring_add(&ring, record.time_ns, bytes,
					kind_encode(container->out, &record, feed->fsid, bytes));
		}
		data[cpu].offset = ring.start_position;
		data[cpu].size = ring_end(&ring);
	}
	out_align(container->out);
}

static inline void put_magic(struct out *out, const char *version)
{
	out_bytes(out, "\x17\x08\x44tracing", 10);
	out_text(out, version);
	out_number(out, "endian", out->big_endian, 1);
	out_number(out, "long_size", out->long_size, 1);
	out_number(out, "page_size", out->page_size, 4);
}

static inline void put_option(struct out *out, enum option_id id, const char *name, const void *bytes, size_t size)
{
	char size_name[64];

	snprintf(size_name, sizeof(size_name), "option.%s.size", name);
	out_number(out, "option.id", id, 2);
	out_number(out, size_name, size, 4);
	out_bytes(out, bytes, size);
}

static inline void put_text_option(struct out *out, enum option_id id, const char *name, const char *text)
{
	if (text != NULL)
		put_option(out, id, name, text, strlen(text) + 1);
}

static inline void put_common_options(struct container *container)
{
	struct out *out = container->out;
	char clocks[128];

	put_text_option(out, OPTION_UNAME, "uname", container->uname);
	put_text_option(out, OPTION_VERSION, "version", "mktrace");
	put_text_option(out, OPTION_NOBODYS, "unknown", "passed over");
	if (container->clock != NULL) {
		snprintf(clocks, sizeof(clocks), "global counter [%s] perf\n", container->clock);
		put_text_option(out, OPTION_CLOCK, "clock", clocks);
	}
}

/* The table behind "flyrecord": filled in once the data is there. */
static inline uint64_t put_v6_cpu_table(struct container *container)
{
	uint64_t position;

	out_text(container->out, "flyrecord");
	position = out_position(container->out);
	for (unsigned cpu = 0; cpu < container->feed->cpus; cpu++) {
		out_number(container->out, "cpu.offset", 0, 8);
		out_number(container->out, "cpu.size", 0, 8);
	}
	return position;
}

static inline void put_v6_buffer(struct container *container, unsigned buffer)
{
	struct cpu_data data[CPUS_MAX];
	uint64_t table = put_v6_cpu_table(container);

	put_cpu_data(container, buffer, data);
	for (unsigned cpu = 0; cpu < container->feed->cpus; cpu++) {
		out_patch(container->out, table + 16 * cpu, "cpu.offset", data[cpu].offset, 8);
		out_patch(container->out, table + 16 * cpu + 8, "cpu.size", data[cpu].size, 8);
	}
}

static inline void container_write_v6(struct container *container)
{
	struct out *out = container->out;
	struct feed *feed = container->feed;
	uint64_t positions[BUFFERS_MAX] = {0};

	put_magic(out, "6");
	put_header_info(container);
	put_ftrace_events(container);
	put_event_formats(container);
	put_kallsyms(container);
	put_printk(container);
	put_cmdlines(container);
	out_number(out, "cpus", feed->cpus, 4);
	out_text(out, "options  ");
	put_common_options(container);
	for (unsigned i = 1; i < feed->buffers; i++) {
		out_number(out, "option.id", OPTION_BUFFER, 2);
		out_number(out, "option.buffer.size", 8 + strlen(feed->buffer_names[i]) + 1, 4);
		positions[i] = out_position(out);
		out_number(out, "buffer.offset", 0, 8);
		out_text(out, feed->buffer_names[i]);
	}
	out_number(out, "option.id", OPTION_DONE, 2);
	put_v6_buffer(container, 0);
	for (unsigned i = 1; i < feed->buffers; i++) {
		out_patch(out, positions[i], "buffer.offset", out_position(out), 8);
		put_v6_buffer(container, i);
	}
}

static inline void put_section_header(struct out *out, enum option_id id, bool compressed, uint64_t size)
{
	out_number(out, "section.id", id, 2);
	out_number(out, "section.flags", compressed, 2);
	out_number(out, "section.name", 0, 4);
	out_number(out, "section.size", size, 8);
}

/* A section of what write() puts, compressed where the file is; returns where it is. */
static inline uint64_t put_section(
	struct container *container, enum option_id id, void (*write)(struct container *container))
{
	struct out *out = container->out;
	bool compressed = out->compression != COMPRESSION_NONE;
	uint64_t position = out_position(out);
	FILE *file = out->file;
	char *bytes = NULL;
	uint64_t end;
	size_t size;

	out->file = out_memory(open_memstream(&bytes, &size));
	write(container);
	if (fclose(out->file) != 0)
		err(2, "cannot build a section");
	out->file = file;
	put_section_header(out, id, compressed, size);
	if (compressed) {
		out_compressed(out, "section.packed", bytes, size);
		end = out_position(out);
		out_patch(out, position + 8, "section.size", end - position - 16, 8);
	} else {
		out_bytes(out, bytes, size);
	}
	free(bytes);
	return position;
}

static inline void put_offset_option(struct out *out, enum option_id id, const char *name, uint64_t offset)
{
	char offset_name[64];

	snprintf(offset_name, sizeof(offset_name), "option.%s.offset", name);
	out_number(out, "option.id", id, 2);
	out_number(out, "option.offset.size", 8, 4);
	out_number(out, offset_name, offset, 8);
}

static inline void put_v7_buffer_option(
	struct container *container, const char *name, uint64_t offset, const struct cpu_data *data)
{
	struct out *out = container->out;
	const char *clock = container->clock == NULL ? "local" : container->clock;

	out_number(out, "option.id", OPTION_BUFFER, 2);
	out_number(out, "option.buffer.size", 8 + strlen(name) + 1 + strlen(clock) + 1 + 8 + 20 * container->feed->cpus,
		4);
	out_number(out, "buffer.offset", offset, 8);
	out_text(out, name);
	out_text(out, clock);
	out_number(out, "buffer.page_size", out->page_size, 4);
	out_number(out, "buffer.cpus", container->feed->cpus, 4);
	for (unsigned cpu = 0; cpu < container->feed->cpus; cpu++) {
		out_number(out, "cpu.id", cpu, 4);
		out_number(out, "cpu.offset", data[cpu].offset, 8);
		out_number(out, "cpu.size", data[cpu].size, 8);
	}
}

/* An options section that holds what was put since `start`, its header included; patches its size. */
static inline void end_options(struct out *out, uint64_t start, uint64_t next)
{
	put_offset_option(out, OPTION_DONE, "next", next);
	out_patch(out, start + 8, "section.size", out_position(out) - start - 16, 8);
}

static inline void put_strings(struct container *container)
{
	out_text(container->out, "section");
}

struct v7_section {
	enum option_id id;
	const char *name;
	void (*write)(struct container *container);
};

static const struct v7_section v7_sections[] = {
	{OPTION_HEADER_INFO, "header_info", put_header_info},
	{OPTION_FTRACE_EVENTS, "ftrace_events", put_ftrace_events},
	{OPTION_EVENT_FORMATS, "event_formats", put_event_formats},
	{OPTION_KALLSYMS, "kallsyms", put_kallsyms},
	{OPTION_PRINTK, "printk", put_printk},
	{OPTION_CMDLINES, "cmdlines", put_cmdlines},
};

enum { V7_SECTIONS = sizeof(v7_sections) / sizeof(v7_sections[0]) };

static inline void put_v7_options(struct container *container, const uint64_t positions[V7_SECTIONS], uint64_t next)
{
	struct out *out = container->out;
	unsigned char cpus[4];
	uint64_t start = out_position(out);

	put_section_header(out, OPTION_DONE, false, 0);
	put_common_options(container);
	for (size_t i = 0; i < V7_SECTIONS; i++)
		put_offset_option(out, v7_sections[i].id, v7_sections[i].name, positions[i]);
	out_encode(out, cpus, out_told(out, "cpus", container->feed->cpus), 4);
	put_option(out, OPTION_CPUCOUNT, "cpus", cpus, 4);
	end_options(out, start, next);
}

static inline uint64_t put_v7_buffers(struct container *container)
{
	struct out *out = container->out;
	static struct cpu_data data[BUFFERS_MAX][CPUS_MAX];
	uint64_t sections[BUFFERS_MAX];
	uint64_t options;

	for (unsigned i = 0; i < container->feed->buffers; i++) {
		sections[i] = out_position(out);
		put_section_header(out, OPTION_BUFFER, out->compression != COMPRESSION_NONE, 0);
		put_cpu_data(container, i, data[i]);
		out_patch(out, sections[i] + 8, "section.size", out_position(out) - sections[i] - 16, 8);
	}
	options = out_position(out);
	put_section_header(out, OPTION_DONE, false, 0);
	for (unsigned i = 0; i < container->feed->buffers; i++)
		put_v7_buffer_option(container, container->feed->buffer_names[i], sections[i], data[i]);
	end_options(out, options, 0);
	return options;
}

static inline void container_write_v7(struct container *container)
{
	static const char *const names[] = {"none", "zstd", "zlib"};
	static const char *const versions[] = {"", "1.5.4", "1.2.13"};
	struct out *out = container->out;
	uint64_t positions[V7_SECTIONS];
	uint64_t first;
	uint64_t buffers;

	put_magic(out, "7");
	out_text(out, names[out->compression]);
	out_text(out, versions[out->compression]);
	first = out_position(out);
	out_number(out, "options.offset", 0, 8);
	put_section(container, OPTION_STRINGS, put_strings);
	for (size_t i = 0; i < V7_SECTIONS; i++)
		positions[i] = put_section(container, v7_sections[i].id, v7_sections[i].write);
	buffers = put_v7_buffers(container);
	out_patch(out, first, "options.offset", out_position(out), 8);
	put_v7_options(container, positions, buffers);
}

#endif
