/* SPDX-License-Identifier: MIT */
/* What the clients saw, against the limits. */
#include "drill/core/check.h"

#include "drill/core/share_test.h"

#include <math.h>
#include <stdio.h>

#define CHANCE 0.05 /* below it a difference is none of chance */

/* Which of a run's attempts a check counts. */
struct counted {
	uint32_t (*count)(const struct run *run, const struct counted *counted);
	enum outcome outcome;
	bool without_in_flight; /* --min-completion speaks of those */
	const bool *is_retry_safe; /* by outcome */
};

/* A request that the server says it has not worked on is not lost where clients send it again. One that it
 * had taken is cut, whatever they do: it may have done half of it. */
static uint32_t in_flight_cut(const struct run *run, const struct counted *counted)
{
	uint32_t cut = run->numbers.in_flight_cut;

	if (counted->is_retry_safe[OUTCOME_GOAWAY])
		cut -= run->numbers.judged_in_flight[OUTCOME_GOAWAY];
	return cut;
}

static uint32_t judged(const struct run *run, const struct counted *counted)
{
	uint32_t in_flight = run->numbers.judged_in_flight[counted->outcome];

	return run->numbers.judged[counted->outcome] - (counted->without_in_flight ? in_flight : 0);
}

static const struct run *worst_of(const struct drill_result *result, const struct counted *counted)
{
	const struct run *worst = result->runs;

	for (unsigned i = 1; i < result->run_count; i++) {
		if (counted->count(&result->runs[i], counted) > counted->count(worst, counted))
			worst = &result->runs[i];
	}
	return worst;
}

/* How many of something a run may have, at most. */
static struct check *check_count(
	struct drill_result *result, const char *name, int64_t most, const struct counted *counted)
{
	struct check_texts texts = check_add(result, name);
	const struct run *worst = worst_of(result, counted);
	uint32_t count = counted->count(worst, counted);

	for (unsigned i = 0; i < result->run_count; i++)
		texts.check->failed_runs += counted->count(&result->runs[i], counted) > most;
	texts.check->has_passed = texts.check->failed_runs == 0;
	text_printf(&texts.limit, most == 0 ? "%u" : "<= %u", (unsigned)most);
	text_printf(&texts.observed, "%u", count);
	if (count > 0)
		check_add_run(&texts.observed, result, worst);
	return texts.check;
}

/* A failure that was as frequent before the stop is not the stop's. */
static bool was_as_frequent_before(const struct drill_result *result, enum outcome outcome)
{
	uint32_t before = 0, before_total = 0, after = 0, after_total = 0;

	for (unsigned i = 0; i < result->run_count; i++) {
		const struct run_numbers *numbers = &result->runs[i].numbers;

		before += numbers->before[outcome];
		before_total += numbers->before_total;
		after += numbers->judged[outcome];
		after_total += numbers->judged_total;
	}
	return before > 0 && share_test(before, before_total, after, after_total) >= CHANCE;
}

/* How many requests that were in flight ended so, in all runs, and of how many. */
static uint32_t cut_by(
	const struct drill_result *result, enum outcome outcome, uint32_t *ret_in_flight)
{
	uint32_t cut = 0;

	*ret_in_flight = 0;
	for (unsigned i = 0; i < result->run_count; i++) {
		cut += result->runs[i].numbers.judged_in_flight[outcome];
		*ret_in_flight += result->runs[i].numbers.in_flight_at_stop;
	}
	return cut;
}

/* All that was cut in flight ended as requests did before the stop, and no more often. */
static bool were_cuts_as_frequent_before(const struct drill_result *result)
{
	bool was_any_cut = false;

	for (int o = OUTCOME_OK + 1; o < OUTCOME_CLIENT_ERROR; o++) {
		uint32_t before = 0, before_total = 0, in_flight;
		const uint32_t cut = cut_by(result, (enum outcome)o, &in_flight);

		for (unsigned i = 0; i < result->run_count; i++) {
			before += result->runs[i].numbers.before[o];
			before_total += result->runs[i].numbers.before_total;
		}
		if (cut > 0 &&
			(before == 0 || share_test(before, before_total, cut, in_flight) < CHANCE))
			return false;
		was_any_cut |= cut > 0;
	}
	return was_any_cut;
}

static void warn(struct drill_result *result, const struct counted *counted)
{
	const struct run *worst = worst_of(result, counted);
	struct text text;

	if (counted->count(worst, counted) == 0)
		return;
	text = check_add_warning(result);
	text_printf(&text, "%u %s", counted->count(worst, counted), outcome_name(counted->outcome));
	check_add_run(&text, result, worst);
	text_add(&text, ": clients have to send them again (--retry-safe)");
}

static const char *outcome_check_name(const struct drill_result *result, enum outcome outcome)
{
	return outcome == OUTCOME_REFUSED && result->runs[0].has_health ? "refused_while_healthy"
									: outcome_name(outcome);
}

static void check_counts(struct drill_result *result, const struct thresholds *thresholds)
{
	bool has_completion = !isnan(thresholds->min_completion);
	struct counted counted = {in_flight_cut, OUTCOME_OK, false, thresholds->is_retry_safe};
	struct check *check;

	if (thresholds->most_in_flight_cut != THRESHOLD_OFF && !has_completion) {
		check = check_count(
			result, "in_flight_cut", thresholds->most_in_flight_cut, &counted);
		check->is_doubtful = !check->has_passed && were_cuts_as_frequent_before(result);
	}
	counted.count = judged;
	counted.without_in_flight = has_completion;
	for (int i = OUTCOME_OK + 1; i < OUTCOME_CLIENT_ERROR; i++) {
		counted.outcome = (enum outcome)i;
		if (thresholds->is_retry_safe[i]) {
			warn(result, &counted);
			continue;
		}
		if (thresholds->most[i] == THRESHOLD_OFF)
			continue;
		check = check_count(result, outcome_check_name(result, counted.outcome),
			thresholds->most[i], &counted);
		check->is_doubtful =
			!check->has_passed && was_as_frequent_before(result, counted.outcome);
	}
}

/* A number of seconds, or a share, that has a limit on one side. */
struct bound {
	const char *name, *unit;
	double limit; /* NAN: none */
	bool is_least; /* else most */
	bool is_strict; /* the limit itself is too much, or too little */
	bool is_of_in_flight; /* a run with nothing in flight has no such number, which its doubt says */
	double (*number)(const struct run *run);
};

static bool counts_for(const struct run *run, const struct bound *bound)
{
	return check_counts_run(run) &&
	       (!bound->is_of_in_flight || run->numbers.in_flight_at_stop > 0);
}

/* A number that could not be known is within no limit. */
static bool is_within(const struct bound *bound, double number)
{
	double room = bound->is_least ? number - bound->limit : bound->limit - number;

	return bound->is_strict ? room > 0 : room >= 0;
}

static bool is_worse(const struct bound *bound, double number, double than)
{
	if (isnan(number) || isnan(than))
		return isnan(number) && !isnan(than);
	return bound->is_least ? number < than : number > than;
}

static void check_bound(struct drill_result *result, const struct bound *bound)
{
	static const char *const signs[2][2] = {{"<=", "<"}, {">=", ">"}};
	const struct run *worst = NULL;
	struct check_texts texts;
	char number[32];

	if (isnan(bound->limit))
		return;
	for (unsigned i = 0; i < result->run_count; i++) {
		const struct run *run = &result->runs[i];

		if (counts_for(run, bound) && (worst == NULL || is_worse(bound, bound->number(run),
									bound->number(worst))))
			worst = run;
	}
	if (worst == NULL)
		return;
	texts = check_add(result, bound->name);
	for (unsigned i = 0; i < result->run_count; i++)
		texts.check->failed_runs += counts_for(&result->runs[i], bound) &&
					    !is_within(bound, bound->number(&result->runs[i]));
	texts.check->has_passed = texts.check->failed_runs == 0;
	/* text_printf, which is PID 1's, knows no fractions */
	(void)snprintf(number, sizeof number, "%g", bound->limit);
	text_printf(&texts.limit, "%s %s%s", signs[bound->is_least][bound->is_strict], number,
		bound->unit);
	(void)snprintf(number, sizeof number, "%.3f", bound->number(worst));
	if (isnan(bound->number(worst)))
		text_add(&texts.observed, "not known");
	else
		text_printf(&texts.observed, "%s%s", number, bound->unit);
	check_add_run(&texts.observed, result, worst);
}

static double completion(const struct run *run)
{
	return run->numbers.completion_ratio;
}

static double stop(const struct run *run)
{
	return run->numbers.stop_wall_s;
}

static double overshoot(const struct run *run)
{
	return run->numbers.overshoot_s;
}

static double margin(const struct run *run)
{
	return run->numbers.deadline_margin_s;
}

static double gap(const struct run *run)
{
	return run->numbers.max_gap_s;
}

static void check_bounds(struct drill_result *result, const struct thresholds *thresholds)
{
	const struct bound bounds[] = {
		{"min_completion", "", thresholds->min_completion, true, false, true, completion},
		{"min_margin", " s", thresholds->min_margin_s, true, thresholds->min_margin_s <= 0,
			false, margin},
		{"max_stop", " s", thresholds->max_stop_s, false, false, false, stop},
		{"max_overshoot", " s", thresholds->max_overshoot_s, false, false, false,
			overshoot},
		{"max_gap", " s", thresholds->max_gap_s, false, false, false, gap},
	};

	for (size_t i = 0; i < sizeof(bounds) / sizeof(*bounds); i++)
		check_bound(result, &bounds[i]);
}

/* A cut request may have been in no program's hands. */
static void warn_of_unknown_queue(struct drill_result *result)
{
	for (unsigned i = 0; i < result->run_count; i++) {
		const struct run *run = &result->runs[i];
		struct text text;

		if (run->numbers.queue_unknown == 0 || run->numbers.in_flight_cut == 0)
			continue;
		text = check_add_warning(result);
		text_printf(&text, "whether the server had accepted %u of the requests in flight",
			run->numbers.queue_unknown);
		check_add_run(&text, result, run);
		text_add(&text, " is not known: they may have waited in the accept queue");
		return;
	}
}

/* A path that does not exist, say: the load is not the one that was meant. */
static void warn_of_errors_as_before(struct drill_result *result)
{
	for (unsigned i = 0; i < result->run_count; i++) {
		const struct run *run = &result->runs[i];
		struct text text;

		if (run->numbers.errors_as_before == 0)
			continue;
		text = check_add_warning(result);
		text_printf(&text, "%u requests", run->numbers.errors_as_before);
		check_add_run(&text, result, run);
		text_add(&text, " were answered with an error, as before the stop, and count as "
				"answered (--expect-status)");
		return;
	}
}

void load_checks_add(struct drill_result *result, const struct thresholds *thresholds)
{
	check_counts(result, thresholds);
	warn_of_unknown_queue(result);
	warn_of_errors_as_before(result);
	check_bounds(result, thresholds);
}
