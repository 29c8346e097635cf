/* SPDX-License-Identifier: MIT */
#include "drill/client.h"

#include "drill/core/pace.h"
#include "sys/monoclock.h"

#include <errno.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#define NEVER INT64_MAX
#define RECEIVE_BYTES 65536
#define SLOW_RECEIVE_BYTES 4096 /* a slow reader's window, so that the rest waits in the server */
#define READS_AT_ONCE 8 /* then the others have a turn */
#define CAPTURE_MAX_BYTES ((size_t)256 << 20)

/* Set as seldom as can be: each change is a system call. */
static void watch(struct client *client, int events)
{
	if (client->io.fd == client->transport.fd && ev_is_active(&client->io) &&
		(client->io.events & (EV_READ | EV_WRITE)) == events)
		return;
	ev_io_stop(client->group->loop, &client->io);
	if (events == 0)
		return;
	ev_io_set(&client->io, client->transport.fd, events);
	ev_io_start(client->group->loop, &client->io);
}

/* The timer runs on when the deadline is moved away, and looks again when it fires. */
static void set_deadline(struct client *client, int64_t now_us, int64_t timeout_us)
{
	bool is_sooner = now_us + timeout_us < client->deadline_us;

	client->deadline_us = now_us + timeout_us;
	if (ev_is_active(&client->limit) && !is_sooner)
		return;
	ev_timer_stop(client->group->loop, &client->limit);
	ev_now_update(client->group->loop);
	ev_timer_set(&client->limit, (double)timeout_us / 1e6, 0.);
	ev_timer_start(client->group->loop, &client->limit);
}

static void drop_deadline(struct client *client)
{
	client->deadline_us = NEVER;
	ev_timer_stop(client->group->loop, &client->limit);
}

void client_close(struct client *client)
{
	struct ev_loop *loop = client->group->loop;

	ev_io_stop(loop, &client->io);
	ev_timer_stop(loop, &client->pace);
	drop_deadline(client);
	if (client->transport.fd >= 0)
		client->group->open_connections--;
	transport_close(&client->transport);
	client->state = CLIENT_CLOSED;
	client->request = NULL;
	client->was_used = false;
}

/* The last thing that its caller does: the owner may free the client, or ask again. */
static void end_attempt(struct client *client, enum attempt_end_cause cause, int error)
{
	const struct response_reader *reader = &client->reader;
	struct client_end end = {
		.request = client->request,
		.end =
			{
				.cause = cause,
				.error = error,
				.has_request = client->request != NULL,
				.was_connected = client->state != CLIENT_CONNECTING &&
						 client->state != CLIENT_CLOSED,
				.was_used =
					client->was_used || client->transport.received_bytes > 0,
				.has_first_byte = client->first_byte_us != NEVER,
			},
		.due_us = client->due_us,
		.first_byte_us = client->first_byte_us,
		.end_us = monoclock_now_us(),
		.bytes_expected = -1,
		.is_reused = client->is_reused,
	};

	if (client->request != NULL) {
		end.end.http_status = reader->status;
		end.end.says_goodbye = reader->closes || reader->has_retry_after;
		end.bytes_expected = response_reader_body_length(reader);
		end.bytes_received = reader->body_bytes;
		end.may_ask_again =
			cause == END_ANSWERED && !reader->closes &&
			client->sent == client->request->head_len + client->request->body_len;
	}
	if (cause != END_ANSWERED && client->state == CLIENT_ASKING) {
		int64_t acknowledged =
			transport_acknowledged_bytes(&client->transport) - client->sent_before;

		end.end.sent_bytes = client->transport.sent_bytes - client->sent_before;
		end.end.acknowledged_bytes = acknowledged > 0 ? acknowledged : 0;
	}
	if (end.may_ask_again) {
		drop_deadline(client);
		ev_timer_stop(client->group->loop, &client->pace);
		client->request = NULL;
		client->was_used = true;
		client->state = CLIENT_IDLE;
		watch(client, EV_READ);
	} else {
		client_close(client);
	}
	client->group->on_end(client, &end);
}

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

/* Returns what to watch for. Errors are told by the next read, which finds what came before them. */
static int send_request(struct client *client)
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
		set_deadline(client, monoclock_now_us(), client->group->response_timeout);
	}
	return EV_READ;
}

static void begin_request(struct client *client)
{
	int64_t now = monoclock_now_us();

	client->state = CLIENT_ASKING;
	client->sent_from_us = now;
	client->sent_before = client->transport.sent_bytes;
	set_deadline(client, now, client->group->response_timeout);
	begin_pace(client);
	watch(client, send_request(client));
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
			end_attempt(client, is_right(client) ? END_ANSWERED : END_BAD_ANSWER, 0);
			return;
		}
	}
	end_attempt(client, END_CLOSED, 0);
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
		end_attempt(
			client, received == -EBADMSG ? END_BAD_ANSWER : END_FAILED, (int)-received);
		return false;
	}
	if (client->first_byte_us == NEVER)
		client->first_byte_us = now;
	client->read_bytes += received;
	set_deadline(client, now, client->group->stall_timeout);
	if (!take_bytes(client, bytes, (size_t)received)) {
		end_attempt(client, END_BAD_ANSWER, 0);
		return false;
	}
	if (client->reader.stage == RESPONSE_WHOLE) {
		end_attempt(client, is_right(client) ? END_ANSWERED : END_BAD_ANSWER, 0);
		return false;
	}
	return true;
}

/* Returns false when the attempt is over. */
static bool read_answer(struct client *client)
{
	static char buf[RECEIVE_BYTES]; /* nothing of it is kept from one call to the next */

	for (int i = 0; i < READS_AT_ONCE; i++) {
		int64_t allowed =
			allowance(client, client->request->read_bytes_per_s, client->read_bytes);
		size_t cap = allowed < (int64_t)sizeof buf ? (size_t)allowed : sizeof buf;
		ssize_t received;

		if (cap == 0) {
			watch(client, 0); /* the pace's next tick looks again */
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

/* Nothing was asked: the server may close, and whatever else it says makes the connection useless. */
static void read_idle(struct client *client)
{
	char buf[4096];
	ssize_t received = transport_receive(&client->transport, buf, sizeof buf);

	if (received == -EAGAIN)
		return; /* TLS: a session ticket */
	client->due_us = client->first_byte_us = NEVER;
	if (received < 0 && received != -EBADMSG)
		end_attempt(client, END_FAILED, (int)-received);
	else
		end_attempt(client, END_CLOSED, 0);
}

void client_notice_end(struct client *client)
{
	char byte;

	if (client->state == CLIENT_IDLE &&
		transport_receive(&client->transport, &byte, 1) != -EAGAIN)
		client_close(client);
}

static void be_connected(struct client *client)
{
	client->state = CLIENT_IDLE;
	if (client->request != NULL) {
		begin_request(client);
		return;
	}
	drop_deadline(client);
	watch(client, EV_READ);
	if (client->group->on_connected != NULL)
		client->group->on_connected(client);
}

static void shake_hands(struct client *client)
{
	int result = transport_handshake(&client->transport, client->group->target);

	if (result == -EAGAIN)
		watch(client, client->transport.wants_write ? EV_WRITE : EV_READ);
	else if (result == -ENODATA)
		end_attempt(client, END_CLOSED, 0);
	else if (result < 0)
		end_attempt(client, result == -EBADMSG ? END_BAD_ANSWER : END_FAILED, -result);
	else
		be_connected(client);
}

static void finish_connecting(struct client *client)
{
	int result = transport_connect_result(&client->transport);

	if (result < 0) {
		end_attempt(client, END_FAILED, -result);
		return;
	}
	client->state = CLIENT_SHAKING_HANDS;
	set_deadline(client, monoclock_now_us(), client->group->response_timeout);
	shake_hands(client);
}

static void on_io(struct ev_loop *loop, ev_io *watcher, int events)
{
	struct client *client = watcher->data;

	(void)loop;
	switch (client->state) {
	case CLIENT_CLOSED:
		break;
	case CLIENT_CONNECTING:
		finish_connecting(client);
		break;
	case CLIENT_SHAKING_HANDS:
		shake_hands(client);
		break;
	case CLIENT_IDLE:
		read_idle(client);
		break;
	case CLIENT_ASKING:
		if ((events & EV_READ) != 0 && !read_answer(client))
			return;
		if ((events & EV_WRITE) != 0 || client->transport.tls != NULL)
			watch(client, send_request(client));
		break;
	}
}

static void on_limit(struct ev_loop *loop, ev_timer *watcher, int events)
{
	struct client *client = watcher->data;
	int64_t now = monoclock_now_us();

	(void)loop;
	(void)events;
	if (now < client->deadline_us) {
		int64_t left = client->deadline_us - now;

		client->deadline_us = NEVER;
		set_deadline(client, now, left);
		return;
	}
	client_give_up(client);
}

static void on_pace(struct ev_loop *loop, ev_timer *watcher, int events)
{
	struct client *client = watcher->data;

	(void)loop;
	(void)events;
	if (read_answer(client))
		watch(client, send_request(client));
}

void client_init(struct client *client, struct client_group *group)
{
	*client = (struct client){.group = group, .transport = {.fd = -1}, .deadline_us = NEVER};
	ev_init(&client->io, on_io);
	ev_init(&client->limit, on_limit);
	ev_init(&client->pace, on_pace);
	client->io.data = client->limit.data = client->pace.data = client;
}

static void begin_connecting(struct client *client)
{
	struct client_group *group = client->group;
	bool is_slow = client->request != NULL && client->request->read_bytes_per_s > 0;
	int result = transport_connect(&client->transport, group->target, &group->source,
		is_slow ? SLOW_RECEIVE_BYTES : 0);

	client->state = CLIENT_CONNECTING;
	if (result < 0) {
		end_attempt(client, END_FAILED, -result);
		return;
	}
	group->open_connections++;
	set_deadline(client, monoclock_now_us(), group->connect_timeout);
	watch(client, EV_WRITE);
}

void client_connect(struct client *client)
{
	client->due_us = monoclock_now_us();
	client->first_byte_us = NEVER;
	client->is_reused = false;
	begin_connecting(client);
}

void client_ask(struct client *client, const struct request *request, int64_t due_us,
	struct client_capture *capture)
{
	client->request = request;
	client->due_us = due_us;
	client->first_byte_us = client->taken_at_us = NEVER;
	client->sent = 0;
	client->read_bytes = 0;
	client->capture = capture;
	client->is_reused = client->was_used;
	response_reader_start(&client->reader);
	body_check_start(&client->check, request->pattern, request->same, request->same_len);
	if (client->state == CLIENT_IDLE)
		begin_request(client);
	else if (client->state == CLIENT_CLOSED)
		begin_connecting(client);
}

bool client_is_in_server(struct client *client, int64_t now_us, int64_t settle_us)
{
	int unacknowledged;

	if (client->state != CLIENT_ASKING)
		return false;
	if (client->first_byte_us != NEVER)
		return true;
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

void client_give_up(struct client *client)
{
	if (client->state != CLIENT_CLOSED)
		end_attempt(client, END_TOO_LATE, 0);
}
