/* SPDX-License-Identifier: MIT */
/* What the connection tracker knows: its counts of a moment, its totals since the stop, and itself.
 * conn_tracker.h, tracker_endings.h and tracker_work.h fill it in; all others only read it. */
#pragma once

#include "core/tcp/cookie_map.h"
#include "core/tcp/local_ends.h"
#include "core/tcp/peer_range.h"
#include "core/tcp/recent_ends.h"

/* With its two places in the index. What polls before the stop have seen is what ends a doubt: without it
 * a stop would wait for seconds, for which this is cheap. */
_Static_assert(sizeof(struct tracked_conn) + 2 * sizeof(uint32_t) <= 112,
	"a followed connection has grown too big");

/* One moment's counts. */
struct conn_counts {
	unsigned open; /* ESTABLISHED, CLOSE_WAIT, and half-open ones */
	unsigned busy; /* class BUSY */
	unsigned unsure; /* class UNSURE */
	unsigned unproven; /* of these, those that hold for D; the others' answers may go on */
	unsigned kept; /* idle, but its server has closed its listener and not this connection */
	unsigned held; /* busy, unsure, kept and recent: what a drain waits for */
	unsigned idle; /* class NEW and IDLE */
	unsigned unused; /* class NEW alone: opened, and never used */
	unsigned in_flight; /* of the held ones, those on which a request may be in flight now */
	bool holds_from_before; /* of the held ones, some have begun no new request since the start */
	msec_t oldest_request_ms; /* of the others, how long ago a request began, at the most */
	unsigned unaccepted; /* in the accept queue; busy, too */
	unsigned undelivered; /* sockets in any state with bytes to be delivered, a FIN included */
	uint64_t undelivered_bytes;
	msec_t doubt_ends_in; /* when the last unsure one will be idle if nothing moves; 0: none is */
	msec_t settles_in; /* when the last recent one will have been quiet for settle; 0: none is */
	unsigned listening; /* LISTEN sockets on our ports */
};

/* What became of the connections since conn_tracker_start. A piece of work is one busy time of a
 * connection: a request, or several in a row without a pause longer than settle. */
struct conn_totals {
	unsigned arrived; /* connections first seen after the start */
	unsigned busy_at_start; /* connections whose work had begun before it */
	unsigned peak_busy;
	unsigned finished; /* pieces of work that were answered and delivered */
	unsigned cut; /* that were not, by the application, its death, or us */
	unsigned unknown; /* that may have been requests or not, or whose end is not known */
	uint64_t flushed_bytes; /* delivered after the application's end */
	uint64_t lost_bytes; /* that the peer had not acknowledged when the socket ended */
	msec_t longest_ms; /* the longest piece of work, from its last request byte before the stop */
	msec_t last_arrival; /* when a connection or a request came last; at first the start */
	unsigned
		accept_queue_lost; /* connections that ended before the application accepted them */
	struct blockers blockers;
	bool incomplete; /* more connections than there was room to follow */
};

struct conn_tracker {
	struct cookie_map followed;
	uint8_t pass; /* modulo 2^5: a connection that two of them have not seen is dropped */
	bool is_whole; /* the last pass was completed */
	bool counts_ended; /* a connection that the last pass has counted has ended since */
	bool may_ask; /* the caller's: the kernel can be asked for single connections */
	bool is_ask_wrong; /* a poll saw a connection open that the kernel, asked for it, did not know */
	bool is_asking; /* a round of questions is under way, at ask_cursor */
	size_t ask_cursor;
	struct local_ends local_ends;
	bool started, polled; /* polled: a pass has been completed since the start */
	msec_t started_at;
	struct class_settings settings;
	const struct peer_range *ignored;
	size_t ignored_count;
	unsigned unseen; /* connections that are known to be there, and no more */
	bool is_blind; /* the detector cannot tell an answered connection from one at work */
	bool has_events; /* one that is missing without an event was reset, and is still held */
	bool app_signalled;
	bool app_dying; /* its main process exits, and is not reaped yet */
	msec_t dying_at; /* when that was seen */
	bool ended_lately; /* since the last question whether it exits */
	bool app_killed; /* it was sent SIGKILL */
	bool app_crashed; /* its main process has ended, and not in order */
	bool app_ended; /* all of its processes have */
	bool has_listened; /* a pass has seen a listener */
	msec_t listened_at; /* the last such pass */
	msec_t suspected_at; /* when a connection ended last as if the application had died */
	msec_t suspected_before; /* the same when the pass under way began: it sees what is left */
	struct recent_ends recent; /* to be judged again when the application has died */
	struct conn_counts counts; /* of the last complete pass, or round of questions */
	struct conn_counts asked_counts; /* of what is asked for between two passes, */
	struct conn_counts rest_counts; /* and of all else: both of the pass or round under way */
	struct conn_totals totals;
};
