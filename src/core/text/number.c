/* SPDX-License-Identifier: MIT */
#include "core/text/number.h"

#include <errno.h>
#include <string.h>

int64_t number_take(const char **at, int64_t max)
{
	int64_t value = 0;

	if (**at < '0' || **at > '9')
		return -EINVAL;
	for (; **at >= '0' && **at <= '9'; (*at)++) {
		value = value * 10 + (**at - '0');
		if (value > max)
			return -EINVAL;
	}
	return value;
}

int64_t number_parse(const char *string, int64_t min, int64_t max)
{
	int64_t value = number_take(&string, max);

	return *string == '\0' && value >= min ? value : -EINVAL;
}

int64_t number_take_signed(const char **at)
{
	const char *digit = *at + strspn(*at, " \t\n\v\f\r");
	const char sign = *digit;
	int64_t value = 0;

	if (sign == '-' || sign == '+')
		digit++;
	if (*digit < '0' || *digit > '9')
		return 0;
	for (; *digit >= '0' && *digit <= '9'; digit++) {
		if (value < NUMBER_FAR)
			value = value * 10 + (*digit - '0');
	}
	if (value > NUMBER_FAR)
		value = NUMBER_FAR;
	*at = digit;
	return sign == '-' ? -value : value;
}

int number_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20; /* a small letter */
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -EINVAL;
}
