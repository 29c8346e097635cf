/* SPDX-License-Identifier: MIT */
/* --protect: while work is in flight, Amazon ECS is asked not to choose this task for scale-in. Looks for work at
 * intervals, and asks the agent beside everything else; whatever the agent does, nothing but the protection
 * depends on it. */
#pragma once

#include "core/ecs/protection_plan.h"
#include "lastcall/agent_exchange.h"
#include "lastcall/log.h"

#define TASK_PROTECTION_VARIABLE "ECS_AGENT_URI"

/* Whether work is in flight now. */
typedef bool task_protection_work_fn(void *arg, msec_t now);

struct task_protection {
	struct log *log;
	struct protection_plan plan;
	bool is_usable; /* there is an agent */
	bool is_running;
	task_protection_work_fn *has_work;
	void *arg;
	ev_timer timer;
	struct http_url url; /* points into the variable */
	struct agent_exchange exchange;
	enum protection_request request; /* the one that is under way */
	msec_t asked_at;
	char answer[4096];
};

/* uri: the variable's value, or NULL. */
void task_protection_init(struct task_protection *ret_protection, struct ev_loop *loop,
	const char *uri, task_protection_work_fn *has_work, void *arg, struct log *log);

/* In place of protection_times_default, before the start. */
void task_protection_set_times(
	struct task_protection *protection, const struct protection_times *times);

/* The application runs: looks from now on. Logs it where there is no agent. */
void task_protection_start(struct task_protection *protection);

/* The stop has begun: a task that is stopping needs no protection. May be repeated. */
void task_protection_stop(struct task_protection *protection);

/* Whether ECS has confirmed a protection. */
bool task_protection_is_on(const struct task_protection *protection);
