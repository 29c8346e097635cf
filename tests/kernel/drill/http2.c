/* SPDX-License-Identifier: MIT */
/* An exchange in HTTP/2, against a server that does what a test says, one frame after the other. */
#include "drill/load/exchange.h"
#include "drill/load/http2_conn.h"

#include <errno.h>
#include <nghttp2/nghttp2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct server {
	int fd; /* -1: closed */
	nghttp2_session *session;
	int32_t stream; /* the last one that was opened */
	size_t body_len; /* of its request */
	bool is_asked; /* its request is whole */
	const char *answer; /* what is left of the body */
	bool is_cut; /* END_STREAM does not follow it */
};

struct pair {
	struct target target;
	struct transport transport;
	struct http2_conn *conn;
	struct request request;
	struct exchange exchange;
	struct server server;
};

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
	struct server *server = user;

	(void)session;
	if (frame->hd.type == NGHTTP2_HEADERS)
		server->stream = frame->hd.stream_id;
	if (frame->hd.type == NGHTTP2_DATA)
		server->body_len += frame->hd.length;
	server->is_asked |= frame->hd.stream_id > 0 && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM);
	return 0;
}

static void server_send(struct server *server)
{
	const uint8_t *bytes;
	ssize_t len;

	while ((len = nghttp2_session_mem_send(server->session, &bytes)) > 0)
		assert_int_equal(write(server->fd, bytes, (size_t)len), len);
}

static void server_read(struct server *server)
{
	uint8_t buf[65536];
	ssize_t len;

	while ((len = recv(server->fd, buf, sizeof buf, MSG_DONTWAIT)) > 0)
		assert_int_equal(nghttp2_session_mem_recv(server->session, buf, (size_t)len), len);
	server_send(server);
}

static void server_close(struct server *server)
{
	if (server->fd >= 0)
		close(server->fd);
	server->fd = -1;
}

static ssize_t read_answer(nghttp2_session *session, int32_t id, uint8_t *buf, size_t cap,
	uint32_t *ret_flags, nghttp2_data_source *source, void *user)
{
	struct server *server = user;
	size_t len = strlen(server->answer);

	(void)session;
	(void)id;
	(void)source;
	if (len == 0 && server->is_cut)
		return NGHTTP2_ERR_DEFERRED;
	assert_true(len <= cap);
	memcpy(buf, server->answer, len);
	server->answer += len;
	if (!server->is_cut)
		*ret_flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)len;
}

static nghttp2_nv field(const char *name, const char *value)
{
	return (nghttp2_nv){(uint8_t *)name, (uint8_t *)value, strlen(name), strlen(value),
		NGHTTP2_NV_FLAG_NONE};
}

/* length: what Content-Length says; NULL: nothing. */
static void answer(struct pair *pair, const char *status, const char *body, const char *length)
{
	const nghttp2_data_provider provider = {.read_callback = read_answer};
	const nghttp2_nv fields[] = {
		field(":status", status), field("content-length", length != NULL ? length : "")};

	server_read(&pair->server);
	assert_true(pair->server.stream > 0);
	pair->server.answer = body;
	assert_int_equal(nghttp2_submit_response(pair->server.session, pair->server.stream, fields,
				 length != NULL ? 2 : 1, &provider),
		0);
	server_send(&pair->server);
}

static void reset(struct pair *pair, uint32_t code)
{
	server_read(&pair->server);
	assert_int_equal(nghttp2_submit_rst_stream(pair->server.session, NGHTTP2_FLAG_NONE,
				 pair->server.stream, code),
		0);
	server_send(&pair->server);
}

static void go_away(struct pair *pair, int32_t last)
{
	server_read(&pair->server);
	assert_int_equal(nghttp2_submit_goaway(pair->server.session, NGHTTP2_FLAG_NONE, last,
				 NGHTTP2_NO_ERROR, NULL, 0),
		0);
	server_send(&pair->server);
}

static void start_server(struct server *server, int fd)
{
	nghttp2_session_callbacks *callbacks;
	nghttp2_option *option;

	*server = (struct server){.fd = fd};
	assert_int_equal(nghttp2_session_callbacks_new(&callbacks), 0);
	assert_int_equal(nghttp2_option_new(&option), 0);
	/* it may break the rules of messages */
	nghttp2_option_set_no_http_messaging(option, 1);
	nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
	assert_int_equal(
		nghttp2_session_server_new2(&server->session, callbacks, server, option), 0);
	nghttp2_option_del(option);
	nghttp2_session_callbacks_del(callbacks);
	assert_int_equal(nghttp2_submit_settings(server->session, NGHTTP2_FLAG_NONE, NULL, 0), 0);
	server_send(server);
}

static void open_pair(struct pair *pair, int64_t upload_bytes, int64_t upload_bytes_per_s)
{
	const struct load_request wanted = {
		.upload_bytes = upload_bytes, .upload_bytes_per_s = upload_bytes_per_s};
	const struct request_form form = {.headers = "X-One: 1\r\nConnection: close\r\n"};
	int fds[2];

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
	*pair = (struct pair){.target = {.is_http2 = true}, .transport = {.fd = fds[0]}};
	assert_int_equal(target_url_parse("http://a.example/path", &pair->target.url), 0);
	assert_int_equal(request_init(&pair->request, &pair->target, &wanted, &form, true), 0);
	start_server(&pair->server, fds[1]);
	assert_int_equal(http2_conn_new(&pair->transport, false, &pair->conn), 0);
	exchange_init(&pair->exchange, &pair->request, NULL);
}

static void close_pair(struct pair *pair)
{
	http2_conn_free(pair->conn);
	close(pair->transport.fd);
	server_close(&pair->server);
	nghttp2_session_del(pair->server.session);
	request_done(&pair->request);
}

static struct exchange_step start(struct pair *pair)
{
	return exchange_start(&pair->exchange, &pair->transport, pair->conn, 0);
}

static struct exchange_step read_step(struct pair *pair)
{
	return exchange_step(&pair->exchange, &pair->transport, true, 1000);
}

static void assert_ends(struct pair *pair, enum attempt_end_cause cause, int error)
{
	struct exchange_step step = read_step(pair);

	assert_int_equal(step.wants, EXCHANGE_IS_OVER);
	assert_int_equal(step.cause, cause);
	assert_int_equal(step.error, error);
}

static void a_stream_is_answered_and_the_next_one_follows(void **state)
{
	struct pair pair;

	(void)state;
	open_pair(&pair, 0, 0);
	for (int i = 0; i < 3; i++) {
		struct exchange_response response;

		exchange_init(&pair.exchange, &pair.request, NULL);
		assert_int_equal(start(&pair).wants, EXCHANGE_WANTS_READ);
		answer(&pair, "200", "body", "4");
		assert_true(pair.server.is_asked);
		assert_ends(&pair, END_ANSWERED, 0);
		response = exchange_describe(&pair.exchange);
		assert_int_equal(response.status, 200);
		assert_int_equal(response.bytes_expected, 4);
		assert_int_equal(response.bytes_received, 4);
		assert_true(response.keeps_connection && response.is_body_known);
		assert_int_equal(http2_conn_read_idle(pair.conn), -EAGAIN);
	}
	close_pair(&pair);
}

static void settings_and_pings_are_no_response(void **state)
{
	struct pair pair;
	struct exchange_step step;

	(void)state;
	open_pair(&pair, 0, 0);
	assert_true(start(&pair).has_sent);
	server_read(&pair.server);
	assert_int_equal(nghttp2_submit_ping(pair.server.session, NGHTTP2_FLAG_NONE, NULL), 0);
	server_send(&pair.server);
	step = read_step(&pair);
	assert_int_equal(step.wants, EXCHANGE_WANTS_READ);
	assert_false(step.has_sent || step.has_received);
	assert_int_equal(pair.exchange.first_byte_us, EXCHANGE_NEVER);
	close_pair(&pair);
}

static void a_connection_that_ends_cuts_its_stream(void **state)
{
	struct pair pair;

	(void)state;
	open_pair(&pair, 0, 0);
	(void)start(&pair);
	pair.server.is_cut = true;
	answer(&pair, "200", "bo", NULL);
	assert_true(read_step(&pair).has_received);
	assert_int_equal(pair.exchange.first_byte_us, 1000);
	server_read(&pair.server); /* what is not read makes a FIN a reset */
	server_close(&pair.server);
	assert_ends(&pair, END_CLOSED, 0);
	close_pair(&pair);
}

static void end_stream_before_the_length_is_reached_cuts_it(void **state)
{
	struct pair pair;

	(void)state;
	open_pair(&pair, 0, 0);
	(void)start(&pair);
	answer(&pair, "200", "bo", "4");
	assert_ends(&pair, END_CLOSED, 0);
	close_pair(&pair);
}

static void more_than_the_length_is_a_bad_answer(void **state)
{
	struct pair pair;

	(void)state;
	open_pair(&pair, 0, 0);
	(void)start(&pair);
	answer(&pair, "200", "bodybody", "4");
	assert_ends(&pair, END_BAD_ANSWER, 0);
	close_pair(&pair);
}

static void a_reset_stream_is_a_reset(void **state)
{
	static const uint32_t codes[] = {NGHTTP2_NO_ERROR, NGHTTP2_INTERNAL_ERROR, NGHTTP2_CANCEL};

	(void)state;
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		struct pair pair;

		open_pair(&pair, 0, 0);
		(void)start(&pair);
		pair.server.is_cut = true;
		answer(&pair, "200", "bo", NULL);
		reset(&pair, codes[i]);
		assert_ends(&pair, END_FAILED, ECONNRESET);
		close_pair(&pair);
	}
}

static void a_refused_stream_is_refused(void **state)
{
	struct pair pair;

	(void)state;
	open_pair(&pair, 0, 0);
	(void)start(&pair);
	reset(&pair, NGHTTP2_REFUSED_STREAM);
	assert_ends(&pair, END_REFUSED, 0);
	close_pair(&pair);
}

static void a_stream_above_the_last_one_is_refused(void **state)
{
	struct pair pair;

	(void)state;
	open_pair(&pair, 0, 0);
	(void)start(&pair);
	go_away(&pair, 0);
	assert_ends(&pair, END_REFUSED, 0);
	close_pair(&pair);
}

static void a_stream_below_it_is_answered_and_the_last(void **state)
{
	struct pair pair;

	(void)state;
	open_pair(&pair, 0, 0);
	(void)start(&pair);
	go_away(&pair, 1);
	assert_int_equal(read_step(&pair).wants, EXCHANGE_WANTS_READ);
	answer(&pair, "200", "body", NULL);
	assert_ends(&pair, END_ANSWERED, 0);
	assert_false(exchange_describe(&pair.exchange).keeps_connection);
	assert_int_equal(http2_conn_read_idle(pair.conn), 0);
	close_pair(&pair);
}

static void an_idle_connection_ends_by_goaway(void **state)
{
	struct pair pair;

	(void)state;
	open_pair(&pair, 0, 0);
	assert_int_equal(http2_conn_read_idle(pair.conn), -EAGAIN);
	go_away(&pair, 0);
	assert_int_equal(http2_conn_read_idle(pair.conn), 0);
	assert_int_equal(start(&pair).cause, END_REFUSED);
	close_pair(&pair);
}

static void http1_is_a_bad_answer(void **state)
{
	static const char bytes[] = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
	struct pair pair;
	int fds[2];

	(void)state;
	open_pair(&pair, 0, 0);
	http2_conn_free(pair.conn);
	close(pair.transport.fd);
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
	pair.transport.fd = fds[0];
	assert_int_equal(http2_conn_new(&pair.transport, false, &pair.conn), 0);
	(void)start(&pair);
	assert_int_equal(write(fds[1], bytes, sizeof bytes - 1), (ssize_t)sizeof bytes - 1);
	assert_ends(&pair, END_BAD_ANSWER, EBADMSG);
	close(fds[1]);
	close_pair(&pair);
}

static void a_call_without_its_status_is_cut(void **state)
{
	struct pair pair;

	(void)state;
	open_pair(&pair, 0, 0);
	pair.request.is_grpc = true;
	(void)start(&pair);
	answer(&pair, "200", "", NULL);
	assert_ends(&pair, END_CLOSED, 0);
	exchange_init(&pair.exchange, &pair.request, NULL);
	(void)start(&pair);
	answer(&pair, "200", "<html>", NULL);
	assert_ends(&pair, END_BAD_ANSWER, 0);
	close_pair(&pair);
}

static void an_upload_is_sent_at_its_pace(void **state)
{
	struct pair pair;
	int64_t now = 0;

	(void)state;
	open_pair(&pair, 2000, 1000);
	assert_int_equal(exchange_tick_us(&pair.exchange), 10000);
	(void)start(&pair);
	server_read(&pair.server);
	assert_int_equal(pair.server.body_len, 11); /* a tick's */
	while (now < 1000000) {
		now += 10000;
		(void)exchange_step(&pair.exchange, &pair.transport, true, now);
		server_read(&pair.server);
	}
	assert_int_in_range(pair.server.body_len, 990, 1100);
	assert_false(pair.server.is_asked);
	while (now < 2100000) {
		now += 10000;
		(void)exchange_step(&pair.exchange, &pair.transport, true, now);
		server_read(&pair.server);
	}
	assert_int_equal(pair.server.body_len, 2000);
	assert_true(pair.server.is_asked);
	answer(&pair, "200", "done", NULL);
	assert_ends(&pair, END_ANSWERED, 0);
	assert_true(exchange_describe(&pair.exchange).keeps_connection);
	close_pair(&pair);
}

static void an_answer_before_the_upload_ends_the_connection(void **state)
{
	struct pair pair;

	(void)state;
	open_pair(&pair, 2000, 1000);
	(void)start(&pair);
	answer(&pair, "413", "too much", NULL);
	reset(&pair, NGHTTP2_NO_ERROR);
	assert_ends(&pair, END_ANSWERED, 0);
	assert_int_equal(exchange_describe(&pair.exchange).status, 413);
	assert_false(exchange_describe(&pair.exchange).keeps_connection);
	close_pair(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stream_is_answered_and_the_next_one_follows),
		cmocka_unit_test(settings_and_pings_are_no_response),
		cmocka_unit_test(a_connection_that_ends_cuts_its_stream),
		cmocka_unit_test(end_stream_before_the_length_is_reached_cuts_it),
		cmocka_unit_test(more_than_the_length_is_a_bad_answer),
		cmocka_unit_test(a_reset_stream_is_a_reset),
		cmocka_unit_test(a_refused_stream_is_refused),
		cmocka_unit_test(a_stream_above_the_last_one_is_refused),
		cmocka_unit_test(a_stream_below_it_is_answered_and_the_last),
		cmocka_unit_test(an_idle_connection_ends_by_goaway),
		cmocka_unit_test(http1_is_a_bad_answer),
		cmocka_unit_test(a_call_without_its_status_is_cut),
		cmocka_unit_test(an_upload_is_sent_at_its_pace),
		cmocka_unit_test(an_answer_before_the_upload_ends_the_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
