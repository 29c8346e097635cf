/* SPDX-License-Identifier: MIT */
/* Every input is parsed at once and byte by byte, with an unreadable page right behind it. */
#include "core/http/http_request.h"

#include "unit/guard_page.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#define PATH "/healthcheck"
#define HOST "Host: 10.0.0.7:5278\r\n"

static int parse_copy(const char *bytes, size_t len, struct http_request *request)
{
	return http_request_parse(guard_page_copy(bytes, len), len, request);
}

static int parse_bytes(const char *bytes, size_t len, struct http_request *request)
{
	struct http_request ignored;
	int at_once = parse_copy(bytes, len, request);
	int by_byte = 0;

	for (size_t seen = 0; seen <= len && by_byte == 0; seen++)
		by_byte = parse_copy(bytes, seen, &ignored);
	assert_int_equal(by_byte, at_once);
	if (at_once > 0)
		assert_int_equal(parse_copy(bytes, len, request), at_once);
	return at_once;
}

static int parse(const char *string, struct http_request *request)
{
	return parse_bytes(string, strlen(string), request);
}

static void assert_refused(const char *string, int http_status)
{
	struct http_request request;
	int result = parse(string, &request);

	if (result != -http_status)
		fail_msg("%d instead of %d for: %s", result, -http_status, string);
}

static void assert_unfinished(const char *string)
{
	assert_refused(string, 0);
}

/* The whole string is one request to this path. */
static struct http_request assert_path(const char *string, const char *path)
{
	struct http_request request = {0};
	int result = parse(string, &request);

	if (result != (int)strlen(string))
		fail_msg("%d instead of all for: %s", result, string);
	assert_int_equal(request.path_len, strlen(path));
	assert_memory_equal(request.path, path, strlen(path));
	return request;
}

static struct http_request assert_taken(const char *string)
{
	return assert_path(string, PATH);
}

/* --- What is taken --- */

static void a_probe_is_taken(void **state)
{
	struct http_request request;

	(void)state;
	request = assert_taken("GET /healthcheck HTTP/1.1\r\n"
			       "Host: 10.0.0.7:5278\r\n"
			       "User-Agent: ELB-HealthChecker/2.0\r\n"
			       "Accept: */*\r\n\r\n");
	assert_int_equal(request.method, HTTP_GET);
	assert_true(request.keep_alive);
}

static void methods_are_told_apart(void **state)
{
	(void)state;
	assert_int_equal(assert_taken("HEAD " PATH " HTTP/1.1\r\n" HOST "\r\n").method, HTTP_HEAD);
	assert_int_equal(assert_taken("POST " PATH " HTTP/1.1\r\n" HOST "\r\n").method, HTTP_OTHER);
	assert_int_equal(assert_taken("get " PATH " HTTP/1.1\r\n" HOST "\r\n").method, HTTP_OTHER);
	assert_int_equal(assert_taken("GETS " PATH " HTTP/1.1\r\n" HOST "\r\n").method, HTTP_OTHER);
	assert_int_equal(assert_taken("x!#$%&'*+-.^_`|~9 " PATH " HTTP/1.1\r\n" HOST "\r\n").method,
		HTTP_OTHER);
	assert_int_equal(
		assert_taken("OPTIONS " PATH " HTTP/1.0\r\n\r\n").method, HTTP_OPTIONS);
	assert_path("OPTIONS " PATH " HTTP/1.0\r\n\r\n", PATH);
	assert_path("OPTIONS * HTTP/1.1\r\n" HOST "\r\n", "*");
	assert_path("CONNECT db:5432 HTTP/1.1\r\n" HOST "\r\n", "db:5432");
}

static void targets_are_reduced_to_their_path(void **state)
{
	(void)state;
	assert_path("GET / HTTP/1.1\r\n" HOST "\r\n", "/");
	assert_path("GET " PATH "?deep=1&x=/y HTTP/1.1\r\n" HOST "\r\n", PATH);
	assert_path("GET " PATH "? HTTP/1.1\r\n" HOST "\r\n", PATH);
	assert_path("GET http://app:80" PATH " HTTP/1.1\r\n" HOST "\r\n", PATH);
	assert_path("GET HTTPS://app" PATH "?q HTTP/1.1\r\n" HOST "\r\n", PATH);
	assert_path("GET http://app HTTP/1.1\r\n" HOST "\r\n", "/");
	assert_path("GET http://app?q HTTP/1.1\r\n" HOST "\r\n", "/");
	assert_path("GET /a%2Fb/../c HTTP/1.1\r\n" HOST "\r\n", "/a%2Fb/../c");
}

static void keep_alive_follows_version_and_connection(void **state)
{
	(void)state;
	assert_true(assert_taken("GET " PATH " HTTP/1.1\r\n" HOST "\r\n").keep_alive);
	assert_true(assert_taken("GET " PATH " HTTP/1.2\r\n" HOST "\r\n").keep_alive);
	assert_false(assert_taken("GET " PATH " HTTP/1.0\r\n\r\n").keep_alive);
	assert_true(assert_taken("GET " PATH " HTTP/1.0\r\n"
				 "Connection: Keep-Alive\r\n\r\n")
			    .keep_alive);
	assert_false(assert_taken("GET " PATH " HTTP/1.1\r\n" HOST "connection:CLOSE\r\n\r\n")
			     .keep_alive);
	assert_false(assert_taken(
		"GET " PATH " HTTP/1.1\r\n" HOST "Connection: TE ,\t close , x\r\n\r\n")
			     .keep_alive);
	assert_false(assert_taken("GET " PATH " HTTP/1.0\r\nConnection: keep-alive\r\n"
				  "Connection: close\r\n\r\n")
			     .keep_alive);
	assert_true(assert_taken("GET " PATH " HTTP/1.1\r\n" HOST "Connection: closed,,\r\n\r\n")
			    .keep_alive);
	assert_true(
		assert_taken("GET " PATH " HTTP/1.1\r\n" HOST "Connection:\r\n\r\n").keep_alive);
}

static void harmless_fields_are_passed_over(void **state)
{
	(void)state;
	assert_taken("GET " PATH " HTTP/1.1\r\n" HOST "Expect: 100-continue\r\n\r\n");
	assert_taken("GET " PATH " HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n");
	assert_taken("GET " PATH " HTTP/1.1\r\n" HOST "Content-Length:\t000 \r\n\r\n");
	assert_taken("GET " PATH " HTTP/1.1\r\n" HOST "X-Empty:\r\nX-Opaque: \xE9\tz\r\n\r\n");
	assert_taken("GET " PATH " HTTP/1.1\r\n" HOST "Upgrade: h2c\r\n\r\n");
}

static bool is_openmetrics_wanted(const char *fields)
{
	char buf[512];

	(void)snprintf(buf, sizeof buf, "GET " PATH " HTTP/1.1\r\n" HOST "%s\r\n", fields);
	return assert_taken(buf).accepts_openmetrics;
}

#define OPENMETRICS "application/openmetrics-text"

static void openmetrics_is_for_those_who_ask(void **state)
{
	static const char *const wanted[] = {
		"Accept: " OPENMETRICS ";version=1.0.0," OPENMETRICS
		";version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1\r\n", /* Prometheus */
		"accept: " OPENMETRICS "\r\n",
		"Accept: text/plain;q=0.9 , Application/OpenMetrics-Text ; q=0.9\r\n",
		"Accept: text/plain;q=0.5\r\nAccept: " OPENMETRICS ";q=0.625\r\n",
	};
	static const char *const unwanted[] = {
		"", "Accept:\r\n", "Accept: */*\r\n", "Accept: application/*\r\n",
		"Accept: " OPENMETRICS ";q=0\r\n", "Accept: " OPENMETRICS ";q=0.000\r\n",
		"Accept: " OPENMETRICS ";q=x\r\n", "Accept: " OPENMETRICS ";version=2.0.0\r\n",
		"Accept: " OPENMETRICS ";q=0.4,text/plain;q=0.5\r\n",
		"Accept: " OPENMETRICS ";q=0.9,text/*\r\n", "Accept: x" OPENMETRICS "\r\n",
		"Accept: ,;q=,;;,\r\n", "X-Accept: " OPENMETRICS "\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
		if (!is_openmetrics_wanted(wanted[i]))
			fail_msg("not wanted: %s", wanted[i]);
	}
	for (size_t i = 0; i < sizeof unwanted / sizeof unwanted[0]; i++) {
		if (is_openmetrics_wanted(unwanted[i]))
			fail_msg("wanted: %s", unwanted[i]);
	}
}

static void hosts_of_all_forms_are_taken(void **state)
{
	(void)state;
	assert_taken("GET " PATH " HTTP/1.1\r\nHOST:app_1.internal\r\n\r\n");
	assert_taken("GET " PATH " HTTP/1.1\r\nHost: [::1]:5278\r\n\r\n");
	assert_taken("GET " PATH " HTTP/1.1\r\nHost:\r\n\r\n");
	assert_taken("GET " PATH " HTTP/1.0\r\nHost: app\r\n\r\n");
}

static void an_empty_line_before_the_request_is_passed_over(void **state)
{
	(void)state;
	assert_taken("\r\nGET " PATH " HTTP/1.1\r\n" HOST "\r\n");
	assert_refused("\r\n\r\nGET " PATH " HTTP/1.1\r\n" HOST "\r\n", 400);
}

static void only_the_first_of_pipelined_requests_is_taken(void **state)
{
	const char *first = "GET /one HTTP/1.1\r\n" HOST "\r\n";
	const char *both = "GET /one HTTP/1.1\r\n" HOST "\r\nGET /two HTTP/9.9\r\n";
	struct http_request request;

	(void)state;
	assert_int_equal(parse(both, &request), strlen(first));
	assert_memory_equal(request.path, "/one", request.path_len);
}

/* --- What needs more --- */

static void unfinished_heads_ask_for_more(void **state)
{
	(void)state;
	assert_unfinished("");
	assert_unfinished("\r");
	assert_unfinished("\r\n");
	assert_unfinished("\r\n\r");
	assert_unfinished("G");
	assert_unfinished("GET " PATH " HTTP/1.1\r");
	assert_unfinished("GET " PATH " HTTP/1.1\r\n" HOST);
	assert_unfinished("GET " PATH " HTTP/1.1\r\n" HOST "\r");
}

static void an_unfinished_head_writes_nothing(void **state)
{
	struct http_request request = {.path_len = 4711};

	(void)state;
	assert_int_equal(parse("GET " PATH " HTTP/1.1\r\n" HOST, &request), 0);
	assert_int_equal(parse("GET " PATH " HTTP/1.1\r\n\r\n", &request), -400);
	assert_int_equal(request.path_len, 4711);
}

/* --- What is refused --- */

static void bad_request_lines_are_refused(void **state)
{
	(void)state;
	assert_refused("GET /\r\n", 400); /* HTTP/0.9 */
	assert_refused("GET\r\n", 400);
	assert_refused(" GET / HTTP/1.1\r\n", 400);
	assert_refused("GET  / HTTP/1.1\r\n", 400);
	assert_refused("GET /  HTTP/1.1\r\n", 400);
	assert_refused("GET / HTTP/1.1 \r\n", 400);
	assert_refused("GET\t/\tHTTP/1.1\r\n", 400);
	assert_refused("GET / x HTTP/1.1\r\n", 400);
	assert_refused("G(T / HTTP/1.1\r\n", 400);
	assert_refused("GET /\x7f HTTP/1.1\r\n", 400);
	assert_refused("GET /\xC3\xA9 HTTP/1.1\r\n", 400);
	assert_refused("GET /\r HTTP/1.1\r\n", 400);
	assert_refused("POST /\x01 HTTP/1.1\r\n", 400);
	assert_refused("\x16\x03\x01", 400); /* TLS */
}

static void targets_without_a_path_are_refused(void **state)
{
	(void)state;
	assert_refused("GET * HTTP/1.1\r\n", 400);
	assert_refused("GET healthcheck HTTP/1.1\r\n", 400);
	assert_refused("GET ?q HTTP/1.1\r\n", 400);
	assert_refused("GET app:80 HTTP/1.1\r\n", 400);
	assert_refused("GET ftp://app/ HTTP/1.1\r\n", 400);
	assert_refused("GET http:///healthcheck HTTP/1.1\r\n", 400);
	assert_refused("GET http:// HTTP/1.1\r\n", 400);
	assert_refused("GET http://?/x HTTP/1.1\r\n", 400);
}

static void other_versions_are_refused(void **state)
{
	(void)state;
	assert_refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505);
	assert_refused("GET / HTTP/0.9\r\n", 505);
	assert_refused("GET / HTTP/3.1\r\n", 505);
	assert_refused("GET / http/1.1\r\n", 400);
	assert_refused("GET / HTTP/1.10\r\n", 400);
	assert_refused("GET / HTTP/11\r\n", 400);
	assert_refused("GET / HTTP/1.x\r\n", 400);
	assert_refused("GET / HTTP/1\r\n", 400);
	assert_refused("GET / HTTP\r\n", 400);
}

static void bare_line_feeds_are_refused(void **state)
{
	(void)state;
	assert_refused("GET " PATH " HTTP/1.1\n", 400);
	assert_refused("\nGET " PATH " HTTP/1.1\r\n", 400);
	assert_refused("GET " PATH " HTTP/1.1\r\n" HOST "\n", 400);
	assert_refused("GET " PATH " HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400);
}

static void bare_carriage_returns_are_refused(void **state)
{
	(void)state;
	assert_refused("GET " PATH " HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", 400);
	assert_refused("GET " PATH " HTTP/1.1\r\r\n", 400);
	assert_refused("GET " PATH " HTTP/1.1\r\n" HOST "\r\r\n", 400);
}

static void nul_bytes_are_refused(void **state)
{
	static const char in_method[] = "G\0T / HTTP/1.1\r\n";
	static const char in_target[] = "GET /\0 HTTP/1.1\r\n";
	static const char in_version[] = "GET / HTTP/1\0"
					 "1\r\n";
	static const char in_name[] = "GET / HTTP/1.1\r\nHo\0st: a\r\n";
	static const char in_value[] = "GET / HTTP/1.1\r\nX: \0\r\n";
	static const char in_host[] = "GET / HTTP/1.1\r\nHost: a\0b\r\n";
	struct http_request request;

	(void)state;
	assert_int_equal(parse_bytes(in_method, sizeof in_method - 1, &request), -400);
	assert_int_equal(parse_bytes(in_target, sizeof in_target - 1, &request), -400);
	assert_int_equal(parse_bytes(in_version, sizeof in_version - 1, &request), -400);
	assert_int_equal(parse_bytes(in_name, sizeof in_name - 1, &request), -400);
	assert_int_equal(parse_bytes(in_value, sizeof in_value - 1, &request), -400);
	assert_int_equal(parse_bytes(in_host, sizeof in_host - 1, &request), -400);
}

static void bad_fields_are_refused(void **state)
{
	(void)state;
	assert_refused("GET / HTTP/1.1\r\n: a\r\n", 400);
	assert_refused("GET / HTTP/1.1\r\n : a\r\n", 400);
	assert_refused("GET / HTTP/1.1\r\nHost : a\r\n", 400);
	assert_refused("GET / HTTP/1.1\r\nHost\t: a\r\n", 400);
	assert_refused("GET / HTTP/1.1\r\nHost\r\n", 400);
	assert_refused("GET / HTTP/1.1\r\nHo st: a\r\n", 400);
	assert_refused("GET / HTTP/1.1\r\nX\xE9: a\r\n", 400);
	assert_refused("GET / HTTP/1.1\r\nX: \x7f\r\n", 400);
	assert_refused("GET / HTTP/1.1\r\nX: \x1b[31m\r\n", 400);
}

static void folded_fields_are_refused(void **state)
{
	(void)state;
	assert_refused("GET / HTTP/1.1\r\n" HOST "X: a\r\n b: c\r\n", 400);
	assert_refused("GET / HTTP/1.1\r\n" HOST "X: a\r\n\tb\r\n", 400);
	assert_refused("GET / HTTP/1.1\r\n Host: a\r\n", 400);
}

static void one_host_is_required(void **state)
{
	(void)state;
	assert_refused("GET / HTTP/1.1\r\n\r\n", 400);
	assert_refused("GET http://app/ HTTP/1.1\r\n\r\n", 400);
	assert_refused("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n", 400);
	assert_refused("GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n", 400);
	assert_refused("GET / HTTP/1.1\r\nHost: a b\r\n", 400);
	assert_refused("GET / HTTP/1.1\r\nHost: a/b\r\n", 400);
	assert_refused("GET / HTTP/1.1\r\nHost: u@h\r\n", 400);
}

static void bodies_are_refused(void **state)
{
	(void)state;
	assert_refused("POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\n", 413);
	assert_refused("POST / HTTP/1.1\r\n" HOST "content-length:0010\r\n", 413);
	assert_refused("POST / HTTP/1.1\r\n" HOST
		       "Content-Length: 99999999999999999999999999999999\r\n",
		413);
	assert_refused("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n", 501);
	assert_refused("POST / HTTP/1.1\r\n" HOST "transfer-encoding: identity\r\n", 501);
	assert_refused("POST / HTTP/1.0\r\nTransfer-Encoding: \r\n", 501);
}

static void ambiguous_lengths_are_refused(void **state)
{
	(void)state;
	assert_refused("GET / HTTP/1.1\r\n" HOST "Content-Length: 0\r\nContent-Length: 0\r\n", 400);
	assert_refused("GET / HTTP/1.1\r\n" HOST "Content-Length: 0\r\nContent-Length: 5\r\n", 400);
	assert_refused("GET / HTTP/1.1\r\n" HOST "Content-Length: 0, 0\r\n", 400);
	assert_refused("GET / HTTP/1.1\r\n" HOST "Content-Length: +0\r\n", 400);
	assert_refused("GET / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n", 400);
	assert_refused("GET / HTTP/1.1\r\n" HOST "Content-Length: 0x0\r\n", 400);
	assert_refused("GET / HTTP/1.1\r\n" HOST "Content-Length: 0 0\r\n", 400);
	assert_refused("GET / HTTP/1.1\r\n" HOST "Content-Length:\r\n", 400);
}

/* --- The limits --- */

/* A request whose head has exactly this many bytes, in one long field or one long target. */
static void make_request(char *buf, size_t len, const char *before, const char *after)
{
	memcpy(buf, before, strlen(before));
	memset(buf + strlen(before), 'a', len - strlen(before) - strlen(after));
	memcpy(buf + len - strlen(after), after, strlen(after));
}

static void a_head_of_the_largest_size_is_taken(void **state)
{
	char buf[HTTP_REQUEST_MAX_BYTES];
	struct http_request request;

	(void)state;
	make_request(buf, sizeof buf, "GET / HTTP/1.1\r\n" HOST "X: ", "\r\n\r\n");
	assert_int_equal(parse_bytes(buf, sizeof buf, &request), sizeof buf);
	make_request(buf, sizeof buf, "GET /", " HTTP/1.1\r\n" HOST "\r\n");
	assert_int_equal(parse_bytes(buf, sizeof buf, &request), sizeof buf);
}

static void a_byte_more_is_refused(void **state)
{
	char buf[HTTP_REQUEST_MAX_BYTES + 1];
	struct http_request request;

	(void)state;
	make_request(buf, sizeof buf, "GET / HTTP/1.1\r\n" HOST "X: ", "\r\n\r\n");
	assert_int_equal(parse_bytes(buf, sizeof buf, &request), -431);
	make_request(buf, sizeof buf, "GET /", "\r\n");
	assert_int_equal(parse_bytes(buf, sizeof buf, &request), -414);
	make_request(buf, sizeof buf, "", "");
	assert_int_equal(parse_bytes(buf, sizeof buf, &request), -414);
}

static void too_many_fields_are_refused(void **state)
{
	char buf[4096] = "GET / HTTP/1.1\r\n" HOST;
	size_t len = strlen(buf);
	struct http_request request;

	(void)state;
	for (int i = 0; i < 99; i++)
		len += (size_t)sprintf(buf + len, "X: %d\r\n", i);
	memcpy(buf + len, "\r\n", 2);
	assert_int_equal(parse_bytes(buf, len + 2, &request), len + 2);
	memcpy(buf + len, "X:\r\n", 4);
	assert_int_equal(parse_bytes(buf, len + 4, &request), -431);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_probe_is_taken),
		cmocka_unit_test(methods_are_told_apart),
		cmocka_unit_test(targets_are_reduced_to_their_path),
		cmocka_unit_test(keep_alive_follows_version_and_connection),
		cmocka_unit_test(harmless_fields_are_passed_over),
		cmocka_unit_test(openmetrics_is_for_those_who_ask),
		cmocka_unit_test(hosts_of_all_forms_are_taken),
		cmocka_unit_test(an_empty_line_before_the_request_is_passed_over),
		cmocka_unit_test(only_the_first_of_pipelined_requests_is_taken),
		cmocka_unit_test(unfinished_heads_ask_for_more),
		cmocka_unit_test(an_unfinished_head_writes_nothing),
		cmocka_unit_test(bad_request_lines_are_refused),
		cmocka_unit_test(targets_without_a_path_are_refused),
		cmocka_unit_test(other_versions_are_refused),
		cmocka_unit_test(bare_line_feeds_are_refused),
		cmocka_unit_test(bare_carriage_returns_are_refused),
		cmocka_unit_test(nul_bytes_are_refused),
		cmocka_unit_test(bad_fields_are_refused),
		cmocka_unit_test(folded_fields_are_refused),
		cmocka_unit_test(one_host_is_required),
		cmocka_unit_test(bodies_are_refused),
		cmocka_unit_test(ambiguous_lengths_are_refused),
		cmocka_unit_test(a_head_of_the_largest_size_is_taken),
		cmocka_unit_test(a_byte_more_is_refused),
		cmocka_unit_test(too_many_fields_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
