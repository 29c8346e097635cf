/* SPDX-License-Identifier: MIT */
#include "core/http/metrics.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static uint64_t answers[METRICS_STATUS_COUNT];

static const struct metrics serving = {
	.version = "1.2.3",
	.state = HEALTH_SERVING,
	.connections_known = true,
	.busy = 3,
	.unsure = 8,
	.recent = 4,
	.idle = 17,
	.unaccepted = 2,
	.undelivered_bytes = 4711,
	.age_ms = 1234,
	.jobs = 9,
	.deadline_ms = MSEC_NEVER,
	.app_started_unix_ms = 1700000000123,
	.reaped = 5,
	.refused = 6,
	.answers = answers,
};

static char answer[METRICS_ANSWER_BYTES + 1];

static const char *ask_as(
	enum http_method method, bool accepts_openmetrics, const struct metrics *metrics)
{
	struct http_request request = {
		.method = method,
		.keep_alive = true,
		.accepts_openmetrics = accepts_openmetrics,
	};
	size_t len = metrics_answer(answer, METRICS_ANSWER_BYTES, &request, metrics);
	char *end = strstr(answer, "\r\n\r\n"), *length = strstr(answer, "\r\nContent-Length: ");

	assert_int_equal(len, strlen(answer));
	assert_non_null(end);
	assert_non_null(length);
	if (method != HTTP_HEAD)
		assert_int_equal(atoi(length + 18), strlen(end + 4));
	return end + 4;
}

static const char *ask(const struct metrics *metrics)
{
	return ask_as(HTTP_GET, false, metrics);
}

static void assert_says(const char *body, const char *line)
{
	if (strstr(body, line) == NULL)
		fail_msg("no '%s' in:\n%s", line, body);
}

static void every_number_is_told(void **state)
{
	const char *body;

	(void)state;
	answers[0] = 12;
	answers[303] = 4;
	body = ask(&serving);
	assert_says(answer, "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n");
	assert_says(body, "\nlastcall_build_info{version=\"1.2.3\"} 1\n");
	assert_says(body, "\nlastcall_app_start_time_seconds 1700000000.123\n");
	assert_says(body, "\nlastcall_connections{state=\"busy\"} 3\n");
	assert_says(body, "\nlastcall_connections{state=\"unsure\"} 8\n");
	assert_says(body, "\nlastcall_connections{state=\"recent\"} 4\n");
	assert_says(body, "\nlastcall_connections{state=\"idle\"} 17\n");
	assert_says(body, "\nlastcall_accept_queue_connections 2\n");
	assert_says(body, "\nlastcall_undelivered_bytes 4711\n");
	assert_says(body, "\nlastcall_connections_age_seconds 1.234\n");
	assert_says(body, "\nlastcall_jobs 9\n");
	assert_says(body, "\nlastcall_reaped_total 5\n");
	assert_says(body, "\nlastcall_health_refused_total 6\n");
	assert_says(body, "\nlastcall_health_requests_total{code=\"200\"} 12\n");
	assert_says(body, "\nlastcall_health_requests_total{code=\"503\"} 4\n");
	answers[0] = answers[303] = 0;
}

static void one_state_is_the_current_one(void **state)
{
	(void)state;
	for (int is = 0; is < HEALTH_STATE_COUNT; is++) {
		struct metrics metrics = serving;
		const char *body, *one;

		metrics.state = (enum health_state)is;
		body = ask(&metrics);
		one = strstr(body, "\"} 1\n");
		one = strstr(one + 1, "\"} 1\n"); /* the first is the version's */
		assert_non_null(one);
		assert_null(strstr(one + 1, "\"} 1\n"));
		assert_memory_equal(one - strlen(health_state_name(metrics.state)),
			health_state_name(metrics.state), strlen(health_state_name(metrics.state)));
	}
}

static void the_deadline_is_infinite_until_a_stop(void **state)
{
	struct metrics metrics = serving;
	const char *body = ask(&metrics);

	(void)state;
	assert_says(body, "\nlastcall_stop_deadline_seconds +Inf\n");
	assert_says(body, "\nlastcall_drain_in_progress 0\n");
	metrics.state = HEALTH_DRAINING;
	metrics.deadline_ms = 8088;
	body = ask(&metrics);
	assert_says(body, "\nlastcall_stop_deadline_seconds 8.088\n");
	assert_says(body, "\nlastcall_drain_in_progress 1\n");
}

static void what_cannot_be_seen_is_left_out(void **state)
{
	struct metrics metrics = serving;
	const char *body;

	(void)state;
	metrics.connections_known = false;
	body = ask(&metrics);
	assert_says(body, "\nlastcall_connections_visible 0\n");
	assert_null(strstr(body, "lastcall_connections{"));
	assert_null(strstr(body, "undelivered"));
}

/* Counters are named without _total there, and the end is marked. */
static void openmetrics_has_its_own_grammar(void **state)
{
	const char *body = ask_as(HTTP_GET, true, &serving);

	(void)state;
	assert_says(answer,
		"\r\nContent-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n");
	assert_says(body, "\n# TYPE lastcall_reaped counter\nlastcall_reaped_total 5\n");
	assert_says(body, "# TYPE lastcall_build info\nlastcall_build_info{");
	assert_string_equal(body + strlen(body) - 6, "# EOF\n");
	assert_null(strstr(ask(&serving), "# EOF"));
}

static void the_largest_answer_fits(void **state)
{
	static char value[1900];
	struct label_list labels = {1, {{"k", value}}};
	static const int statuses[] = {200, 299, 400, 404, 405, 408, 413, 414, 431, 501, 503, 505};
	struct metrics metrics = serving;
	const char *body;

	(void)state;
	metrics.version = "1000.1000.1000-with-a-rather-long-name";
	metrics.state = HEALTH_STOPPING;
	metrics.busy = metrics.unsure = metrics.recent = metrics.idle = metrics.unaccepted =
		UINT_MAX;
	metrics.jobs = UINT_MAX;
	metrics.undelivered_bytes = metrics.reaped = metrics.refused = UINT64_MAX;
	metrics.deadline_ms = metrics.app_started_unix_ms = MSEC_NEVER - 1;
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
		answers[statuses[i] - 200] = UINT64_MAX;
	memset(value, '"', sizeof value - 1);
	metrics.labels = &labels;
	body = ask_as(HTTP_GET, true, &metrics);
	assert_string_equal(body + strlen(body) - 6, "# EOF\n");
	assert_true(strlen(answer) < METRICS_ANSWER_BYTES - 512);
	memset(answers, 0, sizeof answers);
}

static void labels_are_an_info_metric(void **state)
{
	struct label_list labels = {6,
		{{"cluster", "shop"}, {"a.b-c", "\"\\\n\xC3\xA9\xFF"}, {"a_b-c", "the same name"},
			{"1st", ""}, {"__x", "y"}, {"cluste", "another"}}};
	struct metrics metrics = serving;

	(void)state;
	assert_null(strstr(ask(&metrics), "lastcall_labels_info"));
	metrics.labels = &labels;
	assert_says(ask(&metrics),
		"lastcall_labels_info{cluster=\"shop\",a_b_c=\"\\\"\\\\\\n\xC3\xA9\xEF\xBF\xBD\","
		"label_1st=\"\",label___x=\"y\",cluste=\"another\"} 1");
	assert_says(ask_as(HTTP_GET, true, &metrics), "# TYPE lastcall_labels info");
}

static void labels_that_do_not_fit_are_left_out(void **state)
{
	static char value[3000];
	struct label_list labels = {3, {{"a", value}, {"b", value}, {"c", "last"}}};
	struct metrics metrics = serving;

	(void)state;
	memset(value, 'x', sizeof value - 1);
	metrics.labels = &labels;
	assert_non_null(strstr(ask(&metrics), "xxx\",c=\"last\"} 1\n"));
}

static void head_and_options_have_no_body(void **state)
{
	(void)state;
	assert_string_equal(ask_as(HTTP_HEAD, false, &serving), "");
	assert_null(strstr(answer, "Content-Length: 0\r\n"));
	assert_string_equal(ask_as(HTTP_OPTIONS, false, &serving), "");
	assert_non_null(strstr(answer, "Content-Length: 0\r\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_number_is_told),
		cmocka_unit_test(one_state_is_the_current_one),
		cmocka_unit_test(the_deadline_is_infinite_until_a_stop),
		cmocka_unit_test(what_cannot_be_seen_is_left_out),
		cmocka_unit_test(openmetrics_has_its_own_grammar),
		cmocka_unit_test(the_largest_answer_fits),
		cmocka_unit_test(labels_are_an_info_metric),
		cmocka_unit_test(labels_that_do_not_fit_are_left_out),
		cmocka_unit_test(head_and_options_have_no_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
