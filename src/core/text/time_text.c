/* SPDX-License-Identifier: MIT */
#include "core/text/time_text.h"

/* The Gregorian date of a day, counted from 1970-01-01 on. The year starts in March here, so that
 * the leap day is its last one and the lengths of the months before it follow one formula (Howard
 * Hinnant's civil_from_days); an era is 400 years, after which the calendar repeats itself. */
static void add_date(struct text *text, int64_t unix_day)
{
	const int day = (int)unix_day + 719468; /* from 0000-03-01 */
	const int era = day / 146097, day_of_era = day % 146097;
	const int leap_days = day_of_era / 1460 - day_of_era / 36524 + day_of_era / 146096;
	const int year_of_era = (day_of_era - leap_days) / 365;
	const int first_day = 365 * year_of_era + year_of_era / 4 - year_of_era / 100;
	const int day_of_year = day_of_era - first_day;
	const int month_from_march = (5 * day_of_year + 2) / 153;
	const int day_of_month = day_of_year - (153 * month_from_march + 2) / 5 + 1;
	const int month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
	const int year = era * 400 + year_of_era + (month <= 2 ? 1 : 0);

	text_printf(text, "%04d-%02d-%02d", year, month, day_of_month);
}

void text_add_time(struct text *text, int64_t unix_ms)
{
	const int64_t last_ms = INT64_C(253402300799999); /* 9999-12-31T23:59:59.999Z */
	const int64_t day_ms = 86400000;
	int ms;

	if (unix_ms < 0)
		unix_ms = 0;
	else if (unix_ms > last_ms)
		unix_ms = last_ms;
	ms = (int)(unix_ms % day_ms);
	add_date(text, unix_ms / day_ms);
	text_printf(text, "T%02d:%02d:%02d.%03dZ", ms / 3600000, ms / 60000 % 60, ms / 1000 % 60,
		ms % 1000);
}
