/* SPDX-License-Identifier: MIT */
#include "host/report_search.h"

#include "drill/server/server_report.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The shortest report that is recognised. */
#define REPORT(at, cut)                                                                            \
	"{\"schema\":\"lastcall.drain/"                                                            \
	"1\",\"outcome\":\"drained\",\"degraded\":[],\"stop\":{\"signal\":"                        \
	"\"SIGTERM\",\"at\":\"" at                                                                 \
	"\"},\"phases_ms\":{\"drain\":100,\"total\":250},\"connections\":{"                        \
	"\"cut\":" cut ",\"longest_ms\":90}}"

/* The same as it stands in a JSON string. */
#define QUOTED(at)                                                                                 \
	"{\\\"schema\\\":\\\"lastcall.drain\\/"                                                    \
	"1\\\",\\\"outcome\\\":\\\"drained\\\",\\\"stop\\\":{\\\"signal"                           \
	"\\\":\\\"SIGTERM\\\",\\\"at\\\":\\\"" at "\\\"},\\\"phases_ms\\\":{\\\"total\\\":250}}"

static struct report_search search;

static int set_up(void **state)
{
	(void)state;
	return report_search_init(&search);
}

static int tear_down(void **state)
{
	(void)state;
	report_search_done(&search);
	return 0;
}

static void assert_found(const char *text, size_t count, size_t broken)
{
	assert_int_equal(report_search_text(&search, text, strlen(text)), 0);
	if (search.count != count || search.broken != broken)
		fail_msg("%zu found and %zu broken, not %zu and %zu, in %s", search.count,
			search.broken, count, broken, text);
	report_search_done(&search);
	assert_int_equal(report_search_init(&search), 0);
}

static void reports_are_found_wherever_logs_put_them(void **state)
{
	static const struct {
		const char *text;
		size_t count;
	} logs[] = {
		{"", 0},
		{"GET / 200\n{\"level\":\"info\"}\nlastcall: drained in 2s\n", 0},
		{REPORT("1", "0") "\n", 1},
		{"web-1  | " REPORT("1", "0") "\nweb-2  | " REPORT("2", "0") "\n", 2},
		{"2026-08-06T09:15:04Z {x} [1] " REPORT("1", "0"), 1},
		{"{\"level\":\"info\",\"a\":{}}\n" REPORT("1", "0") "\n{\"level\":\"warn\"}\n", 1},
		/* Docker's json-file, FireLens */
		{"{\"log\":\"" QUOTED("1") "\\n\",\"stream\":\"stderr\"}\n{\"log\":\"" QUOTED(
			 "2") "\"}",
			2},
		/* aws logs get-log-events */
		{"{\"events\":[{\"timestamp\":1,\"message\":\"" QUOTED(
			 "1") "\"},{\"message\":\"GET /\"},"
			      "{\"message\":\"" QUOTED("2") "\"}],\"nextForwardToken\":\"f/3\"}",
			2},
		/* aws logs get-query-results */
		{"{\"results\":[[{\"field\":\"@message\",\"value\":\"" QUOTED("1") "\"}]]}", 1},
		/* the console's export of Logs Insights, with the message as JSON already */
		{"[{\"@timestamp\":\"x\",\"@message\":" REPORT("1", "0") "}]", 1},
		/* jq, without -c */
		{"{\n  \"schema\": \"lastcall.drain/1\",\n  \"phases_ms\": {\n    \"total\": 3\n  "
		 "}\n}\n",
			1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(logs) / sizeof(*logs); i++)
		assert_found(logs[i].text, logs[i].count, 0);
}

static void what_is_cut_is_counted_and_hides_nothing(void **state)
{
	(void)state;
	assert_found("{\"schema\":\"lastcall.drain/1\",\"stop\":{\"at\":\"1\"},\"phas\n" REPORT(
			     "2", "0"),
		1, 1);
	assert_found(REPORT("1", "0") "\n{\"schema\":\"lastcall.drain/1\",\"outc", 1, 1);
	/* an export that was cut off: what is whole in it is found */
	assert_found("{\"events\":[{\"message\":\"" QUOTED("1") "\"},{\"mess", 1, 0);
	/* named, and not one: the schema itself */
	assert_found("{\"properties\":{\"schema\":{\"const\":\"lastcall.drain/1\"}}}", 0, 1);
}

static void a_report_that_comes_twice_counts_once(void **state)
{
	const char *text = REPORT("1", "0") "\n" REPORT("1", "0") "\n" REPORT("2", "0");

	(void)state;
	assert_int_equal(report_search_text(&search, text, strlen(text)), 0);
	assert_int_equal(report_search_text(&search, text, strlen(text)), 0);
	assert_int_equal(search.count, 2);
	assert_int_equal(search.repeated, 4);
}

static void numbers_are_read_and_null_is_not_zero(void **state)
{
	const char *text = REPORT("1", "7") REPORT("2", "null") REPORT("3", "18446744073709551615");

	(void)state;
	assert_int_equal(report_search_text(&search, text, strlen(text)), 0);
	assert_int_equal(search.count, 3);
	assert_true(search.stops[0].was_asked && search.stops[0].was_found);
	assert_int_equal(search.stops[0].total_ms, 250);
	assert_int_equal(search.stops[0].longest_ms, 90);
	assert_int_equal(search.stops[0].cut, 7);
	assert_true(search.stops[0].headroom_ms == SELF_REPORT_UNKNOWN);
	assert_true(search.stops[1].cut == SELF_REPORT_UNKNOWN);
	assert_true(search.stops[2].cut == SELF_REPORT_UNKNOWN); /* more than can be cut */
	assert_int_equal(json_integer_value(json_object_get(search.outcomes, "drained")), 3);
}

static void the_last_report_is_the_servers_word(void **state)
{
	struct self_report word = {0};

	(void)state;
	assert_false(server_report_find("listening on 8080\n", &word));
	assert_false(word.was_found);
	assert_true(server_report_find("web | " REPORT("1", "7") "\r\nbye\n", &word));
	assert_true(word.was_found);
	assert_int_equal(word.cut, 7);
	assert_int_equal(word.total_ms, 250);
	assert_string_equal(word.outcome, "drained");
	assert_true(word.finished == SELF_REPORT_UNKNOWN);
	assert_true(server_report_find(REPORT("1", "7") "\n" REPORT("2", "null"), &word));
	assert_true(word.cut == SELF_REPORT_UNKNOWN);
}

#define UNNAMED "{\"outcome\":\"drained\",\"phases_ms\":{},\"connections\":{}}"

static void assert_refused(const char *text, size_t count, size_t unnamed)
{
	assert_int_equal(report_search_text(&search, text, strlen(text)), 0);
	assert_int_equal(search.count, count);
	assert_int_equal(search.unnamed, unnamed);
	assert_int_equal(search.broken, 0);
	report_search_done(&search);
	assert_int_equal(report_search_init(&search), 0);
}

static void reports_without_a_schema_are_counted_wherever_they_are(void **state)
{
	(void)state;
	assert_refused(UNNAMED "\n" UNNAMED "\n", 0, 2);
	assert_refused("[" UNNAMED "," REPORT("1", "0") "," UNNAMED "]", 1, 2); /* in one line */
	assert_refused("[" REPORT("1", "0") "," UNNAMED "]", 1, 1);
	assert_refused("{\"log\":\"{\\\"phases_ms\\\":{},\\\"connections\\\":{}}\"}", 0, 1);
	assert_refused("{\"phases_ms\":1} the phases_ms of {x}", 0, 0);
}

/* Time is the test: each of these once took the square of its length. */
static void a_long_text_is_read_once(void **state)
{
	static const struct {
		const char *begin, *piece;
	} texts[] = {
		{"[", UNNAMED ","}, /* an export in one line */
		{"", "{\"phases_ms\":\n"}, /* that nests without an end */
		{"", "{\"phases_ms\":"},
		{"phases_ms lastcall.drain", "["},
	};
	const size_t len = 1 << 20;
	char *text = malloc(len + 1);

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		const size_t piece = strlen(texts[i].piece);
		size_t at = strlen(texts[i].begin);

		memcpy(text, texts[i].begin, at);
		for (; at + piece <= len; at += piece)
			memcpy(text + at, texts[i].piece, piece);
		assert_int_equal(report_search_text(&search, text, at), 0);
	}
	assert_int_equal(search.unnamed, (len - 1) / strlen(UNNAMED ","));
	free(text);
}

static void deep_nesting_ends(void **state)
{
	static char text[1 << 16];

	(void)state;
	memset(text, '{', sizeof(text) - 1);
	memcpy(text + sizeof(text) - 32, "lastcall.drain/1", 16);
	assert_found(text, 0, 1);
	memset(text, '[', sizeof(text) - 1);
	assert_found(text, 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			reports_are_found_wherever_logs_put_them, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_is_cut_is_counted_and_hides_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_report_that_comes_twice_counts_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			numbers_are_read_and_null_is_not_zero, set_up, tear_down),
		cmocka_unit_test(the_last_report_is_the_servers_word),
		cmocka_unit_test_setup_teardown(
			reports_without_a_schema_are_counted_wherever_they_are, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_long_text_is_read_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(deep_nesting_ends, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
