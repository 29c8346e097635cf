/* SPDX-License-Identifier: MIT */
#include "lastcall/notify_outer.h"

#include "sys/fd.h"

#include <errno.h>
#include <string.h>

static void log_failed(struct notify_outer *outer, int error)
{
	if (outer->has_failed)
		return;
	outer->has_failed = true;
	log_event(outer->log, LOG_WARNING, "notify_not_forwarded",
		"cannot forward the application's message to NOTIFY_SOCKET: %s", strerror(error));
}

static void send_kept(struct notify_outer *outer)
{
	int r = notify_peer_send(&outer->peer, outer->kept, outer->kept_len);

	if (r == -EAGAIN) {
		ev_io_start(outer->loop, &outer->writable);
		return;
	}
	ev_io_stop(outer->loop, &outer->writable);
	outer->kept_len = 0;
	if (r < 0)
		log_failed(outer, -r);
}

static void on_writable(struct ev_loop *loop, ev_io *watcher, int events)
{
	(void)loop;
	(void)events;
	send_kept(watcher->data);
}

/* A socket that is connected is writable when its receiver's queue has room. */
void notify_outer_init(
	struct notify_outer *outer, struct ev_loop *loop, const char *name, struct log *log)
{
	int r;

	outer->log = log;
	outer->loop = loop;
	outer->peer.fd = -1;
	if (name == NULL)
		return;
	r = notify_peer_open(name, &outer->peer);
	if (r < 0) {
		outer->peer.fd = -1;
		log_failed(outer, -r);
		return;
	}
	ev_io_init(&outer->writable, on_writable, outer->peer.fd, EV_WRITE);
	outer->writable.data = outer;
}

void notify_outer_done(struct notify_outer *outer)
{
	if (outer->peer.fd < 0)
		return;
	ev_io_stop(outer->loop, &outer->writable);
	outer->peer.fd = fd_close(outer->peer.fd);
}

void notify_outer_forward(struct notify_outer *outer, const char *bytes, bool must_arrive)
{
	char forwarded[NOTIFY_MESSAGE_MAX + 2];
	struct text text;
	int r;

	if (outer->peer.fd < 0)
		return;
	text_init(&text, forwarded, sizeof forwarded);
	notify_message_add_forwarded(&text, bytes);
	if (text.len == 0)
		return;
	r = notify_peer_send(&outer->peer, forwarded, text.len);
	if (r == -EAGAIN && must_arrive) {
		memcpy(outer->kept, forwarded, text.len);
		outer->kept_len = text.len;
		send_kept(outer);
	} else if (r < 0 && r != -EAGAIN) {
		log_failed(outer, -r);
	}
}
