/* SPDX-License-Identifier: MIT */
/* The stop, from the signal to our exit, as a state machine. It is fed with what is true now and says
 * what to do; it keeps no clock and makes no call. All times are absolute.
 *
 *	SERVING -> DRAINING -> TERMINATING -> LEFTOVERS -> KILLING -> FLUSHING -> DONE
 *
 * SERVING      runs until a stop signal, the application's own end, or the end of its time to get
 *              ready: an application that is not is signalled at once, for no client has a
 *              request in it.
 * DRAINING     waits for work in flight; ends when there is none (and the minimum is served, and
 *              nothing new has come for the quiet period), when the budget is spent, when
 *              hurried, or when the application ends by itself.
 *              Clients that ask again before --settle is over would hold it to its end, and be cut in
 *              mid-request then. So in the last third of the budget, when none holds it with a
 *              request that began before that third, it ends as soon as a poll finds no more
 *              requests in flight than the fewest there have been.
 * TERMINATING  the application was signalled; waits for its main process to end, until the last
 *              moment. A grace that was given runs out sooner, but only while nothing is in flight:
 *              work that the application still finishes may use the drain budget too, and the grace
 *              begins when it is finished. Then the main process is killed. One that may not be
 *              signalled is left to our own end as soon as nothing is in flight, if it listened: else
 *              what it does cannot be seen.
 * LEFTOVERS    the main process has ended, others have not; they were signalled, and may finish until the
 *              deadline less the kill reserve. Interactive shells have two seconds.
 * KILLING      everything was sent SIGKILL; waits for it to be gone.
 * FLUSHING     no process is left; waits for bytes that the peers have not acknowledged.
 * DONE         report and exit. Entered from any state a moment before the deadline, at the latest: the
 *              report has to be written, too.
 *
 * States are passed without stopping when there is nothing to wait for: one step may walk several.
 */
#pragma once

#include "core/stop/stop_budget.h"

enum stop_state {
	STOP_SERVING,
	STOP_DRAINING,
	STOP_TERMINATING,
	STOP_LEFTOVERS,
	STOP_KILLING,
	STOP_FLUSHING,
	STOP_DONE,
	STOP_STATE_COUNT,
};

/* What is true now. */
struct stop_facts {
	unsigned stop_signals; /* arrived so far */
	unsigned
		hurries; /* of those after the first, the ones that ask for the next step at once */
	bool start_timed_out; /* the application has not become ready in time */
	bool main_alive;
	bool stop_refused; /* the kernel did not let us send the main process its stop signal */
	bool others_alive; /* any other process: descendants, and jobs from outside (docker exec) */
	bool shells_alive; /* shells from outside, on a terminal */
	bool connections_visible; /* a detector works */
	msec_t polled_at; /* when it polled last: older than a state says nothing about it */
	msec_t dumped_at; /* when it polled all connections last: between two such polls it sees nothing new */
	unsigned busy; /* connections with work in flight, the accept queue included */
	unsigned undelivered; /* sockets with bytes that the peer has not acknowledged */
	bool has_listened; /* a listening socket of the application was seen */
	msec_t last_arrival; /* of a connection or a request; at the earliest the stop signal */

	unsigned unsure; /* of the busy ones, those that hold for doubt alone */
	unsigned unproven; /* of these, those that hold until --longest-request ends it */
	unsigned in_flight; /* of the busy ones, those with a request in flight now */
	msec_t asked_since; /* when the oldest request began of those that hold; MSEC_NEVER: some may have
			     * had theirs before the stop */
};

/* What to do now, as bits; each is asked for once (STOP_DO_KILL_ALL until nothing is left). */
enum stop_action {
	STOP_DO_SIGNAL_MAIN = 1 << 0, /* send it its stop signal, and SIGCONT so that it can act */
	STOP_DO_KILL_MAIN = 1 << 1,
	STOP_DO_SIGNAL_OTHERS = 1 << 2, /* SIGTERM and SIGCONT to all that is left */
	STOP_DO_KILL_ALL = 1 << 3,
	STOP_DO_LEAVE_MAIN = 1 << 4, /* nothing: the main process ends with us */
};

/* Why the current state was entered. */
enum stop_reason {
	STOP_BECAUSE_SIGNAL, /* a stop signal arrived */
	STOP_BECAUSE_NOT_READY, /* the application was not ready in time */
	STOP_BECAUSE_IDLE, /* nothing is in flight */
	STOP_BECAUSE_LULL, /* clients go on asking, and few do now */
	STOP_BECAUSE_BUDGET, /* the phase's time is spent */
	STOP_BECAUSE_HURRY, /* asked again, with --hurry or on a terminal */
	STOP_BECAUSE_APP_ENDED, /* the main process is gone */
	STOP_BECAUSE_REFUSED, /* the main process cannot be signalled, and nothing is in flight */
	STOP_BECAUSE_ALL_GONE, /* the last process is gone */
	STOP_BECAUSE_DELIVERED, /* all bytes are acknowledged */
	STOP_REASON_COUNT,
};

/* How a stop goes, besides its budget. */
struct stop_settings {
	enum stop_order order;
	enum stop_wait wait;
	bool ends_all; /* we are PID 1: the kernel kills what is there when we exit */
	msec_t exit_when_idle; /* MSEC_NEVER: off */
};

struct stop_plan {
	/* only stop_plan_step writes these */
	enum stop_state state;
	enum stop_reason reason;
	msec_t entered[STOP_STATE_COUNT]; /* MSEC_NEVER: not entered */
	msec_t started; /* when the stop began; MSEC_NEVER before */
	msec_t deadline; /* when we must be gone: started + T - M */
	msec_t killed_at; /* the first SIGKILL; MSEC_NEVER: none */
	unsigned fewest_in_flight; /* that a poll of the drain has found */
	msec_t doubt_since; /* nothing but doubt holds the drain; MSEC_NEVER: something does */
	msec_t doubted; /* how long that was so before */
	msec_t idle_since; /* after the application was signalled; MSEC_NEVER: is not */
	bool signalled, main_killed;
	bool busy_since_signalled; /* work was in flight after the stop signal, or could not be seen */
	bool killed_while_idle; /* it had nothing in flight and still did not end */
	enum stop_reason killed_because; /* for the main process */
	bool not_ready; /* it is stopped because it was not ready in time */
	bool ended_by_itself; /* the main process ended before it was signalled */
	bool budget_exhausted; /* the drain ended with work in flight, or unable to see any */
	unsigned hurried; /* stop signals acted upon after the first */
	msec_t absent; /* what the application gets again for freezes, of its start or since it was signalled */

	struct stop_budget budget;
	struct stop_settings settings;
};

void stop_plan_init(struct stop_plan *plan, const struct stop_budget *budget,
	const struct stop_settings *settings);

/* Takes what is true at `now` and runs until nothing changes any more. Returns the actions to carry
 * out, in the order of their bits. */
unsigned stop_plan_step(struct stop_plan *plan, const struct stop_facts *facts, msec_t now);

/* lastcall runs now. It ran last at seen_at, and was due again at due_at: seen_at within a turn, else the end of a
 * sleep; MSEC_NEVER where none was set. After a freeze the application gets as much time again as it may have lost, to
 * become ready or to exit; to exit, never more than the deadline leaves. A freeze may have begun at any moment of a
 * sleep. What connections get again is for conn_tracker_note_late(). */
void stop_plan_note_late(struct stop_plan *plan, msec_t seen_at, msec_t due_at, msec_t now);

/* When an application that is not ready is stopped, if that would be at ends_at without a freeze. MSEC_NEVER stays. */
msec_t stop_plan_start_ends(const struct stop_plan *plan, msec_t ends_at);

/* What a step with these facts would need a poll of all connections for: a request may have come that they do not
 * show. */
enum stop_reliance {
	STOP_RELIES_ON_NOTHING, /* it would be the same with such a request */
	STOP_RELIES_TO_REPORT, /* it kills the main process in any case, and says what was in flight then */
	STOP_RELIES_TO_ACT, /* it would do something else */
};
enum stop_reliance stop_plan_relies_on_idleness(
	const struct stop_plan *plan, const struct stop_facts *facts, msec_t now);

/* The facts as they may be where it is not known what has come since the last poll of all connections. */
struct stop_facts stop_facts_doubted(const struct stop_facts *facts);

/* When step must be called at the latest, whatever happens; MSEC_NEVER while serving. */
msec_t stop_plan_next_deadline(
	const struct stop_plan *plan, const struct stop_facts *facts, msec_t now);

/* Whether the application is signalled while it has work, or may have: a server is sent the signal on
 * which it finishes that. */
bool stop_plan_leaves_work(const struct stop_plan *plan);

/* What is there then is sent SIGKILL, whatever else was to be waited for; MSEC_NEVER while serving. */
msec_t stop_plan_last_moment(const struct stop_plan *plan);
