/* SPDX-License-Identifier: MIT */
/* Follows the application's connections from look to look: how many are busy, and what became of
 * each since the stop. Fed with the rows of a dump and with the events of sockets that ended;
 * memory is the caller's and bounded. */
#pragma once

#include "core/census_entry.h"
#include "core/peer_range.h"
#include "core/recent_ends.h"

#include <stddef.h>

/* With its two places in the index. What looks before the stop have seen is what ends a doubt: without it
 * a stop would wait for seconds, for which this is cheap. */
_Static_assert(sizeof(struct census_entry) + 2 * sizeof(uint32_t) <= 112,
	"a followed connection has grown too big");

/* One moment's counts. */
struct census_counts {
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

/* What became of the connections since census_start. A piece of work is one busy time of a
 * connection: a request, or several in a row without a pause longer than settle. */
struct census_totals {
	unsigned arrived; /* connections first seen after the start */
	unsigned busy_at_start; /* connections whose work had begun before it */
	unsigned peak_busy;
	unsigned finished; /* pieces of work that were answered and delivered */
	unsigned cut; /* that were not, by the application, its death, or us */
	unsigned unknown; /* that may have been requests or not, or whose end cannot be told */
	uint64_t flushed_bytes; /* delivered after the application's end */
	uint64_t lost_bytes; /* that the peer had not acknowledged when the socket ended */
	msec_t longest_ms; /* the longest piece of work, from its last request byte before the stop */
	msec_t last_arrival; /* when a connection or a request came last; at first the start */
	unsigned accept_queue_lost; /* connections that ended before anybody accepted them */
	struct holders holders;
	bool incomplete; /* more connections than there was room to follow */
};

struct census {
	struct census_entry *entries;
	uint32_t *index; /* hash of cookie -> entry + 1; 0: free */
	size_t capacity, count;
	size_t cursor; /* the next row is most likely the next entry: dumps keep their order */
	uint8_t pass; /* modulo 2^8: who is not seen for two of them is dropped */
	bool started, looked; /* looked: a pass has been completed since the start */
	msec_t started_at;
	struct verdict_settings settings;
	const struct peer_range *ignored;
	size_t ignored_count;
	unsigned unseen; /* connections that are known to be there, and no more */
	bool is_blind; /* the detector cannot tell an answered connection from one at work */
	bool has_events; /* who is missing in a look without an event was reset, and is still held */
	bool app_told;
	bool app_killed; /* it was sent SIGKILL */
	bool app_crashed; /* its main process has ended, and not in order */
	bool app_ended; /* all of its processes have */
	msec_t suspected_at; /* when a connection ended last as if the application had died */
	msec_t suspected_before; /* the same when the pass under way began: it sees what is left */
	struct recent_ends recent; /* to be judged again when the application has died */
	struct census_counts counts; /* of the last complete pass */
	struct census_counts open_counts; /* of the pass under way */
	struct census_totals totals;
};

/* index has 2 * capacity places; capacity is a power of two. Both are zeroed. Those that are
 * gone take their places for another two looks, or until their event comes. */
void census_init(struct census *census, struct census_entry *entries, uint32_t *index,
	size_t capacity, const struct verdict_settings *settings);

/* Connections from these peers are passed over. The ranges are the caller's. */
void census_ignore(struct census *census, const struct peer_range *ranges, size_t count);

/* The stop signal has arrived: from here on what becomes of each is judged and counted. Looks before it
 * only leave their memory behind, with which ties are resolved. */
void census_start(struct census *census, msec_t now);

/* One look: begin, a call for each row of a dump (doubles do no harm), the events that wait by then
 * (census_ended), end. A look that failed half-way is left without end: its counts are not used. */
void census_pass_begin(struct census *census);
void census_pass_row(struct census *census, const struct connection *row, msec_t now);
void census_pass_end(struct census *census, msec_t now);

/* Whether what the pass under way has met so far holds a drain. */
bool census_holds(const struct census *census);

/* A row in place of census_pass_row of which is not known whose it is, where no port of the application
 * is: its bytes are waited for, and it counts for nothing. It may be a neighbour's, or a connection that
 * the application has made itself. */
void census_pass_stray(struct census *census, const struct connection *row);

/* The same for a connection both of whose ends are the application's: what a client asked for is seen at
 * that client's connection. It holds the drain while there is proof of work on it, but no longer than
 * CENSUS_INTERNAL_MS of silence, and counts for nothing. */
void census_pass_internal(struct census *census, const struct connection *row);
#define CENSUS_INTERNAL_MS 10000

/* So many wait at unix-domain listeners of the application to be accepted. */
void census_pass_waiting(struct census *census, unsigned waiting);

/* So many connections cannot be seen: each is unsure for as long as one on which nothing moves from the stop
 * on, and what is left of them when we leave is unknown. */
void census_pass_unseen(struct census *census, unsigned unseen, msec_t now);

/* A socket on one of our ports has ended, with its last numbers. */
void census_ended(struct census *census, const struct connection *last, msec_t now);

/* The application is told to stop: from here on it may cut. */
void census_app_told(struct census *census);

/* Its main process has ended; in order: it exited with 0, or with any status after it was told. Its sockets
 * ended a moment before it did: what then looked as if clients had given up was its own doing, and whether an
 * answer was whole is not known. */
void census_app_died(struct census *census, bool in_order, msec_t now);

/* Whether connections ended just now as they do when the application dies: without their answers. */
bool census_suspects_death(const struct census *census, msec_t now);

/* Whether a connection is gone whose event, which tells how it ended, is yet to come. */
bool census_awaits_events(const struct census *census);

/* We leave: whatever is still at work is cut, and its bytes are lost. */
void census_finish(struct census *census, msec_t now);
