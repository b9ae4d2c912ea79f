/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/list/list_cursor.h"

#include <nettle/base64.h>
#include <stdio.h>
#include <string.h>

enum { SUM_BYTES = 4, KEY_BYTES = 8, BYTES_MAX = SUM_BYTES + 1 + LIST_KEYS_MAX * KEY_BYTES + 256 };

_Static_assert(BASE64_ENCODE_RAW_LENGTH(BYTES_MAX) < sizeof(((struct list_cursor *)0)->text), "the longest one fits");

static uint32_t sum_more(uint32_t sum, const void *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		sum = (sum ^ ((const unsigned char *)bytes)[i]) * UINT32_C(16777619);
	return sum;
}

/* FNV-1a over the order and what the cursor holds. */
static uint32_t sum_of(const struct list_order *order, const uint8_t *bytes, size_t size)
{
	const char *list = list_info(order->list)->name;
	uint32_t sum = sum_more(UINT32_C(2166136261), list, strlen(list) + 1);

	sum = sum_more(sum, order->sort, strlen(order->sort) + 1);
	sum = sum_more(sum, order->reversed ? "-" : "+", 1);
	return sum_more(sum, bytes, size);
}

static void put_number(uint8_t *to, uint64_t number, size_t size)
{
	for (size_t i = 0; i < size; i++)
		to[i] = (uint8_t)(number >> (8 * (size - 1 - i)));
}

static uint64_t get_number(const uint8_t *from, size_t size)
{
	uint64_t number = 0;

	for (size_t i = 0; i < size; i++)
		number = number << 8 | from[i];
	return number;
}

struct list_cursor list_cursor_write(const struct list_order *order, const struct list_place *place)
{
	struct list_cursor cursor = {.text = ""};
	struct base64_encode_ctx context;
	uint8_t bytes[BYTES_MAX];
	size_t text_size = strnlen(place->text, sizeof(place->text) - 1);
	size_t size = SUM_BYTES;
	size_t used;

	bytes[size++] = (uint8_t)place->count;
	for (size_t i = 0; i < place->count && i < LIST_KEYS_MAX; i++, size += KEY_BYTES)
		put_number(bytes + size, (uint64_t)place->keys[i], KEY_BYTES);
	memcpy(bytes + size, place->text, text_size);
	size += text_size;
	put_number(bytes, sum_of(order, bytes + SUM_BYTES, size - SUM_BYTES), SUM_BYTES);

	base64url_encode_init(&context);
	used = base64_encode_update(&context, cursor.text, size, bytes);
	used += base64_encode_final(&context, cursor.text + used);
	/* The padding says nothing that the length does not, and would be escaped in a URL. */
	while (used > 0 && cursor.text[used - 1] == '=')
		used--;
	cursor.text[used] = '\0';
	return cursor;
}

/* The bytes of a text without padding; false when it is no base64url. */
static bool decode(uint8_t *bytes, size_t *size, const char *text)
{
	struct base64_decode_ctx context;
	char padded[sizeof(((struct list_cursor *)0)->text) + 4];
	size_t length = strlen(text);

	if (length >= sizeof(((struct list_cursor *)0)->text))
		return false;
	snprintf(padded, sizeof(padded), "%s", text);
	while (length % 4 != 0)
		padded[length++] = '=';
	base64url_decode_init(&context);
	return base64_decode_update(&context, size, bytes, length, padded) && base64_decode_final(&context);
}

bool list_cursor_read(struct list_place *place, const struct list_order *order, const char *text)
{
	uint8_t bytes[BASE64_DECODE_LENGTH(sizeof(((struct list_cursor *)0)->text) + 4)];
	size_t size = 0;
	size_t used = SUM_BYTES + 1;

	*place = (struct list_place){0};
	if (!decode(bytes, &size, text) || size < used ||
		get_number(bytes, SUM_BYTES) != sum_of(order, bytes + SUM_BYTES, size - SUM_BYTES))
		return false;
	place->count = bytes[SUM_BYTES];
	if (place->count == 0 || place->count > LIST_KEYS_MAX || size - used < place->count * KEY_BYTES)
		return false;
	for (size_t i = 0; i < place->count; i++, used += KEY_BYTES)
		place->keys[i] = (int64_t)get_number(bytes + used, KEY_BYTES);
	if (size - used >= sizeof(place->text) || memchr(bytes + used, '\0', size - used) != NULL)
		return false;
	memcpy(place->text, bytes + used, size - used);
	return true;
}
