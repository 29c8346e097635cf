/* SPDX-License-Identifier: MIT */
#include "plan/model/value.h"

#include <string.h>
#include <strings.h>

#define NUMBER_MAX INT64_C(1000000000000)

bool value_is(const struct value *value, const char *text)
{
	return value_is_known(value) && strcmp(value->text, text) == 0;
}

bool value_is_word(const struct value *value, const char *text)
{
	return value_is_known(value) && strcasecmp(value->text, text) == 0;
}

/* The digits at *at, none more than NUMBER_MAX. */
static bool take_digits(const char **at, int64_t *ret_number)
{
	int64_t number = 0;

	if (**at < '0' || **at > '9')
		return false;
	for (; **at >= '0' && **at <= '9'; (*at)++) {
		number = 10 * number + (**at - '0');
		if (number > NUMBER_MAX)
			return false;
	}
	*ret_number = number;
	return true;
}

static bool is_zeros(const char *text)
{
	return text[strspn(text, "0")] == '\0';
}

bool value_number(const struct value *value, int64_t *ret_number)
{
	const char *at = value->text;
	bool is_negative;
	int64_t number;

	if (!value_is_known(value))
		return false;
	is_negative = *at == '-';
	at += is_negative;
	if (!take_digits(&at, &number) || (*at == '.' ? !is_zeros(at + 1) : *at != '\0'))
		return false;
	*ret_number = is_negative ? -number : number;
	return true;
}

bool value_number_or(const struct value *value, int64_t absent, int64_t *ret_number)
{
	if (!value_is_absent(value))
		return value_number(value, ret_number);
	*ret_number = absent;
	return true;
}

bool value_bool_or(const struct value *value, bool absent, bool *ret_bool)
{
	if (value_is_absent(value)) {
		*ret_bool = absent;
		return true;
	}
	if (!value_is_word(value, "true") && !value_is_word(value, "false"))
		return false;
	*ret_bool = value_is_word(value, "true");
	return true;
}

bool value_tenths(const struct value *value, int64_t *ret_tenths)
{
	const char *at = value->text;
	int64_t number;

	if (!value_is_known(value) || !take_digits(&at, &number))
		return false;
	number *= 10;
	if (*at == '.' && at[1] >= '0' && at[1] <= '9') {
		number += at[1] - '0';
		at += 2;
	}
	if (!is_zeros(at))
		return false;
	*ret_tenths = number;
	return true;
}
