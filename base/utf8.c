/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"

static size_t claimed_length(unsigned char byte)
{
	if (byte < 0x80)
		return byte != 0 ? 1 : 0;
	if (byte >= 0xc2 && byte <= 0xdf)
		return 2;
	if (byte >= 0xe0 && byte <= 0xef)
		return 3;
	if (byte >= 0xf0 && byte <= 0xf4)
		return 4;
	return 0;
}

/* The smallest and largest second byte: this is where overlong forms, surrogates and U+110000 are told apart. */
static bool second_fits(unsigned char first, unsigned char second)
{
	unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;

	return second >= low && second <= high;
}

size_t utf8_length(const char *text)
{
	const unsigned char *bytes = (const unsigned char *)text;
	size_t length = claimed_length(bytes[0]);

	if (length < 2)
		return length;
	if (!second_fits(bytes[0], bytes[1]))
		return 0;
	for (size_t i = 2; i < length; i++)
		if (bytes[i] < 0x80 || bytes[i] > 0xbf)
			return 0;
	return length;
}

/* C0, DEL, and C1 (U+0080 to U+009F), which some terminals obey too. */
static bool is_control(const unsigned char *bytes)
{
	return bytes[0] < 0x20 || bytes[0] == 0x7f || (bytes[0] == 0xc2 && bytes[1] < 0xa0);
}

/* Marks that no eye sees and that make a line read in another order, or end: U+061C, 200E, 200F, 2028-202E, 2066-2069.
 */
static bool is_hidden_mark(const unsigned char *bytes)
{
	if (bytes[0] == 0xd8)
		return bytes[1] == 0x9c;
	if (bytes[0] != 0xe2)
		return false;
	if (bytes[1] == 0x80)
		return bytes[2] == 0x8e || bytes[2] == 0x8f || (bytes[2] >= 0xa8 && bytes[2] <= 0xae);
	return bytes[1] == 0x81 && bytes[2] >= 0xa6 && bytes[2] <= 0xa9;
}

bool utf8_is_harmful(const char *text)
{
	const unsigned char *bytes = (const unsigned char *)text;

	return is_control(bytes) || is_hidden_mark(bytes);
}

void utf8_make_harmless(char *text)
{
	char *to = text;

	while (*text != '\0') {
		size_t length = utf8_length(text);

		if (length == 0 || utf8_is_harmful(text)) {
			*to++ = '?';
			text += length != 0 ? length : 1;
			continue;
		}
		memmove(to, text, length);
		to += length;
		text += length;
	}
	*to = '\0';
}

char *utf8_harmless(const char *text)
{
	char *copy = memory_text(text, strlen(text));

	utf8_make_harmless(copy);
	return copy;
}
