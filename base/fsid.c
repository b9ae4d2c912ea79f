/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/fsid.h"

static bool is_dash_place(size_t i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

static bool is_digit(char c)
{
	char lower = (char)(c | 0x20);

	return (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'f');
}

void fsid_write(const unsigned char *bytes, size_t known, char text[FSID_TEXT + 1])
{
	static const char digits[] = "0123456789abcdef";
	size_t out = 0;

	for (size_t i = 0; i < FSID_BYTES; i++) {
		if (is_dash_place(out))
			text[out++] = '-';
		text[out++] = i < known ? digits[bytes[i] >> 4] : 'x';
		text[out++] = i < known ? digits[bytes[i] & 0xf] : 'x';
	}
	text[out] = '\0';
}

bool fsid_read(const char *text, char fsid[FSID_TEXT + 1])
{
	for (size_t i = 0; i < FSID_TEXT; i++)
		if (is_dash_place(i) ? text[i] != '-' : !is_digit(text[i]))
			return false;
	for (size_t i = 0; i < FSID_TEXT; i++)
		fsid[i] = is_dash_place(i) ? '-' : (char)(text[i] | 0x20);
	fsid[FSID_TEXT] = '\0';
	return true;
}
