/* SPDX-License-Identifier: MIT */
/* One turn of the event loop after anything has happened: polls the connections and processes, lets the plan decide,
 * acts, and sets the timer for the next turn. */
#pragma once

#include "lastcall/app_check.h"
#include "lastcall/stop.h"
#include "lastcall/stop_end.h"
#include "lastcall/task_protection.h"

#include <ev.h>

struct turn {
	/* the supervisor's */
	struct ev_loop *ev;
	struct stop *stop;
	struct stop_end *end;
	struct app_check *check;
	struct task_protection *protection;
	msec_t started_at; /* of the application */
	msec_t seen_at; /* the last moment at which lastcall ran */
	msec_t wakes_at; /* what was due then: at once, or the timer; MSEC_NEVER: it is not set, and nothing is late */
	bool poll_is_old; /* something has changed that the last poll cannot have seen */

	bool is_settled; /* it listened before the last pass: it has got its user, too */
	ev_io events_watcher, outside_watcher;
	ev_timer timer;
};

/* The supervisor's pointers are set, but for `check`. */
void turn_init(struct turn *turn);

void turn_step(struct turn *turn);

/* Reaps all exited processes. */
void turn_reap(struct turn *turn);

/* Sets the timer for the next turn. `facts` may be NULL when the plan is DONE. */
void turn_wait(struct turn *turn, const struct stop_facts *facts, msec_t now);
