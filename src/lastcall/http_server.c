/* SPDX-License-Identifier: MIT */
#include "lastcall/http_server.h"

#include "core/http_request.h"
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

/* The kernel shows us a connection when its first bytes have come, or after this time without any: who
 * connects and says nothing takes no descriptor of ours until then. */
#define DEFER_ACCEPT_S 1

/* When the kernel has no descriptor or no memory for us, and nothing of ours could be given up. */
#define ACCEPT_PAUSE_MS 100

static const struct http_server_timeouts default_timeouts = {
	.request_ms = 5000,
	.idle_ms = 75000,
	.linger_ms = 2000,
};

enum connection_state {
	CONNECTION_CLOSED, /* in the pool */
	CONNECTION_READING, /* a request: until its head is complete */
	CONNECTION_ANSWERING, /* the socket's buffer is full: until the client has read on */
	CONNECTION_LINGERING, /* answered and half closed: until the client closes */
};

/* What of a connection is unfinished: an answer that the client does not take, a request whose rest
 * has not come. Mostly nothing is, so that these stay untouched and are never resident. */
struct connection_buffers {
	char answer[METRICS_ANSWER_BYTES];
	char request[HTTP_REQUEST_MAX_BYTES];
};

struct connection {
	ev_io io;
	struct http_server *server;
	struct connection *older, *newer; /* in its list; `newer` also links the spare */
	struct connection_list *list;
	enum connection_state state;
	bool is_idle; /* answered, and no byte of the next request has come */
	bool is_last; /* the answer is the last one */
	bool was_refused; /* the client may still be sending what we do not want to read */
	msec_t deadline;
	size_t answer_bytes, request_bytes; /* in its buffers */
	struct connection_buffers *buffers;
};

struct connection_list {
	struct connection *oldest, *newest;
	size_t count;
};

struct http_server {
	struct ev_loop *loop;
	struct http_server_setup setup;
	struct http_server_timeouts timeouts;
	struct http_server_counts counts;
	uint64_t answers[METRICS_STATUS_COUNT]; /* by status, from 200 on */

	ev_timer timer; /* runs while a connection is open or accepting is paused */
	msec_t timer_at; /* no later than the first deadline; earlier is harmless */
	msec_t accept_at; /* when paused: when to accept again; else MSEC_NEVER */
	ev_io listeners[HTTP_SERVER_LISTENERS_MAX];
	size_t listener_count;

	struct connection_list unanswered; /* the open ones that never were, by their age */
	struct connection_list answered; /* the others, by their last answer */
	struct connection *spare; /* closed ones, the warmest first */
	size_t used, capacity; /* of the pool: slots after `used` were never touched */
	struct connection_buffers *buffers; /* one for each of the pool, behind it */
	struct connection_buffers shared; /* used by all, while a request is being answered */
	struct connection pool[];
};

/* --- Watchers, none of which keeps the loop running --- */

static void io_stop(struct ev_loop *loop, ev_io *io)
{
	if (!ev_is_active(io))
		return;
	ev_ref(loop);
	ev_io_stop(loop, io);
}

static void io_start(struct ev_loop *loop, ev_io *io)
{
	if (ev_is_active(io))
		return;
	ev_io_start(loop, io);
	ev_unref(loop);
}

static void timer_stop(struct http_server *server)
{
	if (!ev_is_active(&server->timer))
		return;
	ev_ref(server->loop);
	ev_timer_stop(server->loop, &server->timer);
}

/* It repeats only so that libev does not stop it by itself, which would not know of our ev_ref. */
static void timer_start(struct http_server *server, msec_t deadline)
{
	msec_t left = msec_max(msec_left(deadline, monoclock_now()), 1);

	timer_stop(server);
	ev_timer_set(&server->timer, (double)left / 1000, (double)left / 1000);
	ev_timer_start(server->loop, &server->timer);
	ev_unref(server->loop);
	server->timer_at = deadline;
}

/* Deadlines mostly move away, with each answer. The timer does not follow them: it looks around when
 * it fires, and is started anew. */
static void timer_cover(struct http_server *server, msec_t deadline)
{
	if (!ev_is_active(&server->timer) || deadline < server->timer_at)
		timer_start(server, deadline);
}

/* --- The pool --- */

static void list_append(struct connection_list *list, struct connection *c)
{
	c->list = list;
	c->older = list->newest;
	c->newer = NULL;
	*(c->older != NULL ? &c->older->newer : &list->oldest) = c;
	list->newest = c;
	list->count++;
}

static void list_remove(struct connection *c)
{
	*(c->older != NULL ? &c->older->newer : &c->list->oldest) = c->newer;
	*(c->newer != NULL ? &c->newer->older : &c->list->newest) = c->older;
	c->list->count--;
}

static bool has_connections(const struct http_server *server)
{
	return server->unanswered.count + server->answered.count > 0;
}

static bool pool_is_empty(const struct http_server *server)
{
	return server->spare == NULL && server->used == server->capacity;
}

static struct connection *pool_take(struct http_server *server)
{
	struct connection *c = server->spare;

	if (c != NULL) {
		server->spare = c->newer;
		return c;
	}
	c = &server->pool[server->used];
	c->buffers = &server->buffers[server->used];
	server->used++;
	return c;
}

static void pool_give(struct http_server *server, struct connection *c)
{
	c->newer = server->spare;
	server->spare = c;
}

/* --- Accepting, paused and resumed --- */

static void accept_pause(struct http_server *server)
{
	for (size_t i = 0; i < server->listener_count; i++)
		io_stop(server->loop, &server->listeners[i]);
	server->accept_at = msec_add(monoclock_now(), ACCEPT_PAUSE_MS);
	timer_cover(server, server->accept_at);
}

static void accept_resume(struct http_server *server)
{
	for (size_t i = 0; i < server->listener_count; i++)
		io_start(server->loop, &server->listeners[i]);
	server->accept_at = MSEC_NEVER;
}

/* --- One connection --- */

static void connection_wait(struct connection *c, int events)
{
	struct ev_loop *loop = c->server->loop;

	timer_cover(c->server, c->deadline);
	if (ev_is_active(&c->io) && c->io.events == events)
		return;
	io_stop(loop, &c->io);
	ev_io_set(&c->io, c->io.fd, events);
	io_start(loop, &c->io);
}

static void connection_close(struct connection *c)
{
	struct http_server *server = c->server;

	io_stop(server->loop, &c->io);
	(void)fd_close(c->io.fd);
	c->state = CONNECTION_CLOSED;
	list_remove(c);
	pool_give(server, c);
	if (server->accept_at != MSEC_NEVER)
		accept_resume(server);
	if (!has_connections(server))
		timer_stop(server);
}

/* Closing at once, with bytes of the client's unread or on their way, makes the kernel answer them
 * with a reset, and a reset takes the answer out of the client's hands before it was read (RFC 9112
 * 9.6). So we say that we have finished, and hear the client out. */
static void connection_linger(struct connection *c)
{
	(void)shutdown(c->io.fd, SHUT_WR); /* fails only when the client has already gone */
	c->state = CONNECTION_LINGERING;
	c->deadline = msec_add(monoclock_now(), c->server->timeouts.linger_ms);
	connection_wait(c, EV_READ);
}

/* After the last byte of an answer. Returns as connection_send does. */
static bool connection_finish_answer(struct connection *c)
{
	struct http_server *server = c->server;

	if (c->was_refused || (c->is_last && c->request_bytes > 0)) {
		connection_linger(c);
		return false;
	}
	if (c->is_last) {
		connection_close(c);
		return false;
	}
	c->state = CONNECTION_READING;
	c->is_idle = true;
	c->deadline = msec_add(monoclock_now(), server->timeouts.idle_ms);
	list_remove(c);
	list_append(&server->answered, c);
	return true;
}

/* Sends an answer, or what was left of it. True if the next request may be read; false if the
 * connection waits for the client or was closed. */
static bool connection_send(struct connection *c, const char *answer, size_t len)
{
	ssize_t sent = send(c->io.fd, answer, len, MSG_NOSIGNAL);

	if (sent < 0 && errno != EAGAIN && errno != EINTR) {
		connection_close(c);
		return false;
	}
	if (sent < 0)
		sent = 0;
	c->answer_bytes = len - (size_t)sent;
	if (c->answer_bytes == 0)
		return connection_finish_answer(c);
	memmove(c->buffers->answer, answer + sent, c->answer_bytes);
	if (c->state != CONNECTION_ANSWERING) {
		c->state = CONNECTION_ANSWERING;
		c->deadline = msec_add(monoclock_now(), c->server->timeouts.request_ms);
	}
	connection_wait(c, EV_WRITE);
	return false;
}

static void count_answer(struct http_server *server, int http_status, bool is_refusal)
{
	server->answers[http_status - 200]++;
	if (is_refusal)
		server->counts.refused++;
	else
		server->counts.served++;
}

/* Says why, and closes. */
static void connection_refuse(struct connection *c, int http_status)
{
	struct http_server *server = c->server;
	size_t len = health_answer_error(server->shared.answer, HEALTH_ANSWER_BYTES, http_status);

	c->is_last = true;
	c->was_refused = true;
	count_answer(server, http_status, true);
	(void)connection_send(
		c, server->shared.answer, len); /* there is no next request in any case */
}

static size_t compose_metrics(struct http_server *server, const struct http_request *request)
{
	struct metrics metrics;
	size_t len;

	server->setup.metrics(server->setup.arg, &metrics);
	metrics.refused = server->counts.refused;
	metrics.answers = server->answers;
	len = metrics_answer(server->shared.answer, METRICS_ANSWER_BYTES, request, &metrics);
	count_answer(server, 200, false);
	return len;
}

static size_t compose_health(
	struct http_server *server, const struct http_request *request, bool is_refusal)
{
	struct health_status status = {0};
	int http_status;
	size_t len;

	if (!is_refusal)
		server->setup.status(server->setup.arg, &status);
	len = health_answer(server->shared.answer, HEALTH_ANSWER_BYTES, request,
		&server->setup.health, &status, &http_status);
	count_answer(server, http_status, is_refusal);
	return len;
}

/* Puts the answer into the buffer that all share, and returns its length. */
static size_t connection_compose(struct connection *c, const struct http_request *request)
{
	enum health_page page = health_page_of(request, &c->server->setup.health);

	c->is_last = !request->keep_alive;
	if (page == HEALTH_PAGE_METRICS)
		return compose_metrics(c->server, request);
	return compose_health(c->server, request, page == HEALTH_PAGE_NONE);
}

static void connection_keep(struct connection *c, const char *rest, size_t len)
{
	memmove(c->buffers->request, rest, len);
	c->request_bytes = len;
}

/* Answers the requests that are complete, one after the other, as far as the client takes the
 * answers. */
static void connection_serve(struct connection *c, const char *bytes, size_t len)
{
	struct http_request request;
	int taken;

	while (len > 0 && (taken = http_request_parse(bytes, len, &request)) != 0) {
		size_t answer_bytes;

		if (taken < 0) {
			connection_refuse(c, -taken);
			return;
		}
		answer_bytes = connection_compose(c, &request);
		len -= (size_t)taken;
		connection_keep(c, bytes + taken, len);
		bytes = c->buffers->request;
		if (!connection_send(c, c->server->shared.answer, answer_bytes))
			return;
	}
	connection_keep(c, bytes, len);
	if (c->is_idle && len > 0) {
		c->is_idle = false;
		c->deadline = msec_add(monoclock_now(), c->server->timeouts.request_ms);
	}
	connection_wait(c, EV_READ);
}

/* A request mostly comes whole, and is then answered where it was received, in the buffer that all
 * share. Of one that comes in parts, a part that neither fills the buffer nor ends a line cannot
 * complete anything (http_request.h), so that a head that comes byte by byte is not parsed byte by
 * byte. */
static void connection_receive(struct connection *c)
{
	char *bytes = c->request_bytes > 0 ? c->buffers->request : c->server->shared.request;
	char *fresh = bytes + c->request_bytes;
	ssize_t got = recv(c->io.fd, fresh, HTTP_REQUEST_MAX_BYTES - c->request_bytes, 0);
	size_t len;

	if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
		connection_wait(c, EV_READ);
		return;
	}
	if (got <= 0) {
		connection_close(c);
		return;
	}
	len = c->request_bytes + (size_t)got;
	if (fresh == bytes || len == HTTP_REQUEST_MAX_BYTES ||
		memchr(fresh, '\n', (size_t)got) != NULL)
		connection_serve(c, bytes, len);
	else
		c->request_bytes = len;
}

/* TCP throws the bytes away where they are (MSG_TRUNC, tcp(7)). */
static void connection_discard(struct connection *c)
{
	ssize_t got = recv(c->io.fd, c->server->shared.request, HTTP_REQUEST_MAX_BYTES, MSG_TRUNC);

	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
		connection_close(c);
}

static void on_connection_ready(struct ev_loop *loop, ev_io *io, int revents)
{
	struct connection *c = io->data;

	(void)loop;
	(void)revents;
	switch (c->state) {
	case CONNECTION_READING:
		connection_receive(c);
		break;
	case CONNECTION_ANSWERING:
		if (connection_send(c, c->buffers->answer, c->answer_bytes))
			connection_serve(c, c->buffers->request, c->request_bytes);
		break;
	case CONNECTION_LINGERING:
		connection_discard(c);
		break;
	case CONNECTION_CLOSED:
		break; /* has no watcher */
	}
}

/* A client that has said nothing at all is not answered (RFC 9112 9.5 asks for 408 after a part of a
 * request only): it may be about to send what it would then take this for the answer to. */
static void connection_expire(struct connection *c)
{
	if (c->state == CONNECTION_READING && c->request_bytes > 0) {
		connection_refuse(c, 408);
		return;
	}
	if (c->state == CONNECTION_READING && !c->is_idle)
		c->server->counts.refused++;
	connection_close(c);
}

/* Who was never answered loses nothing by a reset. We gain: after a FIN the kernel would keep the socket
 * for a minute, and a client that holds ten thousand of them has as many of the host's orphans. */
static void connection_reset(struct connection *c)
{
	static const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	(void)setsockopt(c->io.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	connection_close(c);
}

/* Gives up a connection of the kind that has more than its half, or else an answered one. If its
 * request has come by now, but not yet its turn, it is answered first. */
static void evict_one(struct http_server *server)
{
	bool is_full_of_unanswered = server->unanswered.count > server->capacity / 2;
	struct connection *c = is_full_of_unanswered || server->answered.count == 0
				       ? server->unanswered.oldest
				       : server->answered.oldest;

	if (c->state == CONNECTION_READING)
		connection_receive(c);
	if (c->state == CONNECTION_CLOSED)
		return;
	if (c->state == CONNECTION_READING && !c->is_idle)
		server->counts.refused++;
	if (c->state == CONNECTION_READING && c->list == &server->unanswered)
		connection_reset(c);
	else
		connection_close(c);
}

/* Reads at once: where the request has already come, as mostly under load, the loop need not hear of
 * the connection at all. */
static void connection_open(struct http_server *server, int fd)
{
	struct connection *c;

	if (pool_is_empty(server))
		evict_one(server);
	c = pool_take(server);
	ev_io_init(&c->io, on_connection_ready, fd, EV_READ);
	c->io.data = c;
	c->server = server;
	c->state = CONNECTION_READING;
	c->is_idle = false;
	c->is_last = false;
	c->was_refused = false;
	c->deadline = msec_add(monoclock_now(), server->timeouts.request_ms);
	c->request_bytes = 0;
	list_append(&server->unanswered, c);
	connection_receive(c);
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
		if (!has_connections(server))
			return -errno;
		evict_one(server);
		fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	}
	return fd >= 0 ? fd : -errno;
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
	connection_open(server, fd);
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
			connection_expire(c);
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
	expire_connections(&server->unanswered, now);
	expire_connections(&server->answered, now);
	first = msec_min(server->accept_at,
		msec_min(first_deadline(&server->unanswered), first_deadline(&server->answered)));
	if (first == MSEC_NEVER)
		timer_stop(server);
	else
		timer_start(server, first);
}

static size_t connections_allowed(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur / 4 >= HTTP_SERVER_CONNECTIONS)
		return HTTP_SERVER_CONNECTIONS;
	return limit.rlim_cur >= 4 ? limit.rlim_cur / 4 : 1;
}

int http_server_new(struct ev_loop *loop, const int *listen_fds, size_t listen_count,
	const struct http_server_setup *setup, struct http_server **ret_server)
{
	size_t capacity = connections_allowed();
	struct http_server *server;

	if (listen_count > HTTP_SERVER_LISTENERS_MAX)
		return -E2BIG;
	server = calloc(1, sizeof(*server) + capacity * sizeof(server->pool[0]) +
				   capacity * sizeof(server->buffers[0]));
	if (server == NULL)
		return -ENOMEM;
	server->buffers = (void *)&server->pool[capacity];
	server->loop = loop;
	server->setup = *setup;
	server->timeouts = default_timeouts;
	server->capacity = capacity;
	ev_init(&server->timer, on_timer);
	server->timer.data = server;
	for (size_t i = 0; i < listen_count; i++) {
		/* where it cannot be had, accepting is only dearer */
		(void)setsockopt(listen_fds[i], IPPROTO_TCP, TCP_DEFER_ACCEPT,
			&(const int){DEFER_ACCEPT_S}, sizeof(int));
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
	while (server->unanswered.oldest != NULL)
		connection_close(server->unanswered.oldest);
	while (server->answered.oldest != NULL)
		connection_close(server->answered.oldest);
	for (size_t i = 0; i < server->listener_count; i++) {
		io_stop(server->loop, &server->listeners[i]);
		(void)fd_close(server->listeners[i].fd);
	}
	timer_stop(server);
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
