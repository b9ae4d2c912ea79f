/* SPDX-License-Identifier: GPL-2.0-only */
/* The description of the API holds what the server has, and nothing else: routes, columns of lists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>
#include <jansson.h>

#include "schema/store/list.h"
#include "web/list/list_view.h"
#include "web/message/route.h"
#include "web/static/static.h"

enum { PATH_MAX_TEXT = 200 };

static json_t *document_load(void)
{
	const struct static_file *file = static_file("openapi.json");
	json_error_t error;
	json_t *document;

	assert_non_null(file);
	document = json_loadb(
		(const char *)file->bytes, file->size, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &error);
	if (document == NULL)
		fail_msg("openapi.json:%d: %s", error.line, error.text);
	return document;
}

/* "/api/v1/traces/{trace}" reads "/api/v1/traces/{}": two names at one place are one path for OpenAPI. */
static void nameless(const char *path, char text[PATH_MAX_TEXT])
{
	size_t used = 0;

	for (; *path != '\0' && used < PATH_MAX_TEXT - 1; path++) {
		text[used++] = *path;
		if (*path == '{')
			path += strcspn(path, "}") - 1;
	}
	text[used] = '\0';
}

static bool is_described(const char *path)
{
	static const char *const others[] = {"/healthz", "/readyz", "/metrics"};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(path, others[i]) == 0)
			return true;
	return strncmp(path, "/api/", 5) == 0;
}

/* The method's object, in whichever path of the document is the same without names. */
static const json_t *operation_of(const json_t *document, const struct route *route)
{
	json_t *paths = json_object_get(document, "paths");
	char wanted[PATH_MAX_TEXT];
	char method[16] = "";
	const char *name = http_method_name(route->method);
	const char *path;
	json_t *item;

	for (size_t i = 0; name[i] != '\0' && i < sizeof(method) - 1; i++)
		method[i] = (char)(name[i] | 0x20);
	nameless(route->path, wanted);
	json_object_foreach(paths, path, item)
	{
		char text[PATH_MAX_TEXT];

		nameless(path, text);
		if (strcmp(text, wanted) == 0 && json_object_get(item, method) != NULL)
			return json_object_get(item, method);
	}
	return NULL;
}

static void each_route_is_described(void **state)
{
	json_t *document = document_load();
	size_t seen = 0;

	(void)state;
	for (size_t i = 0; i < web_routes.count; i++) {
		const struct route *route = &web_routes.all[i];

		if (!is_described(route->path))
			continue;
		seen++;
		if (operation_of(document, route) == NULL)
			fail_msg("openapi.json lacks %s %s", http_method_name(route->method), route->path);
	}
	assert_true(seen > 30);
	json_decref(document);
}

static bool is_routed(const char *method, const char *path)
{
	char wanted[PATH_MAX_TEXT];

	nameless(path, wanted);
	for (size_t i = 0; i < web_routes.count; i++) {
		char text[PATH_MAX_TEXT];

		nameless(web_routes.all[i].path, text);
		if (strcmp(text, wanted) == 0 && strcasecmp(http_method_name(web_routes.all[i].method), method) == 0)
			return true;
	}
	return false;
}

static void each_description_is_routed(void **state)
{
	json_t *document = document_load();
	json_t *paths = json_object_get(document, "paths");
	const char *path;
	const char *method;
	json_t *item;
	json_t *operation;

	(void)state;
	json_object_foreach(paths, path, item)
	{
		json_object_foreach(item, method, operation)
		{
			if (strcmp(method, "parameters") != 0 && !is_routed(method, path))
				fail_msg("no route serves %s %s of openapi.json", method, path);
		}
	}
	json_decref(document);
}

/* What needs no right stands open in the document; what changes anything does not. */
static void rights_are_told(void **state)
{
	json_t *document = document_load();

	(void)state;
	for (size_t i = 0; i < web_routes.count; i++) {
		const struct route *route = &web_routes.all[i];
		const json_t *security;

		if (!is_described(route->path))
			continue;
		security = json_object_get(operation_of(document, route), "security");
		if (route->right == RIGHT_NONE && json_array_size(security) != 1)
			fail_msg("%s %s needs no right, and openapi.json says otherwise",
				http_method_name(route->method), route->path);
		if (route->right > RIGHT_READ &&
			json_object_get(json_object_get(operation_of(document, route), "responses"), "403") == NULL)
			fail_msg("%s %s wants a right, and openapi.json tells of no 403",
				http_method_name(route->method), route->path);
	}
	json_decref(document);
}

static const struct {
	const struct list_view *view;
	const char *schema;
	const char *path; /* of its operation */
} lists[] = {
	{&list_view_traces, "trace_row", "/api/v1/traces"},
	{&list_view_findings, "finding_row", "/api/v1/findings"},
	{&list_view_occurrences, "occurrence_row", "/api/v1/traces/{trace}/findings/{finding}/occurrences"},
	{&list_view_owners, "owner_row", "/api/v1/traces/{trace}/findings/{finding}/owners"},
	{&list_view_evidence, "evidence_row", "/api/v1/traces/{trace}/findings/{finding}/evidence"},
	{&list_view_events, "event_row", "/api/v1/events"},
	{&list_view_roots, "root_row", "/api/v1/roots"},
	{&list_view_signatures, "signature_row", "/api/v1/signatures"},
	{&list_view_signature_traces, "signature_trace_row", "/api/v1/signatures/{signature}/traces"},
	{&list_view_signature_kernels, "signature_kernel_row", "/api/v1/signatures/{signature}/kernels"},
	{&list_view_uploads, "upload_row", "/api/v1/uploads"},
};

enum { LISTS = sizeof(lists) / sizeof(lists[0]) };

static void lists_have_their_columns(void **state)
{
	json_t *document = document_load();
	json_t *schemas = json_object_get(json_object_get(document, "components"), "schemas");

	(void)state;
	for (size_t i = 0; i < LISTS; i++) {
		const struct list_view_column *column = lists[i].view->columns;
		const json_t *properties = json_object_get(json_object_get(schemas, lists[i].schema), "properties");

		for (; column->column != NULL; column++)
			if (json_object_get(properties, column->column) == NULL)
				fail_msg("%s lacks '%s'", lists[i].schema, column->column);
		assert_int_equal(json_object_size(properties), column - lists[i].view->columns);
	}
	json_decref(document);
}

static const json_t *parameter_of(const json_t *operation, const char *name)
{
	const json_t *parameter;
	size_t index;

	json_array_foreach(json_object_get(operation, "parameters"), index, parameter)
	{
		const char *own = json_string_value(json_object_get(parameter, "name"));

		if (own != NULL && strcmp(own, name) == 0)
			return parameter;
	}
	return NULL;
}

/* The names of what a list can be filtered by, and "sort"; what all lists have is referred to. */
static void lists_have_their_filters(void **state)
{
	json_t *document = document_load();

	(void)state;
	for (size_t i = 0; i < LISTS; i++) {
		const json_t *item = json_object_get(json_object_get(document, "paths"), lists[i].path);
		const json_t *operation = json_object_get(item, "get");
		const struct list_view_filter *filter = lists[i].view->filters;
		size_t shared = 3;

		for (; filter->name != NULL; filter++)
			if (parameter_of(operation, filter->name) == NULL)
				fail_msg("%s lacks the filter '%s'", lists[i].path, filter->name);
		if (json_array_size(json_object_get(operation, "parameters")) !=
			(size_t)(filter - lists[i].view->filters) + 1 + shared)
			fail_msg("%s has a filter that the list has not", lists[i].path);
	}
	json_decref(document);
}

/* Each sort, and each with a minus before it. */
static void lists_have_their_sorts(void **state)
{
	json_t *document = document_load();

	(void)state;
	for (size_t i = 0; i < LISTS; i++) {
		const json_t *item = json_object_get(json_object_get(document, "paths"), lists[i].path);
		const json_t *sort = parameter_of(json_object_get(item, "get"), "sort");
		const json_t *words = json_object_get(json_object_get(sort, "schema"), "enum");
		const struct list_sort_info *sorts = list_info(lists[i].view->list)->sorts;
		size_t count = 0;

		for (; sorts[count].name != NULL; count++)
			assert_string_equal(json_string_value(json_array_get(words, 2 * count)), sorts[count].name);
		assert_int_equal(json_array_size(words), 2 * count);
	}
	json_decref(document);
}

/* A list may be asked for anything, and is ended when it takes too long. */
static void lists_have_their_limit(void **state)
{
	json_t *document = document_load();

	(void)state;
	for (size_t i = 0; i < LISTS; i++) {
		const json_t *item = json_object_get(json_object_get(document, "paths"), lists[i].path);

		if (json_object_get(json_object_get(json_object_get(item, "get"), "responses"), "422") == NULL)
			fail_msg("%s tells of no 422", lists[i].path);
	}
	json_decref(document);
}

/* Every "$ref" into the document itself leads somewhere. */
static void follow(const json_t *document, json_t *value, size_t *seen)
{
	const char *target = json_string_value(json_object_get(value, "$ref"));
	const json_t *at = document;
	const char *key;
	json_t *child;
	size_t index;

	if (target != NULL && strncmp(target, "#/", 2) == 0) {
		char *copy = strdup(target + 2);
		char *rest = NULL;

		for (char *part = strtok_r(copy, "/", &rest); part != NULL; part = strtok_r(NULL, "/", &rest))
			at = json_object_get(at, part);
		if (at == NULL)
			fail_msg("openapi.json refers to '%s', which is not there", target);
		free(copy);
		++*seen;
	}
	json_object_foreach(value, key, child) follow(document, child, seen);
	json_array_foreach(value, index, child) follow(document, child, seen);
}

static void references_lead_somewhere(void **state)
{
	json_t *document = document_load();
	size_t seen = 0;

	(void)state;
	follow(document, document, &seen);
	assert_true(seen > 100);
	json_decref(document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_route_is_described),
		cmocka_unit_test(each_description_is_routed),
		cmocka_unit_test(rights_are_told),
		cmocka_unit_test(lists_have_their_columns),
		cmocka_unit_test(lists_have_their_filters),
		cmocka_unit_test(lists_have_their_sorts),
		cmocka_unit_test(lists_have_their_limit),
		cmocka_unit_test(references_lead_somewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
