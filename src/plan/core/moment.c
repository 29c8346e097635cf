/* SPDX-License-Identifier: MIT */
#include "plan/core/moment.h"

#include <errno.h>
#include <stdbool.h>

/* Takes exactly `digits` digits up to max. */
static bool take(const char **at, int digits, int64_t max, int64_t *ret_number)
{
	int64_t number = 0;

	for (int i = 0; i < digits; i++, (*at)++) {
		if (**at < '0' || **at > '9')
			return false;
		number = 10 * number + (**at - '0');
	}
	*ret_number = number;
	return number <= max;
}

static bool take_char(const char **at, char c)
{
	if (**at != c)
		return false;
	(*at)++;
	return true;
}

static bool is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int64_t days_of_month(int64_t year, int64_t month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 1970-01-01; year from 1970. */
static int64_t days_since_1970(int64_t year, int64_t month, int64_t day)
{
	const int64_t y = year - 1;
	int64_t days = (year - 1970) * 365 + (y / 4 - y / 100 + y / 400) -
		       (1969 / 4 - 1969 / 100 + 1969 / 400);

	for (int64_t m = 1; m < month; m++)
		days += days_of_month(year, m);
	return days + day - 1;
}

/* Digits behind the point: milliseconds, the rest is cut. */
static bool take_fraction(const char **at, int64_t *ret_msec)
{
	int64_t msec = 0, scale = 100;
	const char *start;

	*ret_msec = 0;
	if (!take_char(at, '.'))
		return true;
	for (start = *at; **at >= '0' && **at <= '9'; (*at)++) {
		msec += scale * (**at - '0');
		scale /= 10;
	}
	*ret_msec = msec;
	return *at > start;
}

/* "Z", "+01:00". */
static bool take_zone(const char **at, int64_t *ret_minutes)
{
	int64_t hours, minutes;
	const bool is_west = **at == '-';

	*ret_minutes = 0;
	if (take_char(at, 'Z') || take_char(at, 'z'))
		return true;
	if (!take_char(at, '+') && !take_char(at, '-'))
		return false;
	if (!take(at, 2, 23, &hours) || !take_char(at, ':') || !take(at, 2, 59, &minutes))
		return false;
	*ret_minutes = (is_west ? -1 : 1) * (60 * hours + minutes);
	return true;
}

int64_t moment_parse(const char *at)
{
	int64_t year, month, day, hour, minute, second, msec, zone, moment;

	if (!take(&at, 4, 9999, &year) || !take_char(&at, '-') || !take(&at, 2, 12, &month) ||
		!take_char(&at, '-') || !take(&at, 2, 31, &day) || year < 1970 || month < 1 ||
		day < 1 || day > days_of_month(year, month))
		return -EINVAL;
	if (!take_char(&at, 'T') && !take_char(&at, 't') && !take_char(&at, ' '))
		return -EINVAL;
	if (!take(&at, 2, 23, &hour) || !take_char(&at, ':') || !take(&at, 2, 59, &minute) ||
		!take_char(&at, ':') || !take(&at, 2, 60, &second) || !take_fraction(&at, &msec) ||
		!take_zone(&at, &zone) || *at != '\0')
		return -EINVAL;
	moment = (days_since_1970(year, month, day) * 86400 + hour * 3600 + (minute - zone) * 60 +
			 second) *
			 1000 +
		 msec;
	return moment < 0 ? -EINVAL : moment;
}
