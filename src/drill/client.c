/* SPDX-License-Identifier: MIT */
#include "drill/client_parts.h"

#include "sys/monoclock.h"

#include <errno.h>

#define SLOW_RECEIVE_BYTES 4096 /* a slow reader's window, so that the rest waits in the server */

/* Set as seldom as can be: each change is a system call. */
void client_watch(struct client *client, int events)
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
void client_set_deadline(struct client *client, int64_t now_us, int64_t timeout_us)
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

void client_drop_deadline(struct client *client)
{
	client->deadline_us = NEVER;
	ev_timer_stop(client->group->loop, &client->limit);
}

void client_close(struct client *client)
{
	struct ev_loop *loop = client->group->loop;

	ev_io_stop(loop, &client->io);
	ev_timer_stop(loop, &client->pace);
	client_drop_deadline(client);
	if (client->transport.fd >= 0)
		client->group->open_connections--;
	transport_close(&client->transport);
	client->state = CLIENT_CLOSED;
	client->request = NULL;
	client->was_used = false;
}

/* What can be told of the request, when it is over. */
static void describe_request(
	const struct client *client, enum attempt_end_cause cause, struct client_end *end)
{
	const struct response_reader *reader = &client->reader;
	int64_t acknowledged;

	end->end.http_status = reader->status;
	end->end.says_goodbye = reader->closes || reader->has_retry_after;
	end->bytes_expected = response_reader_body_length(reader);
	end->bytes_received = reader->body_bytes;
	end->may_ask_again = cause == END_ANSWERED && !reader->closes &&
			     client->sent == client->request->head_len + client->request->body_len;
	if (cause == END_ANSWERED || client->state != CLIENT_ASKING)
		return;
	acknowledged = transport_acknowledged_bytes(&client->transport) - client->sent_before;
	end->end.sent_bytes = client->transport.sent_bytes - client->sent_before;
	end->end.acknowledged_bytes = acknowledged > 0 ? acknowledged : 0;
}

static void be_idle(struct client *client)
{
	client_drop_deadline(client);
	ev_timer_stop(client->group->loop, &client->pace);
	client->request = NULL;
	client->was_used = true;
	client->state = CLIENT_IDLE;
	client_watch(client, EV_READ);
}

void client_end_attempt(struct client *client, enum attempt_end_cause cause, int error)
{
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

	if (client->request != NULL)
		describe_request(client, cause, &end);
	if (end.may_ask_again)
		be_idle(client);
	else
		client_close(client);
	client->group->on_end(client, &end);
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
		client_end_attempt(client, END_FAILED, (int)-received);
	else
		client_end_attempt(client, END_CLOSED, 0);
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
		client_begin_request(client);
		return;
	}
	client_drop_deadline(client);
	client_watch(client, EV_READ);
	if (client->group->on_connected != NULL)
		client->group->on_connected(client);
}

static void shake_hands(struct client *client)
{
	int result = transport_handshake(&client->transport, client->group->target);

	if (result == -EAGAIN)
		client_watch(client, client->transport.wants_write ? EV_WRITE : EV_READ);
	else if (result == -ENODATA)
		client_end_attempt(client, END_CLOSED, 0);
	else if (result < 0)
		client_end_attempt(
			client, result == -EBADMSG ? END_BAD_ANSWER : END_FAILED, -result);
	else
		be_connected(client);
}

static void finish_connecting(struct client *client)
{
	int result = transport_connect_result(&client->transport);

	if (result < 0) {
		client_end_attempt(client, END_FAILED, -result);
		return;
	}
	client->state = CLIENT_SHAKING_HANDS;
	client_set_deadline(client, monoclock_now_us(), client->group->response_timeout);
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
		if ((events & EV_READ) != 0 && !client_read_answer(client))
			return;
		if ((events & EV_WRITE) != 0 || client->transport.tls != NULL)
			client_watch(client, client_send_request(client));
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
		client_set_deadline(client, now, left);
		return;
	}
	client_give_up(client);
}

static void on_pace(struct ev_loop *loop, ev_timer *watcher, int events)
{
	struct client *client = watcher->data;

	(void)loop;
	(void)events;
	if (client_read_answer(client))
		client_watch(client, client_send_request(client));
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
		client_end_attempt(client, END_FAILED, -result);
		return;
	}
	group->open_connections++;
	client_set_deadline(client, monoclock_now_us(), group->connect_timeout);
	client_watch(client, EV_WRITE);
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
		client_begin_request(client);
	else if (client->state == CLIENT_CLOSED)
		begin_connecting(client);
}

void client_give_up(struct client *client)
{
	if (client->state != CLIENT_CLOSED)
		client_end_attempt(client, END_TOO_LATE, 0);
}
