/* SPDX-License-Identifier: MIT */
/* The part of printf(3) that our own formats use: flags '-' and '0', a width, the precision of %s, and
 * %d %u %x %X %c %s with any length. The C library's brings floating point and streams along, a tenth
 * of the static program. */
#include "core/text/text.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

/* One of a format, without its letter. */
struct conversion {
	bool left, zeros;
	int longs; /* how often 'l' */
	int width;
	int precision; /* of a string; -1: none */
};

/* So that a function can take one and leave the list behind it: a va_list itself may be an array. */
struct arguments {
	va_list list;
};

static void add_repeated(struct text *text, char c, int count)
{
	for (; count > 0; count--)
		text_add_char(text, c);
}

/* A sign goes before the zeros. */
static void add_padded(
	struct text *text, const struct conversion *conversion, const char *bytes, size_t len)
{
	int missing = conversion->width - (int)len;

	if (conversion->zeros && len > 0 && *bytes == '-') {
		text_add_char(text, *bytes++);
		len--;
	}
	if (!conversion->left)
		add_repeated(text, conversion->zeros ? '0' : ' ', missing);
	text_add_bytes(text, bytes, len);
	if (conversion->left)
		add_repeated(text, ' ', missing);
}

static void add_number(struct text *text, const struct conversion *conversion, uint64_t magnitude,
	bool negative, char letter)
{
	const char *digits = letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
	const unsigned base = letter == 'd' || letter == 'u' ? 10 : 16;
	char bytes[1 + 20], *at = bytes + sizeof bytes;

	do
		*--at = digits[magnitude % base];
	while ((magnitude /= base) > 0);
	if (negative)
		*--at = '-';
	add_padded(text, conversion, at, (size_t)(bytes + sizeof bytes - at));
}

static const char *read_width(const char *format, struct arguments *arguments, int *ret_width)
{
	if (*format == '*') {
		*ret_width = va_arg(arguments->list, int);
		return format + 1;
	}
	for (*ret_width = 0; *format >= '0' && *format <= '9'; format++)
		*ret_width = *ret_width * 10 + (*format - '0');
	return format;
}

/* Takes what stands between '%' and the letter. Returns the letter's place. */
static const char *read_conversion(
	const char *format, struct arguments *arguments, struct conversion *ret_conversion)
{
	struct conversion conversion = {.precision = -1};

	for (; *format == '-' || *format == '0'; format++)
		*(*format == '-' ? &conversion.left : &conversion.zeros) = true;
	format = read_width(format, arguments, &conversion.width);
	if (*format == '.')
		format = read_width(format + 1, arguments, &conversion.precision);
	for (; *format == 'l' || *format == 'z'; format++) /* a size_t is as long as a long */
		conversion.longs++;
	*ret_conversion = conversion;
	return format;
}

static int64_t take_signed(struct arguments *arguments, int longs)
{
	if (longs == 0)
		return va_arg(arguments->list, int);
	return longs == 1 ? va_arg(arguments->list, long) : va_arg(arguments->list, long long);
}

static uint64_t take_unsigned(struct arguments *arguments, int longs)
{
	if (longs == 0)
		return va_arg(arguments->list, unsigned);
	return longs == 1 ? va_arg(arguments->list, unsigned long)
			  : va_arg(arguments->list, unsigned long long);
}

static void add_conversion(struct text *text, const struct conversion *conversion, char letter,
	struct arguments *arguments)
{
	const char *string;
	int64_t number;
	char c;

	switch (letter) {
	case 'd':
		number = take_signed(arguments, conversion->longs);
		add_number(text, conversion, number < 0 ? -(uint64_t)number : (uint64_t)number,
			number < 0, letter);
		break;
	case 'u':
	case 'x':
	case 'X':
		add_number(text, conversion, take_unsigned(arguments, conversion->longs), false,
			letter);
		break;
	case 'c':
		c = (char)va_arg(arguments->list, int);
		add_padded(text, conversion, &c, 1);
		break;
	case 's':
		string = va_arg(arguments->list, const char *);
		add_padded(text, conversion, string,
			strnlen(string, (size_t)conversion->precision)); /* -1: no limit */
		break;
	default:
		assert(letter == '%'); /* else one that is not among the above */
		text_add(text, "%");
	}
}

void text_vprintf(struct text *text, const char *format, va_list args)
{
	struct arguments arguments;

	va_copy(arguments.list, args);
	for (;;) {
		struct conversion conversion;
		size_t plain = strcspn(format, "%");

		text_add_bytes(text, format, plain);
		format += plain;
		if (*format == '\0')
			break;
		format = read_conversion(format + 1, &arguments, &conversion);
		add_conversion(text, &conversion, *format++, &arguments);
	}
	va_end(arguments.list);
}

void text_printf(struct text *text, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_vprintf(text, format, args);
	va_end(args);
}
