/* SPDX-License-Identifier: MIT */
/* An exchange needs no event loop: what it wants next follows from what the other end did. */
#include "drill/load/exchange.h"

#include "drill/core/pace.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static char head[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

struct pair {
	struct transport transport;
	int server;
	struct request request;
	struct exchange exchange;
};

static void open_pair(struct pair *pair, int64_t read_bytes_per_s)
{
	int fds[2];

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
	*pair = (struct pair){
		.transport = {.fd = fds[0]},
		.server = fds[1],
		.request = {.head = head,
			.head_len = sizeof head - 1,
			.read_bytes_per_s = read_bytes_per_s},
	};
	exchange_init(&pair->exchange, &pair->request, NULL);
}

static void close_pair(struct pair *pair)
{
	close(pair->transport.fd);
	if (pair->server >= 0)
		close(pair->server);
}

static void answer(struct pair *pair, const char *bytes)
{
	assert_int_equal(write(pair->server, bytes, strlen(bytes)), (ssize_t)strlen(bytes));
}

static struct exchange_step read_step(struct pair *pair, int64_t now_us)
{
	return exchange_step(&pair->exchange, &pair->transport, true, now_us);
}

static void a_request_is_sent_and_its_response_read(void **state)
{
	struct pair pair;
	struct exchange_step step;
	char received[128];

	(void)state;
	open_pair(&pair, 0);
	step = exchange_start(&pair.exchange, &pair.transport, NULL, 1000);
	assert_int_equal(step.wants, EXCHANGE_WANTS_READ);
	assert_true(step.has_sent);
	assert_int_equal(read(pair.server, received, sizeof received), sizeof head - 1);
	step = read_step(&pair, 2000);
	assert_int_equal(step.wants, EXCHANGE_WANTS_READ);
	assert_false(step.has_received);
	answer(&pair, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
	step = read_step(&pair, 3000);
	assert_int_equal(step.wants, EXCHANGE_WANTS_READ);
	assert_true(step.has_received);
	assert_int_equal(pair.exchange.first_byte_us, 3000);
	answer(&pair, "cd");
	step = read_step(&pair, 4000);
	assert_int_equal(step.wants, EXCHANGE_IS_OVER);
	assert_int_equal(step.cause, END_ANSWERED);
	assert_int_equal(pair.exchange.http1.reader.status, 200);
	close_pair(&pair);
}

static void an_end_in_the_middle_is_a_close(void **state)
{
	struct pair pair;
	struct exchange_step step;

	(void)state;
	open_pair(&pair, 0);
	(void)exchange_start(&pair.exchange, &pair.transport, NULL, 0);
	answer(&pair, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
	close(pair.server);
	pair.server = -1;
	do
		step = read_step(&pair, 0);
	while (step.wants == EXCHANGE_WANTS_READ && step.has_received);
	assert_int_equal(step.wants, EXCHANGE_IS_OVER);
	assert_true(step.cause == END_CLOSED || step.error == ECONNRESET);
	close_pair(&pair);
}

static void bytes_after_the_response_are_a_bad_answer(void **state)
{
	struct pair pair;
	struct exchange_step step;

	(void)state;
	open_pair(&pair, 0);
	(void)exchange_start(&pair.exchange, &pair.transport, NULL, 0);
	answer(&pair, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab");
	step = read_step(&pair, 0);
	assert_int_equal(step.wants, EXCHANGE_IS_OVER);
	assert_int_equal(step.cause, END_BAD_ANSWER);
	close_pair(&pair);
}

/* A slow reader waits for its tick, not for the socket, which stays readable. */
static void a_slow_reader_wants_time(void **state)
{
	struct pair pair;
	struct exchange_step step;

	(void)state;
	open_pair(&pair, 1000);
	(void)exchange_start(&pair.exchange, &pair.transport, NULL, 0);
	answer(&pair, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
	step = read_step(&pair, 0);
	assert_int_equal(step.wants, EXCHANGE_WANTS_TIME);
	assert_int_equal(pair.exchange.read_bytes, 1000 / (1000000 / PACE_TICK_US) + 1);
	step = read_step(&pair, PACE_TICK_US);
	assert_int_equal(step.wants, EXCHANGE_WANTS_TIME);
	assert_true(step.has_received);
	close_pair(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_sent_and_its_response_read),
		cmocka_unit_test(an_end_in_the_middle_is_a_close),
		cmocka_unit_test(bytes_after_the_response_are_a_bad_answer),
		cmocka_unit_test(a_slow_reader_wants_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
