/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bugs - prints the catalogue of known bugs, and which of them a kernel has.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/bugs/bug_json.h"
#include "analyzer/bugs/bugs.h"
#include "analyzer/explain/words.h"
#include "base/json.h"
#include "base/utf8.h"
#include "cmd/command.h"

enum { LINE_WIDTH = 96 };

/* Where the text of a labelled line begins, and that of a row under its number. */
#define LABEL_INDENT "              "
#define ROW_INDENT "     "

struct catalogue {
	bool json;
	const char *kernel_name; /* as given, or NULL */
	struct kernel kernel;
	const struct bug *only; /* the one that was asked for, or NULL */
};

static const char *applies_to(const struct catalogue *catalogue, const struct bug *bug)
{
	return bug_applies_name(bug_applies(bug, &catalogue->kernel));
}

static void put_kernel(const struct catalogue *catalogue)
{
	char *name = utf8_harmless(catalogue->kernel_name);

	printf("kernel %s", name);
	if (kernel_is_translated(&catalogue->kernel, catalogue->kernel_name))
		printf(" (stable %lu.%lu.%lu)", catalogue->kernel.major, catalogue->kernel.minor,
			catalogue->kernel.low);
	free(name);
}

static void put_row(const struct catalogue *catalogue, const struct bug *bug)
{
	printf("%3u  %-28s %-12s  %-10s", bug->number, bug->slug, bug->commit != NULL ? bug->commit : "-",
		bug_area_name(bug->area));
	if (catalogue->kernel_name != NULL)
		printf("  %-8s", applies_to(catalogue, bug));
	printf("  %s\n", bug->fixed_in != NULL ? bug->fixed_in : "no fix known");
	words_wrapped(stdout, bug->title, ROW_INDENT, LINE_WIDTH);
}

static void put_table(const struct catalogue *catalogue)
{
	bool with_kernel = catalogue->kernel_name != NULL;
	const struct bug *bug;

	printf("%3s  %-28s %-12s  %-10s%s%s  fixed in\n", "#", "id", "fix", "area", with_kernel ? "  " : "",
		with_kernel ? "kernel  " : "");
	for (size_t i = 0; (bug = bugs_at(i)) != NULL; i++)
		put_row(catalogue, bug);
	if (!with_kernel)
		return;
	fputc('\n', stdout);
	put_kernel(catalogue);
	puts(": affected has the bug, fixed should have its fix, unknown cannot be told from the name.");
}

static void put_field(const char *label, const char *text)
{
	if (text != NULL)
		printf("  %-11s %s\n", label, text);
}

static void put_sentence(const char *label, const char *text)
{
	char *lines = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&lines, &size);

	if (stream == NULL)
		abort();
	words_wrapped(stream, text, LABEL_INDENT, LINE_WIDTH);
	fclose(stream);
	printf("  %-11s %s", label, lines + strlen(LABEL_INDENT));
	free(lines);
}

static void put_sign(const struct bug_sign *sign, bool first)
{
	const char *path = sign->path != PATH_COUNT ? finding_path_name(sign->path) : "";
	char *text;

	if (asprintf(&text, "%s%s%s: %s%s", finding_kind_name(sign->kind), *path != '\0' ? "/" : "", path, sign->why,
		    sign->fits != NULL ? " (where the evidence shows it)" : "") < 0)
		abort();
	put_sentence(first ? "explains" : "", text);
	free(text);
}

static void put_bug(const struct catalogue *catalogue, const struct bug *bug)
{
	printf("#%u %s: %s\n", bug->number, bug->slug, bug->title);
	put_field("area", bug_area_name(bug->area));
	put_field("fix", bug->commit != NULL ? bug->commit : bug->fixed_in != NULL ? NULL : "not known");
	put_field("see also", bug->also);
	put_field("came in", bug->since);
	put_field("fixed in", bug->fixed_in);
	put_field("lacking in", bug->lacking);
	put_field("CVE", bug->cve);
	put_field("unverified", bug->unverified);
	put_sentence("shows", bug->shows);
	for (size_t i = 0; i < BUG_SIGNS_MAX && bug->signs[i].weight != 0; i++)
		put_sign(&bug->signs[i], i == 0);
	if (catalogue->kernel_name == NULL)
		return;
	fputs("  ", stdout);
	put_kernel(catalogue);
	printf(": %s\n", applies_to(catalogue, bug));
	words_wrapped(
		stdout, bug_applies_sentence(bug, bug_applies(bug, &catalogue->kernel)), LABEL_INDENT, LINE_WIDTH);
}

static void write_json(const struct catalogue *catalogue)
{
	const struct bug *bug;
	struct json json;

	json_init(&json, stdout, 2);
	json_object(&json, NULL);
	json_text(&json, "qgreplay", QGREPLAY_VERSION);
	json_number(&json, "format", 1);
	json_text(&json, "kernel", catalogue->kernel_name);
	json_array(&json, "bugs");
	for (size_t i = 0; (bug = bugs_at(i)) != NULL; i++)
		if (catalogue->only == NULL || catalogue->only == bug)
			bug_json(&json, bug, catalogue->kernel_name != NULL ? applies_to(catalogue, bug) : NULL);
	json_array_end(&json);
	json_object_end(&json);
	fputc('\n', stdout);
}

static enum err read_kernel(struct catalogue *catalogue, const char *text, struct error *error)
{
	catalogue->kernel_name = text;
	catalogue->kernel = kernel_read(text);
	return catalogue->kernel.known
		       ? ERR_OK
		       : error_set(error, ERR_USAGE, "--kernel wants a release as uname -r prints it, not '%s'", text);
}

static enum err read_words(struct catalogue *catalogue, const struct command_call *call, struct error *error)
{
	if (optind == call->argc)
		return ERR_OK;
	if (optind + 1 < call->argc)
		return error_set(error, ERR_USAGE, "one bug at a time, '%s' is a second one", call->argv[optind + 1]);
	catalogue->only = bugs_named(call->argv[optind]);
	return catalogue->only != NULL ? ERR_OK
				       : error_set(error, ERR_USAGE,
						 "there is no bug '%s' in the catalogue, 'qgreplay bugs' lists "
						 "numbers, ids and commits",
						 call->argv[optind]);
}

static enum err read_options(struct catalogue *catalogue, struct command_call *call, struct error *error)
{
	static const struct option longs[] = {
		{"format", required_argument, NULL, 'f'},
		{"kernel", required_argument, NULL, 'k'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	enum err err = ERR_OK;
	int code;

	opterr = 0;
	optind = 0;
	while (err == ERR_OK && (code = getopt_long(call->argc, call->argv, ":hf:k:", longs, NULL)) != -1) {
		if (code == 'f')
			err = command_format(&catalogue->json, optarg, error);
		else if (code == 'k')
			err = read_kernel(catalogue, optarg, error);
		else if (code == 'h')
			call->help_wanted = true;
		else
			err = command_option_refused(code, call, error);
	}
	return err == ERR_OK && !call->help_wanted ? read_words(catalogue, call, error) : err;
}

static enum err run(struct command_call *call, struct error *error)
{
	struct catalogue catalogue = {0};
	enum err err = read_options(&catalogue, call, error);

	if (err != ERR_OK || call->help_wanted)
		return err;
	if (catalogue.json)
		write_json(&catalogue);
	else if (catalogue.only != NULL)
		put_bug(&catalogue, catalogue.only);
	else
		put_table(&catalogue);
	return ERR_OK;
}

const struct command command_bugs = {
	.name = "bugs",
	.summary = "Prints the catalogue of known reservation bugs of btrfs, and which of them a kernel has",
	.synopsis = "bugs [options] [ID]",
	.about = "ID is the number of a bug, its id, or the beginning of a commit (at least 6 digits): all that is "
		 "known\n"
		 "of it is printed. Without it, every bug in a line or two.\n",
	.options = "  -k, --kernel RELEASE  say of each bug whether this kernel has it: affected, fixed or unknown.\n"
		   "                        RELEASE is what uname -r prints; the output of uname -v may follow it "
		   "after a\n"
		   "                        blank, and tells more of Debian's kernels\n"
		   "  -f, --format FORMAT   text (default) or json\n"
		   "  -h, --help            show this help\n",
	.examples = "  qgreplay bugs --kernel $(uname -r)\n"
		    "  qgreplay bugs af0e2aab3b70\n"
		    "  qgreplay bugs --format json --kernel 6.1.72 | jq '.bugs[] | select(.applies == \"affected\") | "
		    ".id'\n",
	.exits = "  0  the catalogue was printed, whatever it says of the kernel\n",
	.run = run,
};
