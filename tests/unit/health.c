/* SPDX-License-Identifier: MIT */
#include "core/http/health.h"

#include "core/codec/notify_message.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH "/healthcheck"

static const struct health_settings settings = {.path = PATH, .drain_status = 503};

static const struct health_status serving = {
	.state = HEALTH_SERVING,
	.since_ms = 60000,
	.connections_known = true,
	.busy = 3,
	.idle = 17,
	.age_ms = 12,
	.deadline_ms = MSEC_NEVER,
};

struct answer {
	char bytes[HEALTH_ANSWER_BYTES + 1];
	size_t len;
	int http_status;
	const char *body;
};

static struct http_request make_request(enum http_method method, const char *path, bool keep_alive)
{
	return (struct http_request){
		.method = method,
		.path = path,
		.path_len = strlen(path),
		.keep_alive = keep_alive,
	};
}

/* What holds for every answer: it is whole, its lines end in CRLF, and it says how long its body is
 * (or, to a HEAD, would be). */
static void assert_well_formed(struct answer *answer, bool has_body)
{
	const char *length = strstr(answer->bytes, "\r\nContent-Length: ");
	const char *end = strstr(answer->bytes, "\r\n\r\n");

	assert_int_equal(answer->len, strlen(answer->bytes));
	assert_true(answer->len < HEALTH_ANSWER_BYTES);
	assert_non_null(length);
	assert_non_null(end);
	answer->body = end + 4;
	if (has_body)
		assert_int_equal(atoi(length + 18), strlen(answer->body));
	else
		assert_string_equal(answer->body, "");
	assert_non_null(strstr(answer->bytes, "\r\nCache-Control: no-store\r\n"));
}

static void ask(enum http_method method, const char *path, bool keep_alive,
	const struct health_status *status, struct answer *answer)
{
	struct http_request request = make_request(method, path, keep_alive);

	answer->len = health_answer(answer->bytes, HEALTH_ANSWER_BYTES, &request, &settings, status,
		&answer->http_status);
	assert_well_formed(answer, method != HTTP_HEAD);
	assert_int_equal(strstr(answer->bytes, "\r\nContent-Type: application/json\r\n") != NULL,
		method != HTTP_OPTIONS);
}

static void assert_contains(const struct answer *answer, const char *part)
{
	if (strstr(answer->bytes, part) == NULL)
		fail_msg("no %s in: %s", part, answer->bytes);
}

static void each_state_has_its_status(void **state)
{
	static const struct {
		enum health_state state;
		const char *name;
		int ready, live;
	} cases[] = {
		{HEALTH_STARTING, "starting", 503, 200},
		{HEALTH_SERVING, "serving", 200, 200},
		{HEALTH_STUCK, "stuck", 503, 503},
		{HEALTH_DRAINING, "draining", 503, 200},
		{HEALTH_STOPPING, "stopping", 503, 200},
	};

	(void)state;
	_Static_assert(sizeof cases / sizeof cases[0] == HEALTH_STATE_COUNT, "a state is untested");
	for (size_t i = 0; i < HEALTH_STATE_COUNT; i++) {
		struct health_status status = serving;
		struct answer answer;

		status.state = cases[i].state;
		ask(HTTP_GET, PATH, true, &status, &answer);
		assert_int_equal(answer.http_status, cases[i].ready);
		assert_contains(&answer, cases[i].ready == 200
						 ? "HTTP/1.1 200 OK\r\n"
						 : "HTTP/1.1 503 Service Unavailable\r\n");
		assert_string_equal(health_state_name(cases[i].state), cases[i].name);
		assert_contains(&answer, cases[i].name);
		ask(HTTP_GET, "/readyz", true, &status, &answer);
		assert_int_equal(answer.http_status, cases[i].ready);
		ask(HTTP_GET, "/livez", true, &status, &answer);
		assert_int_equal(answer.http_status, cases[i].live);
		assert_contains(&answer, cases[i].name);
	}
}

static int status_while(enum health_state state, const char *path, int drain_status)
{
	struct http_request request = make_request(HTTP_GET, path, true);
	struct health_settings with = {.path = PATH, .drain_status = drain_status};
	struct health_status status = serving;
	struct answer answer;

	status.state = state;
	answer.len = health_answer(
		answer.bytes, HEALTH_ANSWER_BYTES, &request, &with, &status, &answer.http_status);
	assert_well_formed(&answer, true);
	return answer.http_status;
}

static void the_drain_status_is_for_a_stop_alone(void **state)
{
	static const enum health_state stop[] = {HEALTH_DRAINING, HEALTH_STOPPING};

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(status_while(stop[i], PATH, 429), 429);
		assert_int_equal(status_while(stop[i], "/readyz", 200), 200);
		assert_int_equal(status_while(stop[i], "/livez", 429), 200);
	}
	assert_int_equal(status_while(HEALTH_STARTING, PATH, 429), 503);
	assert_int_equal(status_while(HEALTH_STUCK, PATH, 429), 503);
	assert_int_equal(status_while(HEALTH_SERVING, PATH, 429), 200);
}

static void liveness_gives_a_stuck_application_as_long_as_a_stop(void **state)
{
	struct http_request request = make_request(HTTP_GET, "/livez", true);
	struct health_settings with = {.path = PATH, .live_patience_ms = 30000};
	struct health_status status = serving;
	struct answer answer;

	(void)state;
	status.state = HEALTH_STUCK;
	for (status.since_ms = 29999; status.since_ms <= 30000; status.since_ms++) {
		(void)health_answer(answer.bytes, HEALTH_ANSWER_BYTES, &request, &with, &status,
			&answer.http_status);
		assert_int_equal(answer.http_status, status.since_ms < 30000 ? 200 : 503);
	}
}

/* What follows it on the connection would be taken for the next answer. */
static void a_status_without_body_has_none(void **state)
{
	static const int statuses[] = {204, 205, 304};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct http_request request = make_request(HTTP_GET, PATH, true);
		struct health_settings with = {.path = PATH, .drain_status = statuses[i]};
		struct health_status status = serving;
		struct answer answer;

		status.state = HEALTH_DRAINING;
		answer.len = health_answer(answer.bytes, HEALTH_ANSWER_BYTES, &request, &with,
			&status, &answer.http_status);
		assert_int_equal(answer.http_status, statuses[i]);
		assert_string_equal(answer.bytes + answer.len - 4, "\r\n\r\n");
		assert_ptr_equal(strstr(answer.bytes, "\r\n\r\n"), answer.bytes + answer.len - 4);
		if (statuses[i] == 204) /* RFC 9110 8.6 */
			assert_null(strstr(answer.bytes, "Content-Length"));
		else
			assert_contains(&answer, "\r\nContent-Length: 0\r\n");
	}
}

static void each_page_is_found(void **state)
{
	static const struct {
		enum http_method method;
		const char *path;
		enum health_page page;
	} cases[] = {
		{HTTP_GET, PATH, HEALTH_PAGE_READY},
		{HTTP_HEAD, "/readyz", HEALTH_PAGE_READY},
		{HTTP_GET, "/livez", HEALTH_PAGE_LIVE},
		{HTTP_HEAD, "/metrics", HEALTH_PAGE_METRICS},
		{HTTP_OTHER, "/metrics", HEALTH_PAGE_NONE},
		{HTTP_OPTIONS, PATH, HEALTH_PAGE_READY},
		{HTTP_OPTIONS, "*", HEALTH_PAGE_READY},
		{HTTP_OPTIONS, "/", HEALTH_PAGE_NONE},
		{HTTP_GET, "/metrics/", HEALTH_PAGE_NONE},
		{HTTP_GET, "/live", HEALTH_PAGE_NONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct http_request request = make_request(cases[i].method, cases[i].path, true);

		assert_int_equal(health_page_of(&request, &settings), cases[i].page);
	}
}

static void the_path_that_was_chosen_wins(void **state)
{
	static const struct health_settings livez = {.path = "/livez", .drain_status = 503};
	struct http_request request = make_request(HTTP_GET, "/livez", true);

	(void)state;
	assert_int_equal(health_page_of(&request, &livez), HEALTH_PAGE_READY);
}

static void the_body_tells_the_status(void **state)
{
	const struct health_status draining = {
		.state = HEALTH_DRAINING,
		.since_ms = 812,
		.connections_known = true,
		.busy = 3,
		.unsure = 2,
		.idle = 17,
		.age_ms = 12,
		.jobs = 4,
		.status = "a \"status\"",
		.deadline_ms = 8188,
	};
	struct answer answer;

	(void)state;
	ask(HTTP_GET, PATH, true, &draining, &answer);
	assert_string_equal(answer.body, "{\"status\":\"draining\",\"since_ms\":812,\"busy\":3,"
					 "\"unsure\":2,\"idle\":17,\"age_ms\":12,\"jobs\":4,"
					 "\"deadline_ms\":8188,"
					 "\"app_status\":\"a \\\"status\\\"\"}\n");
}

static void what_is_not_known_is_null(void **state)
{
	struct health_status status = serving;
	struct answer answer;

	(void)state;
	status.connections_known = false;
	ask(HTTP_GET, PATH, true, &status, &answer);
	assert_string_equal(answer.body, "{\"status\":\"serving\",\"since_ms\":60000,\"busy\":null,"
					 "\"unsure\":null,\"idle\":null,\"age_ms\":null,"
					 "\"jobs\":0,\"deadline_ms\":null,\"app_status\":null}\n");
	status.connections_known = true;
	status.age_ms = -1;
	ask(HTTP_GET, PATH, true, &status, &answer);
	assert_non_null(strstr(answer.body, "\"age_ms\":null,"));
}

static void the_largest_answer_fits(void **state)
{
	char worst[NOTIFY_STATUS_BYTES] = "";
	const struct health_status largest = {
		.state = HEALTH_DRAINING,
		.since_ms = INT64_MIN,
		.connections_known = true,
		.busy = UINT_MAX,
		.unsure = UINT_MAX,
		.idle = UINT_MAX,
		.age_ms = INT64_MAX - 1,
		.jobs = UINT_MAX,
		.status = worst,
		.deadline_ms = MSEC_NEVER - 1,
	};
	struct answer answer;

	(void)state;
	memset(worst, '"', sizeof worst - 1);
	ask(HTTP_GET, PATH, true, &largest, &answer);
	assert_string_equal(answer.body + strlen(answer.body) - 2, "}\n");
}

static void head_is_get_without_the_body(void **state)
{
	struct answer get, head;

	(void)state;
	ask(HTTP_GET, PATH, true, &serving, &get);
	ask(HTTP_HEAD, PATH, true, &serving, &head);
	assert_int_equal(head.http_status, 200);
	assert_int_equal(head.len, get.body - get.bytes);
	assert_memory_equal(head.bytes, get.bytes, head.len);
}

static void options_has_the_status_of_get_and_no_content(void **state)
{
	static const enum health_state states[] = {
		HEALTH_STARTING, HEALTH_SERVING, HEALTH_STUCK, HEALTH_DRAINING, HEALTH_STOPPING};
	static const char *const paths[] = {PATH, "/readyz", "/livez", "/nowhere"};

	(void)state;
	for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
		for (size_t j = 0; j < sizeof paths / sizeof *paths; j++) {
			struct health_status status = serving;
			struct answer get, options;

			status.state = states[i];
			ask(HTTP_GET, paths[j], true, &status, &get);
			ask(HTTP_OPTIONS, paths[j], true, &status, &options);
			assert_int_equal(options.http_status, get.http_status);
			assert_string_equal(options.body, "");
			assert_contains(&options, "\r\nContent-Length: 0\r\n");
			assert_contains(&options, "\r\nAllow: GET, HEAD, OPTIONS\r\n");
		}
	}
}

static void connection_says_what_will_be_done(void **state)
{
	struct answer answer;

	(void)state;
	ask(HTTP_GET, PATH, true, &serving, &answer);
	assert_contains(&answer, "\r\nConnection: keep-alive\r\n");
	ask(HTTP_GET, PATH, false, &serving, &answer);
	assert_contains(&answer, "\r\nConnection: close\r\n");
}

static void other_paths_are_not_found(void **state)
{
	static const char *const paths[] = {"/", "/healthchec", "/healthcheck/", "/Healthcheck",
		"//healthcheck", "/healthcheckx"};
	struct answer answer;

	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		ask(HTTP_GET, paths[i], true, &serving, &answer);
		assert_int_equal(answer.http_status, 404);
		assert_contains(&answer, "HTTP/1.1 404 Not Found\r\n");
	}
	ask(HTTP_HEAD, "/", true, &serving, &answer);
	assert_int_equal(answer.http_status, 404);
}

static void other_methods_are_told_the_allowed_ones(void **state)
{
	struct answer answer;

	(void)state;
	ask(HTTP_OTHER, PATH, true, &serving, &answer);
	assert_int_equal(answer.http_status, 405);
	assert_contains(&answer, "HTTP/1.1 405 Method Not Allowed\r\n");
	assert_contains(&answer, "\r\nAllow: GET, HEAD, OPTIONS\r\n");
}

static void every_refusal_of_the_parser_has_an_answer(void **state)
{
	static const int statuses[] = {400, 408, 413, 414, 431, 501, 505};

	(void)state;
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
		struct answer answer;
		char line[32];

		answer.len = health_answer_error(answer.bytes, HEALTH_ANSWER_BYTES, statuses[i]);
		assert_well_formed(&answer, true);
		(void)snprintf(line, sizeof line, "HTTP/1.1 %d ", statuses[i]);
		assert_memory_equal(answer.bytes, line, strlen(line));
		assert_null(strstr(answer.bytes, " Error\r\n")); /* the phrase of no status */
		assert_contains(&answer, "\r\nConnection: close\r\n");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_state_has_its_status),
		cmocka_unit_test(the_drain_status_is_for_a_stop_alone),
		cmocka_unit_test(liveness_gives_a_stuck_application_as_long_as_a_stop),
		cmocka_unit_test(a_status_without_body_has_none),
		cmocka_unit_test(each_page_is_found),
		cmocka_unit_test(the_path_that_was_chosen_wins),
		cmocka_unit_test(the_body_tells_the_status),
		cmocka_unit_test(what_is_not_known_is_null),
		cmocka_unit_test(the_largest_answer_fits),
		cmocka_unit_test(head_is_get_without_the_body),
		cmocka_unit_test(options_has_the_status_of_get_and_no_content),
		cmocka_unit_test(connection_says_what_will_be_done),
		cmocka_unit_test(other_paths_are_not_found),
		cmocka_unit_test(other_methods_are_told_the_allowed_ones),
		cmocka_unit_test(every_refusal_of_the_parser_has_an_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
