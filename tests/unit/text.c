/* SPDX-License-Identifier: MIT */
#include "core/text/text.h"

#include "core/text/json_text.h"
#include "core/text/time_text.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define REPLACEMENT "\xEF\xBF\xBD"

static void text_grows_by_each_addition(void **state)
{
	char buf[64];
	struct text text;

	(void)state;
	text_init(&text, buf, sizeof buf);
	text_add(&text, "busy");
	text_add_bytes(&text, "=xyz", 1);
	text_printf(&text, "%d%s", 12, ";");
	assert_string_equal(buf, "busy=12;");
	assert_int_equal(text.len, 8);
	assert_false(text.truncated);
}

/* The C library is asked for the same, and has to be answered the same. */
#define CHECK_FORMAT(...)                                                                          \
	do {                                                                                       \
		char ours[64], theirs[64];                                                         \
		struct text text;                                                                  \
		text_init(&text, ours, sizeof ours);                                               \
		text_printf(&text, __VA_ARGS__);                                                   \
		(void)snprintf(theirs, sizeof theirs, __VA_ARGS__);                                \
		assert_string_equal(ours, theirs);                                                 \
	} while (0)

static void formats_are_those_of_printf(void **state)
{
	(void)state;
	CHECK_FORMAT("%d %d %d", 0, INT_MAX, INT_MIN);
	CHECK_FORMAT("%u %lu %zu", UINT_MAX, ULONG_MAX, (size_t)7);
	CHECK_FORMAT("%" PRId64 " %" PRIu64, INT64_MIN, UINT64_MAX);
	CHECK_FORMAT("%lld %llu", LLONG_MIN, ULLONG_MAX);
	CHECK_FORMAT("%x %X %08X %04x", 0u, 0xBEEFu, 0xBEEFu, 0x12345u);
	CHECK_FORMAT("%03d|%04d|%02" PRId64, 7, -7, INT64_C(123));
	CHECK_FORMAT("%0*" PRId64 "|%*d|%-6d|%6d", 5, INT64_C(42), 4, 42, 42, -42);
	CHECK_FORMAT("%s|%8s|%-8s|%2s|%*s|%s", "abc", "abc", "abc", "abc", 5, "", "");
	CHECK_FORMAT("%.2s|%.9s|%.*s|%6.1s", "abc", "abc", 0, "abc", "abc");
	CHECK_FORMAT("%c%c|%3c|%%|100%%", 'a', '%', 'b');
}

/* Of a string with a precision no more is read: it need not be terminated. */
static void precision_is_the_end_of_a_string(void **state)
{
	const char unterminated[3] = {'a', 'b', 'c'};
	char buf[8];
	struct text text;

	(void)state;
	text_init(&text, buf, sizeof buf);
	text_printf(&text, "%.*s", 3, unterminated);
	assert_string_equal(buf, "abc");
}

static void add_three_ways(struct text *text)
{
	text_add(text, "ab");
	text_printf(text, "%s", "cd");
	text_add_json(text, "\x01");
}

/* Every capacity from nothing to more than enough, with a byte behind it that must stay. */
static void text_is_cut_at_its_capacity(void **state)
{
	static const char whole[] = "abcd\"\\u0001\"";
	char buf[sizeof whole + 2];

	(void)state;
	for (size_t cap = 0; cap <= sizeof whole + 1; cap++) {
		struct text text;

		memset(buf, '#', sizeof buf);
		text_init(&text, buf, cap);
		add_three_ways(&text);
		assert_int_equal(text.truncated, cap < sizeof whole);
		assert_int_equal(buf[cap], '#');
		if (cap == 0)
			continue;
		assert_int_equal(text.len, cap < sizeof whole ? cap - 1 : sizeof whole - 1);
		assert_int_equal(strlen(buf), text.len);
		assert_memory_equal(buf, whole, text.len);
	}
}

static void text_that_just_fits_is_whole(void **state)
{
	char buf[4];
	struct text text;

	(void)state;
	text_init(&text, buf, sizeof buf);
	text_printf(&text, "%s", "abc");
	text_add(&text, "");
	text_printf(&text, "%s", "");
	assert_false(text.truncated);
	text_add(&text, "d");
	assert_true(text.truncated);
	assert_string_equal(buf, "abc");
}

static void cut_takes_back_what_did_not_fit(void **state)
{
	char buf[8];
	struct text text;
	size_t len;

	(void)state;
	text_init(&text, buf, sizeof buf);
	text_add(&text, "kept");
	len = text.len;
	text_add(&text, " too long");
	assert_true(text.truncated);
	text_cut(&text, len);
	assert_false(text.truncated);
	assert_string_equal(buf, "kept");
}

static void json_strings_are_escaped(void **state)
{
	static const struct {
		const char *what, *string, *json;
	} cases[] = {
		{"empty", "", "\"\""},
		{"plain", "/usr/bin/app -c x", "\"/usr/bin/app -c x\""},
		{"quote and backslash", "a\"b\\c", "\"a\\\"b\\\\c\""},
		{"line feed and tab", "a\nb\tc", "\"a\\nb\\tc\""},
		{"other controls", "\x01\r\x1F\x7F", "\"\\u0001\\u000d\\u001f\\u007f\""},
		{"a slash needs no escape", "/", "\"/\""},
		{"two bytes", "\xC2\x80\xDF\xBF", "\"\xC2\x80\xDF\xBF\""},
		{"three bytes", "\xE0\xA0\x80\xEF\xBF\xBF", "\"\xE0\xA0\x80\xEF\xBF\xBF\""},
		{"four bytes", "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF",
			"\"\xF0\x90\x80\x80\xF4\x8F\xBF\xBF\""},
		{"next to the surrogates", "\xED\x9F\xBF\xEE\x80\x80",
			"\"\xED\x9F\xBF\xEE\x80\x80\""},
		{"lone continuation byte", "a\x80z", "\"a" REPLACEMENT "z\""},
		{"Latin-1", "caf\xE9!", "\"caf" REPLACEMENT "!\""},
		{"overlong slash", "\xC0\xAF", "\"" REPLACEMENT REPLACEMENT "\""},
		{"overlong in three bytes", "\xE0\x9F\xBF",
			"\"" REPLACEMENT REPLACEMENT REPLACEMENT "\""},
		{"overlong in four bytes", "\xF0\x8F\xBF\xBF",
			"\"" REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT "\""},
		{"surrogate", "\xED\xA0\x80", "\"" REPLACEMENT REPLACEMENT REPLACEMENT "\""},
		{"past U+10FFFF", "\xF4\x90\x80\x80",
			"\"" REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT "\""},
		{"byte that is never UTF-8", "\xFF\xF5", "\"" REPLACEMENT REPLACEMENT "\""},
		{"sequence cut by the end", "a\xE2\x82", "\"a" REPLACEMENT REPLACEMENT "\""},
		{"sequence cut by a quote", "\xC3\"", "\"" REPLACEMENT "\\\"\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char buf[64];
		struct text text;

		text_init(&text, buf, sizeof buf);
		text_add_json(&text, cases[i].string);
		if (strcmp(buf, cases[i].json) != 0)
			fail_msg("%s: got %s, want %s", cases[i].what, buf, cases[i].json);
	}
}

static void time_is_written_as_rfc_3339(void **state)
{
	static const struct {
		int64_t unix_ms;
		const char *text;
	} cases[] = {
		{0, "1970-01-01T00:00:00.000Z"},
		{1, "1970-01-01T00:00:00.001Z"},
		{86399999, "1970-01-01T23:59:59.999Z"},
		{INT64_C(951782400000), "2000-02-29T00:00:00.000Z"},
		{INT64_C(1709164800000), "2024-02-29T00:00:00.000Z"},
		{INT64_C(1786007704123), "2026-08-06T09:15:04.123Z"},
		{INT64_C(4107542400000), "2100-03-01T00:00:00.000Z"},
		{INT64_C(253402300799999), "9999-12-31T23:59:59.999Z"},
		{INT64_C(253402300800000), "9999-12-31T23:59:59.999Z"},
		{INT64_MAX, "9999-12-31T23:59:59.999Z"},
		{-1, "1970-01-01T00:00:00.000Z"},
		{INT64_MIN, "1970-01-01T00:00:00.000Z"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char buf[32];
		struct text text;

		text_init(&text, buf, sizeof buf);
		text_add_time(&text, cases[i].unix_ms);
		assert_string_equal(buf, cases[i].text);
	}
}

/* Every day of the four digits, against the C library. */
static void dates_agree_with_the_c_library(void **state)
{
	const int64_t day_ms = 86400000;

	(void)state;
	for (int64_t day = 0; day < 2932897; day++) {
		const time_t seconds = (time_t)(day * 86400 + day % 86400);
		char buf[32], want[32];
		struct text text;
		struct tm tm;

		text_init(&text, buf, sizeof buf);
		text_add_time(&text, day * day_ms + day % 86400 * 1000);
		assert_non_null(gmtime_r(&seconds, &tm));
		assert_int_not_equal(strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%S.000Z", &tm), 0);
		if (strcmp(buf, want) != 0)
			fail_msg("day %lld: got %s, want %s", (long long)day, buf, want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_grows_by_each_addition),
		cmocka_unit_test(formats_are_those_of_printf),
		cmocka_unit_test(precision_is_the_end_of_a_string),
		cmocka_unit_test(text_is_cut_at_its_capacity),
		cmocka_unit_test(text_that_just_fits_is_whole),
		cmocka_unit_test(cut_takes_back_what_did_not_fit),
		cmocka_unit_test(json_strings_are_escaped),
		cmocka_unit_test(time_is_written_as_rfc_3339),
		cmocka_unit_test(dates_agree_with_the_c_library),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
