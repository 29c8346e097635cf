/* SPDX-License-Identifier: MIT */
#include "drill/core/verdict.h"

#include "core/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The next check, its texts open for writing. */
struct check_texts {
	struct check *check;
	struct text limit, observed;
};

static struct check_texts add_check(struct drill_result *result, const char *name)
{
	struct check_texts texts = {.check = &result->checks[result->check_count++]};
	struct text text;

	*texts.check = (struct check){.has_passed = true};
	text_init(&text, texts.check->name, sizeof(texts.check->name));
	text_add(&text, name);
	text_init(&texts.limit, texts.check->limit, sizeof(texts.check->limit));
	text_init(&texts.observed, texts.check->observed, sizeof(texts.check->observed));
	return texts;
}

static void add_run(struct text *text, const struct drill_result *result, const struct run *run)
{
	if (result->run_count > 1)
		text_printf(text, " in run %u", run->number);
}

/* How many of something a run may have, at most. */
static void check_count(struct drill_result *result, const char *name, int64_t most,
	uint32_t (*count)(const struct run *run, int which), int which)
{
	struct check_texts texts;
	const struct run *worst = result->runs;

	if (most == THRESHOLD_OFF)
		return;
	texts = add_check(result, name);
	for (unsigned i = 1; i < result->run_count; i++) {
		if (count(&result->runs[i], which) > count(worst, which))
			worst = &result->runs[i];
	}
	texts.check->has_passed = count(worst, which) <= most;
	text_printf(&texts.limit, most == 0 ? "%u" : "<= %u", (unsigned)most);
	text_printf(&texts.observed, "%u", count(worst, which));
	if (count(worst, which) > 0)
		add_run(&texts.observed, result, worst);
}

static uint32_t in_flight_cut(const struct run *run, int unused)
{
	(void)unused;
	return run->numbers.in_flight_cut;
}

static uint32_t judged(const struct run *run, int outcome)
{
	return run->numbers.judged[outcome];
}

static void check_counts(struct drill_result *result, const struct thresholds *thresholds)
{
	bool has_health = result->runs[0].has_health;

	check_count(result, "in_flight_cut", thresholds->most_in_flight_cut, in_flight_cut, 0);
	for (int i = 0; i < OUTCOME_COUNT; i++) {
		const char *name = outcome_name((enum outcome)i);

		if (i == OUTCOME_REFUSED && has_health)
			name = "refused_while_healthy";
		else if (i == OUTCOME_REFUSED && !thresholds->is_refused_given)
			continue; /* nobody can say whether a load balancer would have come */
		check_count(result, name, thresholds->most[i], judged, i);
	}
}

/* A number of seconds, or a share, that has a limit on one side. */
struct bound {
	const char *name, *unit;
	double limit; /* NAN: none */
	bool is_least; /* else most */
	bool is_strict; /* the limit itself is too much, or too little */
	double (*number)(const struct run *run);
};

/* Of a run that shows nothing no time is known, nor an end; what its clients have lost is lost. */
static bool has_a_word(const struct run *run)
{
	return run->error[0] == '\0';
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

		if (has_a_word(run) && (worst == NULL || is_worse(bound, bound->number(run),
								 bound->number(worst))))
			worst = run;
	}
	if (worst == NULL)
		return;
	texts = add_check(result, bound->name);
	texts.check->has_passed = is_within(bound, bound->number(worst));
	/* text_printf, which is PID 1's, knows no fractions */
	(void)snprintf(number, sizeof number, "%g", bound->limit);
	text_printf(&texts.limit, "%s %s%s", signs[bound->is_least][bound->is_strict], number,
		bound->unit);
	(void)snprintf(number, sizeof number, "%.3f", bound->number(worst));
	if (isnan(bound->number(worst)))
		text_add(&texts.observed, "not known");
	else
		text_printf(&texts.observed, "%s%s", number, bound->unit);
	add_run(&texts.observed, result, worst);
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
		{"min_completion", "", thresholds->min_completion, true, false, completion},
		{"min_margin", " s", thresholds->min_margin_s, true, thresholds->min_margin_s <= 0,
			margin},
		{"max_stop", " s", thresholds->max_stop_s, false, false, stop},
		{"max_overshoot", " s", thresholds->max_overshoot_s, false, false, overshoot},
		{"max_gap", " s", thresholds->max_gap_s, false, false, gap},
	};

	for (size_t i = 0; i < sizeof(bounds) / sizeof(*bounds); i++)
		check_bound(result, &bounds[i]);
}

/* What is wrong with a run's end; NULL: nothing. */
static const char *bad_end(const struct run *run)
{
	if (run->exit.is_oom_killed)
		return "out of memory";
	if (run->numbers.was_killed_at_deadline)
		return "killed at the deadline";
	return run->marks[MARK_EXIT] == DRILL_NEVER ? "still there" : NULL;
}

static void check_end(struct drill_result *result)
{
	const struct run *bad = NULL;
	struct check_texts texts;
	bool is_known = false;

	for (unsigned i = 0; i < result->run_count && bad == NULL; i++) {
		if (!has_a_word(&result->runs[i]))
			continue;
		is_known = true;
		if (bad_end(&result->runs[i]) != NULL)
			bad = &result->runs[i];
	}
	if (!is_known)
		return;
	texts = add_check(result, "ended_by_itself");
	texts.check->has_passed = bad == NULL;
	text_add(&texts.limit, "yes");
	text_add(&texts.observed, bad != NULL ? bad_end(bad) : "yes");
	if (bad != NULL)
		add_run(&texts.observed, result, bad);
}

static bool is_any_check_failed(const struct drill_result *result)
{
	for (unsigned i = 0; i < result->check_count; i++) {
		if (!result->checks[i].has_passed)
			return true;
	}
	return false;
}

/* Adds why a run proves nothing. */
static void doubt_run(struct text *doubt, const struct run *run)
{
	uint32_t client_errors = 0;

	for (int i = 0; i < COHORT_COUNT; i++)
		client_errors += run->numbers.cohorts[i].outcomes[OUTCOME_CLIENT_ERROR];
	if (run->error[0] != '\0')
		text_printf(doubt, "run %u: %s", run->number, run->error);
	else if (run->in_flight_asked > 0 && run->numbers.in_flight_at_stop == 0)
		text_printf(
			doubt, "run %u: nothing was in flight when it was stopped", run->number);
	else if (client_errors > 0)
		text_printf(doubt,
			"run %u: %u attempts failed on the drill's own side (client_error)",
			run->number, client_errors);
}

static void doubt_result(struct drill_result *result)
{
	struct text doubt;

	if (result->inconclusive_because[0] != '\0')
		return;
	text_init(&doubt, result->inconclusive_because, sizeof(result->inconclusive_because));
	if (result->has_control && !result->control_failed)
		text_add(&doubt, "the control did not fail: this load cannot show a bad stop");
	else if (result->run_count == 0)
		text_add(&doubt, "no run was finished");
	for (unsigned i = 0; i < result->run_count && doubt.len == 0; i++)
		doubt_run(&doubt, &result->runs[i]);
}

void result_judge(struct drill_result *result, const struct thresholds *thresholds)
{
	result->check_count = 0;
	if (result->run_count > 0) {
		check_counts(result, thresholds);
		check_bounds(result, thresholds);
		check_end(result);
	}
	doubt_result(result);
	if (is_any_check_failed(result))
		result->verdict = VERDICT_FAIL;
	else
		result->verdict = result->inconclusive_because[0] != '\0' ? VERDICT_INCONCLUSIVE
									  : VERDICT_PASS;
}
