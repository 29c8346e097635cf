/* SPDX-License-Identifier: MIT */
#include "drill/load/exchange_http2.h"

#include <errno.h>

#define READS_AT_ONCE 8 /* then the other connections have a turn */

/* A response to a gRPC call, and no error of HTTP. */
static bool is_grpc(const struct exchange *exchange)
{
	return exchange->request->is_grpc && exchange->http2.status == 200;
}

/* The status that the response is known by. */
static int status_of(const struct exchange *exchange)
{
	const struct http2_stream *stream = &exchange->http2;

	return is_grpc(exchange) && stream->grpc_status >= 0 ? grpc_status_http(stream->grpc_status)
							     : stream->status;
}

/* END_STREAM. A call is over with its trailers, which have its status, and never within a message. */
static struct exchange_step end_whole(const struct exchange *exchange)
{
	if (is_grpc(exchange) &&
		(exchange->http2.grpc_status < 0 || !grpc_reader_is_whole(&exchange->grpc)))
		return exchange_over(END_CLOSED, 0);
	return exchange_end_whole(exchange, status_of(exchange));
}

/* How the stream ended, if it did. */
static struct exchange_step follow_stream(const struct exchange *exchange)
{
	const struct http2_stream *stream = &exchange->http2;

	if (stream->is_bad)
		return exchange_over(END_BAD_ANSWER, 0);
	if (stream->is_whole && !stream->was_reset)
		return end_whole(exchange);
	if (!stream->is_closed && !stream->is_whole)
		return (struct exchange_step){.wants = EXCHANGE_WANTS_READ};
	if (stream->is_refused)
		return exchange_over(END_REFUSED, 0);
	if (stream->was_reset)
		return exchange_over(END_FAILED, ECONNRESET);
	/* the client's own verdict: the response broke the rules */
	return exchange_over(
		stream->framed_bytes < stream->content_length ? END_CLOSED : END_BAD_ANSWER, 0);
}

static struct exchange_step end_of_connection(ssize_t received)
{
	if (received == 0)
		return exchange_over(END_CLOSED, 0);
	return exchange_over(received == -EBADMSG ? END_BAD_ANSWER : END_FAILED, (int)-received);
}

static struct exchange_step receive_some(struct exchange *exchange, int64_t now_us)
{
	struct exchange_step step = follow_stream(exchange);

	for (int i = 0; i < READS_AT_ONCE && step.wants == EXCHANGE_WANTS_READ; i++) {
		int64_t allowed = exchange_allowance(exchange, exchange->request->read_bytes_per_s,
			exchange->read_bytes, now_us);
		ssize_t received;

		if (allowed == 0) {
			step.wants = EXCHANGE_WANTS_TIME;
			break;
		}
		received = http2_conn_receive(exchange->http2_conn,
			(uint64_t)allowed < SIZE_MAX ? (size_t)allowed : SIZE_MAX);
		if (received == -EAGAIN)
			break;
		exchange->read_bytes += received > 0 ? received : 0;
		step = follow_stream(exchange);
		if (received <= 0 && step.wants == EXCHANGE_WANTS_READ)
			step = end_of_connection(received);
	}
	return step;
}

static void send_some(struct exchange *exchange, int64_t now_us, struct exchange_step *step)
{
	struct http2_stream *stream = &exchange->http2;
	int64_t allowed = exchange_allowance(exchange, exchange->request->upload_bytes_per_s,
		(int64_t)stream->body_sent, now_us);
	bool is_blocked;

	stream->allowance = (uint64_t)allowed < SIZE_MAX ? (size_t)allowed : SIZE_MAX;
	is_blocked = http2_conn_send(exchange->http2_conn);
	if (step->wants == EXCHANGE_IS_OVER)
		return;
	if (stream->is_closed) /* nghttp2 has reset it */
		*step = follow_stream(exchange);
	else if (is_blocked)
		step->wants = EXCHANGE_WANTS_READ_AND_WRITE;
}

/* What is due goes out in any case: a connection that is kept has answered what it has to. */
static struct exchange_step step(
	struct exchange *exchange, struct transport *transport, bool is_readable, int64_t now_us)
{
	struct http2_stream *stream = &exchange->http2;
	struct exchange_step step = {.wants = EXCHANGE_WANTS_READ};

	(void)transport; /* it is the connection's */
	http2_stream_begin_step(stream);
	if (is_readable)
		step = receive_some(exchange, now_us);
	send_some(exchange, now_us, &step);
	if (stream->status > 0)
		exchange_note_first_byte(exchange, now_us);
	if (step.wants == EXCHANGE_IS_OVER)
		http2_conn_end_stream(exchange->http2_conn);
	step.has_sent = stream->has_sent;
	step.has_received = stream->has_received;
	return step;
}

static bool has_sent_enough(const struct exchange *exchange)
{
	const struct http2_stream *stream = &exchange->http2;

	return stream->has_sent_head && (stream->body_len == 0 || stream->body_sent > 0) &&
	       http2_conn_has_sent_all(exchange->http2_conn);
}

static bool is_sent(const struct exchange *exchange)
{
	return exchange->http2.has_sent_head &&
	       exchange->http2.body_sent == exchange->http2.body_len &&
	       http2_conn_has_sent_all(exchange->http2_conn);
}

static struct exchange_response describe(const struct exchange *exchange)
{
	const struct http2_stream *stream = &exchange->http2;
	bool is_going = exchange->http2_conn != NULL && http2_conn_is_going(exchange->http2_conn);

	return (struct exchange_response){
		.status = status_of(exchange),
		.bytes_expected = stream->content_length >= 0 ? stream->content_length
				  : stream->is_whole          ? stream->body_bytes
							      : -1,
		.bytes_received = stream->body_bytes,
		.is_body_known = true, /* END_STREAM tells */
		/* UNAVAILABLE is an error, whatever comes with it */
		.says_goodbye = !is_grpc(exchange) && (is_going || stream->has_retry_after),
		.keeps_connection = stream->is_whole && !is_going && is_sent(exchange),
	};
}

static bool take(void *user, const char *bytes, size_t len)
{
	struct exchange *exchange = user;

	if (is_grpc(exchange) && !grpc_reader_take(&exchange->grpc, bytes, len))
		return false;
	return exchange_take_body(exchange, exchange->http2.status, bytes, len);
}

void exchange_http2_init(struct exchange *exchange)
{
	static const struct exchange_protocol http2 = {step, has_sent_enough, describe};

	exchange->protocol = &http2;
	exchange->http2_conn = NULL;
	grpc_reader_start(&exchange->grpc);
	http2_stream_init(&exchange->http2, exchange->request->body, exchange->request->body_len);
	exchange->http2.take = take;
	exchange->http2.user = exchange;
}

int exchange_http2_begin(struct exchange *exchange, struct http2_conn *conn)
{
	exchange->http2_conn = conn;
	return http2_conn_begin_stream(conn, exchange->request->http2, &exchange->http2);
}
