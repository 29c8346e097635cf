/* SPDX-License-Identifier: MIT */
#include "lastcall/http_server.h"

#include "lastcall/http_connection.h"
#include "sys/fd.h"
#include "sys/monoclock.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

/* A pass of the loop takes no more time than this, so that a storm of connections leaves some for the
 * requests on those that are kept, and for signals. Within a pass many are better than few: one that
 * is answered or gives way before the pass ends costs no epoll_ctl. */
#define ACCEPT_PASS_US 2000
#define ACCEPTS_PER_LOOK_AT_CLOCK 16

/* While others may be waiting to be accepted: a fraction of a millisecond. */
#define CLOSED_PER_PASS 16

/* In a crowd of connections without a request the kernel shows us the next ones when their first bytes have
 * come, or after this time without any: who says nothing takes no descriptor of ours until then, and who
 * says something soon costs no epoll_ctl. Without a crowd it would only cost: 10 us for each request, for
 * the kernel makes the connection when the request is there, and not while it is on its way. */
#define DEFER_ACCEPT_S 1

/* When the kernel has no descriptor or no memory for us, and nothing of ours could be given up. */
#define ACCEPT_PAUSE_MS 100

static const struct http_server_timeouts default_timeouts = {
	.request_ms = 5000,
	.idle_ms = 75000,
	.linger_ms = 2000,
};

/* --- Watchers, none of which keeps the loop running --- */

static void timer_stop(struct http_server *server, ev_timer *timer)
{
	if (!ev_is_active(timer))
		return;
	ev_ref(server->loop);
	ev_timer_stop(server->loop, timer);
}

/* It repeats only so that libev does not stop it by itself, which would not know of our ev_ref. */
static void timer_start(struct http_server *server, msec_t deadline)
{
	msec_t left = msec_max(msec_left(deadline, monoclock_now()), 1);

	timer_stop(server, &server->timer);
	ev_timer_set(&server->timer, (double)left / 1000, (double)left / 1000);
	ev_timer_start(server->loop, &server->timer);
	ev_unref(server->loop);
	server->timer_at = deadline;
}

/* Deadlines mostly move away, with each answer. The timer does not follow them: it looks around when
 * it fires, and is started anew. */
void http_server_note_deadline(struct http_server *server, msec_t deadline)
{
	if (!ev_is_active(&server->timer) || deadline < server->timer_at)
		timer_start(server, deadline);
}

/* --- Accepting, paused and resumed --- */

static void accept_pause(struct http_server *server)
{
	for (size_t i = 0; i < server->listener_count; i++)
		http_io_stop(server->loop, &server->listeners[i]);
	server->accept_at = msec_add(monoclock_now(), ACCEPT_PAUSE_MS);
	http_server_note_deadline(server, server->accept_at);
}

static void accept_resume(struct http_server *server)
{
	for (size_t i = 0; i < server->listener_count; i++)
		http_io_start(server->loop, &server->listeners[i]);
	server->accept_at = MSEC_NEVER;
}

void http_server_note_end(struct http_server *server)
{
	if (server->accept_at != MSEC_NEVER)
		accept_resume(server);
	if (!http_pool_is_used(&server->pool))
		timer_stop(server, &server->timer);
}

/* --- Those who leave --- */

/* At the next pass of the loop, and at each after that: accepting comes between. */
void http_server_note_leaving(struct http_server *server)
{
	if (!ev_is_active(&server->closer) && server->pool.leaving_count > 0) {
		ev_timer_start(server->loop, &server->closer);
		ev_unref(server->loop);
	}
}

static void on_closer(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct http_server *server = timer->data;

	(void)loop;
	(void)revents;
	if (!http_pool_close_leaving(&server->pool, CLOSED_PER_PASS))
		timer_stop(server, timer);
}

static void evict_one(struct http_server *server)
{
	http_connection_give_way(http_pool_weakest(&server->pool));
}

/* --- The server --- */

/* Returns a fd or -errno. Without a descriptor to spare the kernel says EMFILE also when nobody is
 * waiting, so that a connection is given up only where the caller knows that somebody is. */
static int accept_one(struct http_server *server, int listen_fd, bool is_somebody_waiting)
{
	int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0 && (errno == EMFILE || errno == ENFILE)) {
		if (!is_somebody_waiting)
			return -EAGAIN;
		if (server->pool.leaving_count == 0 && !http_pool_is_used(&server->pool))
			return -errno;
		if (server->pool.leaving_count == 0)
			evict_one(server);
		(void)http_pool_close_leaving(&server->pool, 1);
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

static void defer_in_a_crowd(struct http_server *server)
{
	if (accept_crowd_note(&server->crowd, server->pool.unanswered.count, server->pool.capacity,
		    monoclock_now()))
		set_deferring(server, server->crowd.is_there);
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
	defer_in_a_crowd(server);
	if (http_pool_is_empty(&server->pool))
		evict_one(server);
	http_connection_open(server, fd);
	return true;
}

static void on_acceptable(struct ev_loop *loop, ev_io *io, int revents)
{
	struct http_server *server = io->data;
	int64_t began = 0; /* looked up for storms only */

	(void)loop;
	(void)revents;
	for (unsigned count = 1; accept_next(server, io->fd, count == 1); count++) {
		if (count % ACCEPTS_PER_LOOK_AT_CLOCK != 0)
			continue;
		if (began == 0)
			began = monoclock_now_us();
		else if (monoclock_now_us() - began >= ACCEPT_PASS_US)
			return;
	}
}

static void expire_connections(struct connection_list *list, msec_t now)
{
	struct connection *next;

	for (struct connection *c = list->oldest; c != NULL; c = next) {
		next = c->newer;
		if (c->deadline <= now)
			http_connection_expire(c);
	}
}

static msec_t first_deadline(const struct connection_list *list)
{
	msec_t first = MSEC_NEVER;

	for (const struct connection *c = list->oldest; c != NULL; c = c->newer)
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
	expire_connections(&server->pool.unanswered, now);
	expire_connections(&server->pool.answered, now);
	first = msec_min(server->accept_at, msec_min(first_deadline(&server->pool.unanswered),
						    first_deadline(&server->pool.answered)));
	if (first == MSEC_NEVER)
		timer_stop(server, &server->timer);
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

int http_server_new(struct ev_loop *loop, const int *listen_fds, size_t listen_count,
	const struct http_server_setup *setup, struct http_server **ret_server)
{
	size_t capacity = descriptors_allowed(HTTP_SERVER_CONNECTIONS, listen_count);
	size_t leaving_capacity = descriptors_allowed(HTTP_POOL_LEAVING_MAX, listen_count);
	struct http_server *server;

	if (listen_count > HTTP_SERVER_LISTENERS_MAX)
		return -E2BIG;
	server = calloc(1, sizeof(*server) + capacity * sizeof(server->connections[0]) +
				   capacity * sizeof(server->pool.buffers[0]) +
				   leaving_capacity * sizeof(server->pool.leaving[0]));
	if (server == NULL)
		return -ENOMEM;
	server->pool.connections = server->connections;
	server->pool.buffers = (void *)&server->connections[capacity];
	server->pool.capacity = capacity;
	server->pool.leaving = (void *)&server->pool.buffers[capacity];
	server->pool.leaving_capacity = leaving_capacity;
	server->loop = loop;
	server->setup = *setup;
	server->timeouts = default_timeouts;
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
	*ret_server = server;
	return 0;
}

void http_server_free(struct http_server *server)
{
	if (server == NULL)
		return;
	while (server->pool.unanswered.oldest != NULL)
		http_connection_close(server->pool.unanswered.oldest);
	while (server->pool.answered.oldest != NULL)
		http_connection_close(server->pool.answered.oldest);
	for (size_t i = 0; i < server->listener_count; i++) {
		http_io_stop(server->loop, &server->listeners[i]);
		(void)fd_close(server->listeners[i].fd);
	}
	(void)http_pool_close_leaving(&server->pool, HTTP_POOL_LEAVING_MAX);
	timer_stop(server, &server->closer);
	timer_stop(server, &server->timer);
	free(server);
}

void http_server_set_timeouts(
	struct http_server *server, const struct http_server_timeouts *timeouts)
{
	server->timeouts = *timeouts;
}

struct http_server_counts http_server_counts(const struct http_server *server)
{
	return server->counts;
}
