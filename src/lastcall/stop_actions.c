/* SPDX-License-Identifier: MIT */
#include "lastcall/stop_actions.h"

#include "core/stop/stop_phases.h"

#include "lastcall/app_others.h"
#include "lastcall/stop_log.h"
#include "lastcall/stop_signals.h"

static void signal_main(struct stop *s, msec_t now)
{
	int signal, r;

	app_read_program(&s->app);
	signal = stop_signals_choose(s);
	r = app_stop(&s->app, signal);
	if (!s->app.stop_refused) /* else what ends now is not its doing */
		connection_watch_app_signalled(s->watch);
	stop_log_signalled(s, signal, r, now);
}

/* The main process is about to be killed. What it seemed to wait for is what its author wants to know. */
static void note_still_there(struct stop *s, msec_t now)
{
	const struct conn_counts *counts = &connection_watch_tracker(s->watch)->counts;

	if (!s->plan.signalled || !app_main_is_alive(&s->app) || s->app.killed ||
		s->app.stop_refused)
		return;
	if (connection_watch_sees(s->watch))
		s->history.waited_for = waited_for_judge(counts);
	if (s->plan.killed_while_idle)
		s->history.idle_ms = now - s->plan.idle_since;
	stop_log_still_there(s, now);
}

void stop_actions_send_plain_signal(struct stop *s, msec_t now)
{
	int signal;

	if (now < stop_signals_plain_at(s))
		return;
	signal = stop_signals_plain(s);
	if (app_stop(&s->app, signal) == 0)
		stop_log_signalled_plainly(s, signal);
}

static const char *kill_reason(const struct stop_plan *plan)
{
	if (plan->killed_because == STOP_BECAUSE_HURRY)
		return stop_reason_text(STOP_BECAUSE_HURRY);
	return plan->killed_while_idle ? "nothing is in flight, and it is still running"
				       : "it did not exit within its grace";
}

void stop_actions_do(struct stop *s, unsigned actions, msec_t now)
{
	if (actions & (STOP_DO_KILL_MAIN | STOP_DO_KILL_ALL))
		connection_watch_app_killed(s->watch);
	if (actions & STOP_DO_SIGNAL_MAIN)
		signal_main(s, now);
	if (actions & (STOP_DO_KILL_MAIN | STOP_DO_KILL_ALL))
		note_still_there(s, now);
	if (actions & STOP_DO_KILL_MAIN)
		app_kill_main(&s->app, kill_reason(&s->plan));
	if (actions & STOP_DO_SIGNAL_OTHERS)
		app_signal_others(&s->app);
	if (actions & STOP_DO_LEAVE_MAIN)
		stop_log_left(s);
	if (actions & STOP_DO_KILL_ALL)
		app_kill_all(&s->app, stop_reason_text(s->plan.reason), s->plan.state == STOP_DONE);
}
