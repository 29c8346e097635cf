/* SPDX-License-Identifier: MIT */
#include "drill/load/exchange_http1.h"

#include <errno.h>
#include <string.h>

#define RECEIVE_BYTES 65536
#define READS_AT_ONCE 8 /* then the other connections have a turn */

static const struct exchange_step step_reading = {.wants = EXCHANGE_WANTS_READ};

/* What may be sent now, of the head or of the body: at least a byte, unless all is sent or it is too early. */
static size_t next_bytes(const struct exchange *exchange, int64_t now_us, const char **ret_bytes)
{
	const struct request *request = exchange->request;
	size_t sent = exchange->http1.sent, left;
	int64_t allowed;

	if (sent < request->head_len) {
		*ret_bytes = request->head + sent;
		return request->head_len - sent;
	}
	sent -= request->head_len;
	left = request->body_len - sent;
	if (left == 0)
		return 0;
	allowed = exchange_allowance(exchange, request->upload_bytes_per_s, (int64_t)sent, now_us);
	*ret_bytes = request->body + sent;
	return (uint64_t)allowed < left ? (size_t)allowed : left;
}

static void send_some(struct exchange *exchange, struct transport *transport, int64_t now_us,
	struct exchange_step *step)
{
	const char *bytes;
	size_t len;

	while ((len = next_bytes(exchange, now_us, &bytes)) > 0) {
		ssize_t sent = transport_send(transport, bytes, len);

		if (sent == -EAGAIN && (transport->tls == NULL || transport->wants_write))
			step->wants = EXCHANGE_WANTS_READ_AND_WRITE;
		if (sent < 0)
			return;
		exchange->http1.sent += (size_t)sent;
		step->has_sent = true;
	}
}

/* Returns false when the bytes are not those of the expected response. */
static bool take_bytes(struct exchange *exchange, const char *bytes, size_t len)
{
	struct response_reader *reader = &exchange->http1.reader;
	struct response_piece piece;

	while (len > 0 && reader->stage < RESPONSE_WHOLE) {
		size_t took = response_reader_take(reader, bytes, len, &piece);

		if (!exchange_take_body(exchange, reader->status, piece.bytes, piece.len))
			return false;
		bytes += took;
		len -= took;
	}
	/* the client asked for nothing else: bytes after the response belong to no request */
	return reader->stage != RESPONSE_BAD && len == 0;
}

/* With TLS a bare FIN proves nothing: any host on the way can send it. */
static struct exchange_step end_of_stream(
	struct exchange *exchange, const struct transport *transport)
{
	bool is_proper = !transport->ended_unsaid || transport->tls == NULL;

	if (is_proper && response_reader_end(&exchange->http1.reader))
		return exchange_end_whole(exchange, exchange->http1.reader.status);
	return exchange_over(END_CLOSED, 0);
}

/* The transport has returned bytes, the end, or an error. */
static struct exchange_step take_received(struct exchange *exchange,
	const struct transport *transport, const char *bytes, ssize_t received, int64_t now_us)
{
	if (received == 0)
		return end_of_stream(exchange, transport);
	if (received < 0)
		return exchange_over(
			received == -EBADMSG ? END_BAD_ANSWER : END_FAILED, (int)-received);
	exchange->read_bytes += received;
	if (!take_bytes(exchange, bytes, (size_t)received)) {
		exchange_note_first_byte(exchange, now_us);
		return exchange_over(END_BAD_ANSWER, 0);
	}
	if (!response_reader_has_begun(&exchange->http1.reader))
		return step_reading; /* an interim response (1xx) says nothing of when the final one comes */
	exchange_note_first_byte(exchange, now_us);
	if (exchange->http1.reader.stage == RESPONSE_WHOLE)
		return exchange_end_whole(exchange, exchange->http1.reader.status);
	return (struct exchange_step){.wants = EXCHANGE_WANTS_READ, .has_received = true};
}

static struct exchange_step receive_some(
	struct exchange *exchange, struct transport *transport, int64_t now_us)
{
	static char buf[RECEIVE_BYTES]; /* nothing of it is kept from one call to the next */
	struct exchange_step step = step_reading;

	for (int i = 0; i < READS_AT_ONCE && step.wants == EXCHANGE_WANTS_READ; i++) {
		int64_t allowed = exchange_allowance(exchange, exchange->request->read_bytes_per_s,
			exchange->read_bytes, now_us);
		size_t cap = allowed < (int64_t)sizeof buf ? (size_t)allowed : sizeof buf;
		ssize_t received;

		if (cap == 0) {
			step.wants = EXCHANGE_WANTS_TIME;
			break;
		}
		received = transport_receive(transport, buf, cap);
		if (received == -EAGAIN)
			break;
		step = take_received(exchange, transport, buf, received, now_us);
	}
	return step;
}

static struct exchange_step step(
	struct exchange *exchange, struct transport *transport, bool is_readable, int64_t now_us)
{
	struct exchange_step step = step_reading;

	if (is_readable)
		step = receive_some(exchange, transport, now_us);
	if (step.wants != EXCHANGE_IS_OVER)
		send_some(exchange, transport, now_us, &step);
	return step;
}

static bool has_sent_enough(const struct exchange *exchange)
{
	const struct request *request = exchange->request;

	return exchange->http1.sent >= request->head_len + (request->body_len > 0);
}

static bool knows_body(const struct exchange *exchange)
{
	const struct body_check *check = &exchange->check;

	return response_reader_has_length(&exchange->http1.reader) ||
	       check->pattern == BODY_NUMBERED ||
	       (check->pattern == BODY_SAME && check->same != NULL);
}

static struct exchange_response describe(const struct exchange *exchange)
{
	const struct response_reader *reader = &exchange->http1.reader;
	const struct request *request = exchange->request;

	return (struct exchange_response){
		.status = reader->status,
		.bytes_expected = response_reader_body_length(reader),
		.bytes_received = reader->body_bytes,
		.is_body_known = knows_body(exchange),
		.says_goodbye = reader->closes || reader->has_retry_after,
		.keeps_connection = !reader->closes &&
				    exchange->http1.sent == request->head_len + request->body_len,
	};
}

void exchange_http1_init(struct exchange *exchange)
{
	static const struct exchange_protocol http1 = {step, has_sent_enough, describe};

	exchange->protocol = &http1;
	exchange->http1.sent = 0;
	if (strncmp(exchange->request->head, "HEAD ", strlen("HEAD ")) == 0)
		response_reader_start_head(&exchange->http1.reader);
	else
		response_reader_start(&exchange->http1.reader);
}
