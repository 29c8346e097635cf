/* SPDX-License-Identifier: MIT */
/* Is there work in flight on this connection? Judged from the kernel's numbers for one socket at one
 * moment; docs/design.md has the table of what was measured and what cannot be seen. */
#pragma once

#include "core/tcp/connection_memory.h"

enum connection_class {
	CONNECTION_OTHER, /* no work of ours: LISTEN, TIME_WAIT, FIN_WAIT2, … */
	CONNECTION_BUSY, /* a request is being read or answered, or its answer is on its way */
	CONNECTION_UNSURE, /* may have a request in flight, which the numbers do not tell: holds a drain */
	CONNECTION_RECENT, /* data moved within settle: may go on, so that it holds a drain too */
	CONNECTION_NEW, /* opened, never used */
	CONNECTION_IDLE, /* answered */
	CONNECTION_CLOSING, /* closed by the application, bytes still undelivered */
	CONNECTION_CLASS_COUNT,
};

struct class_settings {
	msec_t settle;

	/* D: a connection that may be in use is idle when it has been quiet for so long. 0: never. */
	msec_t longest_request;

	/* D before it was cut to the drain budget. Silence for D alone proves nothing then: a connection that was
	 * quiet for longer than D when the stop began, and not for so long, is not waited for, and unknown. */
	msec_t longest_said;

	/* D is the user's word that no request takes longer, and no guess of ours: then it also ends
	 * the wait for what is known to be unanswered, counted from the stop at the earliest. */
	bool is_longest_given;

	bool draining; /* the stop has begun, at stopped_at */
	msec_t stopped_at;

	/* For so long since then, lastcall was frozen or had no processor, and the application most likely, too; the
	 * last time until absent_until. A silence that began before proves less: its limit is longer by it. */
	msec_t absent_ms, absent_until;

	/* The same in the middle of a turn that was over then: its polls may have taken an absence for silence. */
	msec_t interrupted_until;

	/* The application was signalled and has closed its listener. A server that does so closes
	 * its idle connections too, so that whatever is still open may be work: also what looks idle
	 * from outside (a paused stream, a request waiting for its body after 100 Continue). */
	bool listener_closed;
};

/* What one row from a detector means. Without tcp_info (procnet) an open connection may be working,
 * and is busy. */
enum connection_class connection_judge(
	const struct connection *connection, const struct class_settings *settings);

/* The same for a connection that was polled before, and takes in what this poll saw. The more polls, the
 * fewer connections have to be held for doubt alone. */
enum connection_class connection_classify(const struct connection *connection,
	struct connection_memory *memory, const struct class_settings *settings, msec_t now);

/* After a verdict of unsure: in how many milliseconds the connection is idle if nothing moves, 1 at least. */
msec_t connection_doubt_ends_in(const struct connection *connection,
	const struct connection_memory *memory, const struct class_settings *settings);

const char *connection_class_name(enum connection_class connection_class);
