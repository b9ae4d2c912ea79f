/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/upload/tus_metadata.h"

#include <nettle/base64.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct pair {
	const char *key;
	size_t key_length;
	const char *value; /* base64 */
	size_t value_length;
};

/* The pair at `*text`, which moves behind it and its comma. */
static bool next_pair(const char **text, struct pair *pair)
{
	const char *at = *text + strspn(*text, " ");

	pair->key = at;
	pair->key_length = strcspn(at, " ,");
	at += pair->key_length;
	at += strspn(at, " ");
	pair->value = at;
	pair->value_length = strcspn(at, " ,");
	at += pair->value_length;
	at += strspn(at, " ");
	*text = *at == ',' ? at + 1 : at;
	return pair->key_length > 0 && (*at == '\0' || (*at == ',' && at[1] != '\0'));
}

/* Decodes into memory to be freed, NULL when it is no base64. */
static uint8_t *decode(const struct pair *pair, size_t *length)
{
	uint8_t *bytes = memory_zeroed(BASE64_DECODE_LENGTH(pair->value_length) + 1);
	struct base64_decode_ctx base64;

	base64_decode_init(&base64);
	if (base64_decode_update(&base64, length, bytes, pair->value_length, pair->value) &&
		base64_decode_final(&base64))
		return bytes;
	free(bytes);
	return NULL;
}

static bool is_key(const struct pair *pair, const char *key, size_t key_length)
{
	return pair->key_length == key_length && memcmp(pair->key, key, key_length) == 0;
}

static bool stands_before(const char *text, const struct pair *pair)
{
	struct pair other;

	while (next_pair(&text, &other) && other.key != pair->key)
		if (is_key(&other, pair->key, pair->key_length))
			return true;
	return false;
}

bool tus_metadata_is_valid(const char *text)
{
	const char *at = text;

	for (; *at; at++)
		if (*at < 0x20 || *at > 0x7e)
			return false;
	at = text;
	while (*at) {
		struct pair pair;
		uint8_t *bytes;
		size_t length;

		if (!next_pair(&at, &pair) || stands_before(text, &pair))
			return false;
		bytes = decode(&pair, &length);
		free(bytes);
		if (!bytes)
			return false;
	}
	return true;
}

bool tus_metadata_find(const char *text, const char *key, char *value, size_t size)
{
	struct pair pair;
	uint8_t *bytes = NULL;
	size_t length = 0;

	while (!bytes && *text && next_pair(&text, &pair))
		if (is_key(&pair, key, strlen(key)))
			bytes = decode(&pair, &length);
	if (!bytes)
		return false;
	if (length > size - 1)
		length = size - 1;
	memcpy(value, bytes, length);
	for (size_t i = 0; i < length; i++)
		if (value[i] == '\0')
			value[i] = ' ';
	value[length] = '\0';
	free(bytes);
	return true;
}
