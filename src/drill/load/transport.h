/* SPDX-License-Identifier: MIT */
/* One TCP connection of the drill, with or without TLS, without blocking: bytes out, bytes in, how it
 * ended, and what the server's kernel has acknowledged. Never raises SIGPIPE. */
#pragma once

#include "drill/load/target.h"

#include <stdint.h>
#include <sys/types.h>

struct ssl_st;

struct transport {
	int fd; /* -1: closed */
	struct ssl_st *tls;
	bool wants_write; /* what TLS has to do before it can go on; else it waits for bytes */
	bool was_reset; /* a send heard of it, and recv(2) will not say it again */
	bool ended_unsaid; /* TLS: a FIN that the other side did not announce. Any host on the way can send it */
	int error; /* TLS: errno of the socket below */
	const char *
		tls_reason; /* why TLS failed, as OpenSSL has it; NULL: it did not. Until the next connect */
	int64_t sent_bytes, received_bytes; /* on the wire, as TCP counts them */
};

/* Which of the loopback's addresses connections come from. One has 28,000 ports for a server: when they
 * are used up, the next address is taken. */
struct source_address {
	unsigned next;
};

/* Begins a connection; receive_buffer bytes, 0: the kernel's choice. Returns 0 when it is on its way,
 * or -errno with nothing open. */
int transport_connect(struct transport *transport, const struct target *target,
	struct source_address *source, int receive_buffer);

/* When it has become writable: 0 or -errno, why not. */
int transport_connect_result(const struct transport *transport);

/* The handshake, as far as it goes: 0 when it is done or not needed, -EAGAIN, -EKEYREJECTED when the
 * server's certificate is not accepted, -EBADMSG for what is no TLS, -ENODATA when the server closed the
 * connection, or -errno. for_http2: it has to be what ALPN (RFC 7301) agrees on; else -EPROTONOSUPPORT. */
int transport_handshake(struct transport *transport, const struct target *target, bool for_http2);

/* Returns the bytes that were taken, -EAGAIN or -errno. The next receive returns a reset, for there
 * may be bytes that came before it. */
ssize_t transport_send(struct transport *transport, const char *bytes, size_t len);

/* Returns the bytes, 0 at the server's end, -EAGAIN, -EBADMSG for what is no TLS, or -errno. */
ssize_t transport_receive(struct transport *transport, char *buf, size_t cap);

/* How many of the sent bytes the server's kernel has; also of a connection that is over. */
int64_t transport_acknowledged_bytes(const struct transport *transport);

void transport_close(struct transport *transport);
