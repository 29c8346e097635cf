/* SPDX-License-Identifier: MIT */
#include "core/http/http_url.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

static unsigned port_of(const struct http_url *url)
{
	const struct sockaddr_in *in4 = (const void *)&url->address.addr;
	const struct sockaddr_in6 *in6 = (const void *)&url->address.addr;

	return ntohs(url->address.addr.ss_family == AF_INET ? in4->sin_port : in6->sin6_port);
}

static void a_url_is_taken_apart(void **state)
{
	static const struct {
		const char *string, *path;
		int family;
		unsigned port;
	} cases[] = {
		{"http://127.0.0.1:5278/healthcheck", "/healthcheck", AF_INET, 5278},
		{"http://127.0.0.1", "/", AF_INET, 80},
		{"http://127.0.0.1/a?b=c", "/a?b=c", AF_INET, 80},
		{"http://[::1]:81", "/", AF_INET6, 81},
		{"http://[::1]/x", "/x", AF_INET6, 80},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct http_url url;

		assert_int_equal(http_url_parse(cases[i].string, &url), 0);
		assert_string_equal(url.path, cases[i].path);
		assert_int_equal(url.address.addr.ss_family, cases[i].family);
		assert_int_equal(port_of(&url), cases[i].port);
	}
}

static void anything_else_is_refused(void **state)
{
	static const char *const strings[] = {"", "http://", "http:///x", "https://127.0.0.1/",
		"127.0.0.1:80", "http://localhostx/", "http://:80/", "http://*:80/",
		"http://127.0.0.1:/", "http://127.0.0.1:0/", "http://127.0.0.1:65536/",
		"http://[::1/", "http://::1/", "http://u@127.0.0.1/", "http://127.0.0.1/a b",
		"http://127.0.0.1/a\r\nb", "http://127.0.0.1/#a", "http://127.0.0.1?a",
		"http://[1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd:eeee]/"};

	(void)state;
	for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
		struct http_url url = {.path = "untouched"};

		if (http_url_parse(strings[i], &url) != -EINVAL)
			fail_msg("taken: %s", strings[i]);
		assert_string_equal(url.path, "untouched");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_url_is_taken_apart),
		cmocka_unit_test(anything_else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
