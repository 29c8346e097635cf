/* SPDX-License-Identifier: MIT */
#include "core/text/json_scan.h"

#include "unit/guard_page.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A document as its items, in memory that ends with it: "{ a:\"1 } 0", the error at the end. */
static const char *items_of(const char *document)
{
	static const char kinds[] = "{[}\"#tfn";
	static char buf[512];
	size_t len = strlen(document);
	struct json_item item;
	struct json_scan scan;
	struct text text;
	int r;

	text_init(&text, buf, sizeof buf);
	json_scan_init(&scan, guard_page_copy(document, len), len);
	while ((r = json_scan_next(&scan, &item)) > 0) {
		text_printf(&text, "%u", item.depth);
		if (item.key != NULL)
			text_printf(&text, "%.*s:", (int)item.key_len, item.key);
		text_add_char(&text, kinds[item.kind]);
		if (item.kind == JSON_STRING || item.kind == JSON_NUMBER)
			text_add_bytes(&text, item.bytes, item.len);
		text_add(&text, " ");
	}
	text_add(&text, r == 0 ? "end" : "error");
	assert_int_equal(json_scan_next(&scan, &item), r); /* and stays so */
	return buf;
}

static void documents_are_read_value_by_value(void **state)
{
	(void)state;
	assert_string_equal(items_of("{}"), "0{ 0} end");
	assert_string_equal(items_of(" [ ] \n"), "0[ 0} end");
	assert_string_equal(
		items_of("{\"a\":1,\"b\":[true,false,null,\"x\"],\"c\":{\"d\":-0.5e+7}}"),
		"0{ 1a:#1 1b:[ 2t 2f 2n 2\"x 1} 1c:{ 2d:#-0.5e+7 1} 0} end");
	assert_string_equal(items_of("\"\\\"\\u00e9\""), "0\"\\\"\\u00e9 end");
	assert_string_equal(items_of("0"), "0#0 end");
}

static void what_is_no_json_is_an_error(void **state)
{
	static const char *const documents[] = {"", " ", "{", "[", "}", "{]", "[}", "{\"a\"}",
		"{\"a\":}", "{\"a\":1,}", "[1,]", "[,1]", "[1 2]", "{\"a\":1 \"b\":2}", "{a:1}",
		"01", "-", "1.", ".5", "1e", "+1", "tru", "nul", "truex", "\"", "\"\\\"", "\"\\x\"",
		"\"\\u12g4\"", "\"\\u12", "\"\n\"", "1 1", "{} x", "'a'", "NaN", "\x80"};

	(void)state;
	for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
		const char *items = items_of(documents[i]);

		if (strcmp(items + strlen(items) - 5, "error") != 0)
			fail_msg("'%s' was read as %s", documents[i], items);
	}
}

static void depth_is_limited(void **state)
{
	char document[2 * (JSON_SCAN_MAX_DEPTH + 1) + 1];

	(void)state;
	memset(document, '[', JSON_SCAN_MAX_DEPTH);
	memset(document + JSON_SCAN_MAX_DEPTH, ']', JSON_SCAN_MAX_DEPTH);
	document[2 * JSON_SCAN_MAX_DEPTH] = '\0';
	assert_non_null(strstr(items_of(document), "end"));
	memset(document, '[', JSON_SCAN_MAX_DEPTH + 1);
	assert_null(strstr(items_of(document), "end"));
}

static void assert_string_is(const char *document, const char *want)
{
	char buf[64];
	size_t len = strlen(document);
	struct json_item item;
	struct json_scan scan;
	struct text text;

	json_scan_init(&scan, guard_page_copy(document, len), len);
	assert_int_equal(json_scan_next(&scan, &item), 1);
	text_init(&text, buf, sizeof buf);
	json_item_add_string(&item, &text);
	assert_string_equal(buf, want);
}

static void escapes_are_resolved(void **state)
{
	(void)state;
	assert_string_is("\"a\\\"\\\\\\/\\b\\f\\n\\r\\tz\"", "a\"\\/\b\f\n\r\tz");
	assert_string_is(
		"\"\\u0041\\u00e9\\u20AC\\ud83d\\ude00\"", "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
	assert_string_is("\"\\u0000|\\ud83d|\\ude00|\\ud83d\\u0041\"",
		"\xEF\xBF\xBD|\xEF\xBF\xBD|\xEF\xBF\xBD|\xEF\xBF\xBD"
		"A");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents_are_read_value_by_value),
		cmocka_unit_test(what_is_no_json_is_an_error),
		cmocka_unit_test(depth_is_limited),
		cmocka_unit_test(escapes_are_resolved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
