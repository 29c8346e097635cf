/* SPDX-License-Identifier: MIT */
#include "plan/document/document_error.h"

#include <stdarg.h>
#include <stdio.h>

void document_error_set(
	struct document_error *error, uint32_t line, uint32_t column, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	for (char *c = error->text; *c; c++) {
		if ((unsigned char)*c < 0x20)
			*c = ' ';
	}
	error->line = line;
	error->column = column;
}
