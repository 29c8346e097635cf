/* SPDX-License-Identifier: MIT */
#include "lastcall/http_connection.h"

#include "sys/fd.h"
#include "sys/monoclock.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

void http_io_stop(struct ev_loop *loop, ev_io *io)
{
	if (!ev_is_active(io))
		return;
	ev_ref(loop);
	ev_io_stop(loop, io);
}

void http_io_start(struct ev_loop *loop, ev_io *io)
{
	if (ev_is_active(io))
		return;
	ev_io_start(loop, io);
	ev_unref(loop);
}

static void connection_wait(struct connection *c, int events)
{
	struct ev_loop *loop = c->server->loop;

	http_server_note_deadline(c->server, c->deadline);
	if (ev_is_active(&c->io) && c->io.events == events)
		return;
	http_io_stop(loop, &c->io);
	ev_io_set(&c->io, c->io.fd, events);
	http_io_start(loop, &c->io);
}

static void give_back(struct connection *c)
{
	http_io_stop(c->server->loop, &c->io);
	c->state = CONNECTION_CLOSED;
	http_pool_give(&c->server->pool, c);
	http_server_note_end(c->server);
}

void http_connection_close(struct connection *c)
{
	give_back(c);
	(void)fd_close(c->io.fd);
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
		http_connection_close(c);
		return false;
	}
	c->state = CONNECTION_READING;
	c->is_idle = true;
	c->deadline = msec_add(monoclock_now(), server->timeouts.idle_ms);
	http_pool_note_answer(&server->pool, c);
	return true;
}

/* Sends an answer, or what was left of it. True if the next request may be read; false if the
 * connection waits for the client or was closed. */
static bool connection_send(struct connection *c, const char *answer, size_t len)
{
	ssize_t sent = send(c->io.fd, answer, len, MSG_NOSIGNAL);

	if (sent < 0 && errno != EAGAIN && errno != EINTR) {
		http_connection_close(c);
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
		http_connection_close(c);
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
		http_connection_close(c);
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
void http_connection_expire(struct connection *c)
{
	if (c->state == CONNECTION_READING && c->request_bytes > 0) {
		connection_refuse(c, 408);
		return;
	}
	if (c->state == CONNECTION_READING && !c->is_idle)
		c->server->counts.refused++;
	http_connection_close(c);
}

/* Who was never answered loses nothing by a reset. We gain: after a FIN the kernel would keep the socket
 * for a minute, and a client that holds ten thousand of them has as many of the host's orphans. */
void http_connection_give_way(struct connection *c)
{
	struct http_server *server = c->server;
	bool is_unanswered;

	if (c->state == CONNECTION_READING)
		connection_receive(c);
	if (c->state == CONNECTION_CLOSED)
		return;
	is_unanswered = c->list == &server->pool.unanswered && c->state == CONNECTION_READING;
	if (c->state == CONNECTION_READING && !c->is_idle)
		server->counts.refused++;
	give_back(c);
	http_pool_leave(&server->pool, c->io.fd, is_unanswered);
	http_server_note_leaving(server);
}

/* Reads at once: where the request has already come, as mostly under load, the loop need not hear of
 * the connection at all. */
void http_connection_open(struct http_server *server, int fd)
{
	struct connection *c = http_pool_take(&server->pool);

	ev_io_init(&c->io, on_connection_ready, fd, EV_READ);
	c->io.data = c;
	c->server = server;
	c->state = CONNECTION_READING;
	c->is_idle = false;
	c->is_last = false;
	c->was_refused = false;
	c->deadline = msec_add(monoclock_now(), server->timeouts.request_ms);
	c->request_bytes = 0;
	connection_receive(c);
}
