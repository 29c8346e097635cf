/* SPDX-License-Identifier: MIT */
#include "drill/core/response_reader.h"

#include "unit/guard_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define UNSAID (-1)

/* An answer, and what it is when all of it has come. */
static const struct answer_case {
	const char *answer;
	enum response_stage stage;
	int status;
	const char *body;
	int64_t length; /* as response_reader_body_length() has it */
	bool closes, has_retry_after;
} cases[] = {
	{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", RESPONSE_WHOLE, 200, "hello", 5, 0,
		0},
	{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", RESPONSE_BODY, 200, "hell", 5, 0, 0},
	{"HTTP/1.1 200 OK\r\ncontent-length:5 \r\n\r\nhello", RESPONSE_WHOLE, 200, "hello", 5, 0,
		0},
	{"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", RESPONSE_WHOLE, 200, "ok", 2, 0, 0},
	{"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", RESPONSE_WHOLE, 200, "", 0, 0, 0},
	{"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\nContent-Length: 2\r\n\r\nok", RESPONSE_WHOLE,
		200, "ok", 2, 0, 0},
	{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n", RESPONSE_BAD, 200, "",
		UNSAID, 0, 0},
	{"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", RESPONSE_BAD, 200, "", UNSAID, 0, 0},
	{"HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999999\r\n\r\n", RESPONSE_BAD, 200, "",
		UNSAID, 0, 0},
	{"HTTP/1.1 200 OK\r\nContent-Length: 2x\r\n\r\n", RESPONSE_BAD, 200, "", UNSAID, 0, 0},
	{"HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", RESPONSE_BAD, 200, "", UNSAID, 0, 0},
	/* chunks */
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
		RESPONSE_WHOLE, 200, "hello", 5, 0, 0},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n00a;x=\"1\"\r\n0123456789\r\n"
	 "1 ;y\r\n!\r\n0;last\r\nTrailer: yes\r\n\r\n",
		RESPONSE_WHOLE, 200, "0123456789!", 11, 0, 0},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", RESPONSE_CHUNK_SIZE,
		200, "hello", UNSAID, 0, 0},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
		RESPONSE_TRAILERS, 200, "hello", UNSAID, 0, 0},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n", RESPONSE_BAD, 200,
		"hello", UNSAID, 0, 0},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", RESPONSE_BAD, 200, "", UNSAID,
		0, 0},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5g\r\n", RESPONSE_BAD, 200, "",
		UNSAID, 0, 0},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1234567890123456\r\n", RESPONSE_BAD,
		200, "", UNSAID, 0, 0},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: "
	 "3\r\n\r\n2\r\nok\r\n0\r\n\r\n",
		RESPONSE_WHOLE, 200, "ok", 2, 1, 0},
	/* until the end */
	{"HTTP/1.1 200 OK\r\n\r\nanything", RESPONSE_BODY, 200, "anything", UNSAID, 1, 0},
	{"HTTP/1.0 200 OK\r\n\r\n", RESPONSE_BODY, 200, "", UNSAID, 1, 0},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nzip", RESPONSE_BODY, 200, "zip", UNSAID,
		1, 0},
	/* connections */
	{"HTTP/1.1 503 Gone\r\nConnection: x, close\r\nContent-Length: 0\r\n\r\n", RESPONSE_WHOLE,
		503, "", 0, 1, 0},
	{"HTTP/1.1 503 Gone\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n", RESPONSE_WHOLE, 503,
		"", 0, 0, 1},
	{"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n1", RESPONSE_WHOLE, 200, "1", 1, 1, 0},
	{"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\n1", RESPONSE_WHOLE,
		200, "1", 1, 0, 0},
	/* no body */
	{"HTTP/1.1 204 No Content\r\n\r\n", RESPONSE_WHOLE, 204, "", 0, 0, 0},
	{"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", RESPONSE_WHOLE, 304, "", 0, 0,
		0},
	/* before the final one */
	{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nContent-Length: 7\r\nLink: "
	 "x\r\n\r\n"
	 "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno",
		RESPONSE_WHOLE, 404, "no", 2, 0, 0},
	{"HTTP/1.1 100 Continue\r\n\r\n", RESPONSE_STATUS_LINE, 0, "", UNSAID, 0, 0},
	{"HTTP/1.1 101 Switching Protocols\r\n\r\n", RESPONSE_BAD, 0, "", UNSAID, 0, 0},
	/* no HTTP */
	{"HTTP/2 200\r\n", RESPONSE_BAD, 0, "", UNSAID, 0, 0},
	{"\025\003\001", RESPONSE_BAD, 0, "", UNSAID, 0, 0},
	{"hello", RESPONSE_BAD, 0, "", UNSAID, 0, 0},
	{"HTTP/1.1 2", RESPONSE_STATUS_LINE, 0, "", UNSAID, 0, 0},
	{"HTTP/1.1 200 OK\r\nno colon\r\n", RESPONSE_BAD, 200, "", UNSAID, 0, 0},
	{"HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok", RESPONSE_BAD, 200, "", UNSAID, 0, 0},
	{"HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n", RESPONSE_BAD, 200, "", UNSAID, 0, 0},
};

static struct response_reader reader;
static char body[4096];
static size_t body_len;

/* Returns how many of the bytes were taken. Each piece is in memory that ends with it. */
static size_t feed(const char *bytes, size_t len)
{
	const char *copy = guard_page_copy(bytes, len);
	size_t taken = 0, took;
	struct response_piece piece;

	do {
		took = response_reader_take(&reader, copy + taken, len - taken, &piece);
		if (piece.len > 0)
			memcpy(body + body_len, piece.bytes, piece.len);
		body_len += piece.len;
		taken += took;
	} while (took > 0);
	return taken;
}

static void start(void)
{
	response_reader_start(&reader);
	body_len = 0;
}

static void check(const struct answer_case *expected)
{
	assert_int_equal(reader.stage, expected->stage);
	assert_int_equal(reader.status, expected->status);
	assert_int_equal(body_len, strlen(expected->body));
	assert_memory_equal(body, expected->body, body_len);
	assert_int_equal(reader.body_bytes, body_len);
	if (expected->stage != RESPONSE_BAD) {
		assert_int_equal(response_reader_body_length(&reader), expected->length);
		assert_int_equal(reader.closes, expected->closes);
		assert_int_equal(reader.has_retry_after, expected->has_retry_after);
	}
}

static void answers_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		start();
		(void)feed(cases[i].answer, strlen(cases[i].answer));
		check(&cases[i]);
	}
}

static void pieces_say_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t len = strlen(cases[i].answer);

		for (size_t cut = 0; cut <= len; cut++) {
			start();
			(void)feed(cases[i].answer, cut);
			(void)feed(cases[i].answer + cut, len - cut);
			check(&cases[i]);
		}
		start();
		for (size_t at = 0; at < len; at++)
			(void)feed(cases[i].answer + at, 1);
		check(&cases[i]);
	}
}

/* No byte after the answer is taken, and no byte less than it makes it whole. */
static void a_whole_answer_ends_where_it_ends(void **state)
{
	char longer[1024];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t len = strlen(cases[i].answer);

		if (cases[i].stage != RESPONSE_WHOLE)
			continue;
		(void)snprintf(longer, sizeof longer, "%sHTTP/1.1 200 OK\r\n", cases[i].answer);
		start();
		assert_int_equal(feed(longer, strlen(longer)), len);
		for (size_t cut = 0; cut < len; cut++) {
			start();
			assert_int_equal(feed(cases[i].answer, cut), cut);
			assert_int_not_equal(reader.stage, RESPONSE_WHOLE);
			assert_false(response_reader_end(&reader));
		}
	}
}

static void only_what_has_no_length_ends_with_the_connection(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		bool is_whole = cases[i].stage == RESPONSE_WHOLE ||
				(cases[i].stage == RESPONSE_BODY && cases[i].length == UNSAID);

		start();
		(void)feed(cases[i].answer, strlen(cases[i].answer));
		assert_int_equal(response_reader_end(&reader), is_whole);
		if (is_whole)
			assert_int_equal(response_reader_body_length(&reader),
				cases[i].stage == RESPONSE_BODY ? -1 : (int64_t)body_len);
	}
}

/* Its length is that of the body which GET would have had. */
static void an_answer_to_head_ends_with_its_head(void **state)
{
	static const char answer[] =
		"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n";
	struct response_piece piece;

	(void)state;
	response_reader_start_head(&reader);
	assert_int_equal(
		response_reader_take(&reader, answer, strlen(answer), &piece), strlen(answer));
	assert_int_equal(reader.stage, RESPONSE_WHOLE);
	assert_int_equal(reader.status, 200);
	assert_int_equal(response_reader_body_length(&reader), 0);
	assert_false(reader.closes);
}

static void long_lines_pass_unless_they_frame_the_body(void **state)
{
	static char answer[20000];
	char padding[9000];

	(void)state;
	memset(padding, 'x', sizeof padding);
	(void)snprintf(answer, sizeof answer,
		"HTTP/1.1 200 OK\r\nSet-Cookie: %.*s\r\nContent-Length: 2\r\n\r\nok",
		(int)sizeof padding, padding);
	start();
	(void)feed(answer, strlen(answer));
	assert_int_equal(reader.stage, RESPONSE_WHOLE);
	(void)snprintf(answer, sizeof answer, "HTTP/1.1 200 OK\r\nConnection: %.*s, close\r\n",
		(int)sizeof padding, padding);
	start();
	(void)feed(answer, strlen(answer));
	assert_int_equal(reader.stage, RESPONSE_BAD);
}

static void a_head_without_end_is_refused(void **state)
{
	static const char field[] = "A: 0123456789\r\n";

	(void)state;
	start();
	(void)feed("HTTP/1.1 200 OK\r\n", 17);
	for (size_t bytes = 0; bytes < RESPONSE_HEAD_BYTES; bytes += sizeof field - 1)
		(void)feed(field, sizeof field - 1);
	assert_int_equal(reader.stage, RESPONSE_BAD);
}

static void a_nul_is_no_character_of_a_head(void **state)
{
	(void)state;
	start();
	(void)feed("HTTP/1.1 200 OK\r\nA: \0\r\n", 23);
	assert_int_equal(reader.stage, RESPONSE_BAD);
}

static void bytes_of_the_body_may_be_any(void **state)
{
	(void)state;
	start();
	(void)feed("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\0\r\n\0", 42);
	assert_int_equal(reader.stage, RESPONSE_WHOLE);
	assert_memory_equal(body, "\0\r\n\0", 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_read),
		cmocka_unit_test(pieces_say_the_same),
		cmocka_unit_test(a_whole_answer_ends_where_it_ends),
		cmocka_unit_test(only_what_has_no_length_ends_with_the_connection),
		cmocka_unit_test(an_answer_to_head_ends_with_its_head),
		cmocka_unit_test(long_lines_pass_unless_they_frame_the_body),
		cmocka_unit_test(a_head_without_end_is_refused),
		cmocka_unit_test(a_nul_is_no_character_of_a_head),
		cmocka_unit_test(bytes_of_the_body_may_be_any),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
