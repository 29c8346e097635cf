/* SPDX-License-Identifier: MIT */
#include "lastcall/check_exchange.h"

#include "core/text/duration.h"
#include "lastcall/loop.h"
#include "sys/fd.h"
#include "sys/socket_send.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* Of an answer's body so much is read, so that the application meets no reset; a longer one is reset. */
#define DISCARD_MAX_BYTES (256UL * 1024)

/* A connection that the application has not closed is reset, so that nothing of it remains: not even
 * in the queue of one that never accepts it. */
static void close_connection(struct check_exchange *x, bool reset)
{
	const struct linger at_once = {.l_onoff = 1};
	int fd = x->io.fd;

	if (fd < 0)
		return;
	if (reset)
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	ev_io_stop(x->loop, &x->io);
	ev_io_set(&x->io, -1, EV_READ);
	(void)fd_close(fd);
}

static struct listen_address target_address(const struct check_exchange *x)
{
	if (!x->target->any_loopback)
		return x->target->url.address;
	if (x->use_ipv6)
		return listen_address_of(AF_INET6, &in6addr_loopback, x->target->port);
	return listen_address_of(AF_INET, (const uint8_t[]){127, 0, 0, 1}, x->target->port);
}

/* Begins to connect. Returns 0, -EINPROGRESS, or another -errno. */
static int connect_to_target(struct check_exchange *x)
{
	struct listen_address address = target_address(x);
	int fd = socket(address.addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), r;

	if (fd < 0)
		return -errno;
	ev_io_set(&x->io, fd, EV_READ);
	r = connect(fd, (const struct sockaddr *)&address.addr, address.addr_len) < 0 ? -errno : 0;
	if ((r == 0 || r == -EINPROGRESS) &&
		getsockname(fd, (struct sockaddr *)&address.addr, &address.addr_len) == 0)
		connection_watch_ignore_own(
			x->watch, x->number, x->target->port, listen_address_port(&address));
	return r;
}

/* The check is over: nothing is left of its connection. */
static void end(struct check_exchange *x, bool reset)
{
	close_connection(x, reset);
	x->phase = CHECK_OVER;
	x->calls.over(x->calls.arg);
}

static void decide(struct check_exchange *x, enum check_verdict verdict)
{
	x->phase = CHECK_CLOSE;
	x->calls.decided(x->calls.arg, verdict);
}

/* A check that came to nothing for want of something of ours is no failure of the application. */
static void skip_check(struct check_exchange *x, int error)
{
	x->skipped_for = error;
	close_connection(x, true);
	decide(x, CHECK_SKIPPED);
	end(x, true);
}

/* Begins to say what is wrong with the application. */
static struct text begin_failure(struct check_exchange *x)
{
	struct text text;

	text_init(&text, x->failure, sizeof x->failure);
	if (x->is_one_of_several)
		text_printf(&text, "%.64s: ", x->target->text);
	else
		text_printf(&text, "port %u: ", x->target->port);
	return text;
}

static void fail(struct check_exchange *x)
{
	close_connection(x, true);
	decide(x, CHECK_FAILED);
	end(x, true);
}

static void fail_of_error(struct check_exchange *x, int error)
{
	struct text text = begin_failure(x);

	text_add(&text, strerror(error));
	fail(x);
}

static void fail_of_time(struct check_exchange *x, msec_t timeout)
{
	struct text text = begin_failure(x);

	text_add(&text, x->phase == CHECK_CONNECT ? "no connection within " : "no answer within ");
	duration_add(&text, timeout);
	fail(x);
}

/* What the application still has to say is heard, up to a point, so that it does not run into a
 * reset. */
static void discard(struct check_exchange *x)
{
	char unused[4096];
	ssize_t got;

	do {
		/* TCP throws the bytes away where they are (MSG_TRUNC, tcp(7)) */
		got = recv(x->io.fd, unused, sizeof unused, MSG_TRUNC);
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (got > 0)
			x->discarded += (size_t)got;
	} while (got > 0 && x->discarded <= DISCARD_MAX_BYTES);
	end(x, got != 0);
}

static void linger(struct check_exchange *x)
{
	loop_wait_for(x->loop, &x->io, EV_READ);
	discard(x);
}

static void judge_answer(struct check_exchange *x, int status)
{
	struct text text;

	if (status >= 200 && status < 400) {
		decide(x, CHECK_WELL);
	} else {
		text = begin_failure(x);
		if (status > 0)
			text_printf(&text, "it answered %d", status);
		else
			text_add(&text, "its answer is not HTTP/1");
		decide(x, CHECK_FAILED);
	}
	linger(x);
}

static void receive_answer(struct check_exchange *x)
{
	while (x->phase == CHECK_RECEIVE) {
		ssize_t got =
			recv(x->io.fd, x->answer + x->received, sizeof x->answer - x->received, 0);
		int status;

		if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
			loop_wait_for(x->loop, &x->io, EV_READ);
			return;
		}
		if (got <= 0) {
			fail_of_error(x, got < 0 ? errno : ECONNRESET);
			return;
		}
		x->received += (size_t)got;
		status = http_response_status(x->answer, x->received);
		if (status != 0)
			judge_answer(x, status);
	}
}

static void send_request(struct check_exchange *x)
{
	int r = socket_send_rest(x->io.fd, x->request, x->request_len, &x->sent);

	if (r == -EAGAIN) {
		loop_wait_for(x->loop, &x->io, EV_WRITE);
	} else if (r < 0) {
		fail_of_error(x, -r);
	} else {
		x->phase = CHECK_RECEIVE;
		receive_answer(x);
	}
}

static void take_connection(struct check_exchange *x)
{
	if (x->target->kind == APP_CHECK_HTTP) {
		x->phase = CHECK_SEND;
		send_request(x);
		return;
	}
	decide(x, CHECK_WELL);
	(void)shutdown(x->io.fd, SHUT_WR); /* fails only when the application has gone already */
	linger(x);
}

static void begin_to_connect(struct check_exchange *x);

/* No listener there: tries the other family, if either will do. */
static void fail_to_connect(struct check_exchange *x, int error)
{
	bool may_be_other =
		error == ECONNREFUSED || error == EADDRNOTAVAIL || error == EAFNOSUPPORT;

	if (x->target->any_loopback && x->first_error == 0 && may_be_other) {
		close_connection(x, true);
		x->first_error = error;
		x->use_ipv6 = !x->use_ipv6;
		begin_to_connect(x);
		return;
	}
	if (x->first_error == ECONNREFUSED)
		error = x->first_error; /* that the machine lacks the other family is no news */
	fail_of_error(x, error);
}

/* An IPv4 address of the loopback interface is always there: it is a port of our own that is not. */
static bool is_our_own_lack(const struct check_exchange *x, int error)
{
	bool is_ipv6 = x->target->any_loopback ? x->use_ipv6
					       : x->target->url.address.addr.ss_family == AF_INET6;

	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM ||
	       (error == EADDRNOTAVAIL && !is_ipv6);
}

static void begin_to_connect(struct check_exchange *x)
{
	int r = connect_to_target(x);

	x->phase = CHECK_CONNECT;
	if (r == 0)
		take_connection(x);
	else if (r == -EINPROGRESS)
		loop_wait_for(x->loop, &x->io, EV_WRITE);
	else if (is_our_own_lack(x, -r))
		skip_check(x, -r);
	else
		fail_to_connect(x, -r);
}

static void finish_connecting(struct check_exchange *x)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(int), peer_len = sizeof peer;
	int error = 0;

	(void)getsockopt(x->io.fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (error != 0)
		fail_to_connect(x, error);
	else if (getpeername(x->io.fd, (struct sockaddr *)&peer, &peer_len) == 0)
		take_connection(x);
}

static void proceed(struct check_exchange *x)
{
	switch (x->phase) {
	case CHECK_CONNECT:
		finish_connecting(x);
		break;
	case CHECK_SEND:
		send_request(x);
		break;
	case CHECK_RECEIVE:
		receive_answer(x);
		break;
	case CHECK_CLOSE:
		discard(x);
		break;
	case CHECK_OVER:
		break; /* has no connection */
	}
}

static void on_io(struct ev_loop *loop, ev_io *io, int events)
{
	(void)loop;
	(void)events;
	proceed(io->data);
}

static void compose_request(struct check_exchange *x)
{
	struct text text;

	text_init(&text, x->request, sizeof x->request);
	text_printf(&text,
		"GET %s HTTP/1.1\r\n"
		"Host: %.*s\r\n"
		"User-Agent: lastcall/" LASTCALL_VERSION "\r\n"
		"Accept: */*\r\n"
		"Connection: close\r\n"
		"\r\n",
		x->target->url.path, (int)x->target->url.authority_len, x->target->url.authority);
	assert(!text.truncated);
	x->request_len = text.len;
}

void check_exchange_init(struct check_exchange *ret_exchange, struct ev_loop *loop,
	struct connection_watch *watch, const struct app_check_target *target,
	const struct check_exchange_calls *calls)
{
	struct check_exchange *x = ret_exchange;

	x->loop = loop;
	x->watch = watch;
	x->target = target;
	x->calls = *calls;
	ev_io_init(&x->io, on_io, -1, EV_READ);
	x->io.data = x;
	if (target->kind == APP_CHECK_HTTP)
		compose_request(x);
}

void check_exchange_begin(struct check_exchange *exchange)
{
	exchange->first_error = 0;
	exchange->sent = exchange->received = exchange->discarded = 0;
	begin_to_connect(exchange);
}

bool check_exchange_is_undecided(const struct check_exchange *x)
{
	return x->phase == CHECK_CONNECT || x->phase == CHECK_SEND || x->phase == CHECK_RECEIVE;
}

void check_exchange_time_out(struct check_exchange *exchange, msec_t timeout)
{
	proceed(exchange); /* what has come while we were frozen has come in time */
	if (check_exchange_is_undecided(exchange))
		fail_of_time(exchange, timeout);
}

void check_exchange_break_off(struct check_exchange *exchange)
{
	close_connection(exchange, true);
	exchange->phase = CHECK_OVER;
}
