/* SPDX-License-Identifier: MIT */
/* The datagrams of sd_notify(3): lines of NAME=VALUE. Unknown names are ignored, as systemd does (systemd 252,
 * man 3 sd_notify). Knows no socket. */
#pragma once

#include "core/text/msec.h"
#include "core/text/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NOTIFY_MESSAGE_MAX                                                                         \
	4096 /* NOTIFY_BUFFER_MAX of systemd (PIPE_BUF): a longer one is ignored */
#define NOTIFY_STATUS_BYTES 128 /* with the NUL: a longer status is cut */
#define NOTIFY_BUSY_MAX 1000000 /* of one process */

struct notify_message {
	bool ready; /* READY=1 */
	bool stopping; /* STOPPING=1 */
	bool watchdog; /* WATCHDOG=1 */
	bool watchdog_trigger; /* WATCHDOG=trigger */
	int main_pid; /* MAINPID=, 0: not said */
	msec_t extend_ms; /* EXTEND_TIMEOUT_USEC=, rounded up; below 0: not said */
	msec_t watchdog_ms; /* WATCHDOG_USEC=, the same */
	int64_t busy; /* X_LASTCALL_BUSY=, below 0: not said */
	bool has_status; /* STATUS= */
	bool has_bad_line; /* a known name with a value that is not accepted: that line is ignored */
	/* UTF-8 without control characters: these became spaces, and what is not UTF-8 became '?' */
	char status[NOTIFY_STATUS_BYTES];
};

/* Reads a datagram of len bytes; bytes[len] is NUL. One NUL may end the datagram, too. Returns 0, or -EINVAL for an
 * empty datagram, one with another NUL, or one longer than NOTIFY_MESSAGE_MAX. */
int notify_message_parse(const char *bytes, size_t len, struct notify_message *ret_message);

/* Adds those lines of a datagram that parsed which a supervisor outside of the container can use. Left out are lines
 * about process ids, which mean other processes there, lines about descriptors, and lastcall's own. */
void notify_message_add_forwarded(struct text *text, const char *bytes);
