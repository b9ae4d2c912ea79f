/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/upload/upload_name.h"

#include <string.h>

#include "base/utf8.h"

/* Copies what fits, up to the end of a character, without blanks at either end. */
static void copy_harmless(char *to, size_t size, const char *text)
{
	size_t length;

	text += strspn(text, " \t\r\n");
	length = strnlen(text, size);
	if (length == size) {
		length--;
		while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
			length--;
	}
	memcpy(to, text, length);
	to[length] = '\0';
	utf8_make_harmless(to);
	while (length > 0 && to[length - 1] == ' ')
		to[--length] = '\0';
}

void upload_name(char name[UPLOAD_NAME], const char *text)
{
	const char *last = text ? text : "";

	for (const char *at = last; *at; at++)
		if (*at == '/' || *at == '\\')
			last = at + 1;
	copy_harmless(name, UPLOAD_NAME, last);
	if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		memcpy(name, "upload", sizeof("upload"));
}

void upload_host(char host[UPLOAD_HOST], const char *text)
{
	copy_harmless(host, UPLOAD_HOST, text ? text : "");
}
