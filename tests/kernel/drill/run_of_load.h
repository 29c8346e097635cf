/* SPDX-License-Identifier: MIT */
/* One run of the load as tests need it: in a loop of its own, stopped when it is ready, and held against
 * what should have come of it. */
#pragma once

#include "drill/load/load.h"
#include "scripted_server.h"

#define MS 1000 /* in microseconds */
#define LIMIT (30 * 1000 * MS) /* where running into it is a failure, however slow the machine is */
#define EXIT_AFTER (20 * MS) /* the stop: when the target is said to have gone */

struct run_of_load {
	struct ev_loop *loop;
	struct target target;
	struct load_settings settings;
	struct load *load;
	const char *unready; /* why it was not ready; NULL: it was */
	void (*when_stopped)(struct run_of_load *run); /* may be NULL */
	int listener; /* -1: none */
	struct attempt *attempts;
	size_t count;
};

/* Limits of LIMIT, the pattern of the scripted server's bodies, and offsets of 0, 1 and 10 ms. */
void run_open(struct run_of_load *run, const char *scheme, const char *host, uint16_t port);

/* Until on_done. A load that is not ready is finished, not stopped. */
void run_to_its_end(struct run_of_load *run);

/* Fails the test unless it was ready. */
void run_well(struct run_of_load *run);

/* Of one cohort, what ended after the stop: so many, all with this outcome, which took so long at least. */
void run_check(const struct run_of_load *run, enum cohort cohort, enum outcome outcome,
	size_t count, int64_t at_least_us);

void run_close(struct run_of_load *run);
