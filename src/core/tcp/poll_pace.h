/* SPDX-License-Identifier: MIT */
/* How often to poll the connections: as often as what a poll costs allows. Values in, values out. */
#pragma once

#include "core/text/msec.h"

#include <stdbool.h>

struct poll_pace {
	msec_t tried_at; /* the last poll began then, whether or not it worked; -1: none yet */
	int64_t cost_us; /* of that poll */
	int64_t saved_us; /* of the time that polls may take; below 0: overdrawn */
	unsigned probes; /* answered since then */
};

void poll_pace_init(struct poll_pace *pace);

/* A poll that began at `now` has taken so long. */
void poll_pace_pay(struct poll_pace *pace, msec_t now, int64_t cost_us);

/* When another poll is within 3 % of a core. */
msec_t poll_pace_affordable_at(const struct poll_pace *pace);

/* When to poll again during a stop. An ending has been heard of; so many connections are busy; the last
 * one that is merely recent settles in so many ms (0: there is none). */
msec_t poll_pace_stop_at(
	const struct poll_pace *pace, bool ending_heard, unsigned busy, msec_t settles_in);

/* When a probe may cause another poll. No probe is answered during a poll: of a stream of probes one in
 * 5000 meets one that takes up to 2 ms, and one in 2000 one that takes 5. */
msec_t poll_pace_probe_at(const struct poll_pace *pace);

/* For how long the answer to a probe of an application that serves may be given to other probes, too. */
msec_t poll_pace_news_ms(const struct poll_pace *pace);
