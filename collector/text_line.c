/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/text_line.h"

#include <string.h>

enum {
	COMM_WIDTH = 16, /* the task's name is printed right-aligned in this width, and has at most 15 bytes */
	AFTER_COMM = 48, /* from the end of the name to the bracket: pid and thread group, generously */
	SEARCHED = 512,	 /* how far into a line its CPU can stand, a long buffer name in front of it */
	NS_DIGITS = 9,
};

static const uint64_t pid_max = INT32_MAX;

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_word(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static const char *skip_blanks(const char *at, const char *end)
{
	while (at < end && is_blank(*at))
		at++;
	return at;
}

bool text_line_number(const char **at, const char *end, uint64_t max, uint64_t *number)
{
	const char *digit = *at;
	uint64_t value = 0;

	for (; digit < end && is_digit(*digit); digit++) {
		unsigned units = (unsigned)(*digit - '0');

		if (value > (max - units) / 10)
			return false;
		value = value * 10 + units;
	}
	if (digit == *at)
		return false;
	*at = digit;
	*number = value;
	return true;
}

/* Digits behind the dot as nanoseconds: six of them are microseconds, nine what they say. */
static bool parse_fraction(const char **at, const char *end, uint64_t *ns)
{
	const char *from = *at;
	size_t digits;

	if (!text_line_number(at, end, 999999999, ns))
		return false;
	digits = (size_t)(*at - from);
	if (digits > NS_DIGITS)
		return false;
	for (; digits < NS_DIGITS; digits++)
		*ns *= 10;
	return true;
}

static bool parse_time(const char **at, const char *end, uint64_t *time_ns)
{
	uint64_t ns;

	if (!text_line_number(at, end, UINT64_MAX, time_ns))
		return false;
	if (*at < end && **at == '.') {
		(*at)++;
		if (!parse_fraction(at, end, &ns) || *time_ns > UINT64_MAX / 1000000000 - 1)
			return false;
		*time_ns = *time_ns * 1000000000 + ns;
	}
	return *at < end && *(*at)++ == ':';
}

/* From behind the bracket of "[001] d..1.  2261.506410: "; the flags are absent in perf and older trace-cmd. */
static bool parse_right(struct text_line *line, const char **at, const char *end)
{
	uint64_t cpu;

	if (!text_line_number(at, end, UINT16_MAX, &cpu) || *at == end || *(*at)++ != ']')
		return false;
	line->cpu = (uint16_t)cpu;
	*at = skip_blanks(*at, end);
	if (*at < end && !is_digit(**at)) {
		while (*at < end && !is_blank(**at))
			(*at)++;
		*at = skip_blanks(*at, end);
	}
	return parse_time(at, end, &line->time_ns);
}

static const char *skip_blanks_back(const char *start, const char *at)
{
	while (at > start && is_blank(at[-1]))
		at--;
	return at;
}

static const char *skip_digits_back(const char *start, const char *at)
{
	while (at > start && is_digit(at[-1]))
		at--;
	return at;
}

/* Steps over a thread group column, "(  1234)" or "(-------)", if there is one. */
static const char *skip_group_back(const char *start, const char *at)
{
	const char *open = at;

	if (at == start || at[-1] != ')')
		return at;
	do
		open--;
	while (open > start && (is_digit(open[-1]) || is_blank(open[-1]) || open[-1] == '-'));
	return open > start && open[-1] == '(' ? skip_blanks_back(start, open - 1) : at;
}

/*
 * From the bracket leftwards: "comm-pid ", "comm-pid (tgid) ", perf's "comm  pid " and "comm  pid/tid ". Anything may
 * stand in the comm, so that only its end is found here.
 */
static bool parse_left(struct text_line *line, const char *start, const char *bracket)
{
	const char *end = skip_group_back(start, skip_blanks_back(start, bracket));
	const char *pid = skip_digits_back(start, end);
	const char *comm_end = pid; /* and one byte more */
	uint64_t value;

	if (pid == start)
		return false;
	if (pid[-1] == '/') {
		comm_end = skip_digits_back(start, pid - 1);
		if (comm_end == start || !is_blank(comm_end[-1]))
			return false;
	} else if (pid[-1] != '-' && !is_blank(pid[-1])) {
		return false;
	}
	if (!text_line_number(&pid, end, pid_max, &value) || pid != end)
		return false;
	line->pid = (int32_t)value;
	line->comm = (struct text_span){start, (size_t)(comm_end - 1 - start)};
	return true;
}

/* Where the task's name can begin: behind the padding, and behind the "name: " of a buffer that trace-cmd prints. */
static const char *comm_field(const struct text_span *comm)
{
	const char *field = comm->text + comm->length - (comm->length < COMM_WIDTH ? comm->length : COMM_WIDTH - 1);
	const char *front_end = skip_blanks_back(comm->text, field);

	return front_end == comm->text || front_end[-1] == ':' ? field : comm->text;
}

/* Cuts the padding off, and makes "<...>" (tracefs does not know the task) an empty name. */
static void trim_comm(struct text_span *comm)
{
	static const char unknown[] = "<...>";
	const char *end = comm->text + comm->length;
	const char *at = skip_blanks(comm_field(comm), end);

	end = skip_blanks_back(at, end);
	comm->text = at;
	comm->length = (size_t)(end - at);
	if (comm->length == sizeof(unknown) - 1 && memcmp(at, unknown, comm->length) == 0)
		comm->length = 0;
}

static void parse_name(struct text_line *line, const char *at, const char *end)
{
	const char *word = skip_blanks(at, end);

	line->system = (struct text_span){word, 0};
	line->name = (struct text_span){word, 0};
	line->body = (struct text_span){word, (size_t)(end - word)};
	for (at = word; at < end && is_word(*at); at++)
		;
	if (at < end && *at == ':' && at + 1 < end && is_word(at[1])) {
		line->system = (struct text_span){word, (size_t)(at - word)};
		word = at + 1;
		for (at = word; at < end && is_word(*at); at++)
			;
	}
	if (at == word || at == end || *at != ':')
		return;
	line->name = (struct text_span){word, (size_t)(at - word)};
	at = skip_blanks(at + 1, end);
	line->body = (struct text_span){at, (size_t)(end - at)};
}

/*
 * A name such as "a-1 [0] 1:x: " makes a second place look like the task and CPU. The kernel prints names in a fixed
 * width, so that of two such places the last one within this width is the true one.
 */
bool text_line_parse(struct text_line *line, const char *text, size_t length)
{
	const char *end = text + length;
	const char *limit = length < SEARCHED ? end : text + SEARCHED;
	const char *at = text;
	const char *behind = NULL;

	while (at < limit && (at = memchr(at, '[', (size_t)(limit - at))) != NULL) {
		struct text_line found;
		const char *right = at + 1;

		if (parse_left(&found, text, at) && (behind == NULL || found.comm.length <= COMM_WIDTH) &&
			parse_right(&found, &right, end)) {
			*line = found;
			behind = right;
			limit = limit < text + COMM_WIDTH + AFTER_COMM ? limit : text + COMM_WIDTH + AFTER_COMM;
		}
		at++;
	}
	if (behind == NULL)
		return false;
	trim_comm(&line->comm);
	parse_name(line, behind, end);
	return true;
}
