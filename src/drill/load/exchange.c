/* SPDX-License-Identifier: MIT */
#include "drill/load/exchange.h"

#include "drill/core/pace.h"

#include <errno.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#define RECEIVE_BYTES 65536
#define READS_AT_ONCE 8 /* then the other connections have a turn */
#define CAPTURE_MAX_BYTES ((size_t)256 << 20)

static const struct exchange_step step_reading = {.wants = EXCHANGE_WANTS_READ};

static struct exchange_step over(enum attempt_end_cause cause, int error)
{
	return (struct exchange_step){.wants = EXCHANGE_IS_OVER, .cause = cause, .error = error};
}

static int64_t allowance(
	const struct exchange *exchange, int64_t bytes_per_s, int64_t done, int64_t now_us)
{
	if (bytes_per_s == 0)
		return INT64_MAX;
	return pace_allowance(bytes_per_s, now_us - exchange->sent_from_us, done);
}

void exchange_init(
	struct exchange *exchange, const struct request *request, struct body_capture *capture)
{
	exchange->request = request;
	exchange->capture = capture;
	exchange->first_byte_us = exchange->acknowledged_at_us = EXCHANGE_NEVER;
	exchange->sent = 0;
	exchange->read_bytes = 0;
	response_reader_start(&exchange->reader);
	body_check_start(&exchange->check, request->pattern, request->same, request->same_len);
}

bool exchange_knows_body(const struct exchange *exchange)
{
	const struct body_check *check = &exchange->check;

	return response_reader_has_length(&exchange->reader) || check->pattern == BODY_NUMBERED ||
	       (check->pattern == BODY_SAME && check->same != NULL);
}

bool exchange_is_paced(const struct exchange *exchange)
{
	return exchange->request->upload_bytes_per_s > 0 || exchange->request->read_bytes_per_s > 0;
}

/* What may be sent now, of the head or of the body: at least a byte, unless all is sent or it is too early. */
static size_t next_bytes(const struct exchange *exchange, int64_t now_us, const char **ret_bytes)
{
	const struct request *request = exchange->request;
	size_t sent = exchange->sent, left;
	int64_t allowed;

	if (sent < request->head_len) {
		*ret_bytes = request->head + sent;
		return request->head_len - sent;
	}
	sent -= request->head_len;
	left = request->body_len - sent;
	if (left == 0)
		return 0;
	allowed = allowance(exchange, request->upload_bytes_per_s, (int64_t)sent, now_us);
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
		exchange->sent += (size_t)sent;
		step->has_sent = true;
	}
}

static void capture_bytes(struct body_capture *capture, const char *bytes, size_t len)
{
	if (capture->is_too_large)
		return;
	if (capture->bytes == NULL || len > capture->cap - capture->len) {
		size_t cap = (capture->len + len) * 2 + 1;
		char *larger = cap <= 2 * CAPTURE_MAX_BYTES ? realloc(capture->bytes, cap) : NULL;

		if (larger == NULL) {
			capture->is_too_large = true;
			return;
		}
		capture->bytes = larger;
		capture->cap = cap;
	}
	if (len > 0)
		memcpy(capture->bytes + capture->len, bytes, len);
	capture->len += len;
}

/* Returns false when the bytes are not those of the expected response. */
static bool take_bytes(struct exchange *exchange, const char *bytes, size_t len)
{
	struct response_reader *reader = &exchange->reader;
	struct response_piece piece;

	while (len > 0 && reader->stage < RESPONSE_WHOLE) {
		size_t took = response_reader_take(reader, bytes, len, &piece);

		/* an error response has a body of its own, whatever the pattern of the expected one is */
		if (reader->status < 300 &&
			!body_check_bytes(&exchange->check, piece.bytes, piece.len))
			return false;
		if (exchange->capture != NULL)
			capture_bytes(exchange->capture, piece.bytes, piece.len);
		bytes += took;
		len -= took;
	}
	/* the client asked for nothing else: bytes after the response belong to no request */
	return reader->stage != RESPONSE_BAD && len == 0;
}

static struct exchange_step whole_response(const struct exchange *exchange)
{
	bool is_right = exchange->reader.status >= 300 || body_check_is_whole(&exchange->check);

	return over(is_right ? END_ANSWERED : END_BAD_ANSWER, 0);
}

/* With TLS a bare FIN proves nothing: anybody on the way can send it. */
static struct exchange_step end_of_stream(
	struct exchange *exchange, const struct transport *transport)
{
	bool is_proper = !transport->ended_unsaid || transport->tls == NULL;

	if (is_proper && response_reader_end(&exchange->reader))
		return whole_response(exchange);
	return over(END_CLOSED, 0);
}

static void note_first_byte(struct exchange *exchange, int64_t now_us)
{
	if (exchange->first_byte_us == EXCHANGE_NEVER)
		exchange->first_byte_us = now_us;
}

/* The transport has returned bytes, the end, or an error. */
static struct exchange_step take_received(struct exchange *exchange,
	const struct transport *transport, const char *bytes, ssize_t received, int64_t now_us)
{
	if (received == 0)
		return end_of_stream(exchange, transport);
	if (received < 0)
		return over(received == -EBADMSG ? END_BAD_ANSWER : END_FAILED, (int)-received);
	exchange->read_bytes += received;
	if (!take_bytes(exchange, bytes, (size_t)received)) {
		note_first_byte(exchange, now_us);
		return over(END_BAD_ANSWER, 0);
	}
	if (!response_reader_has_begun(&exchange->reader))
		return step_reading; /* an interim response (1xx) says nothing of when the final one comes */
	note_first_byte(exchange, now_us);
	if (exchange->reader.stage == RESPONSE_WHOLE)
		return whole_response(exchange);
	return (struct exchange_step){.wants = EXCHANGE_WANTS_READ, .has_received = true};
}

static struct exchange_step receive_some(
	struct exchange *exchange, struct transport *transport, int64_t now_us)
{
	static char buf[RECEIVE_BYTES]; /* nothing of it is kept from one call to the next */
	struct exchange_step step = step_reading;

	for (int i = 0; i < READS_AT_ONCE && step.wants == EXCHANGE_WANTS_READ; i++) {
		int64_t allowed = allowance(exchange, exchange->request->read_bytes_per_s,
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

struct exchange_step exchange_start(
	struct exchange *exchange, struct transport *transport, int64_t now_us)
{
	struct exchange_step step = step_reading;

	exchange->sent_from_us = now_us;
	exchange->wire_bytes_before = transport->sent_bytes;
	send_some(exchange, transport, now_us, &step);
	return step;
}

struct exchange_step exchange_step(
	struct exchange *exchange, struct transport *transport, bool is_readable, int64_t now_us)
{
	struct exchange_step step = step_reading;

	if (is_readable)
		step = receive_some(exchange, transport, now_us);
	if (step.wants != EXCHANGE_IS_OVER)
		send_some(exchange, transport, now_us, &step);
	return step;
}

bool exchange_poll_in_server(struct exchange *exchange, const struct transport *transport,
	int64_t now_us, int64_t settle_us)
{
	const struct request *request = exchange->request;
	/* all of the request, or so much of an upload that its body has begun */
	size_t needed = request->head_len + (request->body_len > 0);
	int unacknowledged;

	if (exchange->first_byte_us != EXCHANGE_NEVER)
		return true;
	if (request->is_long_answer)
		return false;
	if (exchange->acknowledged_at_us == EXCHANGE_NEVER) {
		if (exchange->sent < needed ||
			ioctl(transport->fd, SIOCOUTQ, &unacknowledged) < 0 || unacknowledged > 0)
			return false;
		exchange->acknowledged_at_us = now_us;
	}
	return now_us - exchange->acknowledged_at_us >= settle_us;
}
