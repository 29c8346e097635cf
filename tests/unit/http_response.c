/* SPDX-License-Identifier: MIT */
#include "core/http/http_response.h"

#include "unit/guard_page.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *response;
	int status;
} cases[] = {
	{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200},
	{"HTTP/1.0 204 No Content\r\n", 204},
	{"HTTP/1.1 302 Found\r\n", 302},
	{"HTTP/1.1 503\r\n", 503},
	{"HTTP/1.1 599\n", 599},
	{"HTTP/1.1 100 Continue\r\n", 100},
	{"", 0},
	{"HTTP/1.1 20", 0},
	{"HTTP/1.1 200", 0},
	{"HTTP/1.1 2000 OK\r\n", -EBADMSG},
	{"HTTP/1.1 600 OK\r\n", -EBADMSG},
	{"HTTP/1.1 099 OK\r\n", -EBADMSG},
	{"HTTP/1.1 20x OK\r\n", -EBADMSG},
	{"HTTP/1.1  200 OK\r\n", -EBADMSG},
	{"HTTP/2 200\r\n", -EBADMSG},
	{"http/1.1 200 OK\r\n", -EBADMSG},
	{"SSH-2.0-OpenSSH", -EBADMSG},
	{"<html>", -EBADMSG},
	{"\r\nHTTP/1.1 200 OK\r\n", -EBADMSG},
};

/* In memory that ends with the bytes. */
static int status_of(const char *bytes, size_t len)
{
	return http_response_status(guard_page_copy(bytes, len), len);
}

static void the_status_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t len = strlen(cases[i].response);

		assert_int_equal(status_of(cases[i].response, len), cases[i].status);
	}
}

static void pieces_say_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t whole = strlen(cases[i].response);
		int status = 0;

		for (size_t len = 0; len <= whole && status == 0; len++)
			status = status_of(cases[i].response, len);
		assert_int_equal(status, cases[i].status);
	}
}

static void a_nul_is_no_character_of_it(void **state)
{
	(void)state;
	assert_int_equal(status_of("\0", 1), -EBADMSG);
	assert_int_equal(status_of("HTTP/1.1 200\0", 13), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_status_is_read),
		cmocka_unit_test(pieces_say_the_same),
		cmocka_unit_test(a_nul_is_no_character_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
