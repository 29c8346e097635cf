/* SPDX-License-Identifier: MIT */
#include "lastcall/app_check.h"

#include "core/tcp/own_checks.h"
#include "lastcall/check_exchange.h"
#include "sys/monoclock.h"
#include "sys/zero_pages.h"

#include <errno.h>
#include <ev.h>
#include <string.h>

_Static_assert(OPTIONS_MAX_APP_CHECKS <= OWN_CHECKS_MAX, "not every check is told from a client");

/* One of the checks of --app-check. Those by the listeners alone have no exchange and no timer. */
struct one_check {
	struct app_check *all;
	const struct app_check_target *target;
	bool was_healthy;
	unsigned failures;
	ev_timer timer;
	msec_t begun_at, deadline; /* of the exchange under way, or the last one */
	struct check_exchange exchange;
};

struct app_check {
	struct ev_loop *loop;
	struct connection_watch *watch;
	struct log *log;
	const char *health_path; /* for the log */
	struct app_state_settings settings;
	msec_t interval, timeout;
	struct app_evidence evidence;
	msec_t started_at; /* the application */
	bool stopped;
	struct app_status status;
	size_t count;
	struct one_check checks[OPTIONS_MAX_APP_CHECKS];
};

/* ---- what is known ---- */

static void log_ready(struct app_check *c)
{
	const struct app_check_target *target = c->checks[0].target;

	if (c->evidence.said_ready && (c->settings.awaits_ready || !c->evidence.listens))
		log_event(c->log, LOG_INFO, "app_ready",
			"the application says that it is ready; %s answers 200", c->health_path);
	else if (c->count > 1)
		log_event(c->log, LOG_INFO, "app_ready",
			"the application passes all %u checks; %s answers 200", (unsigned)c->count,
			c->health_path);
	else if (target->kind == APP_CHECK_LISTEN)
		log_event(c->log, LOG_INFO, "app_listening",
			c->evidence.visible ? "the application listens; %s answers 200"
					    : "cannot tell whether the application listens; %s "
					      "answers 200",
			c->health_path);
	else if (target->kind == APP_CHECK_HTTP)
		log_event(c->log, LOG_INFO, "app_ready", "the application responds; %s answers 200",
			c->health_path);
	else if (target->kind == APP_CHECK_TCP)
		log_event(c->log, LOG_INFO, "app_ready",
			"the application accepts connections on port %u; %s answers 200",
			target->port, c->health_path);
}

static void log_change(struct app_check *c, enum app_state before)
{
	switch (c->status.state) {
	case APP_STARTING:
		log_event(c->log, LOG_INFO, "app_not_listening",
			"the application no longer listens; %s answers 503", c->health_path);
		break;
	case APP_STUCK:
		log_event(c->log, LOG_WARNING, "app_stuck",
			"the application is stuck: %s; %s answers 503", c->status.reason,
			c->health_path);
		break;
	case APP_SERVING:
		if (before == APP_STUCK)
			log_event(c->log, LOG_INFO, "app_recovered",
				"the application serves again; %s answers 200", c->health_path);
		else
			log_ready(c);
		break;
	case APP_STATE_COUNT:
		break;
	}
}

/* Returns whether the state has changed. */
static bool judge(const struct app_check *c, const struct app_evidence *evidence, msec_t now,
	struct app_status *status)
{
	struct app_check_result results[OPTIONS_MAX_APP_CHECKS];

	for (size_t i = 0; i < c->count; i++)
		results[i] = (struct app_check_result){
			.kind = c->checks[i].target->kind,
			.was_healthy = c->checks[i].was_healthy,
			.failures = c->checks[i].failures,
			.failure = c->checks[i].exchange.failure,
		};
	return app_status_update_all(status, &c->settings, evidence, results, c->count, now);
}

static void update(struct app_check *c, msec_t now)
{
	enum app_state before = c->status.state;

	if (judge(c, &c->evidence, now, &c->status))
		log_change(c, before);
}

/* What the listeners say, unless the last poll was a moment ago. */
static void refresh(struct app_check *c, msec_t now)
{
	const struct accept_queue *queue = connection_watch_accept_queue(c->watch);

	connection_watch_poll_listeners(c->watch, now);
	c->evidence.visible = connection_watch_sees(c->watch);
	c->evidence.listens = queue->listening > 0;
	c->evidence.has_listened |= c->evidence.listens;
	c->evidence.queue_stalled_for = accept_queue_stalled_for(queue);
	update(c, now);
}

void app_check_refresh(struct app_check *check, msec_t now)
{
	if (check->evidence.runs && !check->stopped)
		refresh(check, now);
}

void app_check_note_ready(struct app_check *check, msec_t now)
{
	check->evidence.said_ready = true;
	app_check_refresh(check, now);
}

void app_check_note_watchdog(struct app_check *check, msec_t late)
{
	check->evidence.watchdog_silent_for = late;
}

const struct app_status *app_check_state(const struct app_check *check)
{
	return &check->status;
}

struct app_status app_check_judge(
	const struct app_check *check, bool are_visible, bool listens, msec_t now)
{
	struct app_status status = check->status;
	struct app_evidence evidence = check->evidence;

	if (!evidence.runs || check->stopped)
		return status;
	evidence.visible = are_visible;
	evidence.listens = listens;
	(void)judge(check, &evidence, now, &status);
	return status;
}

bool app_check_was_ready(const struct app_check *check)
{
	return check->status.was_ready;
}

/* ---- the checks ---- */

static void wait_until(struct one_check *c, msec_t at)
{
	ev_now_update(c->all->loop);
	c->timer.repeat = (double)msec_max(msec_left(at, monoclock_now()), 1) / 1000.0;
	ev_timer_again(c->all->loop, &c->timer);
}

static msec_t next_check_at(const struct one_check *c)
{
	msec_t pause = c->all->interval;

	if (!c->was_healthy)
		pause = app_state_starting_pause(
			c->begun_at - c->all->started_at, c->all->interval);
	return msec_add(c->begun_at, pause);
}

static void pause_checks(struct one_check *c)
{
	wait_until(c, next_check_at(c));
}

static void note_success(struct one_check *c)
{
	c->was_healthy = true;
	c->failures = 0;
	update(c->all, monoclock_now());
}

static void note_failure(struct one_check *c)
{
	if (c->failures < UINT32_MAX)
		c->failures++;
	log_event(c->all->log, LOG_VERBOSE, "check_failed", "check of the application failed: %s",
		c->exchange.failure);
	update(c->all, monoclock_now());
}

static void on_decided(void *arg, enum check_verdict verdict)
{
	struct one_check *c = arg;

	if (verdict == CHECK_WELL)
		note_success(c);
	else if (verdict == CHECK_FAILED)
		note_failure(c);
	else
		log_event(c->all->log, LOG_VERBOSE, "check_skipped",
			"cannot check the application: %s, retrying",
			strerror(c->exchange.skipped_for));
	wait_until(c, msec_min(c->deadline, next_check_at(c))); /* for the connection's end */
}

static void on_over(void *arg)
{
	pause_checks(arg);
}

static void begin_check(struct one_check *c, msec_t now)
{
	/* The kernel makes the handshake: only the queue shows whether the last connection was
	 * accepted, before another check is in it. */
	if (c->target->kind == APP_CHECK_TCP)
		refresh(c->all, now);
	c->begun_at = now;
	c->deadline = msec_add(now, c->all->timeout);
	wait_until(c, c->deadline);
	check_exchange_begin(&c->exchange);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct one_check *c = timer->data;
	msec_t now = monoclock_now();

	(void)loop;
	(void)events;
	if (check_exchange_is_undecided(&c->exchange)) {
		if (now < c->deadline)
			wait_until(c, c->deadline); /* libev's clock is a little ahead */
		else
			check_exchange_time_out(&c->exchange, c->all->timeout);
		return;
	}
	check_exchange_break_off(&c->exchange);
	if (now >= next_check_at(c))
		begin_check(c, now);
	else
		pause_checks(c);
}

/* ---- life ---- */

static bool has_exchange(const struct one_check *c)
{
	return c->target->kind == APP_CHECK_TCP || c->target->kind == APP_CHECK_HTTP;
}

static void init_check(struct app_check *all, const struct app_check_target *target)
{
	struct one_check *c = &all->checks[all->count++];

	c->all = all;
	c->target = target;
	check_exchange_init(&c->exchange, all->loop, all->watch, target,
		&(struct check_exchange_calls){on_decided, on_over, c});
	ev_init(&c->timer, on_timer);
	c->timer.data = c;
	if (has_exchange(c)) /* libev allocates now what it needs for the timers later */
		wait_until(c, MSEC_NEVER / 2);
}

int app_check_new(struct ev_loop *loop, const struct options *options,
	struct connection_watch *watch, struct log *log, struct app_check **ret_check)
{
	struct app_check *c = zero_pages_map(sizeof *c);

	if (c == NULL)
		return -ENOMEM;
	c->loop = loop;
	c->watch = watch;
	c->log = log;
	c->health_path = options->health_path;
	c->interval = options->check_interval;
	c->timeout = options->check_timeout;
	c->settings = (struct app_state_settings){
		.patience = options->check_timeout,
		.failures = options->check_failures,
		.awaits_ready = options->notify == NOTIFY_READY,
	};
	app_status_init(&c->status, monoclock_now());
	for (unsigned i = 0; i < options->app_check_count; i++)
		init_check(c, &options->app_checks[i]);
	for (size_t i = 0; i < c->count; i++) {
		c->checks[i].exchange.number = (unsigned)i;
		c->checks[i].exchange.is_one_of_several = c->count > 1;
		ev_timer_stop(loop, &c->checks[i].timer);
	}
	*ret_check = c;
	return 0;
}

void app_check_free(struct app_check *check)
{
	if (check == NULL)
		return;
	app_check_stop(check);
	zero_pages_unmap(check, sizeof *check);
}

void app_check_start(struct app_check *check, msec_t now)
{
	bool polls_listeners = false;

	check->evidence.runs = true;
	check->started_at = check->status.since = now;
	for (size_t i = 0; i < check->count; i++)
		check->checks[i].begun_at = now;
	for (size_t i = 0; i < check->count; i++) {
		if (has_exchange(&check->checks[i]))
			begin_check(&check->checks[i], now);
		else
			polls_listeners = true;
	}
	if (polls_listeners)
		refresh(check, now);
}

void app_check_stop(struct app_check *check)
{
	check->stopped = true;
	for (size_t i = 0; i < check->count; i++) {
		check_exchange_break_off(&check->checks[i].exchange);
		ev_timer_stop(check->loop, &check->checks[i].timer);
	}
}
