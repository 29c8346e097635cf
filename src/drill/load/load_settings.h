/* SPDX-License-Identifier: MIT */
/* What a load is asked for: its cohorts and its time limits. */
#pragma once

#include "drill/load/request.h"

#include <sys/resource.h>

#define LOAD_MAX_IN_FLIGHT 8
#define LOAD_MAX_OFFSETS 16

struct load_settings {
	const struct target *target; /* outlives the load */
	pid_t server; /* a process in its network namespace; 0: not known */
	struct request_form form;
	const char *expect_body; /* what whole answers have to match; NULL: anything */
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
	bool goes_on; /* servers behind a URL that stays are replaced: A asks again and again, on new
			* connections, and after the end all goes on for as long as the longest answer took,
			* if that is longer than fresh_after_exit */
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
