/* SPDX-License-Identifier: MIT */
#include "drill/core/measure.h"

#include <math.h>

static const struct {
	const char *name, *label;
} texts[] = {
	[MEASURE_STOP] = {"stop_wall_s", "stop time"},
	[MEASURE_IDEAL] = {"ideal_stop_s", "ideal stop"},
	[MEASURE_OVERSHOOT] = {"overshoot_s", "overshoot"},
	[MEASURE_UNDERSHOOT] = {"undershoot_s", "undershoot"},
	[MEASURE_MARGIN] = {"deadline_margin_s", "margin left"},
	[MEASURE_LAME_DUCK] = {"lame_duck_s", "lame duck"},
	[MEASURE_MAX_GAP] = {"max_gap_s", "longest gap"},
	[MEASURE_DRAIN_P50] = {"drain_s.p50", "drain, median"},
	[MEASURE_DRAIN_MAX] = {"drain_s.max", "drain, longest"},
	[MEASURE_CUT] = {"in_flight_cut", "cut in flight"},
	[MEASURE_REFUSED] = {"refused_while_healthy", "refused, healthy"},
};
_Static_assert(sizeof(texts) / sizeof(*texts) == MEASURE_COUNT, "a measure has no name");

const char *measure_name(enum measure measure)
{
	return texts[measure].name;
}

const char *measure_label(enum measure measure)
{
	return texts[measure].label;
}

bool measure_is_count(enum measure measure)
{
	return measure == MEASURE_CUT || measure == MEASURE_REFUSED;
}

bool measure_is_cost(enum measure measure)
{
	return measure == MEASURE_STOP || measure == MEASURE_OVERSHOOT ||
	       measure == MEASURE_MAX_GAP || measure == MEASURE_DRAIN_MAX ||
	       measure_is_count(measure);
}

static bool says_something(const struct run *run)
{
	return run->error[0] == '\0';
}

double measure_of_run(const struct run *run, enum measure measure)
{
	const struct run_numbers *n = &run->numbers;

	if (!says_something(run))
		return NAN;
	switch (measure) {
	case MEASURE_STOP:
		return n->stop_wall_s;
	case MEASURE_IDEAL:
		return n->ideal_stop_s;
	case MEASURE_OVERSHOOT:
		return n->overshoot_s;
	case MEASURE_UNDERSHOOT:
		return n->undershoot_s;
	case MEASURE_MARGIN:
		return n->deadline_margin_s;
	case MEASURE_LAME_DUCK:
		return n->lame_duck_s;
	case MEASURE_MAX_GAP:
		return n->max_gap_s;
	case MEASURE_DRAIN_P50:
		return n->drain_s.samples > 0 ? n->drain_s.p50 : (double)NAN;
	case MEASURE_DRAIN_MAX:
		return n->drain_s.samples > 0 ? n->drain_s.max : (double)NAN;
	case MEASURE_CUT:
		return n->in_flight_cut;
	case MEASURE_REFUSED:
		return n->refused_while_healthy;
	case MEASURE_COUNT:
		break;
	}
	return NAN;
}

struct percentiles measure_over_runs(const struct drill_result *result, enum measure measure)
{
	double values[DRILL_MAX_RUNS];
	size_t count = 0;

	for (unsigned i = 0; i < result->run_count && count < DRILL_MAX_RUNS; i++) {
		const double value = measure_of_run(&result->runs[i], measure);

		if (isfinite(value))
			values[count++] = value;
	}
	return percentiles_of(values, count);
}

struct cohort_numbers measure_cohort(const struct drill_result *result, enum cohort cohort)
{
	struct cohort_numbers sum = {0};

	for (unsigned i = 0; i < result->run_count; i++) {
		const struct cohort_numbers *one = &result->runs[i].numbers.cohorts[cohort];

		sum.attempts += one->attempts;
		for (unsigned o = 0; o < OUTCOME_COUNT; o++)
			sum.outcomes[o] += one->outcomes[o];
	}
	return sum;
}

/* Of all that was sent while the target looked healthy. */
static uint32_t lost(const struct run *run)
{
	uint32_t sum = 0;

	for (int i = OUTCOME_OK + 1; i < OUTCOME_CLIENT_ERROR; i++)
		sum += run->numbers.judged[i];
	return sum;
}

static bool is_worse(const struct run *a, const struct run *b)
{
	const struct run_numbers *x = &a->numbers, *y = &b->numbers;

	if (lost(a) != lost(b))
		return lost(a) > lost(b);
	if (x->was_killed_at_deadline != y->was_killed_at_deadline)
		return x->was_killed_at_deadline;
	if (says_something(a) != says_something(b))
		return says_something(a);
	return x->stop_wall_s > y->stop_wall_s;
}

const struct run *measure_worst_run(const struct drill_result *result)
{
	const struct run *worst = NULL;

	for (unsigned i = 0; i < result->run_count; i++) {
		const struct run *run = &result->runs[i];

		if (!worst || is_worse(run, worst))
			worst = run;
	}
	return worst;
}

bool measure_run_is_bad(const struct run *run)
{
	return !says_something(run) || lost(run) > 0 || run->numbers.was_killed_at_deadline ||
	       run->processes_left > 0 || run->still_answers != run->is_deployment;
}

const char *measure_worst_because(const struct run *worst)
{
	return measure_run_is_bad(worst) ? ", the worst" : ", the longest";
}
