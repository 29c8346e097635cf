/* SPDX-License-Identifier: MIT */
/* What many stops, as lastcall reported them, say about two settings of an orchestrator: how long a
 * load balancer should wait for requests (deregistration_delay), and how long a container may take to
 * stop (stopTimeout). docs/report.md has the reasons; docs/drill.md how far so many stops can be
 * trusted. */
#pragma once

#include "host/core/percentiles.h"
#include "host/core/self_report.h"

#include <stddef.h>
#include <stdint.h>

#define SIZING_DEFAULT_DELAY_S 300 /* deregistration_delay.timeout_seconds, the default */
#define SIZING_FARGATE_STOP_TIMEOUT_MAX_S 120

struct sizing {
	size_t stops; /* that were asked for; the times are theirs */
	size_t ended_alone, were_short, guessed_timeout, lost_work, unwatched, with_work;
	size_t unproven; /* that lost nothing for sure, and ended requests of which it is not known */
	uint64_t cut, lost_bytes, accept_queue_lost, unknown;
	struct percentiles total_s, drain_s, longest_s, headroom_s;
	double margin_s; /* the largest */

	/* Rounded up to whole seconds. NAN: nothing can be said. */
	double deregistration_delay_s, stop_timeout_s;
	double longer_share; /* with 95 % confidence at most this share of stops has a longer request */
	double later_share; /* the same for the time of the whole stop */
};

/* scratch has room for count values. */
void sizing_make(
	struct sizing *ret_sizing, const struct self_report *stops, size_t count, double *scratch);

/* The greatest share of what is still to come that may lie above the largest of so many independent
 * samples, with 95 % confidence, whatever the distribution: 1 - 0.05^(1/n). 1 of none. */
double sizing_share_above_largest(size_t samples);
