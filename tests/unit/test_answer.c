/* SPDX-License-Identifier: GPL-2.0-only */
/* What a handler's end becomes on the wire: whose fault it is, who reads why, and that there always is an answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "web/http/answer.h"
#include "web/problem.h"

static char logged[600];

static void keep_line(const char *line)
{
	snprintf(logged, sizeof(logged), "%s", line);
}

static const struct web_options web_options = {.log = keep_line};
static struct site site = {.options = &web_options};
static const struct http_options http_options = {.site = &site, .refuse = problem_answer};

/* One request, as its handler leaves it. */
struct scene {
	struct request request;
	struct response response;
	struct call call;
	struct server server;
	struct answer answer;
	struct error error;
};

static void scene_begin(struct scene *scene, enum http_method method)
{
	memset(scene, 0, sizeof(*scene));
	logged[0] = '\0';
	scene->request.method = method;
	scene->request.path = "/api/v1/x";
	response_init(&scene->response);
	scene->call = (struct call){.request = &scene->request, .response = &scene->response, .site = &site};
	scene->server.options = &http_options;
	scene->server.site = &site;
}

static void scene_answer(struct scene *scene, enum err outcome)
{
	const struct answer_about about = {.server = &scene->server};

	answer_make(&scene->answer, &about, &scene->call, outcome, &scene->error);
	assert_non_null(scene->answer.mhd);
	assert_non_null(scene->response.bytes);
}

static bool says(const struct scene *scene, const char *words)
{
	return memmem(scene->response.bytes, scene->response.size, words, strlen(words)) != NULL;
}

static void scene_end(struct scene *scene)
{
	answer_release(&scene->answer);
	response_release(&scene->response);
}

static void test_each_error_has_its_status(void **state)
{
	static const struct {
		enum http_method method;
		enum err outcome;
		unsigned status;
		bool told; /* to the sender; else to who runs the server */
	} cases[] = {
		{HTTP_GET, ERR_USAGE, 400, true},
		{HTTP_GET, ERR_LIMIT, 422, true},
		{HTTP_HEAD, ERR_LIMIT, 422, true},
		{HTTP_PATCH, ERR_LIMIT, 413, true},
		{HTTP_GET, ERR_SYSTEM, 503, false},
		{HTTP_GET, ERR_INPUT, 500, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scene scene;

		scene_begin(&scene, cases[i].method);
		fputs("half of a list", scene.response.body);
		scene_answer(&scene, error_set(&scene.error, cases[i].outcome, "the words of '/srv/x.db'"));
		assert_int_equal(scene.answer.status, cases[i].status);
		assert_int_equal(says(&scene, "the words of"), cases[i].told);
		assert_string_equal(logged, cases[i].told ? "" : "/api/v1/x: the words of '/srv/x.db'");
		assert_false(says(&scene, "half of a list"));
		assert_int_equal(
			MHD_get_response_header(scene.answer.mhd, "Retry-After") != NULL, cases[i].status == 503);
		scene_end(&scene);
	}
}

/* The disk of TMPDIR is full: whatever the handler said, also a refusal of its own. */
static void test_without_room_there_is_an_answer(void **state)
{
	(void)state;
	for (unsigned refused = 0; refused < 2; refused++) {
		struct scene scene;
		enum err outcome = ERR_OK;

		scene_begin(&scene, HTTP_GET);
		setenv("TMPDIR", "/nonexistent", 1);
		for (unsigned i = 0; i <= RESPONSE_MEMORY; i++)
			putc('a', scene.response.body);
		if (refused)
			outcome = call_refuse(&scene.call, 404, &scene.error, "there is no such thing");
		scene_answer(&scene, outcome);
		unsetenv("TMPDIR");
		assert_int_equal(scene.answer.status, refused ? 404 : 503);
		assert_true(says(&scene, refused ? "no such thing" : "written down why"));
		assert_false(says(&scene, "TMPDIR"));
		assert_int_equal(strstr(logged, "TMPDIR") != NULL, !refused);
		assert_int_equal(scene.answer.size, scene.response.size);
		scene_end(&scene);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_error_has_its_status),
		cmocka_unit_test(test_without_room_there_is_an_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
