/* SPDX-License-Identifier: MIT */
#include "drill/core/latency.h"

/* Appends the answers' times. A connection that was only to be there (no first byte) has none. */
static size_t add_answers(
	const struct run *run, enum cohort cohort, bool is_before, double *values, size_t count)
{
	for (size_t i = 0; i < run->attempt_count; i++) {
		const struct attempt *a = &run->attempts[i];

		if (a->cohort == cohort && a->outcome == OUTCOME_OK &&
			a->first_byte != DRILL_NEVER && (a->end < 0) == is_before &&
			a->start < run->marks[MARK_EXIT])
			values[count++] = (double)(a->end - a->start) / 1e6;
	}
	return count;
}

struct run_latency latency_of_run(const struct run *run, enum cohort cohort, double *scratch)
{
	struct run_latency latency;

	latency.before_s = percentiles_of(scratch, add_answers(run, cohort, true, scratch, 0));
	latency.drain_s = percentiles_of(scratch, add_answers(run, cohort, false, scratch, 0));
	return latency;
}

static struct percentiles over_runs(
	const struct drill_result *result, enum cohort cohort, bool is_before, double *scratch)
{
	size_t count = 0;

	for (unsigned i = 0; i < result->run_count; i++)
		count = add_answers(&result->runs[i], cohort, is_before, scratch, count);
	return percentiles_of(scratch, count);
}

struct run_latency latency_over_runs(
	const struct drill_result *result, enum cohort cohort, double *scratch)
{
	return (struct run_latency){
		.before_s = over_runs(result, cohort, true, scratch),
		.drain_s = over_runs(result, cohort, false, scratch),
	};
}
