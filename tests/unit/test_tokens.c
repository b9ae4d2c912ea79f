/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "web/http/tokens.h"

static char name[] = "/tmp/test_tokens.XXXXXX";

static enum err read_text(struct tokens **tokens, const char *text, struct error *error)
{
	FILE *stream = fopen(name, "w");

	*tokens = NULL;
	fputs(text, stream);
	fclose(stream);
	chmod(name, 0600);
	return tokens_read(tokens, name, error);
}

#define ALL "# who may what\n\nread\tread-read-read-read\n  upload upload-upload-16  \nadmin admin-admin-admin\r\n"

static void test_each_token_has_its_right(void **state)
{
	static const struct {
		const char *header;
		bool known;
		enum right right;
	} cases[] = {
		{NULL, true, RIGHT_NONE},
		{"Bearer read-read-read-read", true, RIGHT_READ},
		{"bearer upload-upload-16", true, RIGHT_UPLOAD},
		{"BEARER  admin-admin-admin", true, RIGHT_ADMIN},
		{"Bearer admin-admin-admi", false, RIGHT_NONE},
		{"Bearer admin-admin-adminx", false, RIGHT_NONE},
		{"Bearer ", false, RIGHT_NONE},
		{"Bearer", false, RIGHT_NONE},
		{"", false, RIGHT_NONE},
		{"Digest admin-admin-admin", false, RIGHT_NONE},
		/* By `printf %s ... | base64`: "me:admin-admin-admin", ":read-read-read-read", "no-colon". */
		{"Basic bWU6YWRtaW4tYWRtaW4tYWRtaW4=", true, RIGHT_ADMIN},
		{"Basic OnJlYWQtcmVhZC1yZWFkLXJlYWQ=", true, RIGHT_READ},
		{"Basic bm8tY29sb24=", false, RIGHT_NONE},
		{"Basic !!!!", false, RIGHT_NONE},
		{"Basic bWU6YWRtaW4tYWRtaW4tYWRtaW4", false, RIGHT_NONE},
	};
	struct tokens *tokens;
	struct error error;

	(void)state;
	assert_int_equal(read_text(&tokens, ALL, &error), ERR_OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum right right = RIGHT_COUNT;

		if (tokens_right(tokens, cases[i].header, &right) != cases[i].known || right != cases[i].right)
			fail_msg("'%s' may %d", cases[i].header ? cases[i].header : "", right);
	}
	tokens_free(tokens);
}

static void test_anonymous_may_read_where_the_file_says_so(void **state)
{
	struct tokens *tokens;
	struct error error;
	enum right right;

	(void)state;
	assert_int_equal(read_text(&tokens, ALL "anonymous read\n", &error), ERR_OK);
	assert_true(tokens_right(tokens, NULL, &right) && right == RIGHT_READ);
	assert_true(tokens_right(tokens, "Bearer upload-upload-16", &right) && right == RIGHT_UPLOAD);
	assert_false(tokens_right(tokens, "Bearer guessed-guessed-1", &right));
	tokens_free(tokens);
	assert_int_equal(read_text(&tokens, "anonymous read", &error), ERR_OK);
	tokens_free(tokens);
}

static void test_long_headers_are_no_tokens(void **state)
{
	struct tokens *tokens;
	struct error error;
	enum right right;

	(void)state;
	assert_int_equal(read_text(&tokens, ALL, &error), ERR_OK);
	for (size_t length = TOKEN_MAX - 8; length < 3 * TOKEN_MAX; length++) {
		char header[4 * TOKEN_MAX];
		char letters[3 * TOKEN_MAX];

		memset(letters, 'A', length);
		letters[length] = '\0';
		snprintf(header, sizeof(header), "Basic %s", letters);
		assert_false(tokens_right(tokens, header, &right));
		snprintf(header, sizeof(header), "Bearer %s", letters);
		assert_false(tokens_right(tokens, header, &right));
	}
	tokens_free(tokens);
}

static void test_bad_files_are_refused_with_the_line(void **state)
{
	static const struct {
		const char *text;
		const char *word;
	} cases[] = {
		{"", "holds no token"},
		{"# nothing\n", "holds no token"},
		{"read\n", "line 1 has not two words"},
		{"\nread short-15-chars\n", "line 2 has a token of less than 16"},
		{"read a-token-of-enough and-more\n", "line 1 has not two words"},
		{"root a-token-of-enough\n", "line 1 begins with none of"},
		{"none a-token-of-enough\n", "line 1 begins with none of"},
		{"anonymous upload-for-everybody\n", "line 1 begins with none of"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tokens *tokens;
		struct error error;

		assert_int_equal(read_text(&tokens, cases[i].text, &error), ERR_INPUT);
		assert_null(tokens);
		if (!strstr(error.text, cases[i].word))
			fail_msg("'%s' does not say '%s'", error.text, cases[i].word);
	}
}

static void test_a_file_that_others_can_read_is_refused(void **state)
{
	static const mode_t modes[] = {0640, 0604, 0620, 0602, 0610};

	(void)state;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		struct tokens *tokens;
		struct error error;

		assert_int_equal(read_text(&tokens, ALL, &error), ERR_OK);
		tokens_free(tokens);
		tokens = NULL;
		chmod(name, modes[i]);
		assert_int_equal(tokens_read(&tokens, name, &error), ERR_INPUT);
		assert_null(tokens);
		assert_non_null(strstr(error.text, "chmod 600"));
	}
	assert_int_equal(tokens_read(NULL, "/nonexistent/tokens", NULL), ERR_SYSTEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_token_has_its_right),
		cmocka_unit_test(test_anonymous_may_read_where_the_file_says_so),
		cmocka_unit_test(test_long_headers_are_no_tokens),
		cmocka_unit_test(test_bad_files_are_refused_with_the_line),
		cmocka_unit_test(test_a_file_that_others_can_read_is_refused),
	};
	int failed;

	close(mkstemp(name));
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(name);
	return failed;
}
