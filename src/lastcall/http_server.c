/* SPDX-License-Identifier: MIT */
#include "lastcall/http_server.h"

#include "sys/fd.h"
#include "sys/monoclock.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

/* A pass of the loop takes no more time than this, so that a storm of connections leaves some for the
 * requests on those that are kept, and for signals. Within a pass many are better than few: one that
 * is answered or gives way before the pass ends costs no epoll_ctl. */
#define ACCEPT_PASS_US 2000
#define ACCEPTS_PER_CLOCK_READ 16

/* While others may be waiting to be accepted: a fraction of a millisecond. */
#define CLOSED_PER_PASS 16

/* With too many connections without a request the kernel shows us the next ones when their first bytes have
 * come, or after this time without any: a silent client takes no descriptor of ours until then, and one that
 * sends soon costs no epoll_ctl. With few it would only cost: 10 us for each request, for the kernel makes
 * the connection when the request is there, and not while it is on its way. */
#define DEFER_ACCEPT_S 1

/* When the kernel has no descriptor or no memory for us, and nothing of ours could be given up. */
#define ACCEPT_PAUSE_MS 100

static const struct http_server_timeouts default_timeouts = {
	.request_ms = 5000,
	.idle_ms = 75000,
	.linger_ms = 2000,
};

/* --- The deadlines --- */

static void timer_start(struct http_server *server, msec_t deadline)
{
	msec_t left = msec_max(msec_left(deadline, monoclock_now()), 1);

	server->timer.repeat = (double)left / 1000;
	ev_timer_again(server->shared.loop, &server->timer);
	server->timer_at = deadline;
}

/* Deadlines mostly move away, with each answer. The timer does not follow them: it looks around when
 * it fires, and is started anew. */
static void note_deadline(struct http_server *server, msec_t deadline)
{
	if (!ev_is_active(&server->timer) || deadline < server->timer_at)
		timer_start(server, deadline);
}

static void on_deadline(struct http_shared *shared, msec_t deadline)
{
	note_deadline((struct http_server *)shared, deadline);
}

/* --- Accepting, paused and resumed --- */

static void accept_pause(struct http_server *server)
{
	for (size_t i = 0; i < server->listener_count; i++)
		ev_io_stop(server->shared.loop, &server->listeners[i]);
	server->accept_at = msec_add(monoclock_now(), ACCEPT_PAUSE_MS);
	note_deadline(server, server->accept_at);
}

static void accept_resume(struct http_server *server)
{
	for (size_t i = 0; i < server->listener_count; i++)
		ev_io_start(server->shared.loop, &server->listeners[i]);
	server->accept_at = MSEC_NEVER;
}

static void on_end(struct http_shared *shared)
{
	struct http_server *server = (struct http_server *)shared;

	if (server->accept_at != MSEC_NEVER)
		accept_resume(server);
	if (!http_pool_is_used(&server->shared.pool))
		ev_timer_stop(server->shared.loop, &server->timer);
}

/* --- Connections that are being closed --- */

/* At the next pass of the loop, and at each after that: accepting comes between. */
static void on_closing(struct http_shared *shared)
{
	struct http_server *server = (struct http_server *)shared;

	if (server->shared.pool.closing_count > 0)
		ev_timer_start(server->shared.loop, &server->closer);
}

static void on_closer(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct http_server *server = timer->data;

	(void)revents;
	if (!http_pool_close_some(&server->shared.pool, CLOSED_PER_PASS))
		ev_timer_stop(loop, timer);
}

static void evict_one(struct http_server *server)
{
	http_conn_evict(http_pool_eviction_candidate(&server->shared.pool));
}

/* --- The server --- */

/* Returns a fd or -errno. Without a descriptor to spare the kernel says EMFILE also when no client
 * waits, so that a connection is evicted only where the caller knows that one does. */
static int accept_one(struct http_server *server, int listen_fd, bool is_somebody_waiting)
{
	int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0 && (errno == EMFILE || errno == ENFILE)) {
		if (!is_somebody_waiting)
			return -EAGAIN;
		if (server->shared.pool.closing_count == 0 &&
			!http_pool_is_used(&server->shared.pool))
			return -errno;
		if (server->shared.pool.closing_count == 0)
			evict_one(server);
		(void)http_pool_close_some(&server->shared.pool, 1);
		fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	}
	return fd >= 0 ? fd : -errno;
}

/* Where it cannot be had, accepting is only dearer. */
static void set_deferring(struct http_server *server, bool on)
{
	int seconds = on ? DEFER_ACCEPT_S : 0;

	for (size_t i = 0; i < server->listener_count; i++)
		(void)setsockopt(server->listeners[i].fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds,
			sizeof seconds);
}

static void update_deferring(struct http_server *server)
{
	if (defer_accept_note(&server->defer, server->shared.pool.unanswered.count,
		    server->shared.pool.capacity, monoclock_now()))
		set_deferring(server, server->defer.is_there);
}

/* Accepts one connection and opens it. Returns whether to go on. */
static bool accept_next(struct http_server *server, int listen_fd, bool is_somebody_waiting)
{
	int fd = accept_one(server, listen_fd, is_somebody_waiting);

	if (fd == -EINTR || fd == -ECONNABORTED)
		return true;
	if (fd < 0) {
		if (fd != -EAGAIN)
			accept_pause(server);
		return false;
	}
	update_deferring(server);
	if (http_pool_is_empty(&server->shared.pool))
		evict_one(server);
	http_conn_open(&server->shared, fd);
	return true;
}

static void on_acceptable(struct ev_loop *loop, ev_io *io, int revents)
{
	struct http_server *server = io->data;
	int64_t began = 0; /* looked up for storms only */

	(void)loop;
	if (revents & EV_ERROR) /* epoll does not take it now */
		accept_pause(server);
	for (unsigned count = 1; accept_next(server, io->fd, count == 1); count++) {
		if (count % ACCEPTS_PER_CLOCK_READ != 0)
			continue;
		if (began == 0)
			began = monoclock_now_us();
		else if (monoclock_now_us() - began >= ACCEPT_PASS_US)
			return;
	}
}

static void expire_connections(struct http_conn_list *list, msec_t now)
{
	struct http_conn *next;

	for (struct http_conn *c = list->oldest; c != NULL; c = next) {
		next = c->newer;
		if (c->deadline <= now)
			http_conn_expire(c);
	}
}

static msec_t first_deadline(const struct http_conn_list *list)
{
	msec_t first = MSEC_NEVER;

	for (const struct http_conn *c = list->oldest; c != NULL; c = c->newer)
		first = msec_min(first, c->deadline);
	return first;
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct http_server *server = timer->data;
	msec_t now = monoclock_now(), first;

	(void)loop;
	(void)revents;
	if (server->accept_at <= now)
		accept_resume(server);
	expire_connections(&server->shared.pool.unanswered, now);
	expire_connections(&server->shared.pool.answered, now);
	first = msec_min(
		server->accept_at, msec_min(first_deadline(&server->shared.pool.unanswered),
					   first_deadline(&server->shared.pool.answered)));
	if (first == MSEC_NEVER)
		ev_timer_stop(server->shared.loop, &server->timer);
	else
		timer_start(server, first);
}

/* A quarter of what the listeners besides the first leave. */
static size_t descriptors_allowed(size_t wanted, size_t listen_count)
{
	size_t others = listen_count > 0 ? listen_count - 1 : 0, left;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return wanted;
	left = limit.rlim_cur > others ? limit.rlim_cur - others : 0;
	if (left / 4 >= wanted)
		return wanted;
	return left >= 4 ? left / 4 : 1;
}

static void init_shared(struct http_server *server, struct ev_loop *loop,
	const struct http_server_setup *setup, size_t listen_count)
{
	struct http_shared *shared = &server->shared;

	shared->loop = loop;
	shared->setup = *setup;
	shared->timeouts = default_timeouts;
	shared->on_deadline = on_deadline;
	shared->on_end = on_end;
	shared->on_closing = on_closing;
	shared->pool.connections = server->connections;
	shared->pool.buffers = server->buffers;
	shared->answers = server->answers;
	shared->buffers = &server->shared_buffers;
	shared->pool.capacity = descriptors_allowed(HTTP_SERVER_CONNECTIONS, listen_count);
	shared->pool.closing = server->closing;
	shared->pool.closing_capacity = descriptors_allowed(HTTP_POOL_CLOSING_MAX, listen_count);
}

int http_server_init(struct http_server *server, struct ev_loop *loop, const int *listen_fds,
	size_t listen_count, const struct http_server_setup *setup)
{
	if (listen_count > HTTP_SERVER_LISTENERS_MAX)
		return -E2BIG;
	init_shared(server, loop, setup, listen_count);
	ev_init(&server->timer, on_timer);
	server->timer.data = server;
	ev_timer_init(&server->closer, on_closer, 0., 1e-9);
	server->closer.data = server;
	for (size_t i = 0; i < listen_count; i++) {
		ev_io_init(&server->listeners[i], on_acceptable, listen_fds[i], EV_READ);
		server->listeners[i].data = server;
	}
	server->listener_count = listen_count;
	accept_resume(server);
	return 0;
}

void http_server_done(struct http_server *server)
{
	if (server->shared.loop == NULL)
		return;
	while (server->shared.pool.unanswered.oldest != NULL)
		http_conn_close(server->shared.pool.unanswered.oldest);
	while (server->shared.pool.answered.oldest != NULL)
		http_conn_close(server->shared.pool.answered.oldest);
	for (size_t i = 0; i < server->listener_count; i++) {
		ev_io_stop(server->shared.loop, &server->listeners[i]);
		(void)fd_close(server->listeners[i].fd);
	}
	(void)http_pool_close_some(&server->shared.pool, HTTP_POOL_CLOSING_MAX);
	ev_timer_stop(server->shared.loop, &server->closer);
	ev_timer_stop(server->shared.loop, &server->timer);
}

void http_server_set_timeouts(
	struct http_server *server, const struct http_server_timeouts *timeouts)
{
	server->shared.timeouts = *timeouts;
}

struct http_server_counts http_server_counts(const struct http_server *server)
{
	return server->shared.counts;
}
