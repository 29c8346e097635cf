/* SPDX-License-Identifier: MIT */
#include "core/health.h"

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

static const struct health_status serving = {
	.state = HEALTH_SERVING,
	.since_ms = 60000,
	.connections_known = true,
	.busy = 3,
	.idle = 17,
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
	assert_non_null(strstr(answer->bytes, "\r\nContent-Type: application/json\r\n"));
	assert_non_null(strstr(answer->bytes, "\r\nCache-Control: no-store\r\n"));
}

static void ask(enum http_method method, const char *path, bool keep_alive,
	const struct health_status *status, struct answer *answer)
{
	struct http_request request = make_request(method, path, keep_alive);

	answer->len = health_answer(
		answer->bytes, HEALTH_ANSWER_BYTES, &request, PATH, status, &answer->http_status);
	assert_well_formed(answer, method != HTTP_HEAD);
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
		int http_status;
		const char *line, *name;
	} cases[] = {
		{HEALTH_STARTING, 503, "HTTP/1.1 503 Service Unavailable\r\n", "starting"},
		{HEALTH_SERVING, 200, "HTTP/1.1 200 OK\r\n", "serving"},
		{HEALTH_DRAINING, 503, "HTTP/1.1 503 Service Unavailable\r\n", "draining"},
	};

	(void)state;
	_Static_assert(sizeof cases / sizeof cases[0] == HEALTH_STATE_COUNT, "a state is untested");
	for (size_t i = 0; i < HEALTH_STATE_COUNT; i++) {
		struct health_status status = serving;
		struct answer answer;

		status.state = cases[i].state;
		ask(HTTP_GET, PATH, true, &status, &answer);
		assert_int_equal(answer.http_status, cases[i].http_status);
		assert_memory_equal(answer.bytes, cases[i].line, strlen(cases[i].line));
		assert_string_equal(health_state_name(cases[i].state), cases[i].name);
		assert_contains(&answer, cases[i].name);
	}
}

static void the_body_tells_the_status(void **state)
{
	const struct health_status draining = {
		.state = HEALTH_DRAINING,
		.since_ms = 812,
		.connections_known = true,
		.busy = 3,
		.idle = 17,
		.deadline_ms = 8188,
	};
	struct answer answer;

	(void)state;
	ask(HTTP_GET, PATH, true, &draining, &answer);
	assert_string_equal(answer.body, "{\"status\":\"draining\",\"since_ms\":812,\"busy\":3,"
					 "\"idle\":17,\"deadline_ms\":8188}\n");
}

static void what_is_not_known_is_null(void **state)
{
	struct health_status status = serving;
	struct answer answer;

	(void)state;
	status.connections_known = false;
	ask(HTTP_GET, PATH, true, &status, &answer);
	assert_string_equal(answer.body, "{\"status\":\"serving\",\"since_ms\":60000,\"busy\":null,"
					 "\"idle\":null,\"deadline_ms\":null}\n");
}

static void the_largest_answer_fits(void **state)
{
	const struct health_status largest = {
		.state = HEALTH_DRAINING,
		.since_ms = INT64_MIN,
		.connections_known = true,
		.busy = UINT_MAX,
		.idle = UINT_MAX,
		.deadline_ms = MSEC_NEVER - 1,
	};
	struct answer answer;

	(void)state;
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
	assert_contains(&answer, "\r\nAllow: GET, HEAD\r\n");
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
		cmocka_unit_test(the_body_tells_the_status),
		cmocka_unit_test(what_is_not_known_is_null),
		cmocka_unit_test(the_largest_answer_fits),
		cmocka_unit_test(head_is_get_without_the_body),
		cmocka_unit_test(connection_says_what_will_be_done),
		cmocka_unit_test(other_paths_are_not_found),
		cmocka_unit_test(other_methods_are_told_the_allowed_ones),
		cmocka_unit_test(every_refusal_of_the_parser_has_an_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
