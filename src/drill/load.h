/* SPDX-License-Identifier: MIT */
/* The drill's clients: the cohorts of core/attempt.h on raw sockets in one event loop, without retries
 * and without a pool, so that each attempt shows what the server did to it.
 *
 * The order of a run:
 *	load_new, load_start           B and D are connected, B has had an answer; then A and C begin
 *	on_ready                       all of A is in the server, all at once: stop it now
 *	load_stop_was_given(t0)        A asks no more; B asks at its offsets, E all at once
 *	load_target_exited             C goes on for a while, then nothing new begins
 *	on_done                        every attempt has ended; load_attempts has them
 *	load_free */
#pragma once

#include "drill/core/attempt.h"
#include "drill/core/body_pattern.h"
#include "drill/target.h"

#include <ev.h>
#include <sys/resource.h>

#define LOAD_MAX_IN_FLIGHT 8
#define LOAD_MAX_OFFSETS 16

/* A request, and how many connections carry it. */
struct load_request {
	const char *path; /* with its query; NULL: the target's own */
	unsigned connections;
	enum body_pattern pattern;
	int64_t upload_bytes; /* 0: GET. Else POST with a body of so many, which is BODY_NUMBERED with 0 */
	int64_t upload_bytes_per_s; /* 0: as fast as it is taken */
	int64_t read_bytes_per_s; /* 0: as fast as it comes. Else through a small receive buffer, so
				    * that the rest waits in the server */
	bool is_long_answer; /* A: in flight from the first byte of its answer on, and not before */
};

struct load_settings {
	const struct target *target; /* outlives the load */
	const char *headers; /* more of them, each with its CRLF; NULL: none */
	struct load_request
		in_flight[LOAD_MAX_IN_FLIGHT]; /* A: slow handler, upload, reader, stream */
	unsigned in_flight_kinds;
	struct load_request keep_alive; /* B. With a server that says it keeps no connection the
					  * client does what any client would: it connects again */
	int64_t keep_alive_offsets_us
		[LOAD_MAX_OFFSETS]; /* after t0; connection i takes i modulo count */
	unsigned keep_alive_offset_count;
	struct load_request fresh; /* C and E; its connections are E's */
	double fresh_per_s; /* C; 0: none */
	int64_t fresh_after_exit_us; /* how long C goes on when the target is gone */
	unsigned preconnected; /* D */
	int64_t connect_timeout_us;
	int64_t response_timeout_us; /* from the last byte of the request that went out to the first of
				       * the response; TLS's handshake counts as the latter */
	int64_t stall_timeout_us; /* from one byte of a response to the next */
	int64_t settle_us; /* a request that was acknowledged so long ago is in the server */
	int64_t ready_timeout_us; /* all of A in flight at once, counted from load_start */
	int64_t finish_timeout_us; /* all attempts ended, counted from when nothing new begins */
};

/* Counts 0, patterns BODY_ANY, and times that suit a container on the same machine. */
void load_settings_init(struct load_settings *settings, const struct target *target);

/* Whether there is no cohort at all. */
bool load_settings_are_empty(const struct load_settings *settings);

/* How many connections cohort A has. */
unsigned load_settings_in_flight(const struct load_settings *settings);

/* Raises the limit of descriptors so that the counts suffice; of C's worst case as much as is allowed.
 * Returns 0 or -errno, -EMFILE where the limit may not be raised so far. */
int load_settings_raise_descriptor_limit(
	const struct load_settings *settings, struct rlimit *ret_before);

/* What the load reports, in its own loop. None may free the load. */
struct load_events {
	void (*on_ready)(void *user); /* once: stop the target now, in here */
	void (*on_unready)(
		void *user, const char *reason); /* instead of it: inconclusive. The reason
							     * lives as long as the load */
	void (*on_done)(void *user); /* once, after load_target_exited or load_finish */
	void *user;
};

struct load_counts {
	size_t begun, ended, ok;
	size_t open_connections;
	size_t in_flight; /* of A: provably in the server */
	size_t client_errors;
	int last_client_error; /* errno; 0: there was none */
};

struct load;

/* Raises the limit of descriptors to what the settings need, until load_free. Returns 0, -ENOMEM, -EMFILE
 * where the limit may not be raised so far, or -EINVAL for settings without any cohort. */
int load_new(struct ev_loop *loop, const struct load_settings *settings,
	const struct load_events *events, struct load **ret_load);

void load_start(struct load *load);

/* t0_us is monoclock_now_us() from just before the stop was asked for. */
void load_stop_was_given(struct load *load, int64_t t0_us);

/* at_us on the same clock. */
void load_target_exited(struct load *load, int64_t at_us);

/* Nothing new begins; what has begun may end within its own deadlines, and finish_timeout. */
void load_finish(struct load *load);

struct load_counts load_count(const struct load *load);

/* All attempts in order of start, the load's own, relative to t0: only after on_done. Without a stop t0
 * is when load_finish was called. Their phases are run_tally's. */
struct attempt *load_attempts(struct load *load, size_t *ret_count);

void load_free(struct load *load);
