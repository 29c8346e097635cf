/* SPDX-License-Identifier: MIT */
#include "lastcall/supervisor.h"

#include "core/option_parser.h"
#include "core/duration.h"
#include "core/server_signal.h"
#include "core/signal_name.h"
#include "core/stop_signal.h"
#include "core/timeline.h"
#include "lastcall/app.h"
#include "lastcall/app_check.h"
#include "lastcall/health_answers.h"
#include "lastcall/http_server.h"
#include "lastcall/loop_memory.h"
#include "lastcall/stop_report.h"
#include "sys/fd.h"
#include "sys/monoclock.h"
#include "sys/terminal.h"
#include "sys/zero_pages.h"

#include <ev.h>
#include <signal.h>
#include <string.h>

#define SIGNALS_AT_ONCE 16
#define BATCHES_AT_ONCE 8 /* a flood of signals must not keep us from the clock */
#define PROGRESS_MS 1000
#define DOUBT_SAID_MS 1000

/* Work that ends so soon after the application's stop signal was cut by it: unicorn needs 121 ms to kill its
 * workers, and those that finish theirs within a time of their own have more of it. */
#define CUT_BY_SIGNAL_MS 1000

/* A server that has finished its work ends by itself in less, unless it waits for connections never used. */
#define DONE_WITH_WORK_MS 500

#define LAST_EVENTS_MS 100 /* the kernel sends them from a work queue: they may be late */
#define KILL_AGAIN_MS 20 /* what was forked while everything was being killed */

/* A load balancer's first probe shall find a ready application ready, and its ports must be known
 * before it ends, also where nobody probes. So we ask while it starts, but no longer than this: idle, we
 * do not wake up. */
#define STARTING_LOOK_MS 10
#define STARTING_WATCHED_MS 30000

struct supervisor {
	struct log *log;
	struct ev_loop *loop;
	struct connection_watch *watch;
	struct app_check *check;
	bool look_is_old; /* something has changed that the last look cannot have seen */
	unsigned stop_signals, hurries; /* hurries: those that ask for the next step */
	int stop_signal; /* the first one that arrived */
	msec_t started_at, said_progress_at;
	msec_t first_cut_at; /* when work was first seen to be cut; MSEC_NEVER: was not */
	msec_t finish_by; /* when all is over: until then we wait for the last events */
	bool has_said_doubt;
	bool is_finished; /* the report is made */
	bool said_may_not_signal;
	bool is_settled; /* it listened before the last pass: it has got its user, too */

	struct stop_plan plan;
	struct app app;
	struct supervisor_setup setup;
	ev_io signals_watcher, events_watcher, report_watcher, outside_watcher;
	ev_timer timer;
#if EV_PERIODIC_ENABLE
	ev_periodic never; /* see sleep_without_wakeups */
#endif
	struct health_answers answers;
	struct stop_history history;
	struct stop_report report;
	struct http_server http;
};

static void step(struct supervisor *s);
static void reap(struct supervisor *s);

/* ---- the plan's actions ---- */

/* Whether the application is told while it has work, or may have. */
static bool is_work_left(const struct stop_plan *plan)
{
	return plan->budget_exhausted || plan->reason == STOP_BECAUSE_SIGNAL;
}

/* When SIGKILL comes: at the last moment, and sooner only where that was asked for. */
static void add_kill_time(struct text *text, const struct stop_plan *plan, msec_t now)
{
	msec_t latest = stop_plan_last_moment(plan) - now;
	char duration[DURATION_TEXT_BYTES];

	text_add(text, "SIGKILL ");
	if (plan->budget.term_grace < latest)
		text_printf(text, "after its grace of %s, ",
			duration_text(duration, plan->budget.term_grace));
	if (plan->settings.exit_when_idle < latest)
		text_printf(text, "after %s with nothing in flight, ",
			duration_text(duration, plan->settings.exit_when_idle));
	text_printf(text, "in %s at the latest", duration_text(duration, latest));
}

/* What becomes of an application that we may not signal. */
static const char *what_without_signal(const struct supervisor *s)
{
	if (s->plan.settings.ends_all && connection_watch_has_listened(s->watch))
		return "it is ended by our exit, when nothing is in flight any more";
	return "it has to end by itself until the deadline";
}

/* Known as soon as it runs as another user: where somebody can still do something about it. */
static void say_may_not_signal(struct supervisor *s)
{
	if (s->said_may_not_signal || app_may_signal_main(&s->app))
		return;
	s->said_may_not_signal = true;
	log_event(s->log, LOG_WARNING, "may_not_signal",
		"the application runs as another user, and CAP_KILL is missing: no signal reaches "
		"pid %d; add KILL to the container's capabilities, or start all of it as that user",
		s->app.pid);
}

/* Where there is no time to drain nothing is replaced, as with --drain=off. */
static int choose_stop_signal(const struct supervisor *s)
{
	const struct options *options = s->setup.options;

	if (s->setup.budget->at_once && s->stop_signal > 0 &&
		!stop_signal_is_chosen(options, s->stop_signal))
		return s->stop_signal;
	return stop_signal_to_send(
		options, &s->app.program, s->stop_signal, is_work_left(&s->plan));
}

static void signal_main(struct supervisor *s, msec_t now)
{
	char kill_time[128];
	struct text text;
	int signal, r;

	app_read_program(&s->app);
	signal = choose_stop_signal(s);
	r = app_stop(&s->app, signal);
	if (!s->app.stop_refused) /* else what ends now is not its doing */
		connection_watch_app_told(s->watch);
	if (s->app.stop_refused)
		log_event(s->log, LOG_WARNING, "signal_failed", "cannot send %s to pid %d: %s; %s",
			signal_name(signal), s->app.pid, strerror(-r), what_without_signal(s));
	else if (r < 0)
		log_event(s->log, LOG_WARNING, "signal_failed", "cannot send %s to pid %d: %s",
			signal_name(signal), s->app.pid, strerror(-r));
	else {
		text_init(&text, kill_time, sizeof kill_time);
		add_kill_time(&text, &s->plan, now);
		log_event(s->log, LOG_INFO, "app_signalled", "%s sent to pid %d (%s); %s%s",
			signal_name(signal), s->app.pid, stop_reason_text(s->plan.reason),
			kill_time,
			s->app.handles_stop_signal == 0 ? "; it has no handler for it" : "");
	}
}

/* Only to an application whose work can be seen, and who had none: of every other one it would take what it
 * does. */
static void advise_exit_when_idle(struct supervisor *s, msec_t idle)
{
	char saved[DURATION_TEXT_BYTES], when_idle[DURATION_TEXT_BYTES], total[DURATION_TEXT_BYTES];
	msec_t usual = s->plan.budget.term_reserve;

	if (s->plan.settings.exit_when_idle != MSEC_NEVER || idle <= usual ||
		s->plan.busy_since_signalled || !connection_watch_has_listened(s->watch))
		return;
	log_event(s->log, LOG_INFO, "idle_but_not_exiting",
		"nothing was in flight for %s: if it never ends by itself, --exit-when-idle=%s "
		"saves %s",
		duration_text(total, idle), duration_text(when_idle, usual),
		duration_text(saved, idle - usual));
}

/* The main process is about to be killed. What it seemed to wait for is what its author wants to know. */
static void note_still_there(struct supervisor *s, msec_t now)
{
	const struct census_counts *counts = &connection_watch_census(s->watch)->counts;
	char after[DURATION_TEXT_BYTES], bytes[128];
	struct text text;

	if (!app_main_is_alive(&s->app) || s->app.killed || s->app.stop_refused)
		return;
	if (connection_watch_sees(s->watch))
		s->history.waited_for = waited_for_judge(counts);
	if (s->plan.killed_while_idle)
		s->history.idle_ms = now - s->plan.idle_since;
	text_init(&text, bytes, sizeof bytes);
	waited_for_add(&text, s->history.waited_for, counts);
	log_event(s->log, LOG_INFO, "still_there", "pid %d is still there after %s: %s", s->app.pid,
		duration_text(after, now - s->plan.entered[STOP_TERMINATING]), bytes);
	if (s->history.idle_ms != MSEC_NEVER)
		advise_exit_when_idle(s, s->history.idle_ms);
}

/* When a server that finishes its work has had time enough to end after it; MSEC_NEVER: there is none. */
static msec_t plain_signal_at(const struct supervisor *s)
{
	if (s->plan.state != STOP_TERMINATING || s->plan.main_killed ||
		s->plan.idle_since == MSEC_NEVER ||
		stop_signal_to_send_when_done(
			s->setup.options, &s->app.program, s->stop_signal, s->app.stop_signal) == 0)
		return MSEC_NEVER;
	return msec_add(s->plan.idle_since, DONE_WITH_WORK_MS);
}

static void send_plain_signal_if_due(struct supervisor *s, msec_t now)
{
	int signal;

	if (now < plain_signal_at(s))
		return;
	signal = stop_signal_to_send_when_done(
		s->setup.options, &s->app.program, s->stop_signal, s->app.stop_signal);
	if (app_stop(&s->app, signal) == 0)
		log_event(s->log, LOG_INFO, "app_signalled",
			"%s sent to pid %d (its work is finished, and it has not ended)",
			signal_name(signal), s->app.pid);
}

static const char *kill_reason(const struct stop_plan *plan)
{
	if (plan->killed_because == STOP_BECAUSE_HURRY)
		return stop_reason_text(STOP_BECAUSE_HURRY);
	return plan->killed_while_idle ? "it has nothing in flight and still does not end"
				       : "it did not end within its grace";
}

static void act(struct supervisor *s, unsigned actions, msec_t now)
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
		log_event(s->log, LOG_WARNING, "app_left",
			"nothing is in flight; pid %d, which cannot be signalled, ends with us",
			s->app.pid);
	if (actions & STOP_DO_KILL_ALL)
		app_kill_all(&s->app, stop_reason_text(s->plan.reason));
}

/* ---- the stop ---- */

/* When an application that is not ready is stopped; MSEC_NEVER once it was, or without a limit. */
static msec_t start_ends(const struct supervisor *s)
{
	if (app_check_was_ready(s->check))
		return MSEC_NEVER;
	return msec_add(s->started_at, s->setup.options->start_timeout);
}

static struct stop_facts gather_facts(const struct supervisor *s, msec_t now)
{
	const struct census_counts *counts = &connection_watch_census(s->watch)->counts;

	return (struct stop_facts){
		.stop_signals = s->stop_signals,
		.hurries = s->hurries,
		.main_alive = app_main_is_alive(&s->app),
		.stop_refused = s->app.stop_refused,
		.others_alive = s->app.others_left || s->app.outside.jobs > 0,
		.shells_alive = s->app.outside.shells > 0,
		.connections_visible = connection_watch_sees(s->watch),
		.looked_at = s->look_is_old ? -1 : connection_watch_looked_at(s->watch),
		/* who seems to have given up may have been cut by a crash: SIGCHLD will tell */
		.busy = counts->held + connection_watch_suspects_death(s->watch, now),
		.unsure = counts->unsure,
		.unproven = counts->unproven,
		.in_flight = counts->in_flight,
		.asked_since = counts->holds_from_before ? MSEC_NEVER
							 : connection_watch_looked_at(s->watch) -
								   counts->oldest_request_ms,
		.undelivered = counts->undelivered,
		.has_listened = connection_watch_has_listened(s->watch),
		.last_arrival = connection_watch_census(s->watch)->totals.last_arrival,
		.start_timed_out = now >= start_ends(s),
	};
}

static void note_in_timeline(struct supervisor *s, msec_t now)
{
	const struct census_counts *counts = &connection_watch_census(s->watch)->counts;

	timeline_add(&s->history.timeline, now - s->plan.started, counts->busy, counts->open);
}

/* Why the drain goes on for a while with nothing in flight. */
static void add_lame_duck(struct text *text, const struct supervisor *s)
{
	const struct stop_budget *budget = &s->plan.budget;
	char duration[DURATION_TEXT_BYTES];

	if (budget->lame_duck_is_default && !connection_watch_has_listened(s->watch))
		return;
	if (budget->min_drain > 0)
		text_printf(text, "; serving for %s at least",
			duration_text(duration, budget->min_drain));
	if (budget->quiet_period > 0)
		text_printf(text, "; serving until nothing has come for %s",
			duration_text(duration, budget->quiet_period));
	if (budget->lame_duck_is_default)
		text_printf(text, " (%s)", budget->platform->source);
}

static void say_stop_began(struct supervisor *s)
{
	const struct census_counts *counts = &connection_watch_census(s->watch)->counts;
	char drain[DURATION_TEXT_BYTES], left[DURATION_TEXT_BYTES], seen[64], lame_duck[128];
	struct text text;

	text_init(&text, seen, sizeof seen);
	if (!connection_watch_sees(s->watch))
		text_add(&text, "connections cannot be seen");
	else if (counts->unsure > 0)
		text_printf(&text, "%u busy, %u unsure of %u open connections", counts->busy,
			counts->unsure, counts->open);
	else if (counts->held > counts->busy) /* data moved just now: time will tell */
		text_printf(&text, "%u to %u busy of %u open connections", counts->busy,
			counts->held, counts->open);
	else
		text_printf(&text, "%u busy of %u open connections", counts->busy, counts->open);
	text_init(&text, lame_duck, sizeof lame_duck);
	if (s->plan.state == STOP_DRAINING)
		add_lame_duck(&text, s);
	log_event(s->log, LOG_INFO, "stop_began",
		"%s received: %s; they have %s to finish, and we are gone in %s%s",
		signal_name(s->stop_signal), seen, duration_text(drain, s->plan.budget.drain),
		duration_text(left, s->plan.budget.gone), lame_duck);
}

static void say_not_ready(struct supervisor *s, msec_t now)
{
	char timeout[DURATION_TEXT_BYTES];

	log_event(s->log, LOG_WARNING, "not_ready",
		"the application is not ready within %s (%s); it is stopped, and we exit with %d",
		duration_text(timeout, s->setup.options->start_timeout),
		app_check_state(s->check, now)->reason, EXIT_STATUS_NOT_READY);
}

static void begin_stop(struct supervisor *s, msec_t now)
{
	const struct census_counts *counts = &connection_watch_census(s->watch)->counts;
	int events_fd;

	app_check_stop(s->check);
	events_fd = connection_watch_follow(s->watch, now);

	if (events_fd >= 0) {
		ev_io_set(&s->events_watcher, events_fd, EV_READ);
		ev_io_start(s->loop, &s->events_watcher);
	}
	s->history.stopped_unix_ms = wallclock_unix_ms();
	s->history.app_ended_unseen |= !app_main_is_alive(&s->app);
	s->history.open_at_stop = counts->open;
	s->history.accept_queue_at_stop = counts->unaccepted;
	s->said_progress_at = now;
	note_in_timeline(s, now);
	if (s->plan.not_ready)
		say_not_ready(s, now);
	if (s->stop_signals > 0) {
		say_stop_began(s);
		connection_watch_say_wrong_ports(s->watch);
	}
}

/* Once, where it takes long enough for somebody to ask what it waits for. */
static void say_doubt(struct supervisor *s, msec_t now)
{
	const struct census_counts *counts = &connection_watch_census(s->watch)->counts;
	const struct options *options = s->setup.options;
	const struct stop_budget *budget = &s->plan.budget;
	msec_t left = msec_min(
		counts->doubt_ends_in, msec_left(msec_add(s->plan.started, budget->drain), now));
	char origin[64], why[128], longest[DURATION_TEXT_BYTES], wait[DURATION_TEXT_BYTES];
	struct text text;

	if (s->has_said_doubt || s->plan.doubt_since == MSEC_NEVER || left < DOUBT_SAID_MS)
		return;
	s->has_said_doubt = true;
	text_init(&text, why, sizeof why);
	if (budget->is_longest_given)
		text_printf(&text, " (%s=%s)",
			option_origin(options, OPTION_LONGEST_REQUEST, origin, sizeof origin),
			duration_text(longest, budget->longest_request));
	else
		text_printf(&text, "; --longest-request ends this sooner (default: %s)",
			duration_text(longest, budget->longest_request));
	log_event(s->log, LOG_INFO, "doubt",
		"waiting up to %s for %u connection%s that may still be in use%s",
		duration_text(wait, left), counts->unsure, counts->unsure == 1 ? "" : "s", why);
}

static void say_progress(struct supervisor *s, msec_t now)
{
	const struct census_counts *counts = &connection_watch_census(s->watch)->counts;
	char left[DURATION_TEXT_BYTES], since[DURATION_TEXT_BYTES], unsure[32];
	struct text text;

	if (s->plan.state == STOP_SERVING || now < msec_add(s->said_progress_at, PROGRESS_MS))
		return;
	s->said_progress_at = now;
	log_release(s->log); /* who waits wants to know for what */
	text_init(&text, unsure, sizeof unsure);
	if (counts->unsure > 0)
		text_printf(&text, ", %u unsure", counts->unsure);
	log_event(s->log, LOG_INFO, "progress", "%s for %s: %u busy%s, %u open; %s left",
		stop_state_name(s->plan.state),
		duration_text(since, now - s->plan.entered[s->plan.state]), counts->busy, unsure,
		counts->open, duration_text(left, msec_left(s->plan.deadline, now)));
}

static msec_t next_starting_look(const struct supervisor *s, msec_t now)
{
	bool is_over = (s->is_settled && connection_watch_app_listens(s->watch)) ||
		       now - s->started_at >= STARTING_WATCHED_MS;

	return msec_min(is_over ? MSEC_NEVER : now + STARTING_LOOK_MS, start_ends(s));
}

static msec_t next_step(const struct supervisor *s, const struct stop_facts *facts, msec_t now)
{
	msec_t at;

	if (s->plan.state == STOP_SERVING)
		return next_starting_look(s, now);
	if (s->plan.state == STOP_DONE)
		return s->is_finished ? s->plan.deadline : s->finish_by;
	at = msec_min(stop_plan_next_deadline(&s->plan, facts, now),
		connection_watch_next_look(s->watch));
	if (s->plan.state == STOP_LEFTOVERS)
		at = msec_min(at, outside_next_poll(&s->app.outside));
	at = msec_min(at, plain_signal_at(s));
	if (s->plan.state == STOP_KILLING)
		at = msec_min(at, msec_add(now, KILL_AGAIN_MS));
	if (s->look_is_old && now == s->plan.entered[s->plan.state])
		at = now; /* after whom we have just told has had the processor */
	return msec_min(at, msec_add(s->said_progress_at, PROGRESS_MS));
}

static void arm_timer(struct supervisor *s, const struct stop_facts *facts, msec_t now)
{
	msec_t at = next_step(s, facts, now);

	if (at == MSEC_NEVER) {
		ev_timer_stop(s->loop, &s->timer);
		return;
	}
	ev_now_update(s->loop);
	s->timer.repeat = (double)msec_max(msec_left(at, now), 1) / 1000.0;
	ev_timer_again(s->loop, &s->timer);
}

static void look_if_due(struct supervisor *s, msec_t now)
{
	if (!s->look_is_old && now < connection_watch_next_look(s->watch))
		return;
	connection_watch_look(s->watch, now);
	s->look_is_old &= connection_watch_looked_at(s->watch) < now; /* it may have failed */
	note_in_timeline(s, now);
}

/* Who came from outside matters when the main process has ended. An orphan of theirs is our child: so
 * who has ended is asked after them. */
static void poll_outside_if_due(struct supervisor *s, msec_t now)
{
	struct outside *outside = &s->app.outside;
	/* as long as there are children nobody asks for others: a fork bomb leaves no time for it */
	bool is_killing = s->plan.state == STOP_KILLING && !s->app.others_left;

	if (s->plan.state >= STOP_FLUSHING || app_main_is_alive(&s->app) ||
		(!outside->is_old && !is_killing && now < outside_next_poll(outside)))
		return;
	outside_poll(outside, s->app.others_left, now);
	if (outside->pidfd >= 0 && !ev_is_active(&s->outside_watcher)) {
		ev_io_set(&s->outside_watcher, outside->pidfd, EV_READ);
		ev_io_start(s->loop, &s->outside_watcher);
	}
	reap(s);
}

static void write_report(struct supervisor *s)
{
	int r = stop_report_write(&s->report);

	if (r == -EAGAIN && monoclock_now() < s->plan.deadline) {
		if (!ev_is_active(&s->report_watcher)) {
			ev_io_set(&s->report_watcher, s->report.sink->fd, EV_WRITE);
			ev_io_start(s->loop, &s->report_watcher);
		}
		return;
	}
	if (r < 0)
		log_event(s->log, LOG_WARNING, "report_lost", "cannot write the report: %s",
			strerror(-r));
	ev_io_stop(s->loop, &s->report_watcher);
	ev_break(s->loop, EVBREAK_ALL);
}

/* When it is seen matters, not when the main process ends: Apache's takes another second. */
static void note_first_cut(struct supervisor *s, msec_t now)
{
	if (s->first_cut_at == MSEC_NEVER && connection_watch_census(s->watch)->totals.cut > 0)
		s->first_cut_at = now;
}

/* What would have let a known server finish its work: another signal than the user's, or a setting of its
 * own. The signal that we chose by ourselves was the right one. */
static void add_advice(struct text *text, const struct supervisor *s)
{
	const struct server_signal *server = server_signal_of(&s->app.program);
	int received = s->stop_signal > 0 ? s->stop_signal : SIGTERM;
	const char *finishing;

	if (server == NULL || !server->finishes)
		return;
	finishing = signal_name(server->finishing);
	if (s->app.stop_signal == server->finishing && server->needs[0] != '\0')
		text_printf(text, "; it finishes them only with %s", server->needs);
	if (s->app.stop_signal == server->finishing ||
		!stop_signal_is_chosen(s->setup.options, s->stop_signal))
		return;
	text_printf(text, "; it finishes them on %s: give ", finishing);
	if (s->setup.options->rewrite[received] != received) /* that wins */
		text_printf(text, "--rewrite=%s:%s", signal_name(received) + 3, finishing + 3);
	else
		text_printf(text, "--stop-signal=%s", finishing);
}

/* Whether the main process ended before it was told to, or of something else. */
static bool ended_unasked(const struct supervisor *s)
{
	int signal = s->app.end.signal;

	return !s->plan.signalled || (signal > 0 && signal != s->app.stop_signal && !s->app.killed);
}

/* Work ended so soon after the signal that the application cannot have meant to finish it. */
static void diagnose_end(struct supervisor *s)
{
	unsigned cut = connection_watch_census(s->watch)->totals.cut;
	msec_t told = s->plan.entered[STOP_TERMINATING];
	msec_t cut_at = msec_min(s->first_cut_at, s->app.end.ended ? s->app.ended_at : MSEC_NEVER);
	char took[DURATION_TEXT_BYTES], advice_bytes[96];
	struct text advice;

	if (!s->plan.signalled || cut == 0 || (s->app.end.ended && ended_unasked(s)) ||
		cut_at >= s->plan.killed_at || cut_at > msec_add(told, CUT_BY_SIGNAL_MS))
		return;
	s->history.died_with_work = true;
	text_init(&advice, advice_bytes, sizeof advice_bytes);
	add_advice(&advice, s);
	log_event(s->log, LOG_WARNING, "died_with_work", "'%s' cut %u busy %s %s after %s%s",
		s->app.program.name, cut, cut == 1 ? "connection" : "connections",
		duration_text(took, msec_left(cut_at, told)), signal_name(s->app.stop_signal),
		advice.buf);
}

/* Whether it was a command and no service: it has ended by itself, was never seen to listen, and nothing happened
 * that anybody would have to be told of. With --verbose nothing is kept back. */
static bool was_one_off(const struct supervisor *s)
{
	return s->log->holds;
}

/* Its end is said where it was no end of its own choosing. */
static void say_end_of_one_off(struct supervisor *s)
{
	int64_t oom_kills = oom_kills_count(&s->app.oom_kills);

	log_forget_held(s->log);
	if (s->app.end.signal > 0)
		app_say_end(&s->app);
	else if (oom_kills > 0)
		log_event(s->log, LOG_WARNING, "out_of_memory",
			"the application (pid %d) exited with %d; the container is out of memory, "
			"and "
			"the kernel has killed %d of its processes",
			s->app.pid, s->app.end.exit_code, (int)oom_kills);
	log_release(s->log);
}

static void finish(struct supervisor *s)
{
	static struct report_sink no_report = {.fd = -1};
	struct stop_report_input input = {
		.options = s->setup.options,
		.plan = &s->plan,
		.watch = s->watch,
		.history = &s->history,
		.stop_signal = s->stop_signals > 0 ? s->stop_signal : 0,
		.app = &s->app,
		.degraded = s->setup.degraded,
		.is_subreaper = s->setup.is_subreaper,
	};

	bool is_one_off = was_one_off(s);

	s->is_finished = true;
	connection_watch_finish(s->watch, monoclock_now());
	note_first_cut(s, monoclock_now());
	diagnose_end(s);
	input.health = http_server_counts(&s->http);
	if (is_one_off)
		say_end_of_one_off(s);
	stop_report_prepare(&s->report,
		is_one_off && s->setup.options->given[OPTION_REPORT] == NULL ? &no_report
									     : s->setup.report,
		&input);
	if (s->log->dropped > 0)
		log_event(s->log, LOG_WARNING, "log_dropped",
			"%lu log lines were dropped: stderr was full", s->log->dropped);
	if (!is_one_off)
		log_event(s->log, LOG_INFO, "stopped", "%s", s->report.summary);
	write_report(s);
}

/* All is over. Without the last events an answered request would be reported as cut. */
static void conclude(struct supervisor *s, msec_t now)
{
	if (s->is_finished) {
		write_report(s);
		return;
	}
	s->finish_by =
		msec_min(s->finish_by, msec_min(msec_add(now, LAST_EVENTS_MS), s->plan.deadline));
	connection_watch_read_events(s->watch, now);
	if (!connection_watch_awaits_events(s->watch) || now >= s->finish_by)
		finish(s);
}

/* One pass: look, let the plan decide, act, and look again when it has entered another state, for
 * what was seen before says nothing about that one. */
static void step(struct supervisor *s)
{
	msec_t now = monoclock_now();
	enum stop_state before = s->plan.state;
	bool listened = connection_watch_app_listens(s->watch);
	struct stop_facts facts;
	unsigned actions;

	if (before == STOP_DONE) {
		conclude(s, now);
		arm_timer(s, NULL, now);
		return;
	}
	if (before != STOP_SERVING)
		look_if_due(s, now);
	else if (s->stop_signals == 0 && app_main_is_alive(&s->app) &&
		 !connection_watch_app_listens(s->watch) &&
		 connection_watch_listeners_changed(s->watch))
		(void)app_check_state(s->check, now); /* says so when it is ready */
	if (connection_watch_has_listened(s->watch))
		log_release(s->log);
	if (before == STOP_SERVING && s->stop_signals == 0 && !s->is_settled &&
		app_main_is_alive(&s->app))
		say_may_not_signal(s);
	s->is_settled = listened;
	note_first_cut(s, now);
	poll_outside_if_due(s, now);
	facts = gather_facts(s, now);
	actions = stop_plan_step(&s->plan, &facts, now);
	if (before == STOP_SERVING && s->plan.state != STOP_SERVING)
		begin_stop(s, now); /* before anybody is told: no ending goes unheard */
	act(s, actions, now);
	send_plain_signal_if_due(s, now);
	if (s->plan.state == before) {
		say_doubt(s, now);
		say_progress(s, now);
	}
	if (s->plan.state == STOP_DONE)
		conclude(s, now);
	if (s->plan.state != before && s->plan.state != STOP_DONE) {
		/* the look with which the stop began counts, unless the application was told after it */
		s->look_is_old = before != STOP_SERVING || s->plan.state == STOP_TERMINATING ||
				 connection_watch_looked_at(s->watch) < now;
		if (!(actions & STOP_DO_SIGNAL_MAIN)) {
			step(s);
			return;
		}
	}
	arm_timer(s, &facts, now);
}

/* ---- signals ---- */

static bool begins_stop(struct supervisor *s, int signal)
{
	const struct options *options = s->setup.options;

	if (app_main_is_alive(&s->app) &&
		(stop_signal_depends_on_program(signal) ||
			stop_signal_depends_on_program(options->rewrite[signal])))
		app_read_program(&s->app);
	return stop_signal_begins_stop(options, s->setup.container, &s->app.program, signal);
}

/* A key of the terminal that controls us: a person is there. What a process or an engine sends is none. */
static bool is_ctrl_c(const struct signal_received *received)
{
	return received->number == SIGINT && received->from_kernel &&
	       terminal_foreground_group() >= 0;
}

static void take_stop_signal(struct supervisor *s, const struct signal_received *received)
{
	const char *name = signal_name(received->number);
	bool hurries;

	log_release(s->log);
	if (s->stop_signals++ == 0) {
		s->stop_signal = received->number;
		s->look_is_old = true; /* also one of this very millisecond */
		if (s->plan.state != STOP_SERVING)
			log_event(s->log, LOG_INFO, "stop_signal", "%s received; the stop goes on",
				name);
		return;
	}
	hurries = s->setup.options->hurry || is_ctrl_c(received); /* orchestrators retry */
	s->hurries += hurries;
	log_event(s->log, LOG_INFO, "stop_again", "%s received again; %s", name,
		s->setup.budget->at_once ? "forwarding it"
		: hurries                ? "hurrying"
					 : "the stop goes on as it was planned");
}

static void note_death(struct supervisor *s, msec_t now)
{
	bool is_unasked = ended_unasked(s);
	int exit_code = s->app.end.exit_code;

	/* its sockets ended a moment before it did: at the stop some may have been gone already */
	s->history.app_ended_unseen =
		is_unasked &&
		(s->plan.state == STOP_SERVING || now - s->plan.started <= RECENT_ENDS_MS);
	connection_watch_app_died(s->watch, is_unasked ? exit_code == 0 : exit_code >= 0, now);
}

/* A main process that succeeds while what it has started goes on is a daemon, as a rule: it has forked, or was
 * replaced by its next version (USR2). */
static void say_if_in_background(struct supervisor *s)
{
	const struct server_signal *server;

	if (s->plan.signalled || s->stop_signals > 0 || s->app.end.signal != 0 ||
		s->app.end.exit_code != 0 || !s->app.others_left)
		return;
	program_take_command(&s->app.program, s->setup.options->command);
	server = server_signal_of(&s->app.program);
	log_event(s->log, LOG_WARNING, "in_background",
		"the application has ended, but not what it has started: if it went into the "
		"background, keep it in the foreground%s%s",
		server != NULL && server->foreground[0] != '\0' ? ": " : "",
		server != NULL ? server->foreground : "");
}

static void reap(struct supervisor *s)
{
	bool was_alive = app_main_is_alive(&s->app), all_gone = app_reap(&s->app);

	if (was_alive && !app_main_is_alive(&s->app)) {
		note_death(s, monoclock_now());
		say_if_in_background(s);
	}
	if (!all_gone)
		return;
	s->look_is_old = true; /* what the last process has left in its sockets is yet to be seen */
	connection_watch_app_ended(s->watch);
}

/* Where there is no time to drain, only the first stop signal begins something. */
static void take_signal(struct supervisor *s, const struct signal_received *received)
{
	bool is_first = s->stop_signals == 0, is_stop;

	if (received->number == SIGCHLD) {
		reap(s);
		return;
	}
	is_stop = begins_stop(s, received->number);
	if (is_stop)
		take_stop_signal(s, received);
	if (!is_stop || (s->setup.budget->at_once && !is_first))
		app_forward(&s->app, received);
}

/* Returns whether there were any. */
static bool take_signals(struct supervisor *s)
{
	struct signal_received received[SIGNALS_AT_ONCE];
	int count = SIGNALS_AT_ONCE, batch;

	for (batch = 0; batch < BATCHES_AT_ONCE && count == SIGNALS_AT_ONCE; batch++) {
		count = signals_read(s->setup.signal_fd, received, SIGNALS_AT_ONCE);
		for (int i = 0; i < count; i++) {
			take_signal(s, &received[i]);
		}
	}
	return batch > 1 || count > 0;
}

static void on_signals(struct ev_loop *loop, ev_io *watcher, int events)
{
	(void)loop;
	(void)events;
	(void)take_signals(watcher->data);
	step(watcher->data);
}

static void on_timer(struct ev_loop *loop, ev_timer *watcher, int events)
{
	(void)loop;
	(void)events;
	step(watcher->data);
}

static void on_events(struct ev_loop *loop, ev_io *watcher, int events)
{
	struct supervisor *s = watcher->data;

	(void)loop;
	(void)events;
	connection_watch_read_events(s->watch, monoclock_now());
	step(s);
}

static void on_outside_end(struct ev_loop *loop, ev_io *watcher, int events)
{
	struct supervisor *s = watcher->data;

	(void)events;
	ev_io_stop(loop, watcher);
	outside_note_end(&s->app.outside);
	step(s);
}

static void on_report_writable(struct ev_loop *loop, ev_io *watcher, int events)
{
	(void)loop;
	(void)events;
	step(watcher->data);
}

/* ---- life ---- */

#if EV_PERIODIC_ENABLE
static void on_never(struct ev_loop *loop, ev_periodic *watcher, int events)
{
	(void)loop;
	(void)watcher;
	(void)events;
}

/* libev wakes up every minute to see whether the wall clock was changed, unless a timerfd tells it,
 * which it only makes for periodic watchers. So there is one, a long way off. */
static void sleep_without_wakeups(struct supervisor *s)
{
	ev_periodic_init(&s->never, on_never, 1e15, 0., NULL);
	ev_periodic_start(s->loop, &s->never);
}
#else
/* A libev without periodic watchers has nobody who minds the wall clock. */
static void sleep_without_wakeups(struct supervisor *s)
{
	(void)s;
}
#endif

static void init_watchers(struct supervisor *s)
{
	ev_io_init(&s->signals_watcher, on_signals, s->setup.signal_fd, EV_READ);
	ev_io_init(&s->events_watcher, on_events, -1, EV_READ);
	ev_io_init(&s->report_watcher, on_report_writable, -1, EV_WRITE);
	ev_io_init(&s->outside_watcher, on_outside_end, -1, EV_READ);
	ev_timer_init(&s->timer, on_timer, 0., 0.);
	s->signals_watcher.data = s;
	s->events_watcher.data = s;
	s->report_watcher.data = s;
	s->outside_watcher.data = s;
	s->timer.data = s;
	ev_set_priority(
		&s->signals_watcher, EV_MAXPRI); /* who ended, before what their sockets say */
	ev_io_start(s->loop, &s->signals_watcher);
}

/* libev aborts on an error that nobody takes from it. Whatever the kernel refuses us, the application
 * goes on. */
static void go_on(const char *message)
{
	(void)message;
}

static int open_loop(struct supervisor *s)
{
	int r = signals_try_epoll(s->setup.signal_fd);

	if (r < 0)
		return r;
	ev_set_allocator(loop_memory_resize);
	ev_set_syserr_cb(go_on);
	s->loop = ev_loop_new(EVFLAG_NOENV | EVBACKEND_EPOLL);
	if (s->loop == NULL)
		return errno > 0 ? -errno : -ENOMEM; /* EMFILE, as a rule */
	return 0;
}

int supervisor_new(const struct supervisor_setup *setup, struct supervisor **ret_supervisor)
{
	struct supervisor *s = zero_pages_map(sizeof *s);
	struct http_server_setup http = {
		.health = {setup->options->health_path, setup->options->drain_status,
			msec_max(setup->budget->timeout, setup->budget->gone)},
		.status = health_answers_tell_status,
		.metrics = health_answers_tell_metrics,
		.arg = &s->answers,
	};
	int r;

	if (s == NULL)
		return -ENOMEM;
	s->setup = *setup;
	s->log = setup->log;
	s->finish_by = s->first_cut_at = MSEC_NEVER;
	app_init(&s->app, setup->options, NULL, setup->log);
	timeline_init(&s->history.timeline);
	s->history.idle_ms = MSEC_NEVER;
	stop_plan_init(&s->plan, setup->budget, &setup->stop_settings);
	r = open_loop(s);
	if (r < 0) {
		zero_pages_unmap(s, sizeof *s);
		return r;
	}
	init_watchers(s);
	sleep_without_wakeups(s);
	r = connection_watch_new(
		setup->options, setup->budget, setup->health_port, setup->log, &s->watch);
	if (r == 0)
		r = app_check_new(s->loop, setup->options, s->watch, setup->log, &s->check);
	s->answers = (struct health_answers){
		.plan = &s->plan, .app = &s->app, .watch = s->watch, .check = s->check};
	if (r == 0 && setup->listen_count > 0)
		r = http_server_init(
			&s->http, s->loop, setup->listen_fds, setup->listen_count, &http);
	if (r < 0) {
		supervisor_free(s);
		return r;
	}
	*ret_supervisor = s;
	return 0;
}

int supervisor_run(struct supervisor *supervisor, char *const argv[], char **envp)
{
	struct supervisor *s = supervisor;
	char timeout[DURATION_TEXT_BYTES];
	int failed = app_start(&s->app, argv, envp, s->setup.inherited);
	bool has_signals;

	if (failed != 0)
		return failed;

	/* From here on we are not allowed to fail. */
	log_hold(s->log, LOG_INFO);
	s->started_at = monoclock_now();
	s->answers.app_started_unix_ms = wallclock_unix_ms();
	log_event(s->log, LOG_INFO, "started",
		"'%s' started as pid %d; stop timeout %s (%s), detector %s", argv[0], s->app.pid,
		duration_text(timeout, s->plan.budget.timeout), s->plan.budget.timeout_source,
		report_detector_name(connection_watch_detector(s->watch)));
	has_signals = take_signals(s);
	if (!app_is_gone(&s->app)) { /* else there is nothing to see any more */
		app_settle(&s->app, s->setup.report->fd);
		app_check_start(s->check, s->started_at);
	}
	if (has_signals)
		step(s);
	else
		arm_timer(s, &(struct stop_facts){0}, s->started_at);
	while (!s->is_finished || ev_is_active(&s->report_watcher))
		ev_run(s->loop, 0);
	app_give_terminal_back(&s->app);
	return s->plan.not_ready ? EXIT_STATUS_NOT_READY : app_exit_status(&s->app);
}

void supervisor_free(struct supervisor *supervisor)
{
	if (supervisor == NULL)
		return;
	http_server_done(&supervisor->http);
	app_check_free(supervisor->check);
	connection_watch_free(supervisor->watch);
	ev_loop_destroy(supervisor->loop);
	zero_pages_unmap(supervisor, sizeof *supervisor);
}
