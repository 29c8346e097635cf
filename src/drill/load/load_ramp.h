/* SPDX-License-Identifier: MIT */
/* Before the stop: references are fetched, then cohorts B and D are connected and kept so, then C begins and
 * A asks until all of it is in the server at the same time. */
#pragma once

#include "drill/load/load_cohorts.h"

struct load_ramp {
	struct load_cohorts *cohorts;
	struct load_conns *conns;
	int64_t settle_us, deadline_us;
	ev_timer timer;
	bool is_over; /* one of the two was called */
	char reason[240];
	void (*on_ready)(void *user);
	void (*on_unready)(
		void *user, const char *reason); /* the reason lives as long as the ramp */
	void *user;
};

/* deadline_us of monoclock_now_us(): not ready by then is unready. Either callback is called once, in the
 * loop; the ramp goes on, so that what is in flight stays so, until it is stopped. */
void load_ramp_start(struct load_ramp *ramp, struct ev_loop *loop, int64_t deadline_us);
void load_ramp_stop(struct load_ramp *ramp, struct ev_loop *loop);
