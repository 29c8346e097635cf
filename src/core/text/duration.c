/* SPDX-License-Identifier: MIT */
#include "core/text/duration.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static const struct {
	char name[sizeof "\xC2\xB5s"];
	int64_t nanoseconds;
} units[] = {
	/* longest names first where one is the start of another */
	{"ns", 1},
	{"us", 1000},
	{"\xC2\xB5s", 1000}, /* U+00B5 micro sign */
	{"\xCE\xBCs", 1000}, /* U+03BC Greek mu */
	{"ms", 1000000},
	{"s", 1000000000},
	{"m", 60 * INT64_C(1000000000)},
	{"h", 3600 * INT64_C(1000000000)},
};

/* Takes the unit at *at and moves past it. Returns its nanoseconds, or 0 for none. */
static int64_t take_unit(const char **at)
{
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		size_t len = strlen(units[i].name);

		if (strncmp(*at, units[i].name, len) == 0) {
			*at += len;
			return units[i].nanoseconds;
		}
	}
	return 0;
}

/* Takes one "12.5s" and adds it to *total, in nanoseconds. */
static int take_pair(const char **at, int64_t *total)
{
	int64_t whole = 0, fraction = 0, scale = 1, unit, value;
	bool digits = false;

	for (; **at >= '0' && **at <= '9'; (*at)++, digits = true) {
		if (__builtin_mul_overflow(whole, 10, &whole) ||
			__builtin_add_overflow(whole, **at - '0', &whole))
			return -ERANGE;
	}
	if (**at == '.') {
		for ((*at)++; **at >= '0' && **at <= '9'; (*at)++, digits = true) {
			if (scale >= INT64_C(1000000000))
				continue; /* finer than what any unit resolves here */
			fraction = fraction * 10 + (**at - '0');
			scale *= 10;
		}
	}
	if (!digits)
		return -EINVAL;
	unit = take_unit(at);
	if (unit == 0)
		return -EINVAL;
	value = (int64_t)((double)fraction * ((double)unit / (double)scale));
	if (__builtin_mul_overflow(whole, unit, &whole) ||
		__builtin_add_overflow(whole, value, &value) ||
		__builtin_add_overflow(*total, value, total))
		return -ERANGE;
	return 0;
}

int duration_parse_go(const char *string, msec_t *ret_msec)
{
	const char *at = string;
	int64_t total = 0;
	bool negative = *at == '-';

	if (*at == '-' || *at == '+')
		at++;
	if (strcmp(at, "0") == 0) {
		*ret_msec = 0;
		return 0;
	}
	do {
		int r = take_pair(&at, &total);
		if (r < 0)
			return r;
	} while (*at != '\0');
	*ret_msec = (negative ? -total : total) / 1000000;
	return 0;
}

int duration_parse(const char *string, msec_t *ret_msec)
{
	if (*string == '-')
		return -EINVAL;
	return duration_parse_go(string, ret_msec);
}

/* Adds seconds and milliseconds below a minute: 250ms, 2s, 2.5s. */
static void add_below_minute(struct text *text, msec_t msec)
{
	int digits = 3;
	msec_t fraction = msec % 1000;

	if (msec < 1000 && msec > 0) {
		text_printf(text, "%dms", (int)msec);
		return;
	}
	text_printf(text, "%d", (int)(msec / 1000));
	if (fraction > 0) {
		for (; fraction % 10 == 0; fraction /= 10)
			digits--;
		text_printf(text, ".%0*d", digits, (int)fraction);
	}
	text_add(text, "s");
}

void duration_add(struct text *text, msec_t msec)
{
	if (msec == MSEC_NEVER) {
		text_add(text, "never");
		return;
	}
	if (msec < 0) {
		text_add(text, "-");
		msec = -msec;
	}
	if (msec >= 3600000)
		text_printf(text, "%lldh", (long long)(msec / 3600000));
	if (msec / 60000 % 60 > 0)
		text_printf(text, "%dm", (int)(msec / 60000 % 60));
	if (msec % 60000 > 0 || msec == 0)
		add_below_minute(text, msec % 60000);
}

const char *duration_text(char buf[static DURATION_TEXT_BYTES], msec_t msec)
{
	struct text text;

	text_init(&text, buf, DURATION_TEXT_BYTES);
	duration_add(&text, msec);
	return buf;
}
