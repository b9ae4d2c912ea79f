/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/limits_json.h"

#include <jansson.h>

static enum err refuse(const char *name, const char *what, struct error *error)
{
	return error_set(error, ERR_INPUT,
		"cannot read the limits in '%s': %s, expected the output of `btrfs --format json qgroup show -re`",
		name, what);
}

/* A number, or a text that holds one or "none"; without the key there is no limit. */
static bool read_value(const json_t *row, const char *key, const char *short_key, uint64_t *value)
{
	const json_t *item = json_object_get(row, key);

	*value = LIMIT_NONE;
	if (item == NULL)
		item = json_object_get(row, short_key);
	if (item == NULL || json_is_null(item))
		return true;
	if (json_is_string(item))
		return limits_value_read(json_string_value(item), value);
	if (!json_is_integer(item) || json_integer_value(item) < 0)
		return false;
	if (json_integer_value(item) != 0)
		*value = (uint64_t)json_integer_value(item);
	return true;
}

static enum err read_row(struct limits *limits, const json_t *row, const char *name, struct error *error)
{
	const char *id = json_string_value(json_object_get(row, "qgroupid"));
	struct limit limit;

	if (id == NULL || !limits_qgroup_read(id, &limit.qgid))
		return refuse(name, "a qgroup has no 'qgroupid' such as \"0/257\"", error);
	if (!read_value(row, "max_referenced", "max_rfer", &limit.max_rfer) ||
		!read_value(row, "max_exclusive", "max_excl", &limit.max_excl))
		return refuse(name, "a limit is no number of bytes", error);
	limits_add(limits, limit);
	return ERR_OK;
}

enum err limits_json_read(struct limits *limits, const char *text, const char *name, struct error *error)
{
	json_error_t wrong;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &wrong);
	json_t *rows = json_object_get(root, "qgroup-show");
	enum err err = ERR_OK;

	if (root == NULL)
		err = error_set(
			error, ERR_INPUT, "cannot read the limits in '%s': line %d: %s", name, wrong.line, wrong.text);
	else if (!json_is_array(rows))
		err = refuse(name, "it has no list 'qgroup-show'", error);
	for (size_t i = 0; err == ERR_OK && i < json_array_size(rows); i++)
		err = read_row(limits, json_array_get(rows, i), name, error);
	json_decref(root);
	return err;
}
