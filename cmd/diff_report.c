/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/diff_report.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* The most digits of which every number fits into the library's signed integers. */
enum { NARROW_DIGITS = 18 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The end of the string whose opening quote is at `at`: its closing quote, or `end`. */
static const char *end_of_string(const char *at, const char *end)
{
	for (at++; at < end && *at != '"'; at++)
		at += *at == '\\' && at + 1 < end;
	return at;
}

/*
 * The library's integers are signed, and larger ones make it refuse the document, but root -9 of the kernel is 2^64-9.
 * So integers with more digits than always fit are put into quotes; wide_number() takes both forms.
 */
static char *with_quotes(const char *text, size_t size, size_t *written)
{
	const char *end = text + size;
	char *quoted = memory_resized(NULL, 2 * size + 1, 1);
	char *to = quoted;

	for (const char *at = text; at < end;) {
		const char *stop = at + 1;
		bool wide = false;

		if (*at == '"') {
			stop = end_of_string(at, end);
			stop += stop < end;
		} else if (is_digit(*at)) {
			while (stop < end && is_digit(*stop))
				stop++;
			wide = stop - at > NARROW_DIGITS && at > text && at[-1] != '-' && at[-1] != '.' &&
			       (stop == end || (*stop != '.' && *stop != 'e' && *stop != 'E'));
		}
		if (wide)
			*to++ = '"';
		memcpy(to, at, (size_t)(stop - at));
		to += stop - at;
		if (wide)
			*to++ = '"';
		at = stop;
	}
	*written = (size_t)(to - quoted);
	return quoted;
}

static bool wide_number(const json_t *value, uint64_t *number)
{
	const char *text = json_string_value(value);
	char *end;

	if (json_is_integer(value) && json_integer_value(value) >= 0) {
		*number = (uint64_t)json_integer_value(value);
		return true;
	}
	if (text == NULL || !is_digit(*text))
		return false;
	errno = 0;
	*number = strtoull(text, &end, 10);
	return errno == 0 && *end == '\0';
}

/* What is being read, and what is wrong with it. */
struct place {
	const json_t *object;
	const char *what; /* "finding", "trace" */
	size_t number;	  /* from 1 */
	struct error *error;
};

static enum err refuse(const struct place *place, const char *key)
{
	return error_set(place->error, ERR_INPUT,
		"no report of `qgreplay check --format json`: its %s %zu has no usable '%s'", place->what,
		place->number, key);
}

/* A number, or 0 where null stands for an absent one. */
static enum err read_number(const struct place *place, const char *key, bool may_be_null, uint64_t *number)
{
	const json_t *value = json_object_get(place->object, key);

	*number = 0;
	if (wide_number(value, number) || (may_be_null && json_is_null(value)))
		return ERR_OK;
	return refuse(place, key);
}

static enum err read_text(const struct place *place, const char *key, const char **text)
{
	*text = json_string_value(json_object_get(place->object, key));
	return *text != NULL ? ERR_OK : refuse(place, key);
}

static enum err read_severity(const struct place *place, enum finding_severity *severity)
{
	const char *text;

	if (read_text(place, "severity", &text) != ERR_OK)
		return ERR_INPUT;
	for (int i = 0; i < SEVERITY_COUNT; i++)
		if (strcmp(finding_severity_name((enum finding_severity)i), text) == 0) {
			*severity = (enum finding_severity)i;
			return ERR_OK;
		}
	return refuse(place, "severity");
}

static enum err read_certainty(const struct place *place, enum finding_certainty *certainty)
{
	const char *text;

	if (read_text(place, "certainty", &text) != ERR_OK)
		return ERR_INPUT;
	for (int i = 0; i < CERTAINTY_COUNT; i++)
		if (strcmp(finding_certainty_name((enum finding_certainty)i), text) == 0) {
			*certainty = (enum finding_certainty)i;
			return ERR_OK;
		}
	return refuse(place, "certainty");
}

/* Adds one element of a list to a side. */
typedef enum err read_element(struct compare_side *side, const struct place *place);

static enum err read_finding(struct compare_side *side, const struct place *place)
{
	struct compare_item item = {.findings = 1};
	const char *signature, *kind, *headline;

	if (read_text(place, "signature", &signature) != ERR_OK || read_text(place, "kind", &kind) != ERR_OK ||
		read_severity(place, &item.severity) != ERR_OK || read_certainty(place, &item.certainty) != ERR_OK ||
		read_number(place, "root", true, &item.root) != ERR_OK ||
		read_number(place, "ino", true, &item.ino) != ERR_OK ||
		read_number(place, "occurrence_count", false, &item.occurrences) != ERR_OK ||
		read_number(place, "bytes", false, &item.bytes) != ERR_OK)
		return ERR_INPUT;
	/* Reports of the first version have none. */
	headline = json_string_value(json_object_get(place->object, "headline"));
	if (headline == NULL)
		headline = kind;
	item.signature = memory_text(signature, strlen(signature));
	item.kind = memory_text(kind, strlen(kind));
	item.headline = memory_text(headline, strlen(headline));
	compare_add(side, &item);
	return ERR_OK;
}

static enum err read_trace(struct compare_side *side, const struct place *place)
{
	struct place events = *place;
	struct place lost = *place;
	uint64_t total, marks;

	events.object = json_object_get(place->object, "events");
	lost.object = json_object_get(place->object, "lost");
	if (read_number(&events, "total", false, &total) != ERR_OK ||
		read_number(&lost, "marks", false, &marks) != ERR_OK)
		return ERR_INPUT;
	side->traces++;
	side->events = total > UINT64_MAX - side->events ? UINT64_MAX : side->events + total;
	side->lost_marks = marks > UINT64_MAX - side->lost_marks ? UINT64_MAX : side->lost_marks + marks;
	return ERR_OK;
}

static enum err read_each(
	struct compare_side *side, const json_t *array, const char *what, read_element *element, struct error *error)
{
	enum err err = ERR_OK;

	for (size_t i = 0; i < json_array_size(array) && err == ERR_OK; i++) {
		const struct place place = {json_array_get(array, i), what, i + 1, error};

		err = element(side, &place);
	}
	return err;
}

static enum err read_document(struct compare_side *side, const json_t *root, struct error *error)
{
	const json_t *traces = json_object_get(root, "traces");
	const json_t *findings = json_object_get(root, "findings");
	const json_t *failed = json_object_get(root, "failed");
	enum err err;

	if (!json_is_string(json_object_get(root, "qgreplay")) || !json_is_array(traces) || !json_is_array(findings) ||
		!json_is_array(failed))
		return error_set(error, ERR_INPUT, "JSON, but no report of `qgreplay check --format json`");
	if (json_integer_value(json_object_get(root, "format")) != 1)
		return error_set(error, ERR_INPUT, "a report of another format than 1, make it anew with this version");
	side->unread = json_array_size(failed);
	err = read_each(side, traces, "trace", read_trace, error);
	return err == ERR_OK ? read_each(side, findings, "finding", read_finding, error) : err;
}

enum err diff_report_read(struct compare_side *side, const char *text, size_t size, struct error *error)
{
	size_t written;
	char *quoted = with_quotes(text, size, &written);
	json_error_t trouble;
	json_t *root = json_loadb(quoted, written, 0, &trouble);
	enum err err;

	free(quoted);
	if (root == NULL)
		return error_set(
			error, ERR_INPUT, "neither a trace nor a report: line %d: %s", trouble.line, trouble.text);
	err = read_document(side, root, error);
	json_decref(root);
	return err;
}
