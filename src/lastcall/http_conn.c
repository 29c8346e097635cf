/* SPDX-License-Identifier: MIT */
#include "lastcall/http_conn.h"

#include "lastcall/http_answers.h"
#include "lastcall/loop.h"
#include "sys/fd.h"
#include "sys/monoclock.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

static void conn_wait(struct http_conn *c, int events)
{
	c->shared->on_deadline(c->shared, c->deadline);
	loop_wait_for(c->shared->loop, &c->io, events);
}

static void give_back(struct http_conn *c)
{
	ev_io_stop(c->shared->loop, &c->io);
	c->state = HTTP_CONN_CLOSED;
	http_pool_give(&c->shared->pool, c);
	c->shared->on_end(c->shared);
}

void http_conn_close(struct http_conn *c)
{
	give_back(c);
	(void)fd_close(c->io.fd);
}

/* Closing at once, with bytes of the client's unread or on their way, makes the kernel answer them
 * with a reset, and a reset takes the answer out of the client's hands before it was read (RFC 9112
 * 9.6). So we say that we have finished, and hear the client out. */
static void conn_linger(struct http_conn *c)
{
	(void)shutdown(c->io.fd, SHUT_WR); /* fails only when the client has already gone */
	c->state = HTTP_CONN_LINGERING;
	c->deadline = msec_add(monoclock_now(), c->shared->timeouts.linger_ms);
	conn_wait(c, EV_READ);
}

/* After the last byte of an answer. Returns as conn_send does. */
static bool conn_finish_answer(struct http_conn *c)
{
	struct http_shared *shared = c->shared;

	if (c->was_refused || (c->is_last && c->request_bytes > 0)) {
		conn_linger(c);
		return false;
	}
	if (c->is_last) {
		http_conn_close(c);
		return false;
	}
	c->state = HTTP_CONN_READING;
	if (!c->is_answer)
		return true;
	c->is_idle = true;
	c->deadline = msec_add(monoclock_now(), shared->timeouts.idle_ms);
	http_pool_note_answer(&shared->pool, c);
	return true;
}

/* Sends an answer, or what was left of it. True if the next request may be read; false if the
 * connection waits for the client or was closed. */
static bool conn_send(struct http_conn *c, const char *answer, size_t len)
{
	ssize_t sent = send(c->io.fd, answer, len, MSG_NOSIGNAL);

	if (sent < 0 && errno != EAGAIN && errno != EINTR) {
		http_conn_close(c);
		return false;
	}
	if (sent < 0)
		sent = 0;
	c->answer_bytes = len - (size_t)sent;
	if (c->answer_bytes == 0)
		return conn_finish_answer(c);
	memmove(c->buffers->answer, answer + sent, c->answer_bytes);
	if (c->state != HTTP_CONN_ANSWERING) {
		c->state = HTTP_CONN_ANSWERING;
		c->deadline = msec_add(monoclock_now(), c->shared->timeouts.request_ms);
	}
	conn_wait(c, EV_WRITE);
	return false;
}

/* What is sent next is the last. */
static void refuse(struct http_conn *c)
{
	c->is_last = true;
	c->was_refused = true;
}

/* Says why, and closes. */
static void send_error(struct http_conn *c, int http_status)
{
	struct http_shared *shared = c->shared;
	size_t len = health_answer_error(shared->buffers->answer, HEALTH_ANSWER_BYTES, http_status);

	refuse(c);
	http_answers_count(shared, http_status, true);
	(void)conn_send(c, shared->buffers->answer, len); /* there is no next request in any case */
}

static void conn_keep(struct http_conn *c, const char *rest, size_t len)
{
	memmove(c->buffers->request, rest, len);
	c->request_bytes = len;
}

/* ---- HTTP/2 ---- */

/* Whether a connection begins as HTTP/2 does: with the preface, or with a part of it. */
static bool begins_as_http2(const struct http_conn *c, const char *bytes, size_t len)
{
	return c->list == &c->shared->pool.unanswered && len > 0 &&
	       memcmp(bytes, HTTP2_PREFACE,
		       len < HTTP2_PREFACE_BYTES ? len : HTTP2_PREFACE_BYTES) == 0;
}

/* Takes what has come, and sends what follows from it, as far as the client takes that. Returns whether the
 * connection goes on to read. */
static bool conn_take_frames(struct http_conn *c, const char *bytes, size_t len)
{
	enum http2_progress progress = HTTP2_FULL;

	while (progress == HTTP2_FULL) {
		const char *end = bytes + len;
		struct text out;

		text_init(&out, c->shared->buffers->answer, sizeof c->shared->buffers->answer);
		c->is_answer = false;
		if (!c->http2.is_open) {
			http2_health_begin(&c->http2, &out);
			bytes += HTTP2_PREFACE_BYTES;
		}
		while ((progress = http2_health_take(&c->http2, &bytes, end, &out)) ==
			HTTP2_REQUEST) {
			http_answers_add_http2(c->shared, &c->http2, &out);
			c->is_answer = true;
		}
		len = (size_t)(end - bytes);
		conn_keep(c, bytes, len);
		bytes = c->buffers->request;
		if (progress == HTTP2_FAILED) {
			refuse(c);
			c->shared->counts.refused++;
		}
		if (out.len > 0 && !conn_send(c, out.buf, out.len))
			return false;
	}
	return true;
}

/* A client that begins a request has the time of one; what else it sends between two requests, like a PING, is
 * none. */
static void conn_serve_http2(struct http_conn *c, const char *bytes, size_t len)
{
	bool is_amid;

	if (!c->http2.is_open && len < HTTP2_PREFACE_BYTES)
		conn_keep(c, bytes, len);
	else if (!conn_take_frames(c, bytes, len))
		return;
	is_amid = c->request_bytes > 0 || http2_health_is_amid(&c->http2);
	if (c->is_idle && is_amid)
		c->deadline = msec_add(monoclock_now(), c->shared->timeouts.request_ms);
	else if (!c->is_idle && !is_amid && c->list == &c->shared->pool.answered)
		c->deadline = msec_add(monoclock_now(), c->shared->timeouts.idle_ms);
	c->is_idle = !is_amid && c->list == &c->shared->pool.answered;
	conn_wait(c, EV_READ);
}

/* A client that meets no GOAWAY takes the end of the connection for an error. */
static void send_goodbye(struct http_conn *c)
{
	char buf[32];
	struct text out;

	if (!c->is_idle)
		c->shared->counts.refused++;
	text_init(&out, buf, sizeof buf);
	http2_frame_add_goaway(&out, c->http2.last_stream, HTTP2_NO_ERROR);
	refuse(c);
	(void)conn_send(c, out.buf, out.len);
}

/* ---- requests ---- */

/* Answers the requests that are complete, one after the other, as far as the client takes the
 * answers. */
static void conn_serve(struct http_conn *c, const char *bytes, size_t len)
{
	struct http_request request;
	int taken;

	if (c->http2.is_open || begins_as_http2(c, bytes, len)) {
		conn_serve_http2(c, bytes, len);
		return;
	}
	while (len > 0 && (taken = http_request_parse(bytes, len, &request)) != 0) {
		size_t answer_bytes;

		if (taken < 0) {
			send_error(c, -taken);
			return;
		}
		answer_bytes = http_answers_compose(c->shared, &request, c->io.fd, &c->is_last);
		len -= (size_t)taken;
		conn_keep(c, bytes + taken, len);
		bytes = c->buffers->request;
		if (!conn_send(c, c->shared->buffers->answer, answer_bytes))
			return;
	}
	conn_keep(c, bytes, len);
	if (c->is_idle && len > 0) {
		c->is_idle = false;
		c->deadline = msec_add(monoclock_now(), c->shared->timeouts.request_ms);
	}
	conn_wait(c, EV_READ);
}

/* A request mostly comes whole, and is then answered where it was received, in the buffer that all
 * share. Of one that comes in parts, a part that neither fills the buffer nor ends a line cannot
 * complete anything (http_request.h), so that a head that comes byte by byte is not parsed byte by
 * byte. */
static void conn_receive(struct http_conn *c)
{
	char *bytes = c->request_bytes > 0 ? c->buffers->request : c->shared->buffers->request;
	char *fresh = bytes + c->request_bytes;
	ssize_t got = recv(c->io.fd, fresh, HTTP_REQUEST_MAX_BYTES - c->request_bytes, 0);
	size_t len;

	if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
		conn_wait(c, EV_READ);
		return;
	}
	if (got <= 0) {
		http_conn_close(c);
		return;
	}
	len = c->request_bytes + (size_t)got;
	if (fresh == bytes || len == HTTP_REQUEST_MAX_BYTES || c->http2.is_open ||
		memchr(fresh, '\n', (size_t)got) != NULL)
		conn_serve(c, bytes, len);
	else
		c->request_bytes = len;
}

/* TCP throws the bytes away where they are (MSG_TRUNC, tcp(7)). */
static void conn_discard(struct http_conn *c)
{
	ssize_t got =
		recv(c->io.fd, c->shared->buffers->request, HTTP_REQUEST_MAX_BYTES, MSG_TRUNC);

	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
		http_conn_close(c);
}

static void on_ready(struct ev_loop *loop, ev_io *io, int revents)
{
	struct http_conn *c = io->data;

	(void)loop;
	if (revents & EV_ERROR) { /* epoll does not take it: there would be no event */
		http_conn_evict(c);
		return;
	}
	switch (c->state) {
	case HTTP_CONN_READING:
		conn_receive(c);
		break;
	case HTTP_CONN_ANSWERING:
		if (conn_send(c, c->buffers->answer, c->answer_bytes))
			conn_serve(c, c->buffers->request, c->request_bytes);
		break;
	case HTTP_CONN_LINGERING:
		conn_discard(c);
		break;
	case HTTP_CONN_CLOSED:
		break; /* has no watcher */
	}
}

/* A client that has said nothing at all is not answered (RFC 9112 9.5 asks for 408 after a part of a
 * request only): it may be about to send what it would then take this for the answer to. */
void http_conn_expire(struct http_conn *c)
{
	if (c->state == HTTP_CONN_READING && c->http2.is_open) {
		send_goodbye(c);
		return;
	}
	if (c->state == HTTP_CONN_READING && c->request_bytes > 0) {
		send_error(c, 408);
		return;
	}
	if (c->state == HTTP_CONN_READING && !c->is_idle)
		c->shared->counts.refused++;
	http_conn_close(c);
}

/* A client that was never answered loses nothing by a reset. The host gains: after a FIN the kernel would keep
 * the socket for a minute, and a client with ten thousand of them would use up the host's orphans. */
void http_conn_evict(struct http_conn *c)
{
	struct http_shared *shared = c->shared;
	bool is_unanswered;

	if (c->state == HTTP_CONN_READING)
		conn_receive(c);
	if (c->state == HTTP_CONN_CLOSED)
		return;
	is_unanswered = c->list == &shared->pool.unanswered && c->state == HTTP_CONN_READING;
	if (c->state == HTTP_CONN_READING && !c->is_idle)
		shared->counts.refused++;
	give_back(c);
	http_pool_close_later(&shared->pool, c->io.fd, is_unanswered);
	shared->on_closing(shared);
}

/* Reads at once: where the request has already come, as mostly under load, the loop need not hear of
 * the connection at all. */
void http_conn_open(struct http_shared *shared, int fd)
{
	struct http_conn *c = http_pool_take(&shared->pool);

	ev_io_init(&c->io, on_ready, fd, EV_READ);
	c->io.data = c;
	c->shared = shared;
	c->state = HTTP_CONN_READING;
	c->is_idle = false;
	c->is_answer = true;
	c->is_last = false;
	c->was_refused = false;
	c->http2.is_open = false;
	c->deadline = msec_add(monoclock_now(), shared->timeouts.request_ms);
	c->request_bytes = 0;
	conn_receive(c);
}
