/* SPDX-License-Identifier: MIT */
/* The real server in a real loop, with plain sockets as clients of it in the same process: they wait
 * as watchers of the same loop. */
#include "lastcall/http_server.h"
#include "lastcall/loop_memory.h"

#include "core/tcp/listen_address.h"
#include "sys/fd.h"
#include "sys/listener.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_S 20.0

#define GET "GET /healthcheck HTTP/1.1\r\nHost: a\r\n\r\n"
#define GET_CLOSE "GET /healthcheck HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
#define UNFINISHED "GET /healthcheck HTTP/1.1\r\nHost: a\r\n"

struct fixture {
	struct ev_loop *loop;
	struct http_server server;
	struct health_status status;
	struct sockaddr_in addr;
	unsigned asked; /* how often the status was */
};

struct client {
	struct fixture *fixture;
	int fd;
	char buf[65536]; /* received, and not yet taken as an answer */
	size_t len;
};

/* --- The server under test --- */

static void tell_status(void *arg, struct health_status *ret_status)
{
	struct fixture *fixture = arg;

	fixture->asked++;
	*ret_status = fixture->status;
}

static void tell_metrics(void *arg, struct metrics *ret_metrics)
{
	struct fixture *fixture = arg;

	fixture->asked++;
	*ret_metrics = (struct metrics){.version = "1.2.3", .state = fixture->status.state};
}

static int new_server(
	struct fixture *fixture, const int *fds, size_t count, struct http_server *server)
{
	struct http_server_setup setup = {
		.health = {.path = "/healthcheck", .drain_status = 503},
		.status = tell_status,
		.metrics = tell_metrics,
		.arg = fixture,
	};

	return http_server_init(server, fixture->loop, fds, count, &setup);
}

/* On a port that the kernel chooses. */
static int open_listener(struct sockaddr_in *ret_addr)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct listen_address address = {.addr_len = sizeof addr};
	socklen_t len = sizeof addr;
	int fd;

	memcpy(&address.addr, &addr, sizeof addr);
	fd = listener_open(&address);
	assert_true(fd >= 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)ret_addr, &len), 0);
	return fd;
}

static int start_server(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	int fd;

	assert_non_null(fixture);
	fixture->status = (struct health_status){
		.state = HEALTH_SERVING,
		.connections_known = true,
		.deadline_ms = MSEC_NEVER,
	};
	fixture->loop = ev_loop_new(EVFLAG_AUTO);
	assert_non_null(fixture->loop);
	fd = open_listener(&fixture->addr);
	assert_int_equal(new_server(fixture, &fd, 1, &fixture->server), 0);
	*state = fixture;
	return 0;
}

static int stop_server(void **state)
{
	struct fixture *fixture = *state;

	http_server_done(&fixture->server);
	ev_loop_destroy(fixture->loop);
	free(fixture);
	return 0;
}

/* --- Waiting in the loop --- */

static void on_patience_lost(struct ev_loop *loop, ev_timer *timer, int revents)
{
	(void)loop;
	(void)timer;
	(void)revents;
	fail_msg("nothing happened for %g s", PATIENCE_S);
}

static void on_ready(struct ev_loop *loop, ev_io *io, int revents)
{
	(void)revents;
	ev_io_stop(loop, io);
	ev_break(loop, EVBREAK_ONE);
}

static void run_until_ready(struct fixture *fixture, int fd, int events)
{
	ev_timer patience;
	ev_io io;

	ev_timer_init(&patience, on_patience_lost, PATIENCE_S, 0);
	ev_timer_start(fixture->loop, &patience);
	ev_io_init(&io, on_ready, fd, events);
	ev_io_start(fixture->loop, &io);
	ev_run(fixture->loop, 0);
	ev_timer_stop(fixture->loop, &patience);
}

static void on_time_over(struct ev_loop *loop, ev_timer *timer, int revents)
{
	(void)timer;
	(void)revents;
	ev_break(loop, EVBREAK_ONE);
}

/* Returns how often the loop woke up. */
static unsigned run_for(struct fixture *fixture, double seconds)
{
	unsigned before = ev_iteration(fixture->loop);
	ev_timer timer;

	ev_now_update(fixture->loop);
	ev_timer_init(&timer, on_time_over, seconds, 0);
	ev_timer_start(fixture->loop, &timer);
	ev_run(fixture->loop, 0);
	return ev_iteration(fixture->loop) - before;
}

/* Everything that the server can do now is done. */
static void run_until_quiet(struct fixture *fixture)
{
	for (int i = 0; i < 100; i++)
		ev_run(fixture->loop, EVRUN_NOWAIT);
}

/* --- Clients --- */

static struct client *connect_client(struct fixture *fixture)
{
	struct client *client = calloc(1, sizeof *client);

	assert_non_null(client);
	client->fixture = fixture;
	client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(client->fd >= 0);
	assert_int_equal(
		connect(client->fd, (const struct sockaddr *)&fixture->addr, sizeof fixture->addr),
		0);
	assert_int_equal(fcntl(client->fd, F_SETFL, O_NONBLOCK), 0);
	return client;
}

static void close_client(struct client *client)
{
	(void)fd_close(client->fd);
	free(client);
}

static void send_bytes(struct client *client, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t sent = send(client->fd, bytes, len, MSG_NOSIGNAL);

		if (sent < 0) {
			assert_int_equal(errno, EAGAIN);
			run_until_ready(client->fixture, client->fd, EV_WRITE);
			continue;
		}
		bytes += sent;
		len -= (size_t)sent;
	}
}

static void send_string(struct client *client, const char *string)
{
	send_bytes(client, string, strlen(string));
}

/* Returns the bytes received: 0 at the end, or -errno. */
static ssize_t receive_some(struct client *client)
{
	ssize_t got;

	run_until_ready(client->fixture, client->fd, EV_READ);
	assert_true(client->len < sizeof client->buf - 1);
	got = recv(client->fd, client->buf + client->len, sizeof client->buf - 1 - client->len, 0);
	if (got < 0)
		return -errno;
	client->len += (size_t)got;
	client->buf[client->len] = '\0';
	return got;
}

static void drop_received(struct client *client, size_t len)
{
	memmove(client->buf, client->buf + len, client->len - len + 1);
	client->len -= len;
}

/* Takes one whole answer off what is received, and returns its status. The body may be checked in
 * ret_body, which has room for any. */
static int take_answer(struct client *client, bool has_body, char *ret_body)
{
	char *end, *length;
	size_t body_bytes = 0;
	int http_status;

	while ((end = strstr(client->buf, "\r\n\r\n")) == NULL)
		assert_true(receive_some(client) > 0);
	end += 4;
	length = strstr(client->buf, "Content-Length: ");
	assert_true(length != NULL && length < end);
	if (has_body)
		body_bytes = strtoul(length + strlen("Content-Length: "), NULL, 10);
	while (client->len < (size_t)(end - client->buf) + body_bytes)
		assert_true(receive_some(client) > 0);
	assert_int_equal(sscanf(client->buf, "HTTP/1.1 %d ", &http_status), 1);
	if (ret_body != NULL) {
		memcpy(ret_body, end, body_bytes);
		ret_body[body_bytes] = '\0';
	}
	drop_received(client, (size_t)(end - client->buf) + body_bytes);
	return http_status;
}

static void assert_answer(struct client *client, int http_status)
{
	assert_int_equal(take_answer(client, true, NULL), http_status);
}

/* The server has closed in good order, and has said no more than was taken. */
static void assert_end(struct client *client)
{
	assert_int_equal(client->len, 0);
	assert_int_equal(receive_some(client), 0);
}

/* It was given up before it was ever answered. */
static void assert_reset(struct client *client)
{
	assert_int_equal(receive_some(client), -ECONNRESET);
}

static void assert_probe_answered(struct fixture *fixture)
{
	struct client *probe = connect_client(fixture);

	send_string(probe, GET_CLOSE);
	assert_answer(probe, 200);
	assert_end(probe);
	close_client(probe);
}

/* --- Probes as they are --- */

static void a_probe_by_connection_is_answered(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 3 * HTTP_SERVER_CONNECTIONS; i++)
		assert_probe_answered(fixture);
	assert_int_equal(http_server_counts(&fixture->server).served, 3 * HTTP_SERVER_CONNECTIONS);
	assert_int_equal(http_server_counts(&fixture->server).refused, 0);
}

static void a_kept_connection_is_answered_again(void **state)
{
	struct client *client = connect_client(*state);

	for (int i = 0; i < 1000; i++) {
		send_string(client, GET);
		assert_answer(client, 200);
	}
	close_client(client);
}

static void http_1_0_is_answered_and_closed(void **state)
{
	struct client *client = connect_client(*state);

	send_string(client, "GET /healthcheck HTTP/1.0\r\n\r\n");
	assert_answer(client, 200);
	assert_end(client);
	close_client(client);
}

static void head_is_answered_without_a_body(void **state)
{
	struct client *client = connect_client(*state);

	send_string(client, "HEAD /healthcheck HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	assert_int_equal(take_answer(client, false, NULL), 200);
	assert_end(client);
	close_client(client);
}

static void the_state_is_told_as_it_is_now(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = connect_client(fixture);
	char body[HEALTH_ANSWER_BYTES];

	fixture->status.state = HEALTH_STARTING;
	send_string(client, GET);
	assert_answer(client, 503);
	fixture->status.state = HEALTH_SERVING;
	send_string(client, GET);
	assert_answer(client, 200);
	fixture->status.state = HEALTH_DRAINING;
	fixture->status.deadline_ms = 8188;
	fixture->status.busy = 3;
	send_string(client, GET);
	assert_int_equal(take_answer(client, true, body), 503);
	assert_string_equal(body,
		"{\"status\":\"draining\",\"since_ms\":0,\"busy\":3,\"unsure\":0,\"idle\":0,"
		"\"age_ms\":0,\"jobs\":0,\"deadline_ms\":8188,\"app_status\":null}\n");
	assert_int_equal(http_server_counts(&fixture->server).served, 3);
	assert_int_equal(fixture->asked, 3);
	close_client(client);
}

static void a_half_closed_client_is_answered(void **state)
{
	struct client *client = connect_client(*state);

	send_string(client, GET);
	assert_int_equal(shutdown(client->fd, SHUT_WR), 0);
	assert_answer(client, 200);
	assert_end(client);
	close_client(client);
}

static void a_request_byte_by_byte_is_answered(void **state)
{
	struct client *client = connect_client(*state);

	for (const char *byte = GET; *byte != '\0'; byte++) {
		assert_int_equal(client->len, 0);
		send_bytes(client, byte, 1);
		run_until_quiet(*state);
	}
	assert_answer(client, 200);
	close_client(client);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
	struct client *client = connect_client(*state);

	send_string(client, GET "GET /other HTTP/1.1\r\nHost: a\r\n\r\n" GET UNFINISHED);
	assert_answer(client, 200);
	assert_answer(client, 404);
	assert_answer(client, 200);
	send_string(client, "Connection: close\r\n\r\n");
	assert_answer(client, 200);
	assert_end(client);
	close_client(client);
}

/* Until neither side takes any more, and then on. */
static void a_client_that_does_not_read_loses_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = connect_client(fixture);
	unsigned sent = 0, quiet = 0;
	size_t offset = 0;

	while (quiet < 3) {
		ssize_t n = send(client->fd, &GET[offset], strlen(GET) - offset, MSG_NOSIGNAL);

		if (n < 0) {
			assert_int_equal(errno, EAGAIN);
			run_until_quiet(fixture);
			quiet++;
			continue;
		}
		quiet = 0;
		offset += (size_t)n;
		sent += offset == strlen(GET);
		offset %= strlen(GET);
	}
	assert_probe_answered(fixture);
	for (unsigned i = 0; i < sent; i++)
		assert_answer(client, 200);
	close_client(client);
}

static void every_listener_is_served(void **state)
{
	struct fixture fixture = **(struct fixture **)state;
	struct sockaddr_in addrs[2];
	int fds[] = {open_listener(&addrs[0]), open_listener(&addrs[1])};
	static struct http_server server;

	assert_int_equal(new_server(&fixture, fds, 2, &server), 0);
	for (int i = 0; i < 2; i++) {
		fixture.addr = addrs[i];
		assert_probe_answered(&fixture);
	}
	assert_int_equal(http_server_counts(&server).served, 2);
	http_server_done(&server);
}

/* --- What is no probe --- */

static void a_bad_request_is_told_why(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = connect_client(fixture);

	send_string(client, "GET /healthcheck\r\n");
	assert_answer(client, 400);
	assert_end(client);
	assert_int_equal(http_server_counts(&fixture->server).refused, 1);
	assert_int_equal(fixture->asked, 0);
	close_client(client);
}

/* It sends on while it is refused. Were the connection just closed, a reset would overtake the
 * answer. */
static void a_giant_header_is_told_why(void **state)
{
	struct client *client = connect_client(*state);
	char filler[1024];

	memset(filler, 'a', sizeof filler);
	send_string(client, UNFINISHED "X: ");
	for (int i = 0; i < 1000; i++) {
		send_bytes(client, filler, sizeof filler);
		run_until_quiet(*state);
	}
	assert_answer(client, 431);
	assert_end(client);
	close_client(client);
}

static void a_body_is_told_that_it_is_not_wanted(void **state)
{
	struct client *client = connect_client(*state);

	send_string(
		client, "POST /healthcheck HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\n\r\n" GET);
	assert_answer(client, 413);
	assert_end(client);
	close_client(client);
}

static void what_follows_the_last_request_is_not_read(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = connect_client(fixture);

	send_string(client, GET_CLOSE GET GET);
	assert_answer(client, 200);
	assert_end(client);
	assert_int_equal(http_server_counts(&fixture->server).served, 1);
	close_client(client);
}

static void clients_that_vanish_do_no_harm(void **state)
{
	static const struct linger reset = {.l_onoff = 1, .l_linger = 0};
	static const char *const parts[] = {"", "GET", UNFINISHED, GET, GET GET "bad\r\n"};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < 2 * sizeof parts / sizeof parts[0]; i++) {
		struct client *client = connect_client(fixture);

		send_string(client, parts[i / 2]);
		if (i % 2 == 0)
			run_until_quiet(fixture);
		assert_int_equal(
			setsockopt(client->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset), 0);
		close_client(client);
		run_until_quiet(fixture);
	}
	assert_probe_answered(fixture);
}

/* --- Time --- */

static void set_timeouts(struct fixture *fixture, msec_t request, msec_t idle, msec_t linger)
{
	http_server_set_timeouts(&fixture->server, &(struct http_server_timeouts){
							   .request_ms = request,
							   .idle_ms = idle,
							   .linger_ms = linger,
						   });
}

static void an_unfinished_request_is_told_that_time_is_up(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = connect_client(fixture);

	set_timeouts(fixture, 20, 60000, 60000);
	send_string(client, UNFINISHED);
	assert_answer(client, 408);
	assert_end(client);
	assert_int_equal(http_server_counts(&fixture->server).refused, 1);
	close_client(client);
}

static void an_unfinished_second_request_is_told_that_time_is_up(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = connect_client(fixture);

	set_timeouts(fixture, 20, 60000, 60000);
	send_string(client, GET UNFINISHED);
	assert_answer(client, 200);
	assert_answer(client, 408);
	assert_end(client);
	close_client(client);
}

static void a_silent_connection_is_closed(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = connect_client(fixture);

	set_timeouts(fixture, 20, 60000, 60000);
	assert_end(client);
	assert_int_equal(http_server_counts(&fixture->server).refused, 1);
	close_client(client);
}

static void an_idle_connection_is_closed(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = connect_client(fixture);

	set_timeouts(fixture, 60000, 20, 60000);
	send_string(client, GET);
	assert_answer(client, 200);
	assert_end(client);
	assert_int_equal(http_server_counts(&fixture->server).refused, 0);
	close_client(client);
}

static void a_refused_client_that_stays_is_dropped(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = connect_client(fixture);

	set_timeouts(fixture, 60000, 60000, 20);
	send_string(client, "bad\r\n");
	assert_answer(client, 400);
	assert_end(client);
	run_for(fixture, 0.1);
	assert_int_equal(send(client->fd, "x", 1, MSG_NOSIGNAL), 1);
	assert_int_equal(send(client->fd, "x", 1, MSG_NOSIGNAL), -1);
	assert_int_equal(errno, EPIPE);
	close_client(client);
}

/* Without a client it does not wake up. */
static void an_idle_server_has_no_timer(void **state)
{
	struct fixture *fixture = *state;

	set_timeouts(fixture, 10, 10, 10);
	assert_probe_answered(fixture);
	run_until_quiet(fixture);
	assert_int_in_range(run_for(fixture, 0.2), 1, 2);
}

/* --- HTTP/2 --- */

#define HTTP2_HELLO HTTP2_PREFACE "\0\0\0\4\0\0\0\0\0"
#define HTTP2_GET "\0\0\1\1\5\0\0\0\1\x82"
#define HTTP2_GET_UNFINISHED "\0\0\1\1\4\0\0\0\3\x82"
#define HTTP2_GET_AGAIN "\0\0\1\1\5\0\0\0\5\x82"
#define HTTP2_PING_FRAME "\0\0\x08\6\0\0\0\0\0pingpong"
#define SEND(client, literal) send_bytes(client, literal, sizeof(literal) - 1)

static size_t first_frame_bytes(const struct client *client)
{
	return HTTP2_FRAME_HEADER_BYTES + (uint8_t)client->buf[2]; /* ours are short */
}

/* Takes what is received, up to a frame of this type. */
static void take_frame(struct client *client, enum http2_frame_type type)
{
	bool is_it = false;

	while (!is_it) {
		while (client->len < HTTP2_FRAME_HEADER_BYTES ||
			client->len < first_frame_bytes(client))
			assert_true(receive_some(client) > 0);
		is_it = client->buf[3] == (char)type;
		drop_received(client, first_frame_bytes(client));
	}
}

static void assert_http2_answer(struct client *client)
{
	take_frame(client, HTTP2_HEADERS);
	take_frame(client, HTTP2_DATA);
	take_frame(client, HTTP2_HEADERS);
}

static struct client *connect_http2(struct fixture *fixture)
{
	struct client *client = connect_client(fixture);

	SEND(client, HTTP2_HELLO HTTP2_GET);
	assert_http2_answer(client);
	return client;
}

/* It is told, and the connection ends in good order. */
static void assert_goodbye(struct client *client, unsigned refused)
{
	take_frame(client, HTTP2_GOAWAY);
	assert_end(client);
	assert_int_equal(http_server_counts(&client->fixture->server).refused, refused);
	close_client(client);
}

static void http2_byte_by_byte_is_answered(void **state)
{
	static const char bytes[] = HTTP2_HELLO HTTP2_GET;
	struct client *client = connect_client(*state);

	for (size_t i = 0; i < sizeof bytes - 1; i++) {
		send_bytes(client, bytes + i, 1);
		run_until_quiet(*state);
	}
	assert_http2_answer(client);
	close_client(client);
}

/* Until neither side takes any more, and then on. */
static void an_http2_client_that_does_not_read_loses_nothing(void **state)
{
	static const char ping[] = HTTP2_PING_FRAME;
	static char pings[64 * (sizeof ping - 1)];
	struct client *client;
	size_t sent = 0, offset = 0;
	unsigned quiet = 0;

	for (size_t i = 0; i < sizeof pings; i += sizeof ping - 1)
		memcpy(pings + i, ping, sizeof ping - 1);
	set_timeouts(*state, 60000, 60000, 60000);
	client = connect_http2(*state);
	while (quiet < 3) {
		ssize_t n = send(client->fd, pings + offset, sizeof pings - offset, MSG_NOSIGNAL);

		if (n < 0) {
			run_until_quiet(*state);
			quiet++;
			continue;
		}
		quiet = 0;
		sent += (size_t)n;
		offset = (offset + (size_t)n) % sizeof pings;
	}
	assert_probe_answered(*state);
	for (size_t i = 0; i < sent / (sizeof ping - 1); i++)
		take_frame(client, HTTP2_PING);
	close_client(client);
}

static void http_1_on_a_connection_does_not_become_http2(void **state)
{
	struct client *client = connect_client(*state);

	send_string(client, GET HTTP2_PREFACE);
	assert_answer(client, 200);
	assert_answer(client, 505);
	assert_end(client);
	close_client(client);
}

static void a_wrong_http2_frame_is_told_so(void **state)
{
	struct client *client = connect_http2(*state);

	SEND(client, HTTP2_GET);
	SEND(client, "\0\0\0\x09\4\0\0\0\1"); /* CONTINUATION of nothing */
	assert_goodbye(client, 1);
}

static void an_unfinished_http2_request_is_told_that_time_is_up(void **state)
{
	struct client *client;

	set_timeouts(*state, 20, 60000, 60000);
	client = connect_http2(*state);
	SEND(client, HTTP2_GET_UNFINISHED);
	assert_goodbye(client, 1);
}

static void half_a_frame_of_http2_is_told_that_time_is_up(void **state)
{
	struct client *client;

	set_timeouts(*state, 20, 60000, 60000);
	client = connect_http2(*state);
	SEND(client, "\0\0");
	assert_goodbye(client, 1);
}

static void an_http2_client_without_a_request_is_told_that_time_is_up(void **state)
{
	struct client *client = connect_client(*state);

	set_timeouts(*state, 20, 60000, 60000);
	SEND(client, HTTP2_HELLO HTTP2_PING_FRAME);
	assert_goodbye(client, 1);
}

static void an_idle_http2_connection_is_closed(void **state)
{
	struct client *client;

	set_timeouts(*state, 60000, 20, 60000);
	client = connect_http2(*state);
	assert_goodbye(client, 0);
}

/* A PING is no request, and has no deadline of one. */
static void an_http2_connection_with_pings_is_idle(void **state)
{
	struct client *client;

	set_timeouts(*state, 20, 60000, 60000);
	client = connect_http2(*state);
	SEND(client, HTTP2_PING_FRAME);
	take_frame(client, HTTP2_PING);
	run_for(*state, 0.1);
	SEND(client, HTTP2_GET_AGAIN);
	assert_http2_answer(client);
	close_client(client);
}

/* --- Room --- */

static void a_probe_beside_slow_ones_is_answered(void **state)
{
	enum { SLOW = 3 * HTTP_SERVER_CONNECTIONS };
	struct fixture *fixture = *state;
	struct client *slow[SLOW];

	for (int i = 0; i < SLOW; i++) {
		slow[i] = connect_client(fixture);
		send_string(slow[i], i % 2 ? UNFINISHED : "G");
		if (i % 50 == 0)
			assert_probe_answered(fixture);
	}
	assert_probe_answered(fixture);
	assert_int_equal(
		http_server_counts(&fixture->server).refused, SLOW - HTTP_SERVER_CONNECTIONS + 1);
	for (int i = 0; i < SLOW; i++)
		close_client(slow[i]);
}

static void a_request_that_has_come_is_answered_before_its_connection_is_given_up(void **state)
{
	enum { SLOW = 2 * HTTP_SERVER_CONNECTIONS };
	struct fixture *fixture = *state;
	struct client *probe = connect_client(fixture), *slow[SLOW];

	send_string(probe, "G");
	run_until_quiet(fixture);
	for (int i = 0; i < SLOW; i++) {
		slow[i] = connect_client(fixture);
		send_string(slow[i], "G");
	}
	send_string(probe, &GET[1]);
	assert_answer(probe, 200);
	for (int i = 0; i < SLOW; i++)
		close_client(slow[i]);
	close_client(probe);
}

static void the_longest_unanswered_is_given_up_first(void **state)
{
	struct fixture *fixture = *state;
	struct client *kept = connect_client(fixture), *idle[HTTP_SERVER_CONNECTIONS];

	for (int i = 0; i < HTTP_SERVER_CONNECTIONS; i++) {
		idle[i] = connect_client(fixture);
		send_string(idle[i], GET);
		assert_answer(idle[i], 200);
		send_string(kept, GET);
		assert_answer(kept, 200);
	}
	assert_end(idle[0]);
	send_string(idle[1], GET);
	assert_answer(idle[1], 200);
	for (int i = 0; i < HTTP_SERVER_CONNECTIONS; i++)
		close_client(idle[i]);
	close_client(kept);
}

/* Half of the room is for clients that were answered, however many others come. */
static void strangers_do_not_drive_out_who_was_answered(void **state)
{
	enum { STRANGERS = 3 * HTTP_SERVER_CONNECTIONS };
	struct fixture *fixture = *state;
	struct client *known = connect_client(fixture), *strangers[STRANGERS];

	send_string(known, GET);
	assert_answer(known, 200);
	for (int i = 0; i < STRANGERS; i++) {
		strangers[i] = connect_client(fixture);
		send_string(strangers[i], UNFINISHED);
		run_until_quiet(fixture);
	}
	assert_reset(strangers[0]);
	send_string(known, GET);
	assert_answer(known, 200);
	for (int i = 0; i < STRANGERS; i++)
		close_client(strangers[i]);
	close_client(known);
}

/* And the other way round: a stranger among clients that stay may take its time. */
static void who_was_answered_does_not_drive_out_a_stranger(void **state)
{
	enum { KNOWN = 3 * HTTP_SERVER_CONNECTIONS };
	struct fixture *fixture = *state;
	struct client *stranger = connect_client(fixture), *known[KNOWN];

	send_string(stranger, "G");
	for (int i = 0; i < KNOWN; i++) {
		known[i] = connect_client(fixture);
		send_string(known[i], GET);
		assert_answer(known[i], 200);
	}
	assert_end(known[0]);
	send_string(stranger, &GET[1]);
	assert_answer(stranger, 200);
	for (int i = 0; i < KNOWN; i++)
		close_client(known[i]);
	close_client(stranger);
}

/* When there are many of them, a client that connects and sends nothing stays with the kernel for now, and costs no
 * other his place. */
static void silent_connections_take_an_eighth_of_the_room(void **state)
{
	enum { EIGHTH = HTTP_SERVER_CONNECTIONS / 8, SILENT = 2 * HTTP_SERVER_CONNECTIONS };
	struct fixture *fixture = *state;
	struct client *slow = connect_client(fixture), *silent[SILENT];

	send_string(slow, "G");
	run_until_quiet(fixture);
	for (int i = 0; i < SILENT; i++) {
		silent[i] = connect_client(fixture);
		if (i == EIGHTH)
			run_until_quiet(fixture);
	}
	run_until_quiet(fixture);
	assert_int_equal(http_server_counts(&fixture->server).refused, 0);
	send_string(slow, &GET[1]);
	assert_answer(slow, 200);
	for (int i = 0; i < SILENT; i++)
		close_client(silent[i]);
	close_client(slow);
}

static void metrics_count_the_answers(void **state)
{
	struct client *client = connect_client(*state);
	char body[METRICS_ANSWER_BYTES];

	for (int i = 0; i < 3; i++) {
		send_string(client, GET);
		assert_answer(client, 200);
	}
	send_string(client, "GET /other HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_answer(client, 404);
	for (int i = 0; i < 2; i++) {
		send_string(client, "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
		assert_int_equal(take_answer(client, true, body), 200);
	}
	assert_non_null(strstr(body, "lastcall_health_requests_total{code=\"200\"} 4\n"));
	assert_non_null(strstr(body, "lastcall_health_requests_total{code=\"404\"} 1\n"));
	assert_non_null(strstr(body, "lastcall_health_refused_total 1\n"));
	close_client(client);
}

static rlim_t set_soft_nofile(rlim_t soft)
{
	struct rlimit limit;
	rlim_t before;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	before = limit.rlim_cur;
	limit.rlim_cur = soft;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	return before;
}

/* No descriptor is free: the next would have this number. */
static rlim_t exhaust_descriptors(void)
{
	int next = dup(0);

	assert_true(next >= 0);
	(void)fd_close(next);
	return set_soft_nofile((rlim_t)next);
}

static void without_descriptors_an_idle_connection_makes_room(void **state)
{
	struct fixture *fixture = *state;
	struct client *idle = connect_client(fixture), *probe = connect_client(fixture);
	rlim_t before;

	send_string(idle, GET);
	assert_answer(idle, 200);
	send_string(probe, "G");
	run_until_quiet(fixture);
	close_client(probe); /* the server has accepted both, and one has left again */
	run_until_quiet(fixture);
	probe = connect_client(fixture);
	before = exhaust_descriptors();
	send_string(probe, GET_CLOSE);
	assert_answer(probe, 200);
	assert_end(probe);
	set_soft_nofile(before);
	assert_end(idle);
	close_client(idle);
	close_client(probe);
}

static void without_descriptors_accepting_pauses_and_goes_on(void **state)
{
	struct fixture *fixture = *state;
	struct client *probe = connect_client(fixture);
	rlim_t before = exhaust_descriptors();

	send_string(probe, GET);
	assert_int_in_range(run_for(fixture, 0.35), 2, 12);
	set_soft_nofile(before);
	assert_answer(probe, 200);
	close_client(probe);
}

static void few_descriptors_are_not_all_taken(void **state)
{
	struct fixture fixture = **(struct fixture **)state;
	struct client *clients[5];
	rlim_t before = set_soft_nofile(16);
	int fd = open_listener(&fixture.addr);
	static struct http_server server;

	assert_int_equal(new_server(&fixture, &fd, 1, &server), 0);
	set_soft_nofile(before);
	for (int i = 0; i < 5; i++) {
		clients[i] = connect_client(&fixture);
		send_string(clients[i], "G");
		run_until_quiet(&fixture);
	}
	assert_reset(clients[0]);
	for (int i = 1; i < 5; i++) {
		send_string(clients[i], &GET[1]);
		assert_answer(clients[i], 200);
	}
	http_server_done(&server);
	for (int i = 0; i < 5; i++)
		close_client(clients[i]);
}

static unsigned not_set_aside;

static void *note_allocation(void *pointer, long bytes)
{
	size_t left = loop_memory_left();
	void *memory = loop_memory_resize(pointer, bytes);

	not_set_aside += bytes > 0 && loop_memory_left() == left;
	return memory;
}

static void what_a_full_server_makes_the_loop_ask_for_is_set_aside(void **state)
{
	struct fixture *fixture = *state;
	struct client *clients[HTTP_SERVER_CONNECTIONS];

	not_set_aside = 0;
	for (int i = 0; i < HTTP_SERVER_CONNECTIONS; i++)
		clients[i] = connect_client(fixture);
	run_until_quiet(fixture);
	for (int i = 0; i < HTTP_SERVER_CONNECTIONS; i++)
		send_string(clients[i], GET);
	run_until_quiet(fixture);
	assert_int_equal(http_server_counts(&fixture->server).served, HTTP_SERVER_CONNECTIONS);
	assert_int_equal(not_set_aside, 0);
	for (int i = 0; i < HTTP_SERVER_CONNECTIONS; i++)
		close_client(clients[i]);
}

#define SERVER_TEST(test) cmocka_unit_test_setup_teardown(test, start_server, stop_server)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SERVER_TEST(a_probe_by_connection_is_answered),
		SERVER_TEST(a_kept_connection_is_answered_again),
		SERVER_TEST(http_1_0_is_answered_and_closed),
		SERVER_TEST(head_is_answered_without_a_body),
		SERVER_TEST(the_state_is_told_as_it_is_now),
		SERVER_TEST(a_half_closed_client_is_answered),
		SERVER_TEST(a_request_byte_by_byte_is_answered),
		SERVER_TEST(pipelined_requests_are_answered_in_order),
		SERVER_TEST(a_client_that_does_not_read_loses_nothing),
		SERVER_TEST(every_listener_is_served),
		SERVER_TEST(a_bad_request_is_told_why),
		SERVER_TEST(a_giant_header_is_told_why),
		SERVER_TEST(a_body_is_told_that_it_is_not_wanted),
		SERVER_TEST(what_follows_the_last_request_is_not_read),
		SERVER_TEST(clients_that_vanish_do_no_harm),
		SERVER_TEST(an_unfinished_request_is_told_that_time_is_up),
		SERVER_TEST(an_unfinished_second_request_is_told_that_time_is_up),
		SERVER_TEST(a_silent_connection_is_closed),
		SERVER_TEST(an_idle_connection_is_closed),
		SERVER_TEST(a_refused_client_that_stays_is_dropped),
		SERVER_TEST(an_idle_server_has_no_timer),
		SERVER_TEST(http2_byte_by_byte_is_answered),
		SERVER_TEST(an_http2_client_that_does_not_read_loses_nothing),
		SERVER_TEST(http_1_on_a_connection_does_not_become_http2),
		SERVER_TEST(a_wrong_http2_frame_is_told_so),
		SERVER_TEST(an_unfinished_http2_request_is_told_that_time_is_up),
		SERVER_TEST(half_a_frame_of_http2_is_told_that_time_is_up),
		SERVER_TEST(an_http2_client_without_a_request_is_told_that_time_is_up),
		SERVER_TEST(an_idle_http2_connection_is_closed),
		SERVER_TEST(an_http2_connection_with_pings_is_idle),
		SERVER_TEST(a_probe_beside_slow_ones_is_answered),
		SERVER_TEST(a_request_that_has_come_is_answered_before_its_connection_is_given_up),
		SERVER_TEST(the_longest_unanswered_is_given_up_first),
		SERVER_TEST(strangers_do_not_drive_out_who_was_answered),
		SERVER_TEST(who_was_answered_does_not_drive_out_a_stranger),
		SERVER_TEST(silent_connections_take_an_eighth_of_the_room),
		SERVER_TEST(metrics_count_the_answers),
		SERVER_TEST(without_descriptors_an_idle_connection_makes_room),
		SERVER_TEST(without_descriptors_accepting_pauses_and_goes_on),
		SERVER_TEST(few_descriptors_are_not_all_taken),
		SERVER_TEST(what_a_full_server_makes_the_loop_ask_for_is_set_aside),
	};

	ev_set_allocator(note_allocation);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
