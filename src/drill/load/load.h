/* SPDX-License-Identifier: MIT */
/* The drill's clients: the cohorts of core/attempt.h on raw sockets in one event loop, without retries
 * and without a pool, so that each attempt shows what the server did to it.
 *
 * The order of a run:
 *	load_new, load_start           B and D are connected, B has had an answer; then A and C begin
 *	on_ready                       all of A is in the server, all at once: stop it now
 *	load_stop_was_given(t0)        A asks no more (settings.goes_on: again and again); B asks at its
 *	                               offsets, E all at once
 *	load_target_exited             C goes on for a while (settings.goes_on: all do), then nothing new begins
 *	on_done                        every attempt has ended; load_attempts has them
 *	load_free */
#pragma once

#include "drill/core/attempt.h"
#include "drill/load/load_settings.h"

#include <ev.h>

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

/* After load_target_exited, for how long from at_us new requests are sent; 0 without settings.goes_on. */
int64_t load_linger_us(const struct load *load);

/* Nothing new begins; what has begun may end within its own deadlines, and finish_timeout. */
void load_finish(struct load *load);

struct load_counts load_count(const struct load *load);

/* All attempts in order of start, the load's own, relative to t0: only after on_done. Without a stop t0
 * is when load_finish was called. Their phases are run_tally's. */
struct attempt *load_attempts(struct load *load, size_t *ret_count);

void load_free(struct load *load);
