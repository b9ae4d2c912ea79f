/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A file name or a format text may hold anything; a terminal must not act on it. */
static void make_harmless(char *text)
{
	for (unsigned char *byte = (unsigned char *)text; *byte != '\0'; byte++)
		if (*byte < 0x20 || *byte == 0x7f)
			*byte = '?';
}

enum err error_set(struct error *error, enum err code, const char *format, ...)
{
	va_list arguments;

	if (error == NULL)
		return code;
	error->code = code;
	va_start(arguments, format);
	vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
	make_harmless(error->text);
	return code;
}

enum err error_wrap(struct error *error, const char *format, ...)
{
	char inner[sizeof(error->text)];
	va_list arguments;
	int used;

	if (error == NULL)
		return ERR_SYSTEM;
	memcpy(inner, error->text, sizeof(inner));
	va_start(arguments, format);
	used = vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
	if (used >= 0 && (size_t)used < sizeof(error->text))
		snprintf(error->text + used, sizeof(error->text) - (size_t)used, ": %s", inner);
	make_harmless(error->text);
	return error->code;
}
