/* SPDX-License-Identifier: MIT */
#include "drill/load/client.h"

#include "drill/load/http2_conn.h"
#include "drill/load/load_timer.h"
#include "sys/monoclock.h"

#include <errno.h>

#define NEVER INT64_MAX
#define SLOW_RECEIVE_BYTES                                                                         \
	4096 /* the window of a slow reader, so that the rest waits in the server */

/* Changes the watcher only where it has to: each change is a system call. */
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

/* A timer whose deadline has moved away runs on, and checks the deadline when it fires. */
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
	http2_conn_free(client->http2);
	client->http2 = NULL;
	transport_close(&client->transport);
	client->state = CLIENT_CLOSED;
	client->has_request = false;
	client->was_used = false;
}

/* What is known of the request when it is over. */
static void describe_request(
	const struct client *client, enum attempt_end_cause cause, struct client_end *end)
{
	const struct exchange *exchange = &client->exchange;
	const struct exchange_response response = exchange_describe(exchange);
	int64_t acknowledged;

	end->request = exchange->request;
	end->first_byte_us = exchange->first_byte_us;
	end->end.has_first_byte = exchange->first_byte_us != NEVER;
	end->end.http_status = response.status;
	end->end.says_goodbye = response.says_goodbye;
	end->bytes_expected = response.bytes_expected;
	end->bytes_received = response.bytes_received;
	end->is_body_known = response.is_body_known;
	end->may_ask_again = cause == END_ANSWERED && response.keeps_connection;
	if (cause == END_ANSWERED || client->state != CLIENT_ASKING)
		return;
	acknowledged =
		transport_acknowledged_bytes(&client->transport) - exchange->wire_bytes_before;
	end->end.sent_bytes = client->transport.sent_bytes - exchange->wire_bytes_before;
	end->end.acknowledged_bytes = acknowledged > 0 ? acknowledged : 0;
}

static void set_idle(struct client *client)
{
	drop_deadline(client);
	ev_timer_stop(client->group->loop, &client->pace);
	client->has_request = false;
	client->was_used = true;
	client->state = CLIENT_IDLE;
	watch(client, EV_READ);
}

/* The last thing that its caller does: the owner may free the client, or send another request. */
static void end_attempt(struct client *client, enum attempt_end_cause cause, int error)
{
	struct client_end end = {
		.end =
			{
				.cause = cause,
				.error = error,
				.has_request = client->has_request,
				.was_connected = client->state != CLIENT_CONNECTING &&
						 client->state != CLIENT_CLOSED,
				.was_used =
					client->was_used || client->transport.received_bytes > 0,
			},
		.due_us = client->due_us,
		.first_byte_us = NEVER,
		.end_us = monoclock_now_us(),
		.bytes_expected = -1,
		.is_reused = client->is_reused,
	};

	if (client->has_request)
		describe_request(client, cause, &end);
	if (end.may_ask_again)
		set_idle(client);
	else
		client_close(client);
	client->group->on_end(client, &end);
}

static ssize_t receive_idle(struct client *client)
{
	char buf[4096];

	if (client->http2 != NULL)
		return http2_conn_read_idle(client->http2);
	return transport_receive(&client->transport, buf, sizeof buf);
}

/* No request is under way: the server may close, and whatever else it sends makes the connection useless. */
static void read_idle(struct client *client)
{
	ssize_t received = receive_idle(client);

	if (received == -EAGAIN)
		return; /* TLS: a session ticket. HTTP/2: a PING */
	client->due_us = NEVER;
	if (received < 0 && received != -EBADMSG)
		end_attempt(client, END_FAILED, (int)-received);
	else
		end_attempt(client, END_CLOSED, 0);
}

void client_close_if_ended(struct client *client)
{
	if (client->state == CLIENT_IDLE && receive_idle(client) != -EAGAIN)
		client_close(client);
}

/* Waits for what the exchange asks for, or reports its end. */
static void follow(struct client *client, const struct exchange_step *step, int64_t now_us)
{
	const struct client_group *group = client->group;

	if (step->wants == EXCHANGE_IS_OVER) {
		end_attempt(client, step->cause, step->error);
		return;
	}
	if (step->has_sent)
		set_deadline(client, now_us, group->response_timeout_us);
	else if (step->has_received)
		set_deadline(client, now_us, group->stall_timeout_us);
	watch(client, step->wants == EXCHANGE_WANTS_READ_AND_WRITE ? EV_READ | EV_WRITE
		      : step->wants == EXCHANGE_WANTS_READ         ? EV_READ
								   : 0);
}

static void begin_exchange(struct client *client)
{
	const double tick_s = (double)exchange_tick_us(&client->exchange) / 1e6;
	int64_t now = monoclock_now_us();
	struct exchange_step step;

	client->state = CLIENT_ASKING;
	set_deadline(client, now, client->group->response_timeout_us);
	if (tick_s > 0) {
		ev_timer_set(&client->pace, tick_s, tick_s);
		ev_timer_start(client->group->loop, &client->pace);
	}
	step = exchange_start(&client->exchange, &client->transport, client->http2, now);
	follow(client, &step, now);
}

static void step_exchange(struct client *client, bool is_readable)
{
	int64_t now = monoclock_now_us();
	struct exchange_step step =
		exchange_step(&client->exchange, &client->transport, is_readable, now);

	follow(client, &step, now);
}

static bool is_slow(const struct client *client)
{
	return client->has_request && client->exchange.request->read_bytes_per_s > 0;
}

static bool speaks_http2(const struct client *client)
{
	return client->has_request ? client->exchange.request->protocol == REQUEST_HTTP2
				   : client->group->target->is_http2;
}

static void set_connected(struct client *client)
{
	if (speaks_http2(client) &&
		http2_conn_new(&client->transport, is_slow(client), &client->http2) < 0) {
		end_attempt(client, END_FAILED, ENOMEM);
		return;
	}
	client->state = CLIENT_IDLE;
	if (client->has_request) {
		begin_exchange(client);
		return;
	}
	drop_deadline(client);
	watch(client, EV_READ);
	if (client->group->on_connected != NULL)
		client->group->on_connected(client);
}

static void step_handshake(struct client *client)
{
	int result = transport_handshake(
		&client->transport, client->group->target, speaks_http2(client));

	if (result == -EAGAIN)
		watch(client, client->transport.wants_write ? EV_WRITE : EV_READ);
	else if (result == -ENODATA)
		end_attempt(client, END_CLOSED, 0);
	else if (result < 0)
		end_attempt(client,
			result == -EBADMSG || result == -EPROTONOSUPPORT ? END_BAD_ANSWER
									 : END_FAILED,
			-result);
	else
		set_connected(client);
}

static void finish_connecting(struct client *client)
{
	int result = transport_connect_result(&client->transport);

	if (result < 0) {
		end_attempt(client, END_FAILED, -result);
		return;
	}
	client->state = CLIENT_HANDSHAKING;
	set_deadline(client, monoclock_now_us(), client->group->response_timeout_us);
	step_handshake(client);
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
	case CLIENT_HANDSHAKING:
		step_handshake(client);
		break;
	case CLIENT_IDLE:
		read_idle(client);
		break;
	case CLIENT_ASKING:
		step_exchange(client, (events & EV_READ) != 0);
		break;
	}
}

static void on_limit(struct ev_loop *loop, ev_timer *watcher, int events)
{
	struct client *client = watcher->data;
	int64_t now = monoclock_now_us();

	(void)events;
	if (load_timer_lets_others_first(loop, watcher, client->deadline_us))
		return;
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
	(void)loop;
	(void)events;
	step_exchange(watcher->data, true);
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
	int result = transport_connect(&client->transport, group->target, &group->source,
		is_slow(client) ? SLOW_RECEIVE_BYTES : 0);

	client->state = CLIENT_CONNECTING;
	if (result < 0) {
		end_attempt(client, END_FAILED, -result);
		return;
	}
	group->open_connections++;
	set_deadline(client, monoclock_now_us(), group->connect_timeout_us);
	watch(client, EV_WRITE);
}

void client_connect(struct client *client)
{
	client->due_us = monoclock_now_us();
	client->is_reused = false;
	begin_connecting(client);
}

void client_ask(struct client *client, const struct request *request, int64_t due_us,
	struct body_capture *capture)
{
	exchange_init(&client->exchange, request, capture);
	client->has_request = true;
	client->due_us = due_us;
	client->is_reused = client->was_used;
	if (client->state == CLIENT_IDLE)
		begin_exchange(client);
	else if (client->state == CLIENT_CLOSED)
		begin_connecting(client);
}

bool client_poll_in_server(struct client *client, int64_t now_us, int64_t settle_us)
{
	return client->state == CLIENT_ASKING &&
	       exchange_poll_in_server(&client->exchange, &client->transport, now_us, settle_us);
}

void client_give_up(struct client *client)
{
	if (client->state != CLIENT_CLOSED)
		end_attempt(client, END_TOO_LATE, 0);
}
