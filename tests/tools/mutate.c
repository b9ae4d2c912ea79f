/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mutate - spoils traces at random and lets the library read and replay each: nothing may crash, hang, or fail without
 * a word, and a truncated trace.dat or packed trace may never give fewer events in silence.
 *
 * Mutants run in batches in forked children, so that a crash costs one child and is reported with the number that makes
 * the same mutant again. What a mutant is depends on nothing but the seed, its number and the file.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analyzer/replay.h"
#include "collector/source.h"

enum { BATCH = 250, SECONDS_MAX = 20, EDITS_MAX = 4, GROWTH = 4096, STDERR_SHOWN = 6000 };

enum mode { MODE_EDITS, MODE_TRUNCATIONS, MODE_EVERY_BYTE };

struct outcome {
	uint64_t current; /* number of the mutant that is being read */
	uint64_t complete;
	uint64_t refused;
	uint64_t wrong; /* broke a promise without crashing */
};

struct trace {
	const char *path;
	unsigned char *bytes;
	size_t size;
	bool whole_only; /* a beginning of it may not pass for the whole, as that of a text may */
	uint64_t events;
	size_t head; /* where the headers end, roughly: half of the edits go there */
};

struct mutant {
	unsigned char *bytes;
	size_t size;
};

struct run {
	uint64_t seed;
	enum mode mode;
	const char *save; /* a folder for mutants that crash, or NULL */
	bool write;	  /* all mutants go to that folder, none is read */
	uint64_t only;	  /* the one mutant to make, or UINT64_MAX */
	struct outcome *outcome;
	int spool_fd;
	int input_fd;
};

static uint64_t next_random(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static size_t below(uint64_t *state, size_t limit)
{
	return limit == 0 ? 0 : (size_t)(next_random(state) % limit);
}

static size_t some_place(const struct trace *trace, const struct mutant *mutant, uint64_t *state)
{
	size_t limit = below(state, 2) == 0 && trace->head < mutant->size ? trace->head : mutant->size;
	size_t place = below(state, limit);

	/* Most of a page is zeros that nobody looks at. */
	for (int tries = 0; tries < 16 && mutant->bytes[place] == 0; tries++)
		place = below(state, limit);
	return place;
}

static void edit_byte(struct mutant *mutant, size_t place, uint64_t *state)
{
	static const unsigned char values[] = {0, 1, 0x7f, 0x80, 0xfe, 0xff, ' ', '\n', '\t', '"', '(', '%'};

	if (below(state, 3) == 0)
		mutant->bytes[place] ^= (unsigned char)(1U << below(state, 8));
	else if (below(state, 2) == 0)
		mutant->bytes[place] = values[below(state, sizeof(values))];
	else
		mutant->bytes[place] = (unsigned char)next_random(state);
}

static void edit_word(struct mutant *mutant, size_t place, uint64_t *state)
{
	const uint64_t values[] = {0, 1, 2, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, INT64_MAX,
		1ULL << 63, UINT64_MAX, mutant->size, mutant->size - 1, mutant->size + 1, place, 4096, 1ULL << 40};
	size_t width = (size_t)1 << below(state, 4);
	uint64_t value = values[below(state, sizeof(values) / sizeof(values[0]))];
	uint64_t old = 0;

	if (width > mutant->size - place)
		return;
	memcpy(&old, mutant->bytes + place, width);
	if (below(state, 3) == 0)
		value = old + below(state, 33) - 16;
	memcpy(mutant->bytes + place, &value, width);
}

static bool in_token(unsigned char byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       byte == '_';
}

/* Makes room for `grow` bytes more or fewer at `place`. */
static void resize_at(struct mutant *mutant, size_t place, size_t old, size_t fresh)
{
	if (place + old > mutant->size || fresh > GROWTH)
		return;
	memmove(mutant->bytes + place + fresh, mutant->bytes + place + old, mutant->size - place - old);
	mutant->size = mutant->size - old + fresh;
}

static void edit_token(struct mutant *mutant, size_t place, uint64_t *state, size_t room)
{
	static const char *const tokens[] = {"", "0", "-1", "8", "99999999999999999999", "4294967295", "2147483648",
		"size", "offset", "signed", "field", "u8", "u64", "char", "int", "unsigned", "__data_loc", "REC",
		"fsid[99]", "name", "ID", "format", "print fmt: \"", "__print_flags(", "__print_symbolic(", "((((((((",
		"))))", "\"", "%s", "%pU", "%n", "{ ", "}", ",", ";", "\n\n", "\n", "common_type", "rootid", "len",
		"diff", "op", "type", "array : 32 bits", "commit", "data", "timestamp", "options  ", "flyrecord",
		"btrfs", "zstd", "none", "\xff"};
	const char *token = tokens[below(state, sizeof(tokens) / sizeof(tokens[0]))];
	size_t fresh = strlen(token);
	size_t begin = place;
	size_t end = place;

	while (begin > 0 && in_token(mutant->bytes[begin - 1]))
		begin--;
	while (end < mutant->size && in_token(mutant->bytes[end]))
		end++;
	if (below(state, 3) == 0 && mutant->size + fresh < room) {
		resize_at(mutant, begin, end - begin, fresh);
		memcpy(mutant->bytes + begin, token, fresh);
		return;
	}
	for (size_t i = begin; i < end; i++)
		mutant->bytes[i] = i - begin < fresh ? (unsigned char)token[i - begin] : ' ';
}

static void edit_block(struct mutant *mutant, size_t place, uint64_t *state, size_t room)
{
	size_t from = below(state, mutant->size);
	size_t longest = mutant->size - (from > place ? from : place);
	size_t size = below(state, longest < 256 ? longest : 256) + 1;

	if (size > longest)
		return;
	switch (below(state, 4)) {
	case 0:
		memmove(mutant->bytes + place, mutant->bytes + from, size);
		break;
	case 1:
		memset(mutant->bytes + place, below(state, 2) == 0 ? 0 : 0xff, size);
		break;
	case 2:
		resize_at(mutant, place, size, 0);
		break;
	default:
		if (mutant->size + size < room) {
			resize_at(mutant, place, 0, size);
			memmove(mutant->bytes + place, mutant->bytes + from, size);
		}
	}
}

static void edit(const struct trace *trace, struct mutant *mutant, uint64_t *state)
{
	size_t room = trace->size + GROWTH;
	size_t count = 1 + below(state, EDITS_MAX);

	for (size_t i = 0; i < count && mutant->size > 0; i++) {
		size_t place = some_place(trace, mutant, state);
		switch (below(state, 8)) {
		case 0:
		case 1:
			edit_byte(mutant, place, state);
			break;
		case 2:
		case 3:
		case 4:
			edit_word(mutant, place, state);
			break;
		case 5:
		case 6:
			edit_token(mutant, place, state, room);
			break;
		default:
			edit_block(mutant, place, state, room);
		}
	}
}

/* Fills `mutant`, whose memory has room for GROWTH bytes more than the trace. */
static void make_mutant(const struct run *run, const struct trace *trace, uint64_t number, struct mutant *mutant)
{
	uint64_t state = run->seed ^ number * 0xd1342543de82ef95ULL;

	memcpy(mutant->bytes, trace->bytes, trace->size);
	mutant->size = trace->size;
	next_random(&state);
	if (run->mode == MODE_EVERY_BYTE)
		mutant->size = (size_t)number;
	else if (run->mode == MODE_TRUNCATIONS)
		mutant->size = below(&state, trace->size);
	else
		edit(trace, mutant, &state);
}

struct reading {
	struct replay *replay;
	uint64_t events;
};

static enum err take(void *context, const struct event *events, size_t count, struct error *error)
{
	struct reading *reading = context;

	(void)error;
	for (size_t i = 0; i < count; i++)
		reading->events += events[i].kind != EVENT_LOST;
	replay_take(reading->replay, events, count);
	return ERR_OK;
}

static void set_content(int fd, const unsigned char *bytes, size_t size)
{
	if (ftruncate(fd, 0) != 0 || pwrite(fd, bytes, size, 0) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0)
		err(2, "cannot hold a mutant");
}

/* Reads and replays what run->input_fd holds. */
static enum err read_all(const struct run *run, uint64_t *events, struct error *error)
{
	struct reading reading = {.replay = replay_new(NULL)};
	struct sink sink = {take, &reading};
	struct source *source = NULL;
	enum err code;

	if (ftruncate(run->spool_fd, 0) != 0 || lseek(run->spool_fd, 0, SEEK_SET) != 0)
		err(2, "cannot empty the spool");
	code = source_open(&source, run->input_fd, run->spool_fd, "mutant", error);
	if (code == ERR_OK)
		code = source_read(source, &sink, error);
	replay_finish(reading.replay);
	replay_free(reading.replay);
	source_close(source);
	*events = reading.events;
	return code;
}

static bool is_one_line(const char *text)
{
	return text[0] != '\0' && strchr(text, '\n') == NULL;
}

static void read_mutant(const struct run *run, const struct trace *trace, const struct mutant *mutant, uint64_t number)
{
	struct error error = {ERR_OK, ""};
	struct outcome *outcome = run->outcome;
	uint64_t events = 0;
	enum err code;

	alarm(SECONDS_MAX);
	set_content(run->input_fd, mutant->bytes, mutant->size);
	code = read_all(run, &events, &error);
	alarm(0);
	if (code == ERR_OK)
		outcome->complete++;
	else
		outcome->refused++;
	if (code != ERR_OK && (!is_one_line(error.text) || (code != ERR_INPUT && code != ERR_LIMIT))) {
		outcome->wrong++;
		printf("%s: mutant %" PRIu64 " fails with code %d and the text '%s'\n", trace->path, number, code,
			error.text);
	}
	if (code == ERR_OK && run->mode != MODE_EDITS && trace->whole_only && events != trace->events) {
		outcome->wrong++;
		printf("%s: mutant %" PRIu64 " of %zu bytes gives %" PRIu64 " of %" PRIu64 " events without a word\n",
			trace->path, number, mutant->size, events, trace->events);
	}
}

static _Noreturn void read_batch(const struct run *run, const struct trace *trace, uint64_t from, uint64_t to)
{
	struct mutant mutant = {malloc(trace->size + GROWTH), 0};

	if (mutant.bytes == NULL)
		errx(2, "out of memory");
	for (uint64_t number = from; number < to; number++) {
		run->outcome->current = number;
		make_mutant(run, trace, number, &mutant);
		read_mutant(run, trace, &mutant, number);
	}
	free(mutant.bytes);
	fflush(stdout);
	exit(0);
}

static void save_mutant(const struct run *run, const struct trace *trace, uint64_t number)
{
	struct mutant mutant = {malloc(trace->size + GROWTH), 0};
	char path[4096];
	FILE *file;

	if (mutant.bytes == NULL)
		errx(2, "out of memory");
	make_mutant(run, trace, number, &mutant);
	snprintf(path, sizeof(path), "%s/mutant-%" PRIu64 "-%" PRIu64, run->save, run->seed, number);
	file = fopen(path, "wb");
	if (file == NULL || fwrite(mutant.bytes, 1, mutant.size, file) != mutant.size || fclose(file) != 0)
		err(2, "cannot write '%s'", path);
	if (!run->write)
		printf("saved as %s\n", path);
	free(mutant.bytes);
}

static void show_stderr(int fd)
{
	char text[STDERR_SHOWN + 1];
	ssize_t size = pread(fd, text, STDERR_SHOWN, 0);

	if (size > 0)
		printf("%.*s\n", (int)size, text);
}

/* Reads the mutants from `from` on; returns how many children died. */
static uint64_t read_mutants(const struct run *run, const struct trace *trace, uint64_t from, uint64_t to)
{
	uint64_t deaths = 0;
	int stderr_fd = memfd_create("stderr", MFD_CLOEXEC);

	while (from < to) {
		uint64_t end = to - from < BATCH ? to : from + BATCH;
		int status = 0;
		pid_t child;
		fflush(stdout);
		child = fork();
		if (child < 0 || stderr_fd < 0 || ftruncate(stderr_fd, 0) != 0)
			err(2, "cannot start a child");
		if (child == 0) {
			dup2(stderr_fd, STDERR_FILENO);
			read_batch(run, trace, from, end);
		}
		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
		from = end;
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
			continue;
		deaths++;
		from = run->outcome->current + 1;
		printf("%s: mutant %" PRIu64 " of seed %" PRIu64 " %s %d%s\n", trace->path, run->outcome->current,
			run->seed, WIFSIGNALED(status) ? "dies of signal" : "exits with",
			WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
			WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM ? " (it hangs)" : "");
		show_stderr(stderr_fd);
		if (run->save != NULL)
			save_mutant(run, trace, run->outcome->current);
	}
	close(stderr_fd);
	return deaths;
}

static bool begins(const struct trace *trace, const char *magic, size_t size)
{
	return trace->size >= size && memcmp(trace->bytes, magic, size) == 0;
}

static void load_trace(const struct run *run, struct trace *trace, const char *path)
{
	struct error error = {ERR_OK, ""};
	FILE *file = fopen(path, "rb");
	struct stat about;

	*trace = (struct trace){.path = path};
	if (file == NULL || fstat(fileno(file), &about) != 0)
		err(2, "cannot read '%s'", path);
	trace->size = (size_t)about.st_size;
	trace->bytes = malloc(trace->size + 1);
	if (trace->bytes == NULL || fread(trace->bytes, 1, trace->size, file) != trace->size)
		err(2, "cannot read '%s'", path);
	fclose(file);
	trace->whole_only = begins(trace, "\x17\x08\x44tracing", 10) || begins(trace, "\x1f\x8b", 2) ||
			    begins(trace, "\x28\xb5\x2f\xfd", 4);
	trace->head = trace->size < 16384 ? trace->size : 16384;
	set_content(run->input_fd, trace->bytes, trace->size);
	if (read_all(run, &trace->events, &error) != ERR_OK)
		errx(2, "'%s' cannot be read even before it is spoiled: %s", path, error.text);
	if (trace->events == 0)
		errx(2, "'%s' holds no event", path);
}

static uint64_t number_of(const char *text)
{
	char *end;
	uint64_t value = strtoull(text, &end, 0);

	if (end == text || *end != '\0')
		errx(2, "not a number: '%s'", text);
	return value;
}

static bool run_file(struct run *run, const char *path, uint64_t count)
{
	static const char *const names[] = {"edits", "truncations", "truncations, one at every byte"};
	struct trace trace;
	uint64_t from = 0;
	uint64_t deaths;

	*run->outcome = (struct outcome){0};
	load_trace(run, &trace, path);
	if (run->mode == MODE_EVERY_BYTE)
		count = trace.size;
	if (run->only != UINT64_MAX) {
		from = run->only;
		count = from + 1;
	}
	for (uint64_t number = from; run->write && number < count; number++)
		save_mutant(run, &trace, number);
	deaths = run->write ? 0 : read_mutants(run, &trace, from, count);
	printf("%s: seed %" PRIu64 ", %" PRIu64 " %s: %" PRIu64 " refused, %" PRIu64 " read, %" PRIu64
	       " deaths, %" PRIu64 " broken promises\n",
		path, run->seed, count - from, names[run->mode], run->outcome->refused, run->outcome->complete, deaths,
		run->outcome->wrong);
	free(trace.bytes);
	return deaths == 0 && run->outcome->wrong == 0;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {{"seed", 1, NULL, 's'}, {"edits", 1, NULL, 'e'},
		{"truncations", 1, NULL, 't'}, {"every-byte", 0, NULL, 'b'}, {"only", 1, NULL, 'o'},
		{"save", 1, NULL, 'd'}, {"write", 1, NULL, 'w'}, {NULL, 0, NULL, 0}};
	struct run run = {.seed = 1, .only = UINT64_MAX};
	uint64_t count = 1000;
	bool good = true;
	int option;

	while ((option = getopt_long(argc, argv, "", longs, NULL)) >= 0) {
		if (option == 's') {
			run.seed = number_of(optarg);
		} else if (option == 'o') {
			run.only = number_of(optarg);
		} else if (option == 'd' || option == 'w') {
			run.save = optarg;
			run.write = option == 'w';
		} else if (option == 'b') {
			run.mode = MODE_EVERY_BYTE;
		} else if (option == 'e' || option == 't') {
			run.mode = option == 'e' ? MODE_EDITS : MODE_TRUNCATIONS;
			count = number_of(optarg);
		} else {
			errx(2, "usage: mutate [--seed N] {--edits N|--truncations N|--every-byte} [--only N] [--save "
				"FOLDER] "
				"FILE...");
		}
	}
	run.outcome = mmap(NULL, sizeof(*run.outcome), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	run.spool_fd = memfd_create("spool", MFD_CLOEXEC);
	run.input_fd = memfd_create("input", MFD_CLOEXEC);
	if (run.outcome == MAP_FAILED || run.spool_fd < 0 || run.input_fd < 0)
		err(2, "cannot set up");
	for (; optind < argc; optind++)
		good = run_file(&run, argv[optind], count) && good;
	return good ? 0 : 1;
}
