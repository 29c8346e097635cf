/* SPDX-License-Identifier: MIT */
#include "core/http/app_check_target.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

static struct app_check_target target;

static void words_are_taken(void **state)
{
	(void)state;
	assert_int_equal(app_check_target_parse("none", &target), 0);
	assert_int_equal(target.kind, APP_CHECK_NONE);
	assert_int_equal(app_check_target_parse("listen", &target), 0);
	assert_int_equal(target.kind, APP_CHECK_LISTEN);
}

static void a_tcp_port_is_taken(void **state)
{
	(void)state;
	assert_int_equal(app_check_target_parse("tcp:8080", &target), 0);
	assert_int_equal(target.kind, APP_CHECK_TCP);
	assert_int_equal(target.port, 8080);
	assert_true(target.any_loopback);
}

static void urls_are_taken_apart(void **state)
{
	static const struct {
		const char *url, *authority, *path;
		uint16_t port;
		uint8_t family; /* 0: either */
	} cases[] = {
		{"http://127.0.0.1:8080/health", "127.0.0.1:8080", "/health", 8080, AF_INET},
		{"http://127.0.0.1/", "127.0.0.1", "/", 80, AF_INET},
		{"http://127.0.0.1:1", "127.0.0.1:1", "/", 1, AF_INET},
		{"http://127.3.2.1:65535/a?b=c&d", "127.3.2.1:65535", "/a?b=c&d", 65535, AF_INET},
		{"http://[::1]:8080/x", "[::1]:8080", "/x", 8080, AF_INET6},
		{"http://[::1]", "[::1]", "/", 80, AF_INET6},
		{"http://localhost:3000/a/b:9", "localhost:3000", "/a/b:9", 3000, 0},
		{"http://localhost//", "localhost", "//", 80, 0},
	};
	struct sockaddr_in in4;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(app_check_target_parse(cases[i].url, &target), 0);
		assert_int_equal(target.kind, APP_CHECK_HTTP);
		assert_int_equal(target.port, cases[i].port);
		assert_int_equal(target.any_loopback, cases[i].family == 0);
		if (!target.any_loopback)
			assert_int_equal(target.url.address.addr.ss_family, cases[i].family);
		assert_int_equal(target.url.authority_len, strlen(cases[i].authority));
		assert_memory_equal(
			target.url.authority, cases[i].authority, target.url.authority_len);
		assert_string_equal(target.url.path, cases[i].path);
	}
	assert_int_equal(app_check_target_parse("http://127.3.2.1/", &target), 0);
	memcpy(&in4, &target.url.address.addr, sizeof in4);
	assert_int_equal(in4.sin_addr.s_addr, inet_addr("127.3.2.1"));
}

static void all_else_is_refused(void **state)
{
	static const char *const cases[] = {"", "off", "Listen", "listen ", "tcp", "tcp:", "tcp:0",
		"tcp:65536", "tcp:99999999999", "tcp:80x", "tcp:-1", "tcp:127.0.0.1:80", "http://",
		"http:///health", "http://:80/", "http://127.0.0.1:/", "http://127.0.0.1:0/",
		"http://127.0.0.1:80x/", "http://10.0.0.7/", "http://192.0.2.1:80/",
		"http://0.0.0.0/", "http://[::]/", "http://[fd00::1]/", "http://::1/",
		"http://[::1/", "http://[]/", "http://example.com/", "http://app:80/",
		"http://user@127.0.0.1/", "http://127.0.0.1?x", "http://127.0.0.1/a b",
		"http://127.0.0.1/a#b", "http://127.0.0.1/\r\nX: y", "http://127.0.0.1/\xc3\xa4",
		"http://localhost.evil/", "http://localhost:/", "https://127.0.0.1/",
		"HTTP://127.0.0.1/",
		"http://1111111111111111111111111111111111111111111111111111111111111/"};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (app_check_target_parse(cases[i], &target) != -EINVAL)
			fail_msg("'%s' was accepted", cases[i]);
	}
}

static void a_path_has_an_end(void **state)
{
	char url[2048] = "http://127.0.0.1/";
	size_t start = strlen(url) - 1;

	(void)state;
	memset(url + start + 1, 'x', APP_CHECK_PATH_MAX - 1);
	assert_int_equal(app_check_target_parse(url, &target), 0);
	url[start + APP_CHECK_PATH_MAX] = 'x';
	assert_int_equal(app_check_target_parse(url, &target), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_taken),
		cmocka_unit_test(a_tcp_port_is_taken),
		cmocka_unit_test(urls_are_taken_apart),
		cmocka_unit_test(all_else_is_refused),
		cmocka_unit_test(a_path_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
