/* SPDX-License-Identifier: MIT */
/* A client's end of an HTTP/2 connection (RFC 9113) on a transport: frames in, frames out, one stream at a
 * time. libnghttp2 speaks the protocol. */
#pragma once

#include "drill/load/http2_stream.h"
#include "drill/load/transport.h"

struct http2_conn;
struct http2_fields;

/* Sends the preface. The transport outlives the connection. is_slow: responses are read slowly, so that the
 * rest is to wait in the server. Returns 0 or -ENOMEM. */
int http2_conn_new(struct transport *transport, bool is_slow, struct http2_conn **ret_conn);
void http2_conn_free(struct http2_conn *conn);

/* Begins a stream, which lives until http2_conn_end_stream or http2_conn_free. Returns 0, or -EPIPE where the
 * connection takes no more streams. */
int http2_conn_begin_stream(
	struct http2_conn *conn, const struct http2_fields *fields, struct http2_stream *stream);
void http2_conn_end_stream(struct http2_conn *conn);

/* Sends what is due. Returns whether the transport has to become writable for the rest. */
bool http2_conn_send(struct http2_conn *conn);

/* Reads at most cap bytes, and sends what they ask for. Returns how many, 0 at the server's end, -EAGAIN, -EBADMSG for what is no HTTP/2,
 * or -errno. */
ssize_t http2_conn_receive(struct http2_conn *conn, size_t cap);

/* Whether all that was to be sent has been given to the transport. */
bool http2_conn_has_sent_all(const struct http2_conn *conn);

/* The server takes no more streams: it has sent GOAWAY. */
bool http2_conn_is_going(const struct http2_conn *conn);

/* Reads what comes while no stream is open. Returns -EAGAIN while the connection is of use, 0 when the server
 * has ended it by GOAWAY or otherwise, or as http2_conn_receive. */
int http2_conn_read_idle(struct http2_conn *conn);
