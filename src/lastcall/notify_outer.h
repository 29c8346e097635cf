/* SPDX-License-Identifier: MIT */
/* The supervisor outside of the container, where lastcall was started with a NOTIFY_SOCKET (systemd, podman run
 * --sdnotify=container): the application's messages go on to it. */
#pragma once

#include "lastcall/log.h"
#include "sys/notify_socket.h"

#include <ev.h>

struct notify_outer {
	struct log *log;
	struct ev_loop *loop;
	ev_io writable;
	struct notify_peer peer; /* fd -1: there is none */
	bool has_failed; /* said once */
	/* the last READY=1 or STOPPING=1 that its full queue did not take: others are lost */
	char kept[NOTIFY_MESSAGE_MAX + 2];
	size_t kept_len;
};

/* name: lastcall's own NOTIFY_SOCKET, or NULL. */
void notify_outer_init(
	struct notify_outer *outer, struct ev_loop *loop, const char *name, struct log *log);
void notify_outer_done(struct notify_outer *outer);

/* Sends on what a supervisor outside can use of a datagram; never waits. */
void notify_outer_forward(struct notify_outer *outer, const char *bytes, bool must_arrive);
