/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

enum err error_set(struct error *error, enum err code, const char *format, ...)
{
	va_list arguments;

	if (error == NULL)
		return code;
	error->code = code;
	va_start(arguments, format);
	vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
	utf8_make_harmless(error->text);
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
	utf8_make_harmless(error->text);
	return error->code;
}
