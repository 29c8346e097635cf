/* SPDX-License-Identifier: MIT */
#include "drill/client_parts.h"

#include "drill/core/pace.h"
#include "sys/monoclock.h"

#include <errno.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#define RECEIVE_BYTES 65536
#define READS_AT_ONCE 8 /* then the others have a turn */
#define CAPTURE_MAX_BYTES ((size_t)256 << 20)

static int64_t allowance(const struct client *client, int64_t bytes_per_s, int64_t done)
{
	if (bytes_per_s == 0)
		return INT64_MAX;
	return pace_allowance(bytes_per_s, monoclock_now_us() - client->sent_from_us, done);
}

static void begin_pace(struct client *client)
{
	const double tick = PACE_TICK_US / 1e6;

	if (client->request->upload_bytes_per_s == 0 && client->request->read_bytes_per_s == 0)
		return;
	ev_timer_set(&client->pace, tick, tick);
	ev_timer_start(client->group->loop, &client->pace);
}

/* What may be sent now, of the head or of the body: at least a byte, unless it is all sent or too early. */
static size_t next_bytes(const struct client *client, const char **ret_bytes)
{
	const struct request *request = client->request;
	size_t sent = client->sent, left;
	int64_t allowed;

	if (sent < request->head_len) {
		*ret_bytes = request->head + sent;
		return request->head_len - sent;
	}
	sent -= request->head_len;
	left = request->body_len - sent;
	if (left == 0)
		return 0;
	allowed = allowance(client, request->upload_bytes_per_s, (int64_t)sent);
	*ret_bytes = request->body + sent;
	return (uint64_t)allowed < left ? (size_t)allowed : left;
}

int client_send_request(struct client *client)
{
	const char *bytes;
	size_t len;

	while ((len = next_bytes(client, &bytes)) > 0) {
		ssize_t sent = transport_send(&client->transport, bytes, len);

		if (sent == -EAGAIN)
			return client->transport.tls == NULL || client->transport.wants_write
				       ? EV_READ | EV_WRITE
				       : EV_READ;
		if (sent < 0)
			return EV_READ;
		client->sent += (size_t)sent;
		client_set_deadline(client, monoclock_now_us(), client->group->response_timeout);
	}
	return EV_READ;
}

void client_begin_request(struct client *client)
{
	int64_t now = monoclock_now_us();

	client->state = CLIENT_ASKING;
	client->sent_from_us = now;
	client->sent_before = client->transport.sent_bytes;
	client_set_deadline(client, now, client->group->response_timeout);
	begin_pace(client);
	client_watch(client, client_send_request(client));
}

static void capture_bytes(struct client_capture *capture, const char *bytes, size_t len)
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

/* Returns false when the bytes are not those of the answer that was to come. */
static bool take_bytes(struct client *client, const char *bytes, size_t len)
{
	struct response_reader *reader = &client->reader;
	struct response_piece piece;

	while (len > 0 && reader->stage < RESPONSE_WHOLE) {
		size_t took = response_reader_take(reader, bytes, len, &piece);

		/* A refusal has a body of its own, whatever the pattern of the answer would be. */
		if (reader->status < 300 &&
			!body_check_bytes(&client->check, piece.bytes, piece.len))
			return false;
		if (client->capture != NULL)
			capture_bytes(client->capture, piece.bytes, piece.len);
		bytes += took;
		len -= took;
	}
	/* Nothing else was asked: what comes after the answer belongs to nobody. */
	return reader->stage != RESPONSE_BAD && len == 0;
}

static bool is_right(const struct client *client)
{
	return client->reader.status >= 300 || body_check_is_whole(&client->check);
}

static void end_of_stream(struct client *client)
{
	if (!client->transport.ended_unsaid || client->transport.tls == NULL) {
		if (response_reader_end(&client->reader)) {
			client_end_attempt(
				client, is_right(client) ? END_ANSWERED : END_BAD_ANSWER, 0);
			return;
		}
	}
	client_end_attempt(client, END_CLOSED, 0);
}

/* Something came, or an end. Returns false when the attempt is over, and the client perhaps freed. */
static bool answer_goes_on(struct client *client, const char *bytes, ssize_t received)
{
	int64_t now = monoclock_now_us();

	if (received == 0) {
		end_of_stream(client);
		return false;
	}
	if (received < 0) {
		client_end_attempt(
			client, received == -EBADMSG ? END_BAD_ANSWER : END_FAILED, (int)-received);
		return false;
	}
	if (client->first_byte_us == NEVER)
		client->first_byte_us = now;
	client->read_bytes += received;
	client_set_deadline(client, now, client->group->stall_timeout);
	if (!take_bytes(client, bytes, (size_t)received)) {
		client_end_attempt(client, END_BAD_ANSWER, 0);
		return false;
	}
	if (client->reader.stage == RESPONSE_WHOLE) {
		client_end_attempt(client, is_right(client) ? END_ANSWERED : END_BAD_ANSWER, 0);
		return false;
	}
	return true;
}

bool client_read_answer(struct client *client)
{
	static char buf[RECEIVE_BYTES]; /* nothing of it is kept from one call to the next */

	for (int i = 0; i < READS_AT_ONCE; i++) {
		int64_t allowed =
			allowance(client, client->request->read_bytes_per_s, client->read_bytes);
		size_t cap = allowed < (int64_t)sizeof buf ? (size_t)allowed : sizeof buf;
		ssize_t received;

		if (cap == 0) {
			client_watch(client, 0); /* the pace's next tick looks again */
			return true;
		}
		received = transport_receive(&client->transport, buf, cap);
		if (received == -EAGAIN)
			return true;
		if (!answer_goes_on(client, buf, received))
			return false;
	}
	return true;
}

bool client_is_in_server(struct client *client, int64_t now_us, int64_t settle_us)
{
	int unacknowledged;

	if (client->state != CLIENT_ASKING)
		return false;
	if (client->first_byte_us != NEVER)
		return true;
	if (client->request->is_long_answer)
		return false;
	if (client->taken_at_us == NEVER) {
		/* All of the request, or so much of an upload that its body has begun. */
		size_t needed = client->request->head_len + (client->request->body_len > 0);

		if (client->sent < needed ||
			ioctl(client->transport.fd, SIOCOUTQ, &unacknowledged) < 0 ||
			unacknowledged > 0)
			return false;
		client->taken_at_us = now_us;
	}
	return now_us - client->taken_at_us >= settle_us;
}
