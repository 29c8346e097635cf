/* SPDX-License-Identifier: MIT */
#include "drill/load/http2_conn.h"

#include "drill/load/http2_fields.h"

#include <errno.h>
#include <nghttp2/nghttp2.h>
#include <stdlib.h>
#include <string.h>

#define RECEIVE_BYTES 65536
#define WINDOW_BYTES (1 << 20) /* of a stream, and of the connection */

struct http2_conn {
	struct transport *transport;
	nghttp2_session *session;
	struct http2_stream *stream; /* NULL: none is open */
	const uint8_t *pending; /* frames that the session has made, and the transport not taken */
	size_t pending_len;
	bool is_going;
};

static struct http2_stream *stream_of(struct http2_conn *conn, int32_t id)
{
	return conn->stream != NULL && conn->stream->id == id ? conn->stream : NULL;
}

static int on_frame_begun(nghttp2_session *session, const nghttp2_frame_hd *head, void *user)
{
	struct http2_stream *stream = stream_of(user, head->stream_id);

	(void)session;
	if (stream != NULL && head->type == NGHTTP2_DATA)
		stream->framed_bytes += (int64_t)head->length;
	return 0;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
	size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags, void *user)
{
	struct http2_stream *stream = stream_of(user, frame->hd.stream_id);

	(void)session;
	(void)flags;
	if (stream != NULL)
		http2_stream_on_field(
			stream, (const char *)name, name_len, (const char *)value, value_len);
	return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes,
	size_t len, void *user)
{
	struct http2_stream *stream = stream_of(user, id);

	(void)session;
	(void)flags;
	if (stream != NULL)
		http2_stream_on_body(stream, (const char *)bytes, len);
	return 0;
}

/* After a whole response NO_ERROR says that the rest of the request is not needed (RFC 9113 8.1); some servers
 * say CANCEL instead. */
static bool is_error(uint32_t code)
{
	return code != NGHTTP2_NO_ERROR && code != NGHTTP2_CANCEL;
}

/* A frame that is not valid does not come here: nghttp2 resets its stream, also where Content-Length and
 * the body's end disagree. */
static int on_frame_received(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
	struct http2_conn *conn = user;
	struct http2_stream *stream = stream_of(conn, frame->hd.stream_id);
	bool may_end = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;

	(void)session;
	if (frame->hd.type == NGHTTP2_GOAWAY)
		conn->is_going = true;
	if (stream == NULL)
		return 0;
	if (frame->hd.type == NGHTTP2_RST_STREAM)
		stream->was_reset = !stream->is_whole || is_error(frame->rst_stream.error_code);
	else if (may_end && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) && stream->status > 0)
		stream->is_whole = true;
	return 0;
}

static int on_frame_sent(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
	struct http2_stream *stream = stream_of(user, frame->hd.stream_id);

	(void)session;
	if (stream == NULL)
		return 0;
	stream->has_sent_head |= frame->hd.type == NGHTTP2_HEADERS;
	stream->has_sent |= frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
	return 0;
}

/* Streams above the last one of a GOAWAY are closed as refused, too. */
static int on_stream_closed(nghttp2_session *session, int32_t id, uint32_t code, void *user)
{
	struct http2_stream *stream = stream_of(user, id);

	(void)session;
	if (stream == NULL)
		return 0;
	stream->is_closed = true;
	stream->is_refused = code == NGHTTP2_REFUSED_STREAM;
	return 0;
}

static nghttp2_session_callbacks *callbacks(void)
{
	static nghttp2_session_callbacks *made;

	if (made != NULL || nghttp2_session_callbacks_new(&made) != 0)
		return made;
	nghttp2_session_callbacks_set_on_begin_frame_callback(made, on_frame_begun);
	nghttp2_session_callbacks_set_on_header_callback(made, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, on_data);
	nghttp2_session_callbacks_set_on_frame_recv_callback(made, on_frame_received);
	nghttp2_session_callbacks_set_on_frame_send_callback(made, on_frame_sent);
	nghttp2_session_callbacks_set_on_stream_close_callback(made, on_stream_closed);
	return made;
}

static bool start_session(struct http2_conn *conn, bool is_slow)
{
	const nghttp2_settings_entry settings[] = {
		{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
		{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, WINDOW_BYTES},
	};

	if (callbacks() == NULL ||
		nghttp2_session_client_new(&conn->session, callbacks(), conn) != 0)
		return false;
	if (nghttp2_submit_settings(conn->session, NGHTTP2_FLAG_NONE, settings, is_slow ? 1 : 2) !=
		0)
		return false;
	return is_slow || nghttp2_session_set_local_window_size(
				  conn->session, NGHTTP2_FLAG_NONE, 0, WINDOW_BYTES) == 0;
}

int http2_conn_new(struct transport *transport, bool is_slow, struct http2_conn **ret_conn)
{
	struct http2_conn *conn = calloc(1, sizeof *conn);

	if (conn == NULL)
		return -ENOMEM;
	conn->transport = transport;
	if (!start_session(conn, is_slow)) {
		http2_conn_free(conn);
		return -ENOMEM;
	}
	(void)http2_conn_send(conn);
	*ret_conn = conn;
	return 0;
}

void http2_conn_free(struct http2_conn *conn)
{
	if (conn == NULL)
		return;
	conn->stream =
		NULL; /* its owner may be gone: no callback runs while the session is closed */
	nghttp2_session_del(conn->session);
	free(conn);
}

static ssize_t read_body(nghttp2_session *session, int32_t id, uint8_t *buf, size_t cap,
	uint32_t *ret_flags, nghttp2_data_source *source, void *user)
{
	struct http2_stream *stream = stream_of(user, id);
	size_t len;

	(void)session;
	(void)source;
	if (stream == NULL)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	len = stream->body_len - stream->body_sent;
	if (len > cap)
		len = cap;
	if (len > stream->allowance)
		len = stream->allowance;
	if (len == 0) { /* only where it has to wait: a body of no bytes has no source */
		stream->is_paused = true;
		return NGHTTP2_ERR_DEFERRED;
	}
	memcpy(buf, stream->body + stream->body_sent, len);
	stream->body_sent += len;
	stream->allowance -= len;
	if (stream->body_sent == stream->body_len)
		*ret_flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)len;
}

int http2_conn_begin_stream(
	struct http2_conn *conn, const struct http2_fields *fields, struct http2_stream *stream)
{
	const nghttp2_data_provider provider = {.read_callback = read_body};
	int32_t id;

	if (conn->is_going)
		return -EPIPE;
	id = nghttp2_submit_request(conn->session, NULL, fields->list, fields->count,
		stream->body_len > 0 ? &provider : NULL, NULL);
	if (id < 0)
		return id == NGHTTP2_ERR_NOMEM ? -ENOMEM : -EPIPE;
	stream->id = id;
	conn->stream = stream;
	return 0;
}

void http2_conn_end_stream(struct http2_conn *conn)
{
	conn->stream = NULL;
}

static void resume_stream(struct http2_conn *conn)
{
	struct http2_stream *stream = conn->stream;

	if (stream == NULL || !stream->is_paused || stream->allowance == 0)
		return;
	stream->is_paused = false;
	(void)nghttp2_session_resume_data(conn->session, stream->id);
}

bool http2_conn_send(struct http2_conn *conn)
{
	resume_stream(conn);
	for (;;) {
		ssize_t made, sent;

		if (conn->pending_len == 0) {
			made = nghttp2_session_mem_send(conn->session, &conn->pending);
			if (made <= 0)
				return false;
			conn->pending_len = (size_t)made;
		}
		sent = transport_send(
			conn->transport, (const char *)conn->pending, conn->pending_len);
		if (sent < 0)
			return sent == -EAGAIN &&
			       (conn->transport->tls == NULL || conn->transport->wants_write);
		conn->pending += sent;
		conn->pending_len -= (size_t)sent;
	}
}

ssize_t http2_conn_receive(struct http2_conn *conn, size_t cap)
{
	static char buf[RECEIVE_BYTES]; /* nothing of it is kept from one call to the next */
	ssize_t received =
		transport_receive(conn->transport, buf, cap < sizeof buf ? cap : sizeof buf);

	if (received <= 0)
		return received;
	if (nghttp2_session_mem_recv(conn->session, (const uint8_t *)buf, (size_t)received) < 0)
		return -EBADMSG;
	/* a session that has met what is no HTTP/2 says so, and wants nothing more */
	(void)http2_conn_send(conn);
	if (!nghttp2_session_want_read(conn->session) && !conn->is_going)
		return -EBADMSG;
	return received;
}

bool http2_conn_has_sent_all(const struct http2_conn *conn)
{
	return conn->pending_len == 0;
}

bool http2_conn_is_going(const struct http2_conn *conn)
{
	return conn->is_going;
}

int http2_conn_read_idle(struct http2_conn *conn)
{
	ssize_t received;

	do {
		received = http2_conn_receive(conn, RECEIVE_BYTES);
	} while (received > 0 && !conn->is_going);
	return conn->is_going ? 0 : (int)received;
}
