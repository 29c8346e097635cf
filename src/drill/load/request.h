/* SPDX-License-Identifier: MIT */
/* The bytes of one kind of request, made once and sent by all clients. */
#pragma once

#include "drill/core/body_pattern.h"
#include "drill/load/target.h"
#include "drill/load/websocket_handshake.h"

/* A request, and how many connections carry it. */
struct load_request {
	const char *path; /* with its query; NULL: the target's own */
	unsigned connections;
	enum body_pattern pattern;
	int64_t upload_bytes; /* 0: GET. Else POST with a body of so many, which is BODY_NUMBERED with 0 */
	int64_t upload_bytes_per_s; /* 0: as fast as it is taken */
	int64_t read_bytes_per_s; /* 0: as fast as it comes. Else through a small receive buffer, so
				    * that the rest waits in the server */
	bool is_grpc; /* a call of gRPC: the path is /SERVICE/METHOD, the body of the form its message */
	bool is_websocket; /* a call that is held open, over HTTP/1.1 */
	bool is_long_answer; /* A: in flight from the first byte of its answer on, and not before */
};

enum request_protocol {
	REQUEST_HTTP1,
	REQUEST_HTTP2,
	REQUEST_WEBSOCKET,
};

struct http2_fields;

struct request {
	enum request_protocol protocol;
	char *head, *body;
	size_t head_len, body_len;
	struct http2_fields *http2; /* the head as HTTP/2 has it; NULL: it is HTTP/1 */
	int64_t upload_bytes_per_s, read_bytes_per_s; /* 0: as fast as it goes */
	char websocket_key[WEBSOCKET_KEY_BYTES]; /* of its handshake */
	bool is_grpc, is_long_answer; /* see above */
	uint8_t number; /* which of the load's requests it is */
	enum body_pattern pattern;
	char *same; /* BODY_SAME: the answer that was learned; NULL: not yet */
	size_t same_len;
};

/* What all requests of a drill have in common. */
struct request_form {
	const char *method; /* NULL: GET, or POST with a body; of uploads always POST */
	const char *data; /* the body of requests that are no uploads; NULL: none */
	size_t data_len;
	const char
		*headers; /* each with its CRLF; NULL: none. They replace those of the same name */
	const char *
		grpc_path; /* of an HTTP/2 target requests to its own URL are calls: of its path, with an
				* empty message, or where that is "/" of this one; NULL: they are not */
};

/* closes: the server is asked to end the connection. The body is copied. Returns 0 or -ENOMEM. */
int request_init(struct request *request, const struct target *target,
	const struct load_request *load_request, const struct request_form *form, bool closes);

void request_done(struct request *request);
