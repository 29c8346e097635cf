/* SPDX-License-Identifier: MIT */
/* What a WebSocket exchange makes of a server's bytes. */
#include "drill/load/exchange.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static const char accepting[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
				"Connection: keep-alive, upgrade \r\n"
				"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

struct pair {
	struct target target;
	struct transport transport;
	int server;
	struct request request;
	struct exchange exchange;
};

static void open_pair(struct pair *pair)
{
	static const char key[] = "dGhlIHNhbXBsZSBub25jZQ=="; /* RFC 6455 1.3 */
	const struct load_request wanted = {.path = "/call", .is_websocket = true};
	const struct request_form form = {.headers = NULL};
	int fds[2];

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
	*pair = (struct pair){.transport = {.fd = fds[0]}, .server = fds[1]};
	assert_int_equal(target_url_parse("http://a.example/", &pair->target.url), 0);
	assert_int_equal(request_init(&pair->request, &pair->target, &wanted, &form, false), 0);
	memcpy(pair->request.websocket_key, key, sizeof key);
	exchange_init(&pair->exchange, &pair->request, NULL);
	assert_true(exchange_start(&pair->exchange, &pair->transport, NULL, 0).has_sent);
}

static void close_pair(struct pair *pair)
{
	close(pair->transport.fd);
	if (pair->server >= 0)
		close(pair->server);
	request_done(&pair->request);
}

static struct exchange_step feed(struct pair *pair, const char *bytes, size_t len, int64_t now_us)
{
	assert_int_equal(write(pair->server, bytes, len), (ssize_t)len);
	return exchange_step(&pair->exchange, &pair->transport, true, now_us);
}

static size_t drain(struct pair *pair, unsigned char *buf, size_t cap)
{
	ssize_t len = read(pair->server, buf, cap);

	return len > 0 ? (size_t)len : 0;
}

static void a_call_is_held_open_until_the_server_closes(void **state)
{
	unsigned char buf[1024];
	struct exchange_step step;
	struct pair pair;

	(void)state;
	open_pair(&pair);
	assert_true(drain(&pair, buf, sizeof buf) > 0);
	step = feed(&pair, accepting, sizeof accepting - 1, 1000);
	assert_int_equal(step.wants, EXCHANGE_WANTS_READ);
	assert_int_equal(pair.exchange.first_byte_us, 1000);
	assert_true(exchange_poll_in_server(&pair.exchange, &pair.transport, 1000, 0));
	assert_true(drain(&pair, buf, sizeof buf) > 8); /* a message and a ping */
	assert_int_equal(buf[0], 0x81);
	step = exchange_step(&pair.exchange, &pair.transport, true, 500000);
	assert_int_equal(drain(&pair, buf, sizeof buf), 0);
	step = exchange_step(&pair.exchange, &pair.transport, true, 1001000);
	assert_false(step.has_sent || step.has_received); /* the deadline is that of the pong */
	assert_true(drain(&pair, buf, sizeof buf) > 8);
	assert_true(feed(&pair, "\x8a\x00", 2, 1002000).has_received);
	step = feed(&pair, "\x88\x02\x03\xe9", 4, 1003000);
	assert_int_equal(step.wants, EXCHANGE_IS_OVER);
	assert_int_equal(step.cause, END_ANSWERED);
	assert_int_equal(exchange_describe(&pair.exchange).status, 101);
	assert_int_equal(drain(&pair, buf, sizeof buf), 8); /* its Close is answered */
	assert_int_equal(buf[0], 0x88);
	close_pair(&pair);
}

static void another_code_stands_for_a_status(void **state)
{
	struct pair pair;

	(void)state;
	open_pair(&pair);
	(void)feed(&pair, accepting, sizeof accepting - 1, 1000);
	assert_int_equal(feed(&pair, "\x88\x02\x03\xf3", 4, 2000).cause, END_ANSWERED);
	assert_int_equal(exchange_describe(&pair.exchange).status, 1011);
	close_pair(&pair);
}

static void an_end_without_a_close_is_a_cut(void **state)
{
	unsigned char buf[1024];
	struct exchange_step step;
	struct pair pair;

	(void)state;
	open_pair(&pair);
	(void)feed(&pair, accepting, sizeof accepting - 1, 1000);
	while (drain(&pair, buf, sizeof buf) > 0)
		;
	close(pair.server);
	pair.server = -1;
	step = exchange_step(&pair.exchange, &pair.transport, true, 2000);
	assert_int_equal(step.wants, EXCHANGE_IS_OVER);
	assert_int_equal(step.cause, END_CLOSED);
	close_pair(&pair);
}

static void the_handshake_may_come_in_pieces_and_with_frames(void **state)
{
	struct pair pair;

	(void)state;
	open_pair(&pair);
	for (size_t i = 0; i < sizeof accepting - 2; i++)
		assert_int_equal(feed(&pair, accepting + i, 1, 1000).wants, EXCHANGE_WANTS_READ);
	assert_int_equal(feed(&pair, "\n\x88\x02\x03\xe8", 5, 1000).cause, END_ANSWERED);
	assert_int_equal(exchange_describe(&pair.exchange).status, 101);
	close_pair(&pair);
}

/* Cookies and policies are longer than what a handshake itself needs. */
static void the_head_of_a_handshake_may_be_long(void **state)
{
	char head[8192] = "HTTP/1.1 101 Switching Protocols\r\nSet-Cookie: ";
	const size_t before = strlen(head);
	struct pair pair;

	(void)state;
	memset(head + before, 'x', 5000);
	(void)strcpy(head + before + 5000, strchr(accepting, '\n') - 1);
	for (size_t piece = 1; piece <= strlen(head); piece += 1400) {
		struct exchange_step step = {.wants = EXCHANGE_WANTS_READ};

		open_pair(&pair);
		for (size_t at = 0; at < strlen(head); at += piece) {
			size_t left = strlen(head) - at;

			assert_int_equal(step.wants, EXCHANGE_WANTS_READ);
			step = feed(&pair, head + at, left < piece ? left : piece, 1000);
		}
		assert_int_equal(feed(&pair, "\x88\x02\x03\xe8", 4, 2000).cause, END_ANSWERED);
		assert_int_equal(exchange_describe(&pair.exchange).status, 101);
		close_pair(&pair);
	}
}

static void a_head_that_does_not_end_is_a_bad_answer(void **state)
{
	char line[1024] = "X: ";
	struct exchange_step step;
	struct pair pair;

	(void)state;
	memset(line + 3, 'x', sizeof line - 5);
	memcpy(line + sizeof line - 2, "\r\n", 2);
	open_pair(&pair);
	step = feed(&pair, accepting, sizeof accepting - 3, 1000);
	for (size_t i = 0; i < 256 && step.wants != EXCHANGE_IS_OVER; i++)
		step = feed(&pair, line, sizeof line, 1000);
	assert_int_equal(step.wants, EXCHANGE_IS_OVER);
	assert_int_equal(step.cause, END_BAD_ANSWER);
	close_pair(&pair);
}

static void a_wrong_handshake_is_a_bad_answer(void **state)
{
	static const char wrong[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
				    "Connection: Upgrade\r\n"
				    "Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
	struct pair pair;

	(void)state;
	open_pair(&pair);
	assert_int_equal(feed(&pair, wrong, sizeof wrong - 1, 1000).cause, END_BAD_ANSWER);
	close_pair(&pair);
	open_pair(&pair);
	(void)feed(&pair, accepting, sizeof accepting - 1, 1000);
	assert_int_equal(feed(&pair, "\x81\x85maskd", 7, 1000).cause, END_BAD_ANSWER);
	close_pair(&pair);
}

static void a_refusal_is_an_answer(void **state)
{
	static const char refusal[] = "HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\nno";
	struct exchange_step step;
	struct pair pair;

	(void)state;
	open_pair(&pair);
	step = feed(&pair, refusal, sizeof refusal - 2, 1000);
	assert_int_equal(step.wants, EXCHANGE_WANTS_READ);
	step = feed(&pair, "o", 1, 2000);
	assert_int_equal(step.cause, END_ANSWERED);
	assert_int_equal(exchange_describe(&pair.exchange).status, 503);
	close_pair(&pair);
}

/* Once only as much of it was read as a handshake may have, and the call stood still. */
static void a_refusal_may_be_longer_than_a_handshake(void **state)
{
	char refusal[4096] = "HTTP/1.1 503 Busy\r\nContent-Length: 3000\r\n\r\n";
	const size_t head_len = strlen(refusal);
	struct exchange_step step;
	struct pair pair;

	(void)state;
	memset(refusal + head_len, 'x', 3000);
	open_pair(&pair);
	step = feed(&pair, refusal, head_len + 3000, 1000);
	assert_int_equal(step.wants, EXCHANGE_IS_OVER);
	assert_int_equal(step.cause, END_ANSWERED);
	assert_int_equal(exchange_describe(&pair.exchange).status, 503);
	close_pair(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_is_held_open_until_the_server_closes),
		cmocka_unit_test(another_code_stands_for_a_status),
		cmocka_unit_test(an_end_without_a_close_is_a_cut),
		cmocka_unit_test(the_handshake_may_come_in_pieces_and_with_frames),
		cmocka_unit_test(the_head_of_a_handshake_may_be_long),
		cmocka_unit_test(a_head_that_does_not_end_is_a_bad_answer),
		cmocka_unit_test(a_wrong_handshake_is_a_bad_answer),
		cmocka_unit_test(a_refusal_is_an_answer),
		cmocka_unit_test(a_refusal_may_be_longer_than_a_handshake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
