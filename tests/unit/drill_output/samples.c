/* SPDX-License-Identifier: MIT */
#include "drill/core/tally.h"
#include "samples.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND 1000000
#define STARTED_MS INT64_C(1786007704123)

/* Deterministic: a picture that changes by itself cannot be looked at twice. */
static double noise(unsigned *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) / (double)(1 << 24);
}

static void add_attempt(struct run *run, struct attempt attempt)
{
	struct cohort_numbers *cohort = &run->numbers.cohorts[attempt.cohort];
	size_t room = 64;

	while (room < run->attempt_count)
		room *= 2;
	if (run->attempt_count == 0 || room == run->attempt_count)
		run->attempts = realloc(run->attempts,
			(run->attempt_count ? 2 * room : 64) * sizeof(*run->attempts));
	attempt.connection = (uint32_t)run->attempt_count;
	run->attempts[run->attempt_count++] = attempt;
	cohort->attempts++;
	cohort->outcomes[attempt.outcome]++;
}

static struct attempt attempt_of(
	enum cohort cohort, enum outcome outcome, double start_s, double end_s)
{
	const bool is_answered = outcome == OUTCOME_OK || outcome == OUTCOME_HTTP_503_DRAINING ||
				 outcome == OUTCOME_TRUNCATED || outcome == OUTCOME_RESET_MID_BODY;

	return (struct attempt){
		.cohort = cohort,
		.outcome = outcome,
		.phase_at_start = start_s < 0 ? DRILL_BEFORE : DRILL_LAME_DUCK,
		.phase_at_end = DRILL_DRAINING,
		.is_reused = cohort == COHORT_KEEP_ALIVE,
		.is_retry_safe = outcome == OUTCOME_REFUSED,
		.http_status = outcome == OUTCOME_HTTP_503_DRAINING ? 503
			       : is_answered                        ? 200
								    : 0,
		.start = (drill_us_t)(start_s * SECOND),
		.end = (drill_us_t)(end_s * SECOND),
		.first_byte =
			is_answered ? (drill_us_t)((start_s + end_s) / 2 * SECOND) : DRILL_NEVER,
		.bytes_expected = is_answered ? 4096 : -1,
		.bytes_received = outcome == OUTCOME_OK ? 4096
				  : is_answered         ? 1311
							: 0,
	};
}

/* A good stop: what is in flight ends by drain_s, the listener closes then, the exit comes soon. */
static void add_good_load(struct run *run, double drain_s, unsigned *seed)
{
	for (unsigned i = 0; i < 20; i++)
		add_attempt(run, attempt_of(COHORT_IN_FLIGHT, OUTCOME_OK, -0.4 + noise(seed) * 0.3,
					 drain_s * (i + 1) / 20));
	for (unsigned i = 0; i < 50; i++) {
		const double start_s = noise(seed) * drain_s * 0.95;

		add_attempt(
			run, attempt_of(COHORT_KEEP_ALIVE, OUTCOME_OK, start_s, start_s + 0.004));
	}
	for (double at_s = -0.3; at_s < drain_s + 0.2; at_s += 0.01)
		add_attempt(
			run, attempt_of(COHORT_NEW, at_s < drain_s ? OUTCOME_OK : OUTCOME_REFUSED,
				     at_s, at_s + (at_s < drain_s ? 0.003 : 0.0001)));
	for (unsigned i = 0; i < 5; i++)
		add_attempt(
			run, attempt_of(COHORT_PRECONNECTED, OUTCOME_OK, 0.2 * i, 0.2 * i + 0.003));
	for (unsigned i = 0; i < 12; i++)
		add_attempt(run, attempt_of(COHORT_ACCEPT_QUEUE, OUTCOME_OK, 0, 0.02 + i * 0.004));
}

static void set_marks(struct run *run, double unhealthy_s, double closed_s, double exit_s)
{
	const double moments[RUN_MARK_COUNT] = {
		[MARK_UNHEALTHY] = unhealthy_s,
		[MARK_LISTENER_CLOSED] = closed_s,
		[MARK_LAST_ACCEPT] = closed_s - 0.01,
		[MARK_LAST_SUCCESS] = exit_s - 0.06,
		[MARK_LAST_BYTE] = exit_s - 0.05,
		[MARK_EXIT] = exit_s,
		[MARK_DEADLINE] = run->stop_timeout_s,
	};

	for (unsigned mark = 0; mark < RUN_MARK_COUNT; mark++)
		run->marks[mark] =
			isnan(moments[mark]) ? DRILL_NEVER : (drill_us_t)(moments[mark] * SECOND);
}

static void set_numbers(struct run *run, double ideal_s, double exit_s)
{
	struct run_numbers *n = &run->numbers;
	const struct cohort_numbers *in_flight = &n->cohorts[COHORT_IN_FLIGHT];
	double ends[64];
	size_t ended = 0;

	n->in_flight_at_stop = in_flight->attempts;
	n->in_flight_completed = in_flight->outcomes[OUTCOME_OK];
	n->in_flight_cut = in_flight->attempts - in_flight->outcomes[OUTCOME_OK];
	n->completion_ratio = in_flight->attempts
				      ? (double)n->in_flight_completed / in_flight->attempts
				      : (double)NAN;
	n->stop_wall_s = exit_s;
	n->ideal_stop_s = ideal_s;
	n->overshoot_s = fmax(0, exit_s - ideal_s);
	n->undershoot_s = fmax(0, ideal_s - exit_s);
	n->efficiency = fmin(1, ideal_s / exit_s);
	n->deadline_margin_s = run->stop_timeout_s - exit_s;
	n->lame_duck_s =
		run->marks[MARK_UNHEALTHY] == DRILL_NEVER
			? (double)NAN
			: (double)(run->marks[MARK_LISTENER_CLOSED] - run->marks[MARK_UNHEALTHY]) /
				  SECOND;
	n->max_gap_s = 0.034;
	for (size_t i = 0; i < run->attempt_count; i++) {
		const struct attempt *a = &run->attempts[i];

		if (a->cohort == COHORT_IN_FLIGHT && ended < 64)
			ends[ended++] = (double)a->end / SECOND;
		if (a->outcome != OUTCOME_OK && run_judges(run, a))
			n->judged[a->outcome]++, n->lost[a->outcome]++;
		n->succeeded_after_stop += a->start >= 0 && a->outcome == OUTCOME_OK;
	}
	n->drain_s = percentiles_of(ends, ended);
}

static struct run *start_run(struct drill_result *result)
{
	struct run *run = &result->runs[result->run_count++];

	*run = (struct run){
		.number = result->run_count,
		.stopped_unix_ms = STARTED_MS + 4000 * (int64_t)result->run_count,
		.stop_timeout_s = 10,
		.exit = {.is_known = true},
		.server = {.was_found = true,
			.outcome = "drained",
			.busy_at_stop = 20,
			.open_at_stop = 75,
			.finished = 32,
			.arrived_after_stop = 180,
			.flushed_bytes = 4096,
			.total_ms = 2310,
			.headroom_ms = 6690},
	};
	return run;
}

static void add_good_run(struct drill_result *result, unsigned *seed)
{
	struct run *run = start_run(result);
	const double drain_s = 1.9 + noise(seed) * 0.4;

	add_good_load(run, drain_s, seed);
	set_marks(run, 0.003, drain_s, drain_s + 0.06);
	set_numbers(run, drain_s, drain_s + 0.06);
}

/* A server that ends at once when signalled, and takes a third of the answers with it. */
static void add_bad_run(struct drill_result *result, unsigned *seed)
{
	struct run *run = start_run(result);

	run->server.headroom_ms = -12;
	for (unsigned i = 0; i < 20; i++)
		add_attempt(run, attempt_of(COHORT_IN_FLIGHT,
					 i < 4    ? OUTCOME_OK
					 : i < 14 ? OUTCOME_RESET_MID_BODY
						  : OUTCOME_TRUNCATED,
					 -0.4 + noise(seed) * 0.3, i < 4 ? 0.05 * i : 0.21));
	for (unsigned i = 0; i < 50; i++)
		add_attempt(run, attempt_of(COHORT_KEEP_ALIVE,
					 i < 12   ? OUTCOME_OK
					 : i < 30 ? OUTCOME_EOF_BEFORE_RESPONSE
						  : OUTCOME_RESET_BEFORE_RESPONSE,
					 0.01 * i, 0.01 * i + 0.004));
	for (double at_s = -0.3; at_s < 0.6; at_s += 0.01)
		add_attempt(run, attempt_of(COHORT_NEW, at_s < 0.18 ? OUTCOME_OK : OUTCOME_REFUSED,
					 at_s, at_s + 0.002));
	for (unsigned i = 0; i < 5; i++)
		add_attempt(run,
			attempt_of(COHORT_PRECONNECTED, OUTCOME_RESET_CONNECT, 0.05 * i, 0.21));
	for (unsigned i = 0; i < 12; i++)
		add_attempt(run, attempt_of(COHORT_ACCEPT_QUEUE,
					 i < 3   ? OUTCOME_HTTP_5XX
					 : i < 6 ? OUTCOME_TIMEOUT_RESPONSE
						 : OUTCOME_RESET_CONNECT,
					 0, 0.03 + 0.02 * i));
	run->has_health = true;
	set_marks(run, (double)NAN, 0.18, 0.22);
	set_numbers(run, 2.1, 0.22);
	run->numbers.refused_while_healthy = 42;
	run->server.cut = 1;
	snprintf(run->disagreements[run->disagreement_count++], RUN_DISAGREEMENT_BYTES,
		"the server says that 1 was cut, the client saw 16");
}

static void add_warning(struct drill_result *result, const char *text)
{
	snprintf(result->warnings[result->warning_count++], DRILL_WARNING_BYTES, "%s", text);
}

static void add_check(struct drill_result *result, const char *name, const char *limit,
	const char *observed, bool has_passed)
{
	struct check *check = &result->checks[result->check_count++];

	snprintf(check->name, sizeof(check->name), "%s", name);
	snprintf(check->limit, sizeof(check->limit), "%s", limit);
	snprintf(check->observed, sizeof(check->observed), "%s", observed);
	check->has_passed = has_passed;
}

static void add_checks(struct drill_result *result, bool have_passed)
{
	const bool ok = have_passed;

	add_check(result, "in_flight_cut", "0", ok ? "0" : "16 in run 1", ok);
	add_check(result, "truncated", "0", ok ? "0" : "6 in run 1", ok);
	add_check(result, "reset_mid_body", "0", ok ? "0" : "10 in run 1", ok);
	add_check(result, "refused_while_healthy", "0", ok ? "0" : "42 in run 1", ok);
	add_check(result, "corrupt", "0", "0", true);
	add_check(result, "stalled", "0", "0", true);
	add_check(result, "killed", "never", "never", true);
	add_check(result, "min_margin", "> 0 s", "7.66 s in run 4", true);
}

static struct drill_result *result_new(unsigned runs)
{
	struct drill_result *result = calloc(1, sizeof(*result));

	result->runs = calloc(runs > 0 ? runs : 1, sizeof(*result->runs));
	result->runs_asked = runs;
	result->started_unix_ms = STARTED_MS;
	result->wall_s = 42.125;
	snprintf(result->target, sizeof(result->target), "container shop");
	snprintf(result->url, sizeof(result->url), "http://127.0.0.1:8080/slow");
	snprintf(result->stop_text, sizeof(result->stop_text), "docker stop -t 10");
	return result;
}

static struct drill_result *passed(void)
{
	struct drill_result *result = result_new(10);
	unsigned seed = 1;

	while (result->run_count < 10)
		add_good_run(result, &seed);
	result->has_control = result->control_failed = true;
	add_checks(result, true);
	return result;
}

static struct drill_result *failed(void)
{
	struct drill_result *result = result_new(5);
	unsigned seed = 2;

	for (unsigned i = 0; i < 5; i++) {
		if (i == 2)
			add_good_run(result, &seed);
		else
			add_bad_run(result, &seed);
	}
	add_checks(result, false);
	add_warning(result, "3 refused in run 2: clients have to send them again (--retry-safe)");
	result->verdict = VERDICT_FAIL;
	return result;
}

/* It ignored its signal, answered nothing more, and was killed at the deadline. */
static struct drill_result *all_failed(void)
{
	struct drill_result *result = result_new(3);

	while (result->run_count < 3) {
		struct run *run = start_run(result);

		for (unsigned i = 0; i < 400; i++)
			add_attempt(
				run, attempt_of(COHORT_IN_FLIGHT, OUTCOME_STALLED, -0.5, 10.01));
		for (unsigned i = 0; i < 900; i++)
			add_attempt(run,
				attempt_of(COHORT_NEW,
					i % 3 ? OUTCOME_TIMEOUT_RESPONSE : OUTCOME_TIMEOUT_CONNECT,
					0.011 * i, 0.011 * i + 2));
		set_marks(run, (double)NAN, 10.0, 10.01);
		set_numbers(run, 3, 10.01);
		run->numbers.was_killed_at_deadline = true;
		run->numbers.ideal_stop_s = run->numbers.overshoot_s =
			(double)NAN; /* none was answered */
		run->numbers.undershoot_s = run->numbers.efficiency = (double)NAN;
		run->exit = (struct run_exit){true, -1, SIGKILL, false};
		run->server = (struct self_report){.was_found = false};
	}
	add_check(result, "in_flight_cut", "0", "400 in run 1", false);
	add_check(result, "killed", "never", "in run 1, 2, 3", false);
	add_check(result, "min_margin", "> 0 s", "-0.01 s in run 1", false);
	result->verdict = VERDICT_FAIL;
	return result;
}

static struct drill_result *inconclusive(void)
{
	struct drill_result *result = passed();

	result->verdict = VERDICT_INCONCLUSIVE;
	result->control_failed = false;
	snprintf(result->inconclusive_because, sizeof(result->inconclusive_because),
		"the control, a server that has to fail, did not: the load is too light to show "
		"anything");
	return result;
}

static struct drill_result *interrupted(void)
{
	struct drill_result *result = result_new(10);
	unsigned seed = 5;

	add_good_run(result, &seed);
	add_good_run(result, &seed);
	snprintf(result->runs[1].error, sizeof(result->runs[1].error), "interrupted by SIGINT");
	result->runs[1].numbers = (struct run_numbers){.stop_wall_s = (double)NAN,
		.ideal_stop_s = (double)NAN,
		.overshoot_s = (double)NAN,
		.undershoot_s = (double)NAN,
		.efficiency = (double)NAN,
		.deadline_margin_s = (double)NAN,
		.lame_duck_s = (double)NAN,
		.max_gap_s = (double)NAN,
		.completion_ratio = (double)NAN};
	result->runs[1].exit.is_known = false;
	for (unsigned mark = MARK_UNHEALTHY; mark < RUN_MARK_COUNT; mark++)
		result->runs[1].marks[mark] = DRILL_NEVER;
	result->was_interrupted = true;
	result->verdict = VERDICT_INCONCLUSIVE;
	snprintf(result->inconclusive_because, sizeof(result->inconclusive_because),
		"interrupted in run 2 of 10");
	add_checks(result, true);
	return result;
}

static struct drill_result *no_runs(void)
{
	struct drill_result *result = result_new(10);

	result->run_count = 0;
	result->was_interrupted = true;
	result->verdict = VERDICT_INCONCLUSIVE;
	snprintf(result->inconclusive_because, sizeof(result->inconclusive_because),
		"interrupted before the first stop");
	return result;
}

static struct drill_result *no_attempts(void)
{
	struct drill_result *result = result_new(1);
	struct run *run = start_run(result);

	set_marks(run, (double)NAN, (double)NAN, 0.4);
	run->marks[MARK_LAST_ACCEPT] = run->marks[MARK_LAST_SUCCESS] = DRILL_NEVER;
	run->marks[MARK_LAST_BYTE] = DRILL_NEVER;
	set_numbers(run, 0, 0.4);
	run->numbers.lame_duck_s = run->numbers.max_gap_s = (double)NAN;
	add_checks(result, true);
	return result;
}

static struct drill_result *one_attempt(void)
{
	struct drill_result *result = result_new(1);
	struct run *run = start_run(result);

	run->server.headroom_ms = run->server.lost_bytes = SELF_REPORT_UNKNOWN;
	add_attempt(run, attempt_of(COHORT_IN_FLIGHT, OUTCOME_OK, -0.1, 1.2));
	set_marks(run, 0.002, 1.2, 1.23);
	set_numbers(run, 1.2, 1.23);
	add_checks(result, true);
	return result;
}

/* What a command line, a container's name and a log may carry. */
static struct drill_result *hostile(void)
{
	struct drill_result *result = failed();
	const char nasty[] =
		"a\"b'<c>&d]]>%0A::error::x|`y`\n# z\r\x1b[31m\x01\xff\xed\xa0\x80\xEF\xBF\xBF \\é";

	snprintf(result->target, sizeof(result->target), "%s", nasty);
	snprintf(result->url, sizeof(result->url), "http://127.0.0.1/?%s", nasty);
	snprintf(result->stop_text, sizeof(result->stop_text), "%s", nasty);
	for (unsigned i = 0; i < result->check_count; i++)
		snprintf(result->checks[i].observed, sizeof(result->checks[i].observed), "%s",
			nasty);
	snprintf(result->checks[0].name, sizeof(result->checks[0].name), "%.40s", nasty);
	snprintf(result->runs[1].error, sizeof(result->runs[1].error), "%s", nasty);
	snprintf(result->runs[0].disagreements[0], RUN_DISAGREEMENT_BYTES, "%s", nasty);
	snprintf(result->runs[0].server.outcome, sizeof(result->runs[0].server.outcome), "%.20s",
		nasty);
	return result;
}

/* Three failures among a hundred thousand must not drown. */
static struct drill_result *huge(void)
{
	struct drill_result *result = result_new(1);
	struct run *run = start_run(result);
	unsigned seed = 9;

	for (unsigned i = 0; i < SAMPLE_HUGE_ATTEMPTS; i++) {
		const enum cohort cohort = i % COHORT_COUNT;
		const double start_s =
			cohort == COHORT_IN_FLIGHT ? -noise(&seed) : noise(&seed) * 3;
		const bool is_lost = i == 20000 || i == 50001 || i == 70002;

		add_attempt(run,
			attempt_of(cohort, is_lost ? OUTCOME_TRUNCATED : OUTCOME_OK, start_s,
				cohort == COHORT_IN_FLIGHT ? noise(&seed) * 3 : start_s + 0.005));
	}
	set_marks(run, 0.01, 3.0, 3.05);
	set_numbers(run, 3, 3.05);
	add_check(result, "truncated", "0", "3 in run 1", false);
	result->verdict = VERDICT_FAIL;
	return result;
}

/* Every outcome in every column of every lane: the largest picture that there can be. */
static struct drill_result *motley(void)
{
	struct drill_result *result = huge();
	struct run *run = &result->runs[0];
	unsigned seed = 11;

	memset(run->numbers.cohorts, 0, sizeof(run->numbers.cohorts));
	for (size_t i = 0; i < run->attempt_count; i++) {
		struct attempt *a = &run->attempts[i];

		a->outcome = (enum outcome)(noise(&seed) * (double)OUTCOME_COUNT);
		run->numbers.cohorts[a->cohort].attempts++;
		run->numbers.cohorts[a->cohort].outcomes[a->outcome]++;
	}
	set_numbers(run, 3, 3.05);
	return result;
}

static const struct {
	const char *name;
	struct drill_result *(*make)(void);
} samples[] = {
	{"passed", passed},
	{"failed", failed},
	{"all_failed", all_failed},
	{"inconclusive", inconclusive},
	{"interrupted", interrupted},
	{"no_runs", no_runs},
	{"no_attempts", no_attempts},
	{"one_attempt", one_attempt},
	{"hostile", hostile},
	{"huge", huge},
	{"motley", motley},
};

const char *sample_name(size_t index)
{
	return index < sizeof(samples) / sizeof(*samples) ? samples[index].name : NULL;
}

struct drill_result *sample_new(const char *name)
{
	for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++) {
		if (strcmp(samples[i].name, name) == 0)
			return samples[i].make();
	}
	return NULL;
}

void sample_free(struct drill_result *result)
{
	for (unsigned i = 0; i < result->run_count; i++)
		free(result->runs[i].attempts);
	free(result->runs);
	free(result);
}
