/* SPDX-License-Identifier: MIT */
#include "drill/load/exchange_websocket.h"

#include "drill/load/websocket_handshake.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define RECEIVE_BYTES 16384
#define READS_AT_ONCE 8 /* then the other connections have a turn */
#define SWITCHING_PROTOCOLS 101

static const struct exchange_step step_reading = {.wants = EXCHANGE_WANTS_READ};

/* Adds a frame to what is to be sent. Returns false where there is no room: the server does not read. */
static bool add_frame(struct exchange_websocket *socket, enum websocket_opcode opcode,
	const void *payload, size_t len)
{
	/* it hides nothing here, and servers have to take any (RFC 6455 10.3) */
	static const unsigned char mask[4] = {0x5a, 0xc3, 0x17, 0x9e};

	if (sizeof socket->out - socket->out_len < WEBSOCKET_FRAME_BYTES)
		return false;
	socket->out_len +=
		websocket_write_frame(socket->out + socket->out_len, opcode, payload, len, mask);
	return true;
}

/* The message and the ping of each second. A server that answers no ping has stalled. */
static void add_message(struct exchange *exchange, int64_t now_us)
{
	struct exchange_websocket *socket = &exchange->websocket;
	char message[48];

	if (!socket->is_open || socket->is_closing || now_us < socket->next_us)
		return;
	/* a tick may be early */
	socket->next_us = now_us + EXCHANGE_WEBSOCKET_TICK_US * 3 / 4;
	(void)snprintf(message, sizeof message, "lastcall-drill %u", ++socket->messages);
	if (add_frame(socket, WEBSOCKET_TEXT, message, strlen(message)))
		(void)add_frame(socket, WEBSOCKET_PING, NULL, 0);
}

/* The next bytes of the handshake, or of frames. */
static size_t next_bytes(const struct exchange *exchange, const char **ret_bytes)
{
	const struct exchange_websocket *socket = &exchange->websocket;

	if (socket->sent < exchange->request->head_len) {
		*ret_bytes = exchange->request->head + socket->sent;
		return exchange->request->head_len - socket->sent;
	}
	*ret_bytes = (const char *)socket->out;
	return socket->out_len;
}

static void note_sent(struct exchange *exchange, size_t len)
{
	struct exchange_websocket *socket = &exchange->websocket;

	if (socket->sent < exchange->request->head_len) {
		socket->sent += len;
		return;
	}
	memmove(socket->out, socket->out + len, socket->out_len - len);
	socket->out_len -= len;
}

static void send_some(
	struct exchange *exchange, struct transport *transport, struct exchange_step *step)
{
	const char *bytes;
	size_t len;

	while ((len = next_bytes(exchange, &bytes)) > 0) {
		ssize_t sent = transport_send(transport, bytes, len);

		if (sent == -EAGAIN && (transport->tls == NULL || transport->wants_write))
			step->wants = EXCHANGE_WANTS_READ_AND_WRITE;
		if (sent < 0)
			return;
		/* frames put off no deadline: it is the server's turn to answer the ping */
		step->has_sent |= exchange->websocket.sent < exchange->request->head_len;
		note_sent(exchange, (size_t)sent);
	}
}

/* The server has closed: the Close is answered, and how is known. */
static struct exchange_step end_by_close(struct exchange *exchange, struct transport *transport)
{
	struct exchange_websocket *socket = &exchange->websocket;
	struct exchange_step step = step_reading;
	size_t len = socket->reader.control_len < 2 ? 0 : 2;

	socket->is_closing = true;
	if (add_frame(socket, WEBSOCKET_CLOSE, socket->reader.control, len))
		send_some(exchange, transport, &step);
	return exchange_over(END_ANSWERED, 0);
}

static struct exchange_step take_frames(struct exchange *exchange, struct transport *transport,
	const unsigned char *bytes, size_t len)
{
	struct exchange_websocket *socket = &exchange->websocket;
	enum websocket_event event;

	while (len > 0) {
		size_t took = websocket_reader_take(&socket->reader, bytes, len, &event);

		if (event == WEBSOCKET_BAD)
			return exchange_over(END_BAD_ANSWER, 0);
		if (event == WEBSOCKET_CLOSED)
			return end_by_close(exchange, transport);
		if (event == WEBSOCKET_PINGED)
			(void)add_frame(socket, WEBSOCKET_PONG, socket->reader.control,
				socket->reader.control_len);
		bytes += took;
		len -= took;
	}
	return (struct exchange_step){.wants = EXCHANGE_WANTS_READ, .has_received = true};
}

/* Another answer than 101: a request like any other, whose body has to be whole. */
static struct exchange_step take_refusal(
	struct exchange *exchange, const char *bytes, size_t len, int64_t now_us)
{
	struct response_reader *reader = &exchange->websocket.refusal;
	struct response_piece piece;

	while (len > 0 && reader->stage < RESPONSE_WHOLE) {
		size_t took = response_reader_take(reader, bytes, len, &piece);

		bytes += took;
		len -= took;
	}
	exchange_note_first_byte(exchange, now_us);
	if (reader->stage == RESPONSE_BAD)
		return exchange_over(END_BAD_ANSWER, 0);
	if (reader->stage == RESPONSE_WHOLE)
		return exchange_over(END_ANSWERED, 0);
	return (struct exchange_step){.wants = EXCHANGE_WANTS_READ, .has_received = true};
}

/* The head that switches protocols; what follows it are frames. */
static struct exchange_step take_head(struct exchange *exchange, struct transport *transport,
	const char *bytes, size_t len, int64_t now_us)
{
	struct exchange_websocket *socket = &exchange->websocket;
	size_t took = websocket_head_take(&socket->head, bytes, len);

	if (socket->head.stage == WEBSOCKET_HEAD_MORE)
		return step_reading;
	exchange_note_first_byte(exchange, now_us);
	if (socket->head.stage == WEBSOCKET_HEAD_BAD ||
		!websocket_is_accepted(socket->head.kept, exchange->request->websocket_key))
		return exchange_over(END_BAD_ANSWER, 0);
	socket->is_open = true;
	return take_frames(exchange, transport, (const unsigned char *)bytes + took, len - took);
}

/* The response to the handshake. Its first bytes tell whether it is the one that was asked for. */
static struct exchange_step take_handshake(struct exchange *exchange, struct transport *transport,
	const char *bytes, size_t len, int64_t now_us)
{
	struct exchange_websocket *socket = &exchange->websocket;
	size_t room = sizeof socket->start - socket->start_len, took = len < room ? len : room;
	bool is_first = room > 0;
	struct exchange_step refused;

	memcpy(socket->start + socket->start_len, bytes, took);
	socket->start_len += took;
	if (socket->start_len < sizeof socket->start)
		return step_reading;
	if (memcmp(socket->start, EXCHANGE_SWITCHING, sizeof socket->start) != 0) {
		socket->is_refused = true;
		refused = take_refusal(exchange, socket->start, socket->start_len, now_us);
		if (refused.wants == EXCHANGE_IS_OVER || took == len)
			return refused;
		return take_refusal(exchange, bytes + took, len - took, now_us);
	}
	if (is_first)
		(void)websocket_head_take(&socket->head, socket->start, sizeof socket->start);
	return take_head(exchange, transport, bytes + took, len - took, now_us);
}

static struct exchange_step take_received(struct exchange *exchange, struct transport *transport,
	const char *bytes, ssize_t received, int64_t now_us)
{
	struct exchange_websocket *socket = &exchange->websocket;

	if (received == 0 && socket->is_refused && response_reader_end(&socket->refusal))
		return exchange_over(END_ANSWERED, 0);
	if (received == 0) /* without a Close */
		return exchange_over(END_CLOSED, 0);
	if (received < 0)
		return exchange_over(
			received == -EBADMSG ? END_BAD_ANSWER : END_FAILED, (int)-received);
	exchange->read_bytes += received;
	if (socket->is_refused)
		return take_refusal(exchange, bytes, (size_t)received, now_us);
	if (socket->is_open)
		return take_frames(
			exchange, transport, (const unsigned char *)bytes, (size_t)received);
	return take_handshake(exchange, transport, bytes, (size_t)received, now_us);
}

static struct exchange_step receive_some(
	struct exchange *exchange, struct transport *transport, int64_t now_us)
{
	static char buf[RECEIVE_BYTES]; /* nothing of it is kept from one call to the next */
	struct exchange_step step = step_reading;

	for (int i = 0; i < READS_AT_ONCE && step.wants == EXCHANGE_WANTS_READ; i++) {
		ssize_t received = transport_receive(transport, buf, sizeof buf);
		bool has_received = step.has_received;

		if (received == -EAGAIN)
			break;
		step = take_received(exchange, transport, buf, received, now_us);
		step.has_received |= has_received;
	}
	return step;
}

static struct exchange_step step(
	struct exchange *exchange, struct transport *transport, bool is_readable, int64_t now_us)
{
	struct exchange_step step = step_reading;

	if (is_readable)
		step = receive_some(exchange, transport, now_us);
	if (step.wants == EXCHANGE_IS_OVER)
		return step;
	add_message(exchange, now_us);
	send_some(exchange, transport, &step);
	return step;
}

static bool has_sent_enough(const struct exchange *exchange)
{
	return exchange->websocket.sent == exchange->request->head_len;
}

/* A code that is not fine is an error, and stands where an HTTP status does. */
static int status_of(const struct exchange_websocket *socket)
{
	if (socket->is_refused)
		return socket->refusal.status;
	if (socket->is_closing && !websocket_code_is_fine(socket->reader.close_code))
		return socket->reader.close_code;
	return socket->is_open ? SWITCHING_PROTOCOLS : 0;
}

static struct exchange_response describe(const struct exchange *exchange)
{
	const struct exchange_websocket *socket = &exchange->websocket;

	return (struct exchange_response){
		.status = status_of(socket),
		.bytes_expected = -1,
		.bytes_received = socket->reader.message_bytes,
		.is_body_known = true, /* a Close tells */
		.says_goodbye = socket->is_refused &&
				(socket->refusal.closes || socket->refusal.has_retry_after),
	};
}

void exchange_websocket_init(struct exchange *exchange)
{
	static const struct exchange_protocol websocket = {step, has_sent_enough, describe};
	struct exchange_websocket *socket = &exchange->websocket;

	exchange->protocol = &websocket;
	socket->sent = socket->start_len = socket->out_len = 0;
	socket->messages = 0;
	socket->next_us = 0;
	socket->is_open = socket->is_refused = socket->is_closing = false;
	response_reader_start(&socket->refusal);
	websocket_head_start(&socket->head);
	websocket_reader_start(&socket->reader);
}
