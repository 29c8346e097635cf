/* SPDX-License-Identifier: MIT */
#include "lastcall/stop_log.h"

#include "core/text/duration.h"
#include "core/cli/option_parser.h"
#include "core/recognise/server_signal.h"
#include "core/text/signal_name.h"
#include "core/stop/stop_phases.h"

#include <string.h>

#define PROGRESS_MS 1000
#define DOUBT_SAID_MS 1000

/* When SIGKILL comes: at the last moment, and sooner only where that was asked for. */
static void add_kill_time(struct text *text, const struct stop_plan *plan, msec_t now)
{
	msec_t latest = msec_left(stop_plan_last_moment(plan), now);
	char duration[DURATION_TEXT_BYTES];

	text_add(text, "SIGKILL ");
	if (plan->budget.term_grace < latest)
		text_printf(text, "after a grace of %s, ",
			duration_text(duration, plan->budget.term_grace));
	if (plan->settings.exit_when_idle < latest)
		text_printf(text, "after %s with nothing in flight, ",
			duration_text(duration, plan->settings.exit_when_idle));
	text_printf(text, "in at most %s", duration_text(duration, latest));
}

/* What becomes of an application that we may not signal. */
static const char *what_without_signal(const struct stop *s)
{
	if (s->plan.settings.ends_all && connection_watch_has_listened(s->watch))
		return "lastcall exits when it is idle, and the kernel then kills it";
	return "it must exit by itself before the deadline";
}

void stop_log_may_not_signal(struct stop *s)
{
	if (s->said.may_not_signal || app_may_signal_main(&s->app))
		return;
	s->said.may_not_signal = true;
	log_event(s->log, LOG_WARNING, "may_not_signal",
		"lastcall may not signal the application (pid %d): add KILL to the container's "
		"capabilities, or run lastcall as the application's user",
		s->app.pid);
}

void stop_log_signalled(struct stop *s, int signal, int r, msec_t now)
{
	char kill_time[128], no_handler[48];
	struct text text;

	if (s->app.stop_refused)
		log_event(s->log, LOG_WARNING, "signal_failed", "cannot send %s to pid %d: %s; %s",
			signal_name(signal), s->app.stop_pid, strerror(-r), what_without_signal(s));
	else if (r < 0)
		log_event(s->log, LOG_WARNING, "signal_failed", "cannot send %s to pid %d: %s",
			signal_name(signal), s->app.stop_pid, strerror(-r));
	else {
		text_init(&text, kill_time, sizeof kill_time);
		add_kill_time(&text, &s->plan, now);
		text_init(&text, no_handler, sizeof no_handler);
		if (s->app.handles_stop_signal == 0)
			text_printf(&text, "; no %s handler", signal_name(signal));
		log_event(s->log, LOG_INFO, "app_signalled", "sent %s to pid %d (%s%s); %s",
			signal_name(signal), s->app.stop_pid, stop_reason_text(s->plan.reason),
			no_handler, kill_time);
	}
}

void stop_log_signalled_plainly(struct stop *s, int signal)
{
	log_event(s->log, LOG_INFO, "app_signalled",
		"sent %s to pid %d (its work is finished, and it is still running)",
		signal_name(signal), s->app.stop_pid);
}

void stop_log_left(struct stop *s)
{
	log_event(s->log, LOG_WARNING, "app_left",
		"nothing is in flight; pid %d cannot be signalled, and ends when lastcall exits",
		s->app.pid);
}

/* Only for an application whose work can be seen, and that had none: from any other one the option would take
 * its work. */
static void advise_exit_when_idle(struct stop *s, msec_t idle)
{
	char saved[DURATION_TEXT_BYTES], when_idle[DURATION_TEXT_BYTES], total[DURATION_TEXT_BYTES];
	msec_t usual = s->plan.budget.term_reserve;

	if (s->plan.settings.exit_when_idle != MSEC_NEVER || idle <= usual ||
		s->plan.busy_since_signalled || !connection_watch_has_listened(s->watch))
		return;
	log_event(s->log, LOG_INFO, "idle_but_not_exiting",
		"nothing was in flight for %s: if the application never exits by itself, "
		"--exit-when-idle=%s saves %s",
		duration_text(total, idle), duration_text(when_idle, usual),
		duration_text(saved, idle - usual));
}

void stop_log_still_there(struct stop *s, msec_t now)
{
	char after[DURATION_TEXT_BYTES], bytes[128];
	struct text text;

	text_init(&text, bytes, sizeof bytes);
	waited_for_add(&text, s->history.waited_for, &connection_watch_tracker(s->watch)->counts);
	log_event(s->log, LOG_INFO, "still_there", "pid %d is still running after %s: %s",
		s->app.pid, duration_text(after, now - s->plan.entered[STOP_TERMINATING]), bytes);
	if (s->history.idle_ms != MSEC_NEVER)
		advise_exit_when_idle(s, s->history.idle_ms);
}

/* Why the drain goes on for a while with nothing in flight. */
static void add_lame_duck(struct text *text, const struct stop *s)
{
	const struct stop_budget *budget = &s->plan.budget;
	char duration[DURATION_TEXT_BYTES];

	if (budget->lame_duck_is_default && !connection_watch_has_listened(s->watch))
		return;
	if (budget->min_drain > 0)
		text_printf(text, "; serving for at least %s",
			duration_text(duration, budget->min_drain));
	if (budget->quiet_period > 0)
		text_printf(text, "; serving until no request has arrived for %s",
			duration_text(duration, budget->quiet_period));
	if (budget->lame_duck_is_default)
		text_printf(text, " (%s)", budget->platform->source);
}

/* "3 of 5 connections busy". A connection of the application to itself is held, and not open. */
static void add_connections(struct text *text, const struct stop *s)
{
	const struct conn_counts *counts = &connection_watch_tracker(s->watch)->counts;
	unsigned held = counts->held < counts->open ? counts->held : counts->open;

	if (!connection_watch_sees(s->watch)) {
		text_add(text, "connections cannot be seen");
		return;
	}
	text_printf(text, "%u", counts->busy);
	if (counts->unsure == 0 && held > counts->busy) /* data moved a moment ago */
		text_printf(text, " to %u", held);
	text_printf(text, " of %u connections busy", counts->open);
	if (counts->unsure > 0)
		text_printf(text, ", %u unsure", counts->unsure);
}

/* ", 2 jobs" */
static void add_jobs(struct text *text, const struct stop *s)
{
	unsigned jobs = s->notify.jobs.busy;

	if (jobs > 0)
		text_printf(text, ", %u %s", jobs, jobs == 1 ? "job" : "jobs");
}

void stop_log_began(struct stop *s)
{
	char drain[DURATION_TEXT_BYTES], left[DURATION_TEXT_BYTES], seen[64], lame_duck[128];
	struct text text;

	text_init(&text, seen, sizeof seen);
	add_connections(&text, s);
	add_jobs(&text, s);
	text_init(&text, lame_duck, sizeof lame_duck);
	if (s->plan.state == STOP_DRAINING)
		add_lame_duck(&text, s);
	log_event(s->log, LOG_INFO, "stop_began",
		"%s received: %s%s; drain limit %s, deadline %s%s", signal_name(s->stop_signal),
		s->plan.state == STOP_DRAINING ? "draining, " : "", seen,
		duration_text(drain, s->plan.budget.drain),
		duration_text(left, s->plan.budget.gone), lame_duck);
}

void stop_log_not_ready(struct stop *s, const char *reason)
{
	char timeout[DURATION_TEXT_BYTES];

	log_event(s->log, LOG_WARNING, "not_ready",
		"the application is not ready within %s (%s): stopping it; the exit status is %d",
		duration_text(timeout, s->options->start_timeout), reason, EXIT_STATUS_NOT_READY);
}

void stop_log_goes_on(struct stop *s, int signal)
{
	log_event(s->log, LOG_INFO, "stop_signal", "%s received; the stop continues",
		signal_name(signal));
}

void stop_log_again(struct stop *s, int signal, bool hurries)
{
	log_event(s->log, LOG_INFO, "stop_again", "%s received again; %s", signal_name(signal),
		s->plan.budget.at_once ? "forwarding it"
		: hurries              ? "hurrying"
				       : "the stop continues as planned");
}

void stop_log_doubt(struct stop *s, msec_t now)
{
	const struct conn_counts *counts = &connection_watch_tracker(s->watch)->counts;
	const struct options *options = s->options;
	const struct stop_budget *budget = &s->plan.budget;
	msec_t left = msec_min(
		counts->doubt_ends_in, msec_left(msec_add(s->plan.started, budget->drain), now));
	char origin[64], why[128], longest[DURATION_TEXT_BYTES], wait[DURATION_TEXT_BYTES];
	struct text text;

	if (s->said.doubt || s->plan.doubt_since == MSEC_NEVER || left < DOUBT_SAID_MS)
		return;
	s->said.doubt = true;
	text_init(&text, why, sizeof why);
	if (budget->is_longest_given)
		text_printf(&text, " (%s=%s)",
			option_origin(options, OPTION_LONGEST_REQUEST, origin, sizeof origin),
			duration_text(longest, budget->longest_request));
	else
		text_printf(&text, "; --longest-request limits this (default: %s)",
			duration_text(longest, budget->longest_request));
	log_event(s->log, LOG_INFO, "doubt",
		"waiting up to %s for %u connection%s that may still be in use%s",
		duration_text(wait, left), counts->unsure, counts->unsure == 1 ? "" : "s", why);
}

/* "3 busy, 1 unsure, 5 open". */
static void add_held(struct text *text, const struct stop *s)
{
	const struct conn_counts *counts = &connection_watch_tracker(s->watch)->counts;

	if (!connection_watch_sees(s->watch)) {
		text_add(text, "connections cannot be seen");
		return;
	}
	text_printf(text, "%u busy", counts->busy);
	if (counts->unsure > 0)
		text_printf(text, ", %u unsure", counts->unsure);
	text_printf(text, ", %u open", counts->open);
}

void stop_log_progress(struct stop *s, msec_t now)
{
	char left[DURATION_TEXT_BYTES], since[DURATION_TEXT_BYTES], held[96];
	struct text text;

	if (s->plan.state == STOP_SERVING || now < stop_log_next_progress(s))
		return;
	s->said.progress_at = now;
	log_release(s->log); /* a stop that takes long shows what it waits for */
	text_init(&text, held, sizeof held);
	add_held(&text, s);
	add_jobs(&text, s);
	log_event(s->log, LOG_INFO, "progress", "%s for %s: %s; %s left",
		stop_state_name(s->plan.state),
		duration_text(since, now - s->plan.entered[s->plan.state]), held,
		duration_text(left, msec_left(s->plan.deadline, now)));
}

msec_t stop_log_next_progress(const struct stop *s)
{
	return msec_add(s->said.progress_at, PROGRESS_MS);
}

/* A main process that succeeds while what it has started goes on is a daemon, as a rule: it has forked, or was
 * replaced by its next version (USR2). */
void stop_log_in_background(struct stop *s)
{
	const struct server_signal *server;

	if (s->plan.signalled || s->stop_signals > 0 || s->app.end.signal != 0 ||
		s->app.end.exit_code != 0 || !s->app.others_left)
		return;
	program_take_command(&s->app.program, s->options->command);
	server = server_signal_of(&s->app.program);
	log_event(s->log, LOG_WARNING, "in_background",
		"the application has exited, but processes that it started are running: if it went "
		"into the background, keep it in the foreground%s%s",
		server != NULL && server->foreground[0] != '\0' ? ": " : "",
		server != NULL ? server->foreground : "");
}

void stop_log_one_off(struct stop *s)
{
	int64_t oom_kills = oom_kills_count(&s->app.oom_kills);

	log_forget_held(s->log);
	if (s->app.end.signal > 0)
		app_log_end(&s->app);
	else if (oom_kills > 0)
		log_event(s->log, LOG_WARNING, "out_of_memory",
			"application (pid %d) exited with %d; the container is out of memory, and "
			"the kernel has killed %d of its processes",
			s->app.pid, s->app.end.exit_code, (int)oom_kills);
	log_release(s->log);
}
