/* SPDX-License-Identifier: MIT */
/* One connection in an event loop, and one request at a time on it. The client reports once how a request,
 * or an unused connection, ended. It sends nothing by itself, and nothing twice. */
#pragma once

#include "drill/load/exchange.h"

#include <ev.h>

struct client;

/* How an attempt ended. request NULL: the connection ended with no request on it. */
struct client_end {
	const struct request *request;
	struct attempt_end end;
	int64_t due_us, first_byte_us, end_us; /* monoclock_now_us(); INT64_MAX: never */
	int64_t bytes_expected, bytes_received;
	bool is_body_known; /* its length was said, or its bytes were compared */
	bool is_reused;
	bool may_ask_again; /* the connection can carry another request */
};

/* What all clients of one owner share. */
struct client_group {
	struct ev_loop *loop;
	const struct target *target;
	int64_t connect_timeout_us, response_timeout_us, stall_timeout_us;
	void (*on_connected)(struct client *client); /* may be NULL */
	void (*on_end)(
		struct client *client, const struct client_end *end); /* may free the client */
	struct source_address source;
	size_t open_connections;
};

enum client_state {
	CLIENT_CLOSED,
	CLIENT_CONNECTING,
	CLIENT_HANDSHAKING, /* TLS */
	CLIENT_IDLE, /* connected, no request under way */
	CLIENT_ASKING, /* from the first byte of the request to the last of the response */
};

struct client {
	struct client_group *group;
	enum client_state state;
	struct transport transport;
	struct http2_conn *http2; /* NULL: it speaks HTTP/1 */
	ev_io io;
	ev_timer limit, pace;
	int64_t deadline_us;
	bool was_used; /* it has carried a whole exchange */
	bool has_request; /* exchange is one that is to begin, or under way */
	bool is_reused;
	int64_t due_us;
	struct exchange exchange;
};

void client_init(struct client *client, struct client_group *group);

/* Connects, and sends no request. Only when closed. */
void client_connect(struct client *client);

/* Closes an idle connection that the server has closed already, without a report. To be called before a
 * request: an end that the kernel knows and the loop has yet to read would make a busy drill worsen every
 * race that it measures. */
void client_close_if_ended(struct client *client);

/* Sends a request, connecting first where the client is closed. due_us: when it was due, which is when the
 * attempt starts. Not while another request is under way. capture: NULL, or where the body goes. */
void client_ask(struct client *client, const struct request *request, int64_t due_us,
	struct body_capture *capture);

/* Whether the request is provably in the server: see exchange_poll_in_server. */
bool client_poll_in_server(struct client *client, int64_t now_us, int64_t settle_us);

/* Ends what is under way as too late, as its time limit would. */
void client_give_up(struct client *client);

/* Without a report. */
void client_close(struct client *client);
