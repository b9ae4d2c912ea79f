/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/bugs/bug_json.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static void put_commits(struct json *json, const struct bug *bug)
{
	const char *const commits[] = {bug->commit, bug->also};

	json_array(json, "commits");
	for (size_t i = 0; i < sizeof(commits) / sizeof(commits[0]); i++) {
		for (const char *at = commits[i]; at != NULL && *at != '\0'; at += strspn(at, " ")) {
			size_t length = strcspn(at, " ");
			char *commit = memory_text(at, length);

			json_text(json, NULL, commit);
			free(commit);
			at += length;
		}
	}
	json_array_end(json);
}

static void put_signs(struct json *json, const struct bug *bug)
{
	json_array(json, "explains");
	for (size_t i = 0; i < BUG_SIGNS_MAX && bug->signs[i].weight != 0; i++) {
		const struct bug_sign *sign = &bug->signs[i];
		const char *path = sign->path != PATH_COUNT ? finding_path_name(sign->path) : "";

		json_object(json, NULL);
		json_text(json, "kind", finding_kind_name(sign->kind));
		json_text(json, "path", *path != '\0' ? path : NULL);
		json_text(json, "why", sign->why);
		json_bool(json, "conditional", sign->fits != NULL);
		json_object_end(json);
	}
	json_array_end(json);
}

void bug_json(struct json *json, const struct bug *bug, const char *applies)
{
	json_object(json, NULL);
	json_number(json, "number", bug->number);
	json_text(json, "id", bug->slug);
	json_text(json, "area", bug_area_name(bug->area));
	put_commits(json, bug);
	json_text(json, "title", bug->title);
	json_text(json, "since", bug->since);
	json_text(json, "fixed_in", bug->fixed_in);
	json_text(json, "lacking", bug->lacking);
	json_text(json, "cve", bug->cve);
	json_text(json, "unverified", bug->unverified);
	json_text(json, "shows", bug->shows);
	put_signs(json, bug);
	json_text(json, "applies", applies);
	json_object_end(json);
}
