/* SPDX-License-Identifier: MIT */
/* A client's connection with or without TLS. Non-blocking; what does not fit is waited for. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct transport {
	int fd;
	void *tls; /* NULL: plain */
};

bool transport_has_tls(void); /* as built */

/* Adds TLS to a connected socket; offers this protocol ("http/1.1", "h2"). */
void transport_start_tls(struct transport *transport, const char *protocol);

void transport_send(struct transport *transport, const void *data, size_t len);

/* Returns what was read, 0 at the end, -EAGAIN when nothing is there, or another -errno. */
ssize_t transport_receive(struct transport *transport, void *buf, size_t cap);
void transport_close(struct transport *transport);
