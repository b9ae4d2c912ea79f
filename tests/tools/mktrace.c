/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mktrace - writes trace.dat files of every form that readers must know, from a script or from a made-up load.
 */
#include <getopt.h>

#include "mktrace_file.h"
#include "mktrace_load.h"
#include "mktrace_script.h"

static const char help[] =
	"usage: mktrace [options] OUTPUT {SCRIPT | --load N | --ranges N}\n"
	"writes a trace.dat file; SCRIPT has an event a line, see mktrace_script.h\n"
	"\n"
	"  --load N           a clean load of about N events: writes, writeback, truncates, commits\n"
	"  --ranges N         a clean load that holds N ranges of one inode at once\n"
	"  --version 6|7      container version (7)\n"
	"  --compression none|zstd|zlib    of version 7 (none)\n"
	"  --endian little|big             (little)\n"
	"  --page-size N      of the ring buffer (4096)\n"
	"  --long-size 4|8    of the kernel (8)\n"
	"  --cpus N           at least so many CPUs\n"
	"  --names new|old    of the events: from kernel 6.16 on, or before (new)\n"
	"  --uname TEXT, --clock NAME, --no-cmdlines    what the file says of itself\n"
	"  --format NAME=FILE the format text of an event (its new name), header_page or header_event from a file\n"
	"  --set NAME=VALUE   tell a lie: write VALUE wherever the number NAME is written\n"
	"  --list-names       print the name of each number that is written\n";

struct options {
	const char *output;
	const char *script;
	uint64_t load;
	uint64_t ranges;
	unsigned version;
	unsigned cpus;
};

static uint64_t number(const char *text)
{
	char *end;
	uint64_t value;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno != 0 || end == text || *end != '\0')
		errx(2, "not a number: '%s'", text);
	return value;
}

/* The place of `text` among `words`, which end with NULL. */
static unsigned choice(const char *text, const char *const *words)
{
	for (unsigned i = 0; words[i] != NULL; i++)
		if (strcmp(words[i], text) == 0)
			return i;
	errx(2, "not a choice: '%s', try --help", text);
}

static void add_lie(struct out *out, const char *text)
{
	const char *equals = strchr(text, '=');

	if (equals == NULL || out->lie_count == LIES_MAX)
		errx(2, "not NAME=VALUE, or too many: '%s'", text);
	out->lies[out->lie_count++] = (struct lie){text, (size_t)(equals - text), number(equals + 1), false};
}

enum {
	ARG_LOAD = 256,
	ARG_RANGES,
	ARG_VERSION,
	ARG_COMPRESSION,
	ARG_ENDIAN,
	ARG_PAGE_SIZE,
	ARG_LONG_SIZE,
	ARG_CPUS,
	ARG_NAMES,
	ARG_UNAME,
	ARG_CLOCK,
	ARG_NO_CMDLINES,
	ARG_FORMAT,
	ARG_SET,
	ARG_LIST,
	ARG_HELP
};

static const char *const compressions[] = {"none", "zstd", "zlib", NULL};
static const char *const endians[] = {"little", "big", NULL};
static const char *const generations[] = {"new", "old", NULL};

static void take_format(struct container *container, char *text)
{
	char *equals = strchr(text, '=');

	if (equals == NULL)
		errx(2, "not NAME=FILE: '%s'", text);
	*equals = '\0';
	container->foreign_name = text;
	container->foreign_path = equals + 1;
}

static void take_option(int argument, struct options *options, struct container *container)
{
	struct out *out = container->out;

	switch (argument) {
	case ARG_LOAD:
		options->load = number(optarg);
		break;
	case ARG_RANGES:
		options->ranges = number(optarg);
		break;
	case ARG_VERSION:
		options->version = (unsigned)number(optarg);
		break;
	case ARG_COMPRESSION:
		out->compression = (enum compression)choice(optarg, compressions);
		break;
	case ARG_ENDIAN:
		out->big_endian = choice(optarg, endians) == 1;
		break;
	case ARG_PAGE_SIZE:
		out->page_size = number(optarg);
		break;
	case ARG_LONG_SIZE:
		out->long_size = (unsigned)number(optarg);
		break;
	case ARG_CPUS:
		options->cpus = (unsigned)number(optarg);
		break;
	case ARG_NAMES:
		container->old_names = choice(optarg, generations) == 1;
		break;
	case ARG_UNAME:
		container->uname = optarg;
		break;
	case ARG_CLOCK:
		container->clock = optarg;
		break;
	case ARG_NO_CMDLINES:
		container->no_cmdlines = true;
		break;
	case ARG_FORMAT:
		take_format(container, optarg);
		break;
	case ARG_SET:
		add_lie(out, optarg);
		break;
	case ARG_LIST:
		out->list_names = true;
		break;
	case ARG_HELP:
		fputs(help, stdout);
		exit(0);
	default:
		exit(2);
	}
}

static void take_options(int argc, char **argv, struct options *options, struct container *container)
{
	static const struct option longs[] = {{"load", 1, NULL, ARG_LOAD}, {"ranges", 1, NULL, ARG_RANGES},
		{"version", 1, NULL, ARG_VERSION}, {"compression", 1, NULL, ARG_COMPRESSION},
		{"endian", 1, NULL, ARG_ENDIAN}, {"page-size", 1, NULL, ARG_PAGE_SIZE},
		{"long-size", 1, NULL, ARG_LONG_SIZE}, {"cpus", 1, NULL, ARG_CPUS}, {"names", 1, NULL, ARG_NAMES},
		{"uname", 1, NULL, ARG_UNAME}, {"clock", 1, NULL, ARG_CLOCK}, {"no-cmdlines", 0, NULL, ARG_NO_CMDLINES},
		{"format", 1, NULL, ARG_FORMAT}, {"set", 1, NULL, ARG_SET}, {"list-names", 0, NULL, ARG_LIST},
		{"help", 0, NULL, ARG_HELP}, {NULL, 0, NULL, 0}};
	int argument;

	while ((argument = getopt_long(argc, argv, "", longs, NULL)) >= 0)
		take_option(argument, options, container);
	if (optind < argc)
		options->output = argv[optind++];
	if (optind < argc)
		options->script = argv[optind++];
	if (options->output == NULL || optind < argc)
		errx(2, "one OUTPUT and one source of events are needed, try --help");
	if ((options->script != NULL) + (options->load > 0) + (options->ranges > 0) != 1)
		errx(2, "exactly one of SCRIPT, --load and --ranges is needed, try --help");
}

static void check_options(const struct options *options, const struct out *out)
{
	if (options->version != 6 && options->version != 7)
		errx(2, "there is no trace.dat version %u", options->version);
	if (options->version == 6 && out->compression != COMPRESSION_NONE)
		errx(2, "version 6 knows no compression");
	if (out->page_size < 2 * RECORD_MAX || (out->page_size & (out->page_size - 1)) != 0)
		errx(2, "a page size is a power of two from %d on", 2 * RECORD_MAX);
	if (out->long_size != 4 && out->long_size != 8)
		errx(2, "a long has 4 or 8 bytes");
	if (options->cpus > CPUS_MAX)
		errx(2, "at most %d CPUs", CPUS_MAX);
}

int main(int argc, char **argv)
{
	struct out out = {.long_size = 8, .page_size = 4096};
	struct options options = {.version = 7};
	struct feed feed;
	struct container container = {
		.out = &out, .feed = &feed, .uname = "Linux mktrace 6.18.44 x86_64", .clock = "local"};
	struct script script = {.feed = &feed};
	struct load load;

	take_options(argc, argv, &options, &container);
	check_options(&options, &out);
	if (options.script != NULL)
		script_read(&script, &feed, options.script);
	else
		feed = load_feed(&load, options.ranges > 0, options.ranges > 0 ? options.ranges : options.load);
	if (options.cpus > feed.cpus)
		feed.cpus = options.cpus;
	out.file = fopen(options.output, "wb");
	if (out.file == NULL)
		err(2, "cannot write '%s'", options.output);
	if (options.version == 6)
		container_write_v6(&container);
	else
		container_write_v7(&container);
	if (fclose(out.file) != 0)
		err(2, "cannot write '%s'", options.output);
	for (size_t i = 0; i < out.lie_count; i++)
		if (!out.lies[i].told)
			errx(2, "no number is called '%s', try --list-names", out.lies[i].name);
	if (options.script != NULL)
		script_release(&script);
	else
		load_release(&load);
	return 0;
}
