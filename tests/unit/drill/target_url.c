/* SPDX-License-Identifier: MIT */
#include "drill/core/target_url.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *string;
	bool is_tls;
	const char *host;
	uint16_t port;
	const char *authority, *path;
} cases[] = {
	{"http://127.0.0.1:8080/a?b=c", false, "127.0.0.1", 8080, "127.0.0.1:8080", "/a?b=c"},
	{"http://localhost", false, "localhost", 80, "localhost", "/"},
	{"https://shop.example", true, "shop.example", 443, "shop.example", "/"},
	{"https://shop.example:443/", true, "shop.example", 443, "shop.example", "/"},
	{"https://shop.example:80/", true, "shop.example", 80, "shop.example:80", "/"},
	{"HTTP://a_b-c/%20", false, "a_b-c", 80, "a_b-c", "/%20"},
	{"http://[::1]:9/x", false, "::1", 9, "[::1]:9", "/x"},
	{"https://[::ffff:127.0.0.1]", true, "::ffff:127.0.0.1", 443, "[::ffff:127.0.0.1]", "/"},
};

static const char *const bad[] = {"", "localhost", "ftp://localhost", "http://", "http:///x",
	"http://:80", "http://host:", "http://host:0", "http://host:65536", "http://host:8x",
	"http://host:123456", "http://user@host", "http://user:password@host/", "http://[::1",
	"http://[]", "http://[::1]x", "http://[host]", "http://host/a b", "http://host/#f",
	"http://host/\r\nX: y", "http://host?x", "http://ho st", "http://host\r\nX: y/"};

static void urls_are_read(void **state)
{
	struct target_url url;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(target_url_parse(cases[i].string, &url), 0);
		assert_int_equal(url.is_tls, cases[i].is_tls);
		assert_string_equal(url.host, cases[i].host);
		assert_int_equal(url.port, cases[i].port);
		assert_string_equal(url.authority, cases[i].authority);
		assert_string_equal(url.path, cases[i].path);
	}
}

static void what_is_none_is_refused(void **state)
{
	struct target_url url;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(target_url_parse(bad[i], &url), -EINVAL);
}

static void what_is_too_long_is_refused(void **state)
{
	char string[TARGET_URL_PATH_BYTES + 64] = "http://";
	struct target_url url;

	(void)state;
	memset(string + 7, 'h', TARGET_URL_HOST_BYTES - 1);
	assert_int_equal(target_url_parse(string, &url), 0);
	string[7 + TARGET_URL_HOST_BYTES - 1] = 'h';
	assert_int_equal(target_url_parse(string, &url), -EINVAL);
	memset(string, 0, sizeof string);
	memcpy(string, "http://h/", 9);
	memset(string + 9, 'p', TARGET_URL_PATH_BYTES - 2);
	assert_int_equal(target_url_parse(string, &url), 0);
	string[9 + TARGET_URL_PATH_BYTES - 2] = 'p';
	assert_int_equal(target_url_parse(string, &url), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls_are_read),
		cmocka_unit_test(what_is_none_is_refused),
		cmocka_unit_test(what_is_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
