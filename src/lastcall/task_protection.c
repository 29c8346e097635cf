/* SPDX-License-Identifier: MIT */
#include "lastcall/task_protection.h"

#include "core/ecs/protection_answer.h"
#include "core/text/duration.h"
#include "sys/monoclock.h"

#include <errno.h>
#include <string.h>

/* Longer than the 4 s that the agent waits for ECS, so that the agent's own error is read. */
#define ANSWER_LIMIT_MS 6000

#define MS_PER_MINUTE 60000

static void log_done(struct task_protection *p, bool was_protected)
{
	char duration[DURATION_TEXT_BYTES];
	const struct protection_times *times = p->plan.times;

	if (p->request == PROTECTION_END)
		log_event(p->log, LOG_INFO, "task_unprotected",
			"the task is no longer protected from scale-in: nothing was in flight for "
			"%s",
			duration_text(duration, times->idle));
	else if (!was_protected)
		log_event(p->log, LOG_INFO, "task_protected",
			"the task is protected from scale-in while work is in flight");
}

/* The first failure of a row is worth a warning. */
static void log_failed(struct task_protection *p, const char *reason)
{
	log_event(p->log, p->plan.failures == 1 ? LOG_WARNING : LOG_VERBOSE, "protection_failed",
		p->request == PROTECTION_BEGIN
			? "cannot protect the task from scale-in: %s; retrying"
			: "cannot end the task's protection from scale-in: %s; retrying",
		reason);
}

static void note_answer(struct task_protection *p, bool is_done, const char *reason)
{
	msec_t now = monoclock_now();
	bool was_protected = protection_plan_is_protected(&p->plan, now);

	protection_plan_note_answer(&p->plan, p->request, is_done, p->asked_at, now);
	if (is_done)
		log_done(p, was_protected);
	else
		log_failed(p, reason);
}

static void on_answer(void *arg, int r, const struct http_answer *answer)
{
	struct task_protection *p = arg;
	char bytes[384];
	struct text reason;
	bool is_done = false;

	text_init(&reason, bytes, sizeof bytes);
	if (r == 0)
		is_done = protection_answer_confirms(answer->status, answer->body, answer->body_len,
			p->request == PROTECTION_BEGIN, &reason);
	else if (r == -EBADMSG || r == -EMSGSIZE)
		text_add(&reason, "the agent's answer cannot be read");
	else
		text_add(&reason, strerror(-r));
	note_answer(p, is_done, bytes);
}

static void ask(struct task_protection *p, enum protection_request request)
{
	char bytes[128];
	struct text body;

	text_init(&body, bytes, sizeof bytes);
	protection_add_request(&body, request == PROTECTION_BEGIN,
		(int)msec_max(p->plan.times->expires / MS_PER_MINUTE, 1));
	p->request = request;
	p->asked_at = monoclock_now();
	if (agent_exchange_begin(
		    &p->exchange, &p->url, "PUT", PROTECTION_PATH, bytes, ANSWER_LIMIT_MS) < 0)
		note_answer(p, false, "the agent's address is too long");
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct task_protection *p = timer->data;
	msec_t now = monoclock_now();
	enum protection_request request;

	(void)loop;
	(void)events;
	protection_plan_note_work(&p->plan, p->has_work(p->arg, now), now);
	request = protection_plan_request(&p->plan, now);
	if (request != PROTECTION_LEAVE && !agent_exchange_is_under_way(&p->exchange))
		ask(p, request);
}

void task_protection_init(struct task_protection *ret_protection, struct ev_loop *loop,
	const char *uri, task_protection_work_fn *has_work, void *arg, struct log *log)
{
	struct task_protection *p = ret_protection;

	p->log = log;
	p->has_work = has_work;
	p->arg = arg;
	p->is_usable = uri != NULL && http_url_parse(uri, &p->url) == 0;
	agent_exchange_init(&p->exchange, loop, on_answer, p, p->answer, sizeof p->answer);
	ev_timer_init(&p->timer, on_timer, 1., 1.);
	p->timer.data = p;
	ev_timer_start(loop, &p->timer); /* libev allocates now what it needs for the timer later */
	ev_timer_stop(loop, &p->timer);
	task_protection_set_times(p, &protection_times_default);
}

void task_protection_set_times(
	struct task_protection *protection, const struct protection_times *times)
{
	protection_plan_init(&protection->plan, times, monoclock_now());
}

void task_protection_start(struct task_protection *protection)
{
	struct task_protection *p = protection;

	if (!p->is_usable) {
		log_event(p->log, LOG_INFO, "protection_off",
			"--protect has no effect: %s is not set, or has no numeric http address",
			TASK_PROTECTION_VARIABLE);
		return;
	}
	p->is_running = true;
	p->timer.repeat = (double)p->plan.times->look / 1000.0;
	ev_now_update(p->exchange.loop);
	ev_timer_again(p->exchange.loop, &p->timer);
}

void task_protection_stop(struct task_protection *protection)
{
	if (!protection->is_running)
		return;
	protection->is_running = false;
	ev_timer_stop(protection->exchange.loop, &protection->timer);
	agent_exchange_break_off(&protection->exchange);
}

bool task_protection_is_on(const struct task_protection *protection)
{
	return protection_plan_is_protected(&protection->plan, monoclock_now());
}
