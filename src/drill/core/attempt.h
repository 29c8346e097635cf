/* SPDX-License-Identifier: MIT */
/* One request of the drill, or one connection that was to carry one: what was to come, what came, and
 * when. The vocabulary that load, tally and outputs share. Plain values; no clock, no socket. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Microseconds from the stop (t0, just before it is asked for); negative before it. */
typedef int64_t drill_us_t;

#define DRILL_MAX_REQUESTS 16

#define DRILL_NEVER INT64_MAX /* it did not happen, or was not seen */

/* Why a connection is there. */
enum cohort {
	COHORT_IN_FLIGHT, /* A: a request that the server works on at t0 */
	COHORT_KEEP_ALIVE, /* B: idle at t0; its next request comes at a chosen time after it */
	COHORT_NEW, /* C: new connections at a constant rate until the exit */
	COHORT_PRECONNECTED, /* D: connected before t0, never used */
	COHORT_ACCEPT_QUEUE, /* E: many at once at t0: what waits in the accept queue */
	COHORT_COUNT,
};

/* How an attempt ended, as the client saw it. Each attempt has exactly one; the names are stable. */
enum outcome {
	OUTCOME_OK,
	OUTCOME_HTTP_OTHER, /* a whole answer below 400 with another status than before the stop, or with less
			      * than half of the shortest body */
	OUTCOME_HTTP_4XX,
	OUTCOME_HTTP_5XX,
	OUTCOME_HTTP_503_DRAINING, /* a whole answer with 503 after t0 that closes the connection, or
					* says when to come again: the server said that it goes */
	OUTCOME_REFUSED, /* ECONNREFUSED at connect */
	OUTCOME_GOAWAY, /* HTTP/2: a stream above a GOAWAY's last one, or RST_STREAM with REFUSED_STREAM: the
			  * server has not worked on it, and a client may send it again */
	OUTCOME_RESET_CONNECT, /* RST on a new connection before any byte came: SYN or accept queue */
	OUTCOME_RESET_BEFORE_RESPONSE, /* RST on a used connection, after a request, before its first byte */
	OUTCOME_EOF_BEFORE_RESPONSE, /* FIN before the first byte: idle closed under a request */
	OUTCOME_RESET_MID_BODY,
	OUTCOME_TRUNCATED, /* FIN within the answer: fewer bytes than said, or no last chunk */
	OUTCOME_CORRUPT, /* not the bytes that the pattern has there, or no HTTP at all */
	OUTCOME_TIMEOUT_CONNECT,
	OUTCOME_TIMEOUT_RESPONSE, /* no first byte in time */
	OUTCOME_STALLED, /* bytes came, then nothing, not even an end: the link is gone */
	OUTCOME_UNREACHABLE, /* EHOSTUNREACH, ENETUNREACH */
	OUTCOME_CLIENT_ERROR, /* the drill's own fault (EMFILE, no port left): never the server's */
	OUTCOME_COUNT,
};

/* What the stop had come to, as the client could know. */
enum drill_phase {
	DRILL_BEFORE, /* t0 is still to come */
	DRILL_LAME_DUCK, /* t0 is over, connections are still accepted */
	DRILL_DRAINING, /* the first one was refused */
	DRILL_AFTER_EXIT,
	DRILL_PHASE_COUNT,
};

struct attempt {
	uint8_t request; /* which of the load's requests it carries: answers to one are alike */
	uint32_t connection; /* several attempts share one where it is kept alive */
	enum cohort cohort;
	enum outcome outcome;
	enum drill_phase phase_at_start, phase_at_end;
	bool is_reused; /* not the first request on its connection */
	bool is_retry_safe; /* no byte of the request can have been read: a client may send it again */
	bool was_queued; /* at the stop no program of the server's had accepted its connection */
	bool is_queue_unknown; /* or neither the kernel nor /proc shows whether one had */
	int http_status; /* 0: none came */
	drill_us_t start; /* when it was due: a late drill must not hide a slow server */
	drill_us_t first_byte, end; /* of the answer; first_byte may be DRILL_NEVER */
	int64_t bytes_expected; /* of the body; -1: not said */
	bool is_body_known; /* the answer said its length, or its bytes were compared: it is whole for sure */
	int64_t bytes_received;
};

/* "in_flight", "reset_mid_body", "lame_duck": what every output calls them. */
const char *cohort_name(enum cohort cohort);
char cohort_letter(enum cohort cohort);
const char *outcome_name(enum outcome outcome);
const char *drill_phase_name(enum drill_phase phase);
