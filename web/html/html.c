/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/html/html.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

/* How many bytes stand for themselves; most texts are nothing else. */
static size_t plain_length(const char *text)
{
	static const char special[256] = {['&'] = 1, ['<'] = 1, ['>'] = 1, ['"'] = 1, ['\''] = 1, [0x7f] = 1};
	size_t length = 0;

	while ((unsigned char)text[length] >= 0x20 && (unsigned char)text[length] < 0x80 &&
		!special[(unsigned char)text[length]])
		length++;
	return length;
}

static const char *reference_of(char byte)
{
	switch (byte) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

/* Writes the character at `text`, which does not stand for itself, and returns its length in bytes. */
static size_t write_special(FILE *stream, const char *text)
{
	const char *reference = reference_of(*text);
	size_t length = utf8_length(text);

	if (reference != NULL)
		fputs(reference, stream);
	else if (*text == '\n' || *text == '\t' || (*text == '\r' && text[1] == '\n'))
		fputc(*text, stream);
	else if (length == 0 || utf8_is_harmful(text))
		fputs(replacement, stream);
	else
		fwrite(text, 1, length, stream);
	return length != 0 ? length : 1;
}

void html_text(FILE *stream, const char *text)
{
	if (text == NULL)
		return;
	while (*text != '\0') {
		size_t plain = plain_length(text);

		fwrite(text, 1, plain, stream);
		text += plain;
		if (*text != '\0')
			text += write_special(stream, text);
	}
}

/* "Unreserved" of RFC 3986, 2.3. */
static bool is_unreserved(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
	       byte == '-' || byte == '.' || byte == '_' || byte == '~';
}

void html_url(FILE *stream, const char *text)
{
	static const char digits[] = "0123456789ABCDEF";

	for (; text != NULL && *text != '\0'; text++) {
		if (is_unreserved(*text)) {
			fputc(*text, stream);
			continue;
		}
		fputc('%', stream);
		fputc(digits[(unsigned char)*text >> 4], stream);
		fputc(digits[(unsigned char)*text & 15], stream);
	}
}

static void write_unsigned(FILE *stream, uint64_t number, bool minus)
{
	char text[24];
	char *at = text + sizeof(text);

	do {
		*--at = (char)('0' + number % 10);
		number /= 10;
	} while (number != 0);
	if (minus)
		*--at = '-';
	fwrite(at, 1, (size_t)(text + sizeof(text) - at), stream);
}

static void write_signed(FILE *stream, int64_t number)
{
	write_unsigned(stream, number < 0 ? -(uint64_t)number : (uint64_t)number, number < 0);
}

/* The conversion at `format`, behind the percent sign; returns what follows it. */
static const char *convert(FILE *stream, const char *format, va_list *arguments)
{
	size_t longs = 0;
	bool size = false;

	for (; *format == 'l' || *format == 'z'; format++) {
		longs += *format == 'l';
		size |= *format == 'z';
	}
	if (*format == 's')
		html_text(stream, va_arg(*arguments, const char *));
	else if (*format == 'u' && size)
		write_unsigned(stream, va_arg(*arguments, size_t), false);
	else if (*format == 'u' && longs == 0)
		write_unsigned(stream, va_arg(*arguments, unsigned), false);
	else if (*format == 'u')
		write_unsigned(stream,
			longs == 1 ? va_arg(*arguments, unsigned long) : va_arg(*arguments, unsigned long long), false);
	else if (*format == 'd' && longs == 0)
		write_signed(stream, va_arg(*arguments, int));
	else if (*format == 'd')
		write_signed(stream, longs == 1 ? va_arg(*arguments, long) : va_arg(*arguments, long long));
	else if (*format == '%')
		fputc('%', stream);
	else
		abort();
	return format + 1;
}

void html_format(FILE *stream, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	while (*format != '\0') {
		size_t literal = strcspn(format, "%");

		fwrite(format, 1, literal, stream);
		format += literal;
		if (*format == '%')
			format = convert(stream, format + 1, &arguments);
	}
	va_end(arguments);
}
