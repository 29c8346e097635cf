/* SPDX-License-Identifier: MIT */
#include "drill/core/axis.h"

#define MS INT64_C(1000)
#define TICKS_MAX 10

static drill_us_t later(drill_us_t a, drill_us_t b)
{
	return b != DRILL_NEVER && b > a ? b : a;
}

/* How much of the time before the stop is shown: a part of what follows. */
static drill_us_t before_stop(const struct run *run, drill_us_t end)
{
	drill_us_t first = 0;

	for (size_t i = 0; i < run->attempt_count; i++) {
		if (run->attempts[i].start < first)
			first = run->attempts[i].start;
	}
	return first < -end / 8 ? -end / 8 : first;
}

static drill_us_t step_for(drill_us_t length)
{
	static const drill_us_t steps[] = {1, 2, 5};
	drill_us_t power = 1;

	for (;; power *= 10) {
		for (unsigned i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
			if (length / TICKS_MAX <= steps[i] * power)
				return steps[i] * power;
		}
	}
}

/* When the stop was over, for the server and for what it worked on. */
static drill_us_t end_of_stop(const struct run *run)
{
	drill_us_t end = 10 * MS;

	for (unsigned mark = 0; mark < RUN_MARK_COUNT; mark++) {
		if (mark != MARK_DEADLINE)
			end = later(end, run->marks[mark]);
	}
	for (size_t i = 0; i < run->attempt_count; i++) {
		if (run->attempts[i].cohort == COHORT_IN_FLIGHT)
			end = later(end, run->attempts[i].end);
	}
	return end;
}

static drill_us_t end_of_attempts(const struct run *run)
{
	drill_us_t end = 0;

	for (size_t i = 0; i < run->attempt_count; i++)
		end = later(end, run->attempts[i].end);
	return end;
}

struct axis axis_of_run(const struct run *run)
{
	const drill_us_t deadline = run->marks[MARK_DEADLINE], over = end_of_stop(run);
	const drill_us_t last = end_of_attempts(run), longest = over + over / 2;
	struct axis axis = {0};

	axis.has_deadline = deadline != DRILL_NEVER && deadline <= 3 * over;
	axis.from = before_stop(run, over);
	axis.to = later(over, last < longest ? last : longest);
	if (axis.has_deadline)
		axis.to = later(axis.to, deadline);
	axis.from -= (axis.to - axis.from) / 50;
	axis.to += (axis.to - axis.from) / 50;
	axis.step = step_for(axis.to - axis.from);
	return axis;
}

double axis_position(const struct axis *axis, drill_us_t moment)
{
	if (moment <= axis->from)
		return 0;
	if (moment >= axis->to)
		return 1;
	return (double)(moment - axis->from) / (double)(axis->to - axis->from);
}

drill_us_t axis_first_tick(const struct axis *axis)
{
	drill_us_t tick = axis->from / axis->step * axis->step;

	return tick < axis->from ? tick + axis->step : tick;
}
