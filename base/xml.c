/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/xml.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

static const char replacement[] = "\xef\xbf\xbd";

/* Of valid UTF-8, what is no Char of XML 1.0: C0 but for tab and line ends, U+FFFE and U+FFFF. */
static bool is_legal(const char *text, size_t length)
{
	unsigned char byte = (unsigned char)*text;

	if (length == 1)
		return byte >= 0x20 || byte == '\t' || byte == '\n' || byte == '\r';
	return length != 3 || (memcmp(text, "\xef\xbf\xbe", 3) != 0 && memcmp(text, "\xef\xbf\xbf", 3) != 0);
}

static const char *reference(char c, bool in_attribute)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '\r':
		return "&#13;";
	case '"':
		return in_attribute ? "&quot;" : NULL;
	case '\n':
		return in_attribute ? "&#10;" : NULL;
	case '\t':
		return in_attribute ? "&#9;" : NULL;
	default:
		return NULL;
	}
}

static void write_text(FILE *stream, const char *text, bool in_attribute)
{
	while (*text != '\0') {
		size_t length = utf8_length(text);
		const char *instead = reference(*text, in_attribute);

		if (length == 0 || !is_legal(text, length))
			fputs(replacement, stream);
		else if (instead != NULL)
			fputs(instead, stream);
		else
			fwrite(text, 1, length, stream);
		text += length != 0 ? length : 1;
	}
}

void xml_text(FILE *stream, const char *text)
{
	write_text(stream, text, false);
}

void xml_attribute(FILE *stream, const char *name, const char *text)
{
	fprintf(stream, " %s=\"", name);
	write_text(stream, text, true);
	fputc('"', stream);
}
