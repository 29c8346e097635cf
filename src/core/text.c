/* SPDX-License-Identifier: MIT */
#include "core/text.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

void text_init(struct text *text, char *buf, size_t cap)
{
	*text = (struct text){.buf = buf, .cap = cap};
	if (cap > 0)
		buf[0] = '\0';
}

/* Bytes that still fit before the terminating NUL. */
static size_t room_left(const struct text *text)
{
	return text->cap > 0 ? text->cap - text->len - 1 : 0;
}

void text_add_bytes(struct text *text, const char *bytes, size_t len)
{
	size_t room = room_left(text);

	if (len > room) {
		len = room;
		text->truncated = true;
	}
	if (len == 0)
		return;
	memcpy(text->buf + text->len, bytes, len);
	text->len += len;
	text->buf[text->len] = '\0';
}

void text_add_char(struct text *text, char c)
{
	if (room_left(text) == 0) {
		text->truncated = true;
		return;
	}
	text->buf[text->len++] = c;
	text->buf[text->len] = '\0';
}

void text_add(struct text *text, const char *string)
{
	text_add_bytes(text, string, strlen(string));
}

size_t text_utf8_sequence(const unsigned char *s)
{
	unsigned char lowest = 0x80, highest = 0xBF;
	size_t len;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xC2 && s[0] <= 0xDF)
		len = 2;
	else if (s[0] >= 0xE0 && s[0] <= 0xEF)
		len = 3;
	else if (s[0] >= 0xF0 && s[0] <= 0xF4)
		len = 4;
	else
		return 0;
	if (s[0] == 0xE0)
		lowest = 0xA0;
	else if (s[0] == 0xF0)
		lowest = 0x90;
	else if (s[0] == 0xED)
		highest = 0x9F;
	else if (s[0] == 0xF4)
		highest = 0x8F;
	if (s[1] < lowest || s[1] > highest)
		return 0;
	for (size_t i = 2; i < len; i++) {
		if (s[i] < 0x80 || s[i] > 0xBF)
			return 0;
	}
	return len;
}

void text_add_json(struct text *text, const char *string)
{
	const unsigned char *s = (const unsigned char *)string;

	text_add(text, "\"");
	while (*s != '\0' && !text->truncated) {
		size_t len = text_utf8_sequence(s);

		if (len == 0) {
			text_add(text, "\xEF\xBF\xBD");
			len = 1;
		} else if (*s == '"' || *s == '\\') {
			text_add_char(text, '\\');
			text_add_char(text, (char)*s);
		} else if (*s == '\n') {
			text_add(text, "\\n");
		} else if (*s == '\t') {
			text_add(text, "\\t");
		} else if (*s < 0x20 || *s == 0x7F) {
			text_printf(text, "\\u%04x", (unsigned)*s);
		} else {
			text_add_bytes(text, (const char *)s, len);
		}
		s += len;
	}
	text_add(text, "\"");
}

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

void text_cut(struct text *text, size_t len)
{
	assert(len <= text->len);
	text->len = len;
	text->truncated = false;
	if (text->cap > 0)
		text->buf[len] = '\0';
}
