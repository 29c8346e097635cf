/* SPDX-License-Identifier: MIT */
#include "lastcall/app_check.h"

#include "lastcall/check_exchange.h"
#include "sys/monoclock.h"
#include "sys/zero_pages.h"

#include <errno.h>
#include <ev.h>
#include <string.h>

struct app_check {
	struct ev_loop *loop;
	struct connection_watch *watch;
	struct log *log;
	const struct app_check_target *target;
	const char *health_path; /* for the log */
	struct app_state_settings settings;
	msec_t interval, timeout;
	struct app_evidence evidence;

	ev_timer timer;
	msec_t started_at; /* the application */
	msec_t begun_at, deadline; /* of the check under way, or the last one */
	bool stopped;
	struct check_exchange exchange;
	struct app_status status;
};

/* ---- what is known ---- */

static void log_ready(struct app_check *c)
{
	if (c->evidence.said_ready && (c->settings.awaits_ready || !c->evidence.listens))
		log_event(c->log, LOG_INFO, "app_ready",
			"the application says that it is ready; %s answers 200", c->health_path);
	else if (c->target->kind == APP_CHECK_LISTEN)
		log_event(c->log, LOG_INFO, "app_listening",
			c->evidence.visible ? "the application listens; %s answers 200"
					    : "cannot tell whether the application listens; %s "
					      "answers 200",
			c->health_path);
	else if (c->target->kind == APP_CHECK_HTTP)
		log_event(c->log, LOG_INFO, "app_ready", "the application responds; %s answers 200",
			c->health_path);
	else if (c->target->kind == APP_CHECK_TCP)
		log_event(c->log, LOG_INFO, "app_ready",
			"the application accepts connections on port %u; %s answers 200",
			c->target->port, c->health_path);
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

static void update(struct app_check *c, msec_t now)
{
	enum app_state before = c->status.state;

	if (app_status_update(&c->status, &c->settings, &c->evidence, c->exchange.failure, now))
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
	(void)app_status_update(&status, &check->settings, &evidence, check->exchange.failure, now);
	return status;
}

bool app_check_was_ready(const struct app_check *check)
{
	return check->status.was_ready;
}

/* ---- the checks ---- */

static void wait_until(struct app_check *c, msec_t at)
{
	ev_now_update(c->loop);
	c->timer.repeat = (double)msec_max(msec_left(at, monoclock_now()), 1) / 1000.0;
	ev_timer_again(c->loop, &c->timer);
}

static msec_t next_check_at(const struct app_check *c)
{
	msec_t pause = c->interval;

	if (!c->evidence.was_healthy)
		pause = app_state_starting_pause(c->begun_at - c->started_at, c->interval);
	return msec_add(c->begun_at, pause);
}

static void pause_checks(struct app_check *c)
{
	wait_until(c, next_check_at(c));
}

static void note_success(struct app_check *c)
{
	c->evidence.was_healthy = true;
	c->evidence.failures = 0;
	update(c, monoclock_now());
}

static void note_failure(struct app_check *c)
{
	if (c->evidence.failures < UINT32_MAX)
		c->evidence.failures++;
	log_event(c->log, LOG_VERBOSE, "check_failed", "check of the application failed: %s",
		c->exchange.failure);
	update(c, monoclock_now());
}

static void on_decided(void *arg, enum check_verdict verdict)
{
	struct app_check *c = arg;

	if (verdict == CHECK_WELL)
		note_success(c);
	else if (verdict == CHECK_FAILED)
		note_failure(c);
	else
		log_event(c->log, LOG_VERBOSE, "check_skipped",
			"cannot check the application: %s, retrying",
			strerror(c->exchange.skipped_for));
	wait_until(c, msec_min(c->deadline, next_check_at(c))); /* for the connection's end */
}

static void on_over(void *arg)
{
	pause_checks(arg);
}

static void begin_check(struct app_check *c, msec_t now)
{
	/* The kernel makes the handshake: only the queue shows whether the last connection was
	 * accepted, before another check is in it. */
	if (c->target->kind == APP_CHECK_TCP)
		refresh(c, now);
	c->begun_at = now;
	c->deadline = msec_add(now, c->timeout);
	wait_until(c, c->deadline);
	check_exchange_begin(&c->exchange);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct app_check *c = timer->data;
	msec_t now = monoclock_now();

	(void)loop;
	(void)events;
	if (check_exchange_is_undecided(&c->exchange)) {
		if (now < c->deadline)
			wait_until(c, c->deadline); /* libev's clock is a little ahead */
		else
			check_exchange_time_out(&c->exchange, c->timeout);
		return;
	}
	check_exchange_break_off(&c->exchange);
	if (now >= next_check_at(c))
		begin_check(c, now);
	else
		pause_checks(c);
}

/* ---- life ---- */

static bool has_checks(const struct app_check *c)
{
	return c->target->kind == APP_CHECK_TCP || c->target->kind == APP_CHECK_HTTP;
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
	c->target = &options->app_check;
	c->health_path = options->health_path;
	c->interval = options->check_interval;
	c->timeout = options->check_timeout;
	c->settings = (struct app_state_settings){
		.kind = options->app_check.kind,
		.patience = options->check_timeout,
		.failures = options->check_failures,
		.awaits_ready = options->notify == NOTIFY_READY,
	};
	app_status_init(&c->status, monoclock_now());
	check_exchange_init(&c->exchange, loop, watch, c->target,
		&(struct check_exchange_calls){on_decided, on_over, c});
	ev_init(&c->timer, on_timer);
	c->timer.data = c;
	if (has_checks(c)) { /* libev allocates now what it needs for the timer later */
		wait_until(c, MSEC_NEVER / 2);
		ev_timer_stop(loop, &c->timer);
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
	check->evidence.runs = true;
	check->started_at = check->begun_at = check->status.since = now;
	if (has_checks(check))
		begin_check(check, now);
	else
		refresh(check, now);
}

void app_check_stop(struct app_check *check)
{
	check->stopped = true;
	check_exchange_break_off(&check->exchange);
	ev_timer_stop(check->loop, &check->timer);
}
