/* SPDX-License-Identifier: MIT */
/* Text built up in the caller's buffer, always terminated. What does not fit is cut and remembered
 * in `truncated`; nothing is ever written past the buffer. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	char *buf;
	size_t cap; /* with room for the terminating NUL */
	size_t len;
	bool truncated;
};

void text_init(struct text *text, char *buf, size_t cap);
void text_add(struct text *text, const char *string);
void text_add_bytes(struct text *text, const char *bytes, size_t len);
void text_add_char(struct text *text, char c);

/* Of printf's formats %d %u %x %X %c %s, with a width, '-', '0', and a precision for %s. */
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vprintf(struct text *text, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

/* Takes back all that was added since the text had this length and was still whole. */
void text_cut(struct text *text, size_t len);
