/* SPDX-License-Identifier: MIT */
#include "plan/core/int_or_percent.h"

#include "core/text/number.h"

#include <errno.h>
#include <stddef.h>

int int_or_percent_parse(const char *string, bool is_quoted, struct int_or_percent *ret_value)
{
	struct int_or_percent value;

	value.value = number_take(&string, INT_OR_PERCENT_MAX);
	if (value.value < 0)
		return -EINVAL;
	value.is_percent = *string == '%';
	if (value.is_percent)
		string++;
	if (*string != '\0' || (is_quoted && !value.is_percent))
		return -EINVAL;
	*ret_value = value;
	return 0;
}

int64_t int_or_percent_of(struct int_or_percent value, int64_t total, bool is_rounded_up)
{
	if (!value.is_percent)
		return value.value;
	return (total * value.value + (is_rounded_up ? 99 : 0)) / 100;
}
