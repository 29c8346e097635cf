/* SPDX-License-Identifier: MIT */
#include "drill/core/tally.h"

#include "drill/core/baseline.h"
#include "drill/core/latency.h"

#include <math.h>
#include <stdlib.h>

static double seconds(drill_us_t us)
{
	return us == DRILL_NEVER ? (double)NAN : (double)us / 1e6;
}

static drill_us_t earlier(drill_us_t a, drill_us_t b)
{
	return a < b ? a : b;
}

/* DRILL_NEVER is the largest number, but as a last time it is none at all. */
static void note_later(drill_us_t *mark, drill_us_t at)
{
	if (at != DRILL_NEVER && (*mark == DRILL_NEVER || at > *mark))
		*mark = at;
}

static bool is_sent_before_stop(const struct attempt *attempt)
{
	return attempt->cohort == COHORT_IN_FLIGHT && attempt->start < 0 && attempt->end >= 0;
}

/* The request was in the server's hands when the stop was asked for. */
static bool is_in_flight_at_stop(const struct attempt *attempt)
{
	return is_sent_before_stop(attempt) && !attempt->was_queued;
}

/* A server that was never asked cannot have cut anything. */
static bool is_servers(const struct attempt *attempt)
{
	return attempt->outcome != OUTCOME_CLIENT_ERROR;
}

/* Until when a load balancer sends requests: without a health endpoint until the stop itself. The URL of a
 * deployment is the load balancer's own, which has to answer all the time. */
static drill_us_t looks_healthy_until(const struct run *run)
{
	drill_us_t unhealthy = run->has_health ? run->marks[MARK_UNHEALTHY] : 0;

	if (unhealthy == DRILL_NEVER || run->is_deployment)
		return DRILL_NEVER;
	return unhealthy + (drill_us_t)(run->lb_window_s * 1e6);
}

/* From when on no request counts. */
static drill_us_t judged_until(const struct run *run)
{
	return run->marks[MARK_EXIT] == DRILL_NEVER ? DRILL_NEVER
						    : run->marks[MARK_EXIT] + run->linger;
}

bool run_judges(const struct run *run, const struct attempt *attempt)
{
	if (attempt->end < 0 || !is_servers(attempt))
		return false;
	if (attempt->start < 0)
		return true;
	/* what is sent with the stop was sent before the client could know of the stop */
	return attempt->start < judged_until(run) &&
	       (attempt->start == 0 || attempt->start < looks_healthy_until(run));
}

/* The first refusal after which no new connection was answered: a listener that opens again was open. */
static void find_listener_end(struct run *run)
{
	drill_us_t last_accept = run->marks[MARK_LAST_ACCEPT];

	for (size_t i = 0; i < run->attempt_count; i++) {
		const struct attempt *attempt = &run->attempts[i];

		if (attempt->outcome == OUTCOME_REFUSED && attempt->end >= 0 &&
			(last_accept == DRILL_NEVER || attempt->end > last_accept))
			run->marks[MARK_LISTENER_CLOSED] =
				earlier(run->marks[MARK_LISTENER_CLOSED], attempt->end);
	}
}

static void find_marks(struct run *run)
{
	drill_us_t *marks = run->marks;

	marks[MARK_LISTENER_CLOSED] = DRILL_NEVER;
	marks[MARK_LAST_ACCEPT] = marks[MARK_LAST_SUCCESS] = marks[MARK_LAST_BYTE] = DRILL_NEVER;
	for (size_t i = 0; i < run->attempt_count; i++) {
		const struct attempt *attempt = &run->attempts[i];

		if (attempt->end < 0 || attempt->first_byte == DRILL_NEVER)
			continue;
		note_later(&marks[MARK_LAST_BYTE], attempt->end);
		if (attempt->outcome == OUTCOME_OK)
			note_later(&marks[MARK_LAST_SUCCESS], attempt->end);
		if (!attempt->is_reused && attempt->cohort != COHORT_IN_FLIGHT)
			note_later(&marks[MARK_LAST_ACCEPT], attempt->start);
	}
	find_listener_end(run);
}

static enum drill_phase phase_at(const struct run *run, drill_us_t at)
{
	if (at < 0)
		return DRILL_BEFORE;
	if (at >= judged_until(run))
		return DRILL_AFTER_EXIT;
	return at >= run->marks[MARK_LISTENER_CLOSED] ? DRILL_DRAINING : DRILL_LAME_DUCK;
}

/* What a client has lost by the stop, whatever is judged: it was sent before the exit, and ended otherwise
 * than well. Where the client was sent away in time, it has lost nothing. */
static bool is_lost(const struct run *run, const struct attempt *attempt)
{
	if (attempt->outcome == OUTCOME_OK || attempt->end < 0 || !is_servers(attempt) ||
		attempt->start >= judged_until(run))
		return false;
	return run_judges(run, attempt) ||
	       (attempt->outcome != OUTCOME_REFUSED && attempt->outcome != OUTCOME_UNREACHABLE &&
		       attempt->outcome != OUTCOME_GOAWAY &&
		       attempt->outcome != OUTCOME_HTTP_503_DRAINING);
}

static void count(struct run *run, const struct attempt *attempt)
{
	struct run_numbers *numbers = &run->numbers;
	struct cohort_numbers *cohort = &numbers->cohorts[attempt->cohort];

	cohort->attempts++;
	cohort->outcomes[attempt->outcome]++;
	if (attempt->outcome == OUTCOME_OK && attempt->end >= 0)
		numbers->succeeded_after_stop++;
	if (is_lost(run, attempt))
		numbers->lost[attempt->outcome]++;
	if (attempt->end < 0 && is_servers(attempt)) {
		numbers->before[attempt->outcome]++;
		numbers->before_total++;
	}
	if (run_judges(run, attempt)) {
		numbers->judged_total++;
		numbers->judged[attempt->outcome]++;
		numbers->errors_as_before += attempt->outcome == OUTCOME_OK &&
					     attempt->http_status >= 400 && run->expect_status == 0;
		numbers->judged_in_flight[attempt->outcome] += is_in_flight_at_stop(attempt);
		if (run->has_health && attempt->outcome == OUTCOME_REFUSED)
			numbers->refused_while_healthy++;
	}
	numbers->queued_at_stop += is_sent_before_stop(attempt) && attempt->was_queued;
	if (is_in_flight_at_stop(attempt) && is_servers(attempt)) {
		numbers->queue_unknown += attempt->is_queue_unknown;
		numbers->in_flight_at_stop++;
		if (attempt->outcome == OUTCOME_OK)
			numbers->in_flight_completed++;
		else
			numbers->in_flight_cut++;
	}
}

/* How long requests of this kind take when they are answered: the median; NAN when none was. */
static double usual_duration(const struct run *run, uint8_t request, double *scratch)
{
	size_t n = 0;

	for (size_t i = 0; i < run->attempt_count; i++) {
		const struct attempt *attempt = &run->attempts[i];

		if (attempt->request == request && attempt->outcome == OUTCOME_OK &&
			attempt->first_byte != DRILL_NEVER)
			scratch[n++] = seconds(attempt->end - attempt->start);
	}
	return n > 0 ? percentiles_of(scratch, n).p50 : (double)NAN;
}

/* The server had taken the request, and had to: it was in flight, or its answer began. What was refused, or
 * reset unanswered, may never have left the accept queue. */
static bool had_to_be_answered(const struct run *run, const struct attempt *attempt)
{
	return run_judges(run, attempt) &&
	       (is_in_flight_at_stop(attempt) || attempt->first_byte != DRILL_NEVER);
}

/* When a request that the server had taken was answered, or would have been. */
static double due_end(const struct attempt *attempt, const double usual[DRILL_MAX_REQUESTS])
{
	double due = seconds(attempt->start) + usual[attempt->request];

	if (attempt->outcome == OUTCOME_OK)
		return seconds(attempt->end);
	return due < 0 ? 0 : due;
}

/* Fills in the ideal, and what of it a cut request was denied. */
static void measure_ideal(struct run *run, double *scratch)
{
	struct run_numbers *numbers = &run->numbers;
	double usual[DRILL_MAX_REQUESTS];

	numbers->ideal_stop_s = run->min_drain_s;
	for (unsigned i = 0; i < DRILL_MAX_REQUESTS; i++)
		usual[i] = usual_duration(run, (uint8_t)i, scratch);
	for (size_t i = 0; i < run->attempt_count; i++) {
		const struct attempt *attempt = &run->attempts[i];
		double due;

		if (!had_to_be_answered(run, attempt))
			continue;
		due = due_end(attempt, usual);
		if (isnan(due)) {
			numbers->ideal_stop_s = numbers->undershoot_s = due;
			return;
		}
		numbers->ideal_stop_s = fmax(numbers->ideal_stop_s, due);
		if (attempt->outcome != OUTCOME_OK)
			numbers->undershoot_s =
				fmax(numbers->undershoot_s, due - numbers->stop_wall_s);
	}
	if (isnan(numbers->stop_wall_s))
		numbers->undershoot_s = (double)NAN;
}

static void measure_stop(struct run *run, double *scratch)
{
	struct run_numbers *numbers = &run->numbers;
	double difference;

	numbers->stop_wall_s = seconds(run->marks[MARK_EXIT]);
	if (run->is_deployment) /* whose requests never end: no stop of it is ideal */
		numbers->ideal_stop_s = numbers->undershoot_s = (double)NAN;
	else
		measure_ideal(run, scratch);
	difference = numbers->stop_wall_s - numbers->ideal_stop_s;
	numbers->overshoot_s = isnan(difference) ? difference : fmax(difference, 0);
	numbers->efficiency = isnan(difference) ? difference
			      : difference > 0  ? numbers->ideal_stop_s / numbers->stop_wall_s
						: 1;
	numbers->deadline_margin_s = run->stop_timeout_s - numbers->stop_wall_s;
	/* 137 alone may be lastcall's own word, given in time, for an application that it had to kill */
	numbers->was_killed_at_deadline =
		(run->exit.signal == 9 || run->exit.code == 137 ||
			run->is_deployment) && /* whose command may end well at SIGTERM */
		numbers->deadline_margin_s <= 0;
}

static int by_value(const void *a, const void *b)
{
	const double *first = a, *second = b;

	return (*first > *second) - (*first < *second);
}

/* Between answers to new connections; from the stop to the first and from the last to the exit is a gap
 * as well. */
static double longest_gap(const struct run *run, double *scratch)
{
	double at = 0, longest = 0, exit_at = seconds(run->marks[MARK_EXIT]);
	size_t n = 0;

	if (run->numbers.cohorts[COHORT_NEW].attempts == 0 || isnan(exit_at))
		return (double)NAN;
	for (size_t i = 0; i < run->attempt_count; i++) {
		const struct attempt *attempt = &run->attempts[i];

		if (attempt->cohort == COHORT_NEW && attempt->outcome == OUTCOME_OK &&
			attempt->end >= 0 && attempt->end <= run->marks[MARK_EXIT])
			scratch[n++] = seconds(attempt->end);
	}
	qsort(scratch, n, sizeof(*scratch), by_value);
	for (size_t i = 0; i < n; i++) {
		longest = fmax(longest, scratch[i] - at);
		at = scratch[i];
	}
	return fmax(longest, exit_at - at);
}

static struct percentiles drain_times(const struct run *run, double *scratch)
{
	size_t n = 0;

	for (size_t i = 0; i < run->attempt_count; i++) {
		const struct attempt *attempt = &run->attempts[i];

		if (is_in_flight_at_stop(attempt) && is_servers(attempt) &&
			attempt->end != DRILL_NEVER)
			scratch[n++] = seconds(attempt->end);
	}
	return percentiles_of(scratch, n);
}

/* Outcomes by what was answered before the stop. */
static void compare_with_before(struct run *run)
{
	struct baseline baselines[DRILL_MAX_REQUESTS];

	baselines_find(run->attempts, run->attempt_count, baselines);
	for (unsigned i = 0; run->expects_body && i < DRILL_MAX_REQUESTS; i++)
		baselines[i].shortest = 0;
	for (size_t i = 0; i < run->attempt_count; i++) {
		struct attempt *attempt = &run->attempts[i];
		const struct baseline *baseline = &baselines[attempt->request];

		attempt->outcome = baseline_outcome(baseline, attempt, run->expect_status);
		run->numbers.unproven +=
			run_judges(run, attempt) && baseline_leaves_doubt(baseline, attempt);
	}
}

void run_tally(struct run *run, double *scratch)
{
	struct run_numbers *numbers = &run->numbers;

	*numbers = (struct run_numbers){0};
	compare_with_before(run);
	find_marks(run);
	for (size_t i = 0; i < run->attempt_count; i++) {
		struct attempt *attempt = &run->attempts[i];

		attempt->phase_at_start = phase_at(run, attempt->start);
		attempt->phase_at_end = phase_at(run, attempt->end);
		count(run, attempt);
	}
	numbers->completion_ratio =
		numbers->in_flight_at_stop > 0
			? (double)numbers->in_flight_completed / numbers->in_flight_at_stop
			: (double)NAN;
	measure_stop(run, scratch);
	numbers->lame_duck_s =
		seconds(run->marks[MARK_LISTENER_CLOSED]) - seconds(run->marks[MARK_UNHEALTHY]);
	numbers->max_gap_s = longest_gap(run, scratch);
	numbers->drain_s = drain_times(run, scratch);
	for (unsigned c = 0; c < COHORT_COUNT; c++)
		numbers->latency[c] = latency_of_run(run, c, scratch);
}
