/* SPDX-License-Identifier: MIT */
/* One connection, and one request at a time on it: sent, answered, checked, or ended in another way, of
 * which its owner is told once. It asks nothing by itself, and nothing twice. */
#pragma once

#include "drill/core/attempt_end.h"
#include "drill/core/response_reader.h"
#include "drill/request.h"
#include "drill/transport.h"

#include <ev.h>

struct client;

/* How an attempt ended. request NULL: it was the connection that ended, with none on it. */
struct client_end {
	const struct request *request;
	struct attempt_end end;
	int64_t due_us, first_byte_us, end_us; /* monoclock_now_us(); INT64_MAX: never */
	int64_t bytes_expected, bytes_received;
	bool is_reused;
	bool may_ask_again; /* on the same connection */
};

/* What all clients of one owner share. */
struct client_group {
	struct ev_loop *loop;
	const struct target *target;
	int64_t connect_timeout, response_timeout, stall_timeout; /* microseconds */
	void (*on_connected)(struct client *client); /* may be NULL */
	void (*on_end)(
		struct client *client, const struct client_end *end); /* may free the client */
	struct source_address source;
	size_t open_connections;
};

enum client_state {
	CLIENT_CLOSED,
	CLIENT_CONNECTING,
	CLIENT_SHAKING_HANDS, /* TLS */
	CLIENT_IDLE, /* connected, nothing asked */
	CLIENT_ASKING, /* from the first byte of the request to the last of the answer */
};

struct client {
	struct client_group *group;
	enum client_state state;
	struct transport transport;
	ev_io io;
	ev_timer limit, pace;
	int64_t deadline_us;
	bool was_used;
	/* one request */
	const struct request *request; /* NULL: none */
	bool is_reused;
	int64_t due_us, first_byte_us, sent_from_us;
	int64_t sent_before; /* wire bytes of what came before the request */
	size_t sent; /* of head and body */
	int64_t read_bytes;
	int64_t taken_at_us; /* when all that had been sent was acknowledged; INT64_MAX: not yet */
	struct response_reader reader;
	struct body_check check;
	struct client_capture *capture;
};

/* Keeps a body, for BODY_SAME. The caller's. */
struct client_capture {
	char *bytes; /* an empty body has some, too */
	size_t len, cap;
	bool is_too_large; /* and so not kept */
};

void client_init(struct client *client, struct client_group *group);

/* Connects, and asks nothing. Only when closed. */
void client_connect(struct client *client);

/* Before asking again: closes an idle connection that the server has ended already, without telling anybody.
 * What the loop has yet to hear of is not the server's fault when it is late: a busy drill would else
 * make every race that it measures worse. */
void client_notice_end(struct client *client);

/* Asks, connecting first where it is closed. due_us: when it should have, which is when the attempt
 * starts. Not while it asks something else. capture: NULL, or where the body goes. */
void client_ask(struct client *client, const struct request *request, int64_t due_us,
	struct client_capture *capture);

/* Is the request provably in the server: its answer has begun, or, unless it is the answer that takes long,
 * all of it that was sent (with an upload, some of the body) has been acknowledged for settle_us? */
bool client_is_in_server(struct client *client, int64_t now_us, int64_t settle_us);

/* Ends what it does as too late, as its time limit would. */
void client_give_up(struct client *client);

/* Without telling anybody. */
void client_close(struct client *client);
