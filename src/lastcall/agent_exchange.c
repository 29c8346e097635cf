/* SPDX-License-Identifier: MIT */
#include "lastcall/agent_exchange.h"

#include "lastcall/loop.h"
#include "sys/fd.h"
#include "sys/socket_send.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

void agent_exchange_break_off(struct agent_exchange *exchange)
{
	int fd = exchange->io.fd;

	ev_timer_stop(exchange->loop, &exchange->timer);
	if (fd < 0)
		return;
	ev_io_stop(exchange->loop, &exchange->io);
	ev_io_set(&exchange->io, -1, EV_READ);
	(void)fd_close(fd);
}

bool agent_exchange_is_under_way(const struct agent_exchange *exchange)
{
	return exchange->io.fd >= 0;
}

static void fail(struct agent_exchange *x, int error)
{
	agent_exchange_break_off(x);
	x->over(x->arg, error, NULL);
}

/* The server has closed, or the time is up. The answer is read once, so that one which comes byte by byte costs no
 * more than another. */
static void conclude(struct agent_exchange *x, bool is_end, int otherwise)
{
	struct http_answer answer;
	int r = http_answer_read(x->buf, x->received, is_end, &answer);

	agent_exchange_break_off(x);
	if (r > 0)
		x->over(x->arg, 0, &answer);
	else
		x->over(x->arg, is_end ? -EBADMSG : otherwise, NULL);
}

static void receive(struct agent_exchange *x)
{
	for (;;) {
		ssize_t got = recv(x->io.fd, x->buf + x->received, x->cap - x->received, 0);

		if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
			loop_wait_for(x->loop, &x->io, EV_READ);
			return;
		}
		if (got < 0) {
			fail(x, -errno);
			return;
		}
		if (got == 0) {
			conclude(x, true, 0);
			return;
		}
		x->received += (size_t)got;
		if (x->received == x->cap) {
			fail(x, -EMSGSIZE);
			return;
		}
	}
}

static void send_request(struct agent_exchange *x)
{
	int r = socket_send_rest(x->io.fd, x->request, x->request_len, &x->sent);

	if (r == -EAGAIN)
		loop_wait_for(x->loop, &x->io, EV_WRITE);
	else if (r < 0)
		fail(x, r);
	else
		receive(x);
}

static void on_io(struct ev_loop *loop, ev_io *io, int events)
{
	struct agent_exchange *x = io->data;
	socklen_t len = sizeof(int);
	int error = 0;

	(void)loop;
	(void)events;
	if (!x->is_connected) {
		(void)getsockopt(io->fd, SOL_SOCKET, SO_ERROR, &error, &len);
		if (error != 0) {
			fail(x, -error);
			return;
		}
		x->is_connected = true;
	}
	send_request(x);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	conclude(timer->data, false, -ETIMEDOUT);
}

void agent_exchange_init(struct agent_exchange *ret_exchange, struct ev_loop *loop,
	agent_answer_fn *over, void *arg, char *buf, size_t cap)
{
	struct agent_exchange *x = ret_exchange;

	x->loop = loop;
	x->over = over;
	x->arg = arg;
	x->buf = buf;
	x->cap = cap;
	ev_io_init(&x->io, on_io, -1, EV_READ);
	ev_timer_init(&x->timer, on_timer, 1., 0.);
	x->io.data = x;
	x->timer.data = x;
	ev_timer_start(loop, &x->timer); /* libev allocates now what it needs for the timer later */
	ev_timer_stop(loop, &x->timer);
}

static int compose(struct agent_exchange *x, const struct http_url *url, const char *method,
	const char *more, const char *body)
{
	struct text text;

	text_init(&text, x->request, sizeof x->request);
	text_printf(&text,
		"%s %s%s HTTP/1.0\r\n"
		"Host: %.*s\r\n"
		"User-Agent: lastcall/" LASTCALL_VERSION "\r\n"
		"Accept: application/json\r\n",
		method, url->path, more, (int)url->authority_len, url->authority);
	if (body != NULL)
		text_printf(&text, "Content-Type: application/json\r\nContent-Length: %zu\r\n",
			strlen(body));
	text_printf(&text, "\r\n%s", body != NULL ? body : "");
	x->request_len = text.len;
	return text.truncated ? -EMSGSIZE : 0;
}

int agent_exchange_begin(struct agent_exchange *exchange, const struct http_url *url,
	const char *method, const char *more, const char *body, msec_t limit)
{
	struct agent_exchange *x = exchange;
	const struct listen_address *address = &url->address;
	int r = compose(x, url, method, more, body), fd;

	if (r < 0)
		return r;
	x->sent = x->received = 0;
	x->is_connected = false;
	fd = socket(address->addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		x->over(x->arg, -errno, NULL);
		return 0;
	}
	ev_io_set(&x->io, fd, EV_WRITE);
	ev_now_update(x->loop);
	ev_timer_set(&x->timer, (double)limit / 1000.0, 0.);
	ev_timer_start(x->loop, &x->timer);
	if (connect(fd, (const struct sockaddr *)&address->addr, address->addr_len) < 0 &&
		errno != EINPROGRESS)
		fail(x, -errno);
	else
		loop_wait_for(x->loop, &x->io, EV_WRITE);
	return 0;
}
