/* SPDX-License-Identifier: MIT */
#include "core/http/http_answer.h"

#include "unit/guard_page.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *bytes;
	bool is_end;
	int r; /* 1: status and body follow */
	int status;
	const char *body;
} cases[] = {
	{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", false, 1, 200, "{}"},
	{"HTTP/1.1 200 OK\r\ncontent-length:2 \r\n\r\n{} more", false, 1, 200, "{}"},
	{"HTTP/1.0 200 OK\r\nConnection: close\r\n\r\n{}", true, 1, 200, "{}"},
	{"HTTP/1.0 200 OK\r\n\r\n", true, 1, 200, ""},
	{"HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\n\r\n", false, 1, 504, ""},
	{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}", true, 1, 200, "{}"},
	{"", false, 0, 0, NULL},
	{"HTTP/1.1 20", false, 0, 0, NULL},
	{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", false, 0, 0, NULL},
	{"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}", false, 0, 0, NULL},
	{"HTTP/1.0 200 OK\r\n\r\n{}", false, 0, 0, NULL},
	{"", true, -EBADMSG, 0, NULL},
	{"HTTP/1.1 20", true, -EBADMSG, 0, NULL},
	{"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}", true, -EBADMSG, 0, NULL},
	{"HTTP/1.1 200 OK\r\nContent-Length: 2x\r\n\r\n{}", true, -EBADMSG, 0, NULL},
	{"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}", true, -EBADMSG, 0, NULL},
	{"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n{}", false, -EBADMSG, 0,
		NULL},
	{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 1\r\n\r\n{}", true, -EBADMSG, 0,
		NULL},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", true,
		-EBADMSG, 0, NULL},
	{"HTTP/1.1 100 Continue\r\n\r\n", false, -EBADMSG, 0, NULL},
	{"<html>", false, -EBADMSG, 0, NULL},
};

static void answers_are_read_as_far_as_they_have_come(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t len = strlen(cases[i].bytes);
		struct http_answer answer;
		int r = http_answer_read(
			guard_page_copy(cases[i].bytes, len), len, cases[i].is_end, &answer);

		if (r != cases[i].r)
			fail_msg("case %zu, '%s': %d", i, cases[i].bytes, r);
		if (r <= 0)
			continue;
		assert_int_equal(answer.status, cases[i].status);
		assert_int_equal(answer.body_len, strlen(cases[i].body));
		assert_memory_equal(answer.body, cases[i].body, answer.body_len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_read_as_far_as_they_have_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
