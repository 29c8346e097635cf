/* SPDX-License-Identifier: MIT */
#include "core/ecs/protection_plan.h"

const struct protection_times protection_times_default = {
	.look = 10000,
	.idle = 60000,
	.expires = 600000,
	.renew = 300000,
	.pause = 10000,
	.pause_max = 300000,
};

void protection_plan_init(
	struct protection_plan *plan, const struct protection_times *times, msec_t now)
{
	*plan = (struct protection_plan){.times = times, .idle_since = now};
}

void protection_plan_note_work(struct protection_plan *plan, bool has_work, msec_t now)
{
	if (has_work)
		plan->idle_since = MSEC_NEVER;
	else if (plan->idle_since == MSEC_NEVER)
		plan->idle_since = now;
}

bool protection_plan_is_protected(const struct protection_plan *plan, msec_t now)
{
	return now < plan->expires_at;
}

enum protection_request protection_plan_request(const struct protection_plan *plan, msec_t now)
{
	const bool has_work = plan->idle_since == MSEC_NEVER;

	if (now < plan->not_before)
		return PROTECTION_LEAVE;
	if (has_work && msec_left(plan->expires_at, now) < plan->times->renew)
		return PROTECTION_BEGIN;
	if (!has_work && protection_plan_is_protected(plan, now) &&
		now - plan->idle_since >= plan->times->idle)
		return PROTECTION_END;
	return PROTECTION_LEAVE;
}

static msec_t pause_after(const struct protection_plan *plan)
{
	msec_t pause = plan->times->pause;

	for (unsigned i = 1; i < plan->failures && pause < plan->times->pause_max; i++)
		pause *= 2;
	return msec_min(pause, plan->times->pause_max);
}

/* ECS counts from when it received the request, which is later: the protection does not end before this says so. */
void protection_plan_note_answer(struct protection_plan *plan, enum protection_request request,
	bool is_done, msec_t asked_at, msec_t now)
{
	if (!is_done) {
		if (plan->failures < 1000)
			plan->failures++;
		plan->not_before = msec_add(now, pause_after(plan));
		return;
	}
	plan->failures = 0;
	plan->expires_at =
		request == PROTECTION_BEGIN ? msec_add(asked_at, plan->times->expires) : 0;
}
