/* SPDX-License-Identifier: MIT */
/* When the supervisor has to wake up, if nothing happens before: the one timer of the program. Values in, values
 * out. */
#pragma once

#include "core/stop/stop_plan.h"

/* What is to come besides the plan's own deadlines. All moments are absolute; MSEC_NEVER: nothing is to come. */
struct stop_wakeup_facts {
	msec_t over_at; /* the end of the turn that began at `now`: a pause begins there */

	/* while serving */
	msec_t app_started_at;
	msec_t start_ends; /* an application that is not ready by then is stopped */
	bool app_listens;
	bool is_settled; /* it did so before the last pass: it has become the user it runs as, too */

	/* during a stop */
	msec_t next_poll; /* of the connections */
	msec_t next_outside_poll; /* of the processes from outside */
	msec_t plain_signal_at; /* see stop_wakeup_plain_signal_at() */
	msec_t next_progress; /* the next line of the log */
	bool has_jobs; /* a process declares jobs: nothing reports its end */
	bool is_poll_old; /* something has changed that the last poll cannot have seen */

	/* at its end */
	bool is_reported; /* the report is made, and waits for its reader at most */
	msec_t finish_by; /* until then the last events are waited for */
};

/* Returns the moment; it is over_at or earlier where the next pass is due at once. `facts` are those of the plan's last
 * step; they are not read while serving and at the end. */
msec_t stop_wakeup_at(const struct stop_plan *plan, const struct stop_facts *facts,
	const struct stop_wakeup_facts *wakeup, msec_t now);

/* When a server that finishes its work on its stop signal is sent its plain one: it had half a second to exit after
 * nothing was in flight any more. MSEC_NEVER: not now. has_plain_signal: there is such a signal. */
msec_t stop_wakeup_plain_signal_at(const struct stop_plan *plan, bool has_plain_signal);
