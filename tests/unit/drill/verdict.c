/* SPDX-License-Identifier: MIT */
/* Which runs pass, which fail, which prove nothing, and what the checks say. */
#include "drill/core/verdict.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define RUNS 3

static struct run runs[RUNS];
static struct drill_result result;
static struct thresholds thresholds;

/* Three good stops of 2 s each. */
static int setup(void **state)
{
	(void)state;
	thresholds_init(&thresholds);
	for (unsigned i = 0; i < RUNS; i++) {
		runs[i] = (struct run){
			.number = i + 1,
			.in_flight_asked = 20,
			.exit = {.is_known = true},
			.numbers = {.in_flight_at_stop = 20,
				.in_flight_completed = 20,
				.completion_ratio = 1,
				.stop_wall_s = 2,
				.ideal_stop_s = 1.9,
				.overshoot_s = 0.1,
				.deadline_margin_s = 8,
				.max_gap_s = 0.05},
		};
		runs[i].marks[MARK_EXIT] = 2000000;
		runs[i].numbers.cohorts[COHORT_IN_FLIGHT].attempts = 20;
	}
	result = (struct drill_result){.runs = runs, .run_count = RUNS, .runs_asked = RUNS};
	return 0;
}

static const struct check *find_check(const char *name)
{
	for (unsigned i = 0; i < result.check_count; i++) {
		if (strcmp(result.checks[i].name, name) == 0)
			return &result.checks[i];
	}
	return NULL;
}

static void assert_check(const char *name, bool has_passed, const char *limit, const char *observed)
{
	const struct check *check = find_check(name);

	assert_non_null(check);
	assert_int_equal(check->has_passed, has_passed);
	assert_string_equal(check->limit, limit);
	assert_string_equal(check->observed, observed);
}

static void good_stops_pass(void **state)
{
	(void)state;
	for (unsigned i = 0; i < RUNS; i++)
		runs[i].exit.is_known = true;
	result_judge(&result, &thresholds);

	assert_int_equal(result.verdict, VERDICT_PASS);
	assert_string_equal(result.inconclusive_because, "");
	assert_check("in_flight_cut", true, "0", "0");
	assert_check("min_margin", true, "> 0 s", "8.000 s in run 1");
	assert_check("ended_by_itself", true, "yes", "yes");
	assert_check("refused", true, "0", "0");
	assert_null(find_check("max_stop"));
}

static void one_cut_request_in_one_run_fails(void **state)
{
	(void)state;
	runs[1].numbers.in_flight_cut = 1;
	result_judge(&result, &thresholds);

	assert_int_equal(result.verdict, VERDICT_FAIL);
	assert_check("in_flight_cut", false, "0", "1 in run 2");
}

static void whatever_is_not_answered_as_before_fails_by_default(void **state)
{
	for (int outcome = OUTCOME_OK + 1; outcome < OUTCOME_CLIENT_ERROR; outcome++) {
		setup(state);
		runs[2].numbers.judged[outcome] = 3;
		result_judge(&result, &thresholds);
		assert_int_equal(result.verdict, VERDICT_FAIL);
		assert_check(outcome_name((enum outcome)outcome), false, "0", "3 in run 3");
		assert_int_equal(find_check(outcome_name((enum outcome)outcome))->failed_runs, 1);
	}
}

static void what_clients_repeat_is_a_warning(void **state)
{
	(void)state;
	assert_int_equal(
		thresholds_parse_retry_safe(&thresholds, "refused,eof_before_response"), 0);
	runs[0].numbers.judged[OUTCOME_REFUSED] = 3;
	runs[1].numbers.judged[OUTCOME_EOF_BEFORE_RESPONSE] = 2;
	result_judge(&result, &thresholds);
	assert_int_equal(result.verdict, VERDICT_PASS);
	assert_null(find_check("refused"));
	assert_int_equal(result.warning_count, 2);
	assert_non_null(strstr(result.warnings[0], "3 refused in run 1"));

	runs[2].numbers.judged[OUTCOME_RESET_CONNECT] = 1;
	result_judge(&result, &thresholds);
	assert_int_equal(result.verdict, VERDICT_FAIL);
}

static void failures_that_were_as_frequent_before_prove_nothing(void **state)
{
	(void)state;
	for (int i = 0; i < RUNS; i++) {
		runs[i].numbers.before[OUTCOME_HTTP_5XX] = 20;
		runs[i].numbers.before_total = 100;
		runs[i].numbers.judged[OUTCOME_HTTP_5XX] = 19;
		runs[i].numbers.judged_total = 100;
		runs[i].numbers.cohorts[COHORT_NEW].attempts = 200;
	}
	result_judge(&result, &thresholds);
	assert_int_equal(result.verdict, VERDICT_INCONCLUSIVE);
	assert_string_equal(
		result.inconclusive_because, "http_5xx was as frequent before the stop");
	assert_true(find_check("http_5xx")->is_doubtful);

	for (int i = 0; i < RUNS; i++)
		runs[i].numbers.judged[OUTCOME_HTTP_5XX] = 60;
	result_judge(&result, &thresholds);
	assert_int_equal(result.verdict, VERDICT_FAIL);
}

static void requests_in_flight_that_fail_as_before_prove_nothing(void **state)
{
	(void)state;
	for (int i = 0; i < RUNS; i++) {
		runs[i].numbers.before[OUTCOME_HTTP_5XX] = 20;
		runs[i].numbers.before_total = 100;
		runs[i].numbers.judged[OUTCOME_HTTP_5XX] = runs[i].numbers.in_flight_cut = 3;
		runs[i].numbers.judged_in_flight[OUTCOME_HTTP_5XX] = 3;
		runs[i].numbers.judged_total = 100;
	}
	result_judge(&result, &thresholds);
	assert_true(find_check("in_flight_cut")->is_doubtful);
	assert_int_equal(result.verdict, VERDICT_INCONCLUSIVE);

	runs[1].numbers.in_flight_cut++; /* one was cut, and none was before */
	runs[1].numbers.judged[OUTCOME_TRUNCATED] = 1;
	runs[1].numbers.judged_in_flight[OUTCOME_TRUNCATED] = 1;
	result_judge(&result, &thresholds);
	assert_false(find_check("in_flight_cut")->is_doubtful);
	assert_int_equal(result.verdict, VERDICT_FAIL);
}

static void a_share_of_requests_in_flight_is_not_asked_of_a_run_without_any(void **state)
{
	(void)state;
	thresholds.min_completion = 1;
	runs[1].numbers.in_flight_at_stop = runs[1].numbers.in_flight_completed = 0;
	runs[1].numbers.completion_ratio = (double)NAN;
	result_judge(&result, &thresholds);
	assert_check("min_completion", true, ">= 1", "1.000 in run 1");
	assert_int_equal(result.verdict, VERDICT_INCONCLUSIVE);
}

static void a_share_of_completed_requests_takes_the_place_of_the_strict_limits(void **state)
{
	(void)state;
	thresholds.min_completion = 0.9;
	runs[0].numbers.completion_ratio = 0.95;
	runs[0].numbers.in_flight_cut = 1;
	runs[0].numbers.judged[OUTCOME_TRUNCATED] = 1;
	runs[0].numbers.judged_in_flight[OUTCOME_TRUNCATED] = 1;
	result_judge(&result, &thresholds);
	assert_int_equal(result.verdict, VERDICT_PASS);

	runs[0].numbers.judged[OUTCOME_TRUNCATED] = 2; /* one of them was another request */
	result_judge(&result, &thresholds);
	assert_int_equal(result.verdict, VERDICT_FAIL);
}

static void ends_that_no_stop_asked_for_fail(void **state)
{
	const struct {
		struct run_exit exit;
		const char *observed;
	} cases[] = {
		{{true, -1, SIGSEGV, false}, "it crashed in run 2"},
		{{true, 139, 0, false}, "it crashed in run 2"},
		{{true, -1, SIGKILL, false}, "killed before the deadline in run 2"},
		{{true, 137, 0, false}, "killed before the deadline in run 2"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		setup(state);
		runs[1].exit = cases[i].exit;
		result_judge(&result, &thresholds);
		assert_int_equal(result.verdict, VERDICT_FAIL);
		assert_check("ended_by_itself", false, "yes", cases[i].observed);
	}
	setup(state);
	runs[1].processes_left = 1;
	result_judge(&result, &thresholds);
	assert_check("ended_by_itself", false, "yes", "it left processes in run 2");
	setup(state);
	runs[1].still_answers = true;
	result_judge(&result, &thresholds);
	assert_check("ended_by_itself", false, "yes", "its URL is still answered in run 2");
}

static void a_deployment_has_to_end_in_time_and_to_go_on_answering(void **state)
{
	(void)state;
	for (unsigned i = 0; i < RUNS; i++) {
		runs[i].is_deployment = true;
		runs[i].still_answers = true;
	}
	result_judge(&result, &thresholds);
	assert_int_equal(result.verdict, VERDICT_PASS);
	assert_check("deployment_ended", true, "yes", "yes");
	assert_null(find_check("ended_by_itself"));

	assert_int_equal(result.warning_count, 0);

	runs[2].numbers.drain_s.max = 2.5;
	result_judge(&result, &thresholds);
	assert_int_equal(result.verdict, VERDICT_PASS);
	assert_int_equal(result.warning_count, 1);
	assert_string_equal(result.warnings[0],
		"the command ended before requests that were in flight in run 3: has it waited "
		"for the old servers? (--deploy)");

	runs[1].still_answers = false;
	result_judge(&result, &thresholds);
	assert_int_equal(result.verdict, VERDICT_FAIL);
	assert_check("deployment_ended", false, "yes",
		"its URL is not answered well after the end in run 2");

	runs[1].exit = (struct run_exit){true, -1, SIGKILL, false};
	runs[1].numbers.was_killed_at_deadline = true;
	result_judge(&result, &thresholds);
	assert_check("deployment_ended", false, "yes", "not within the stop timeout in run 2");
}

static void a_command_that_ends_at_once_is_no_deployment(void **state)
{
	(void)state;
	for (unsigned i = 0; i < RUNS; i++) {
		runs[i].is_deployment = true;
		runs[i].still_answers = true;
	}
	runs[1].numbers.stop_wall_s = 0.012;
	result_judge(&result, &thresholds);
	assert_int_equal(result.verdict, VERDICT_INCONCLUSIVE);
	assert_string_equal(result.inconclusive_because,
		"run 2: the command ended after 12 ms: it has to end "
		"when the deployment is over (--deploy)");

	runs[1].still_answers = false; /* what was seen to fail has failed */
	result_judge(&result, &thresholds);
	assert_int_equal(result.verdict, VERDICT_FAIL);
}

static void an_end_of_unknown_status_is_a_warning(void **state)
{
	(void)state;
	runs[1].exit = (struct run_exit){.code = -1};
	result_judge(&result, &thresholds);
	assert_int_equal(result.verdict, VERDICT_PASS);
	assert_check("ended_by_itself", true, "yes", "yes, with what status is not known");
	assert_int_equal(result.warning_count, 1);
	assert_non_null(strstr(result.warnings[0], "how it ended is not known in run 2"));
}

static void another_exit_status_is_a_warning_unless_it_is_expected(void **state)
{
	(void)state;
	runs[0].exit = (struct run_exit){true, 1, 0, false};
	result_judge(&result, &thresholds);
	assert_int_equal(result.verdict, VERDICT_PASS);
	assert_int_equal(result.warning_count, 1);
	assert_non_null(strstr(result.warnings[0], "exit status 1 in run 1"));

	runs[0].stop_signal = SIGINT;
	runs[0].exit = (struct run_exit){true, 130, 0, false};
	result_judge(&result, &thresholds);
	assert_int_equal(result.warning_count, 0);

	assert_int_equal(thresholds_parse_exits(&thresholds, "0,1"), 0);
	result_judge(&result, &thresholds);
	assert_int_equal(result.verdict, VERDICT_FAIL);
	assert_check("expect_exit", false, "0,1", "exit status 130 in run 1");
}

/* Of a process that is not the drill's child. */
static void an_exit_status_that_is_not_known_is_not_the_expected_one(void **state)
{
	(void)state;
	runs[0].exit = (struct run_exit){.code = -1};
	result_judge(&result, &thresholds);
	assert_int_equal(result.verdict, VERDICT_PASS);
	assert_check("ended_by_itself", true, "yes", "yes, with what status is not known");

	assert_int_equal(thresholds_parse_exits(&thresholds, "0"), 0);
	result_judge(&result, &thresholds);
	assert_int_equal(result.verdict, VERDICT_INCONCLUSIVE);
	assert_check("expect_exit", true, "0", "not known");
	assert_non_null(strstr(result.inconclusive_because, "run 1: its exit status is not known"));
}

static void answers_of_unknown_length_and_no_request_prove_nothing(void **state)
{
	(void)state;
	runs[0].numbers.unproven = 3;
	result_judge(&result, &thresholds);
	assert_int_equal(result.verdict, VERDICT_INCONCLUSIVE);
	assert_non_null(strstr(result.inconclusive_because, "3 answers end with their connection"));

	setup(state);
	for (int i = 0; i < RUNS; i++) {
		runs[i].in_flight_asked = 0;
		runs[i].numbers.cohorts[COHORT_IN_FLIGHT].attempts = 0;
	}
	result_judge(&result, &thresholds);
	assert_int_equal(result.verdict, VERDICT_INCONCLUSIVE);
	assert_non_null(strstr(result.inconclusive_because, "no request was sent at all"));
}

static void refusals_fail_while_the_health_endpoint_is_well(void **state)
{
	(void)state;
	for (int i = 0; i < RUNS; i++)
		runs[i].has_health = true;
	runs[0].numbers.judged[OUTCOME_REFUSED] = 1;
	result_judge(&result, &thresholds);

	assert_int_equal(result.verdict, VERDICT_FAIL);
	assert_check("refused_while_healthy", false, "0", "1 in run 1");
}

static void no_time_left_fails(void **state)
{
	(void)state;
	runs[0].numbers.deadline_margin_s = 0;
	result_judge(&result, &thresholds);

	assert_int_equal(result.verdict, VERDICT_FAIL);
	assert_check("min_margin", false, "> 0 s", "0.000 s in run 1");
}

static void a_kill_at_the_deadline_fails(void **state)
{
	(void)state;
	runs[1].numbers.was_killed_at_deadline = true;
	result_judge(&result, &thresholds);

	assert_int_equal(result.verdict, VERDICT_FAIL);
	assert_check("ended_by_itself", false, "yes", "killed at the deadline in run 2");
}

static void a_target_that_is_still_there_fails(void **state)
{
	(void)state;
	result.run_count = 1;
	runs[0].marks[MARK_EXIT] = DRILL_NEVER;
	runs[0].numbers.deadline_margin_s = (double)NAN;
	result_judge(&result, &thresholds);

	assert_int_equal(result.verdict, VERDICT_FAIL);
	assert_check("ended_by_itself", false, "yes", "still there");
	assert_check("min_margin", false, "> 0 s", "not known");
}

static void limits_that_were_asked_for_are_held_against_the_worst_run(void **state)
{
	(void)state;
	thresholds.max_stop_s = 2.5;
	thresholds.max_overshoot_s = 0.25;
	thresholds.max_gap_s = 1;
	thresholds.min_margin_s = 8;
	thresholds.min_completion = 1;
	runs[1].numbers.stop_wall_s = 2.6;
	runs[2].numbers.overshoot_s = 0.25;
	runs[0].numbers.max_gap_s = (double)NAN;
	result_judge(&result, &thresholds);

	assert_int_equal(result.verdict, VERDICT_FAIL);
	assert_check("max_stop", false, "<= 2.5 s", "2.600 s in run 2");
	assert_check("max_overshoot", true, "<= 0.25 s", "0.250 s in run 3");
	assert_check("max_gap", false, "<= 1 s", "not known in run 1");
	assert_check("min_margin", true, ">= 8 s", "8.000 s in run 1");
	assert_check("min_completion", true, ">= 1", "1.000 in run 1");
}

static void nothing_in_flight_proves_nothing(void **state)
{
	(void)state;
	runs[2].numbers.in_flight_at_stop = 0;
	result_judge(&result, &thresholds);

	assert_int_equal(result.verdict, VERDICT_INCONCLUSIVE);
	assert_string_equal(result.inconclusive_because,
		"run 3: nothing was in flight when it was stopped; give --slow with the path of a "
		"request that takes its time");
}

static void errors_that_came_before_the_stop_too_are_a_warning(void **state)
{
	(void)state;
	runs[2].numbers.errors_as_before = 7;
	result_judge(&result, &thresholds);
	assert_int_equal(result.verdict, VERDICT_PASS);
	assert_int_equal(result.warning_count, 1);
	assert_non_null(
		strstr(result.warnings[0], "7 requests in run 3 were answered with an error"));
}

/* Behind a published port, say. */
static void a_queue_that_nobody_sees_is_a_warning_where_work_was_cut(void **state)
{
	(void)state;
	runs[1].numbers.queue_unknown = 20;
	result_judge(&result, &thresholds);
	assert_int_equal(result.warning_count, 0);
	runs[1].numbers.in_flight_cut = 3;
	result_judge(&result, &thresholds);
	assert_int_equal(result.warning_count, 1);
	assert_string_equal(result.warnings[0],
		"whether the server had accepted 20 of the requests in flight in run 2 is not "
		"known: they may have waited in the accept queue");
}

static void an_idle_stop_that_was_asked_for_passes(void **state)
{
	(void)state;
	for (int i = 0; i < RUNS; i++) {
		runs[i].in_flight_asked = 0;
		runs[i].numbers.in_flight_at_stop = 0;
	}
	result_judge(&result, &thresholds);

	assert_int_equal(result.verdict, VERDICT_PASS);
}

static void a_control_that_passes_proves_nothing(void **state)
{
	(void)state;
	result.has_control = true;
	result_judge(&result, &thresholds);
	assert_int_equal(result.verdict, VERDICT_INCONCLUSIVE);

	result.inconclusive_because[0] = '\0';
	result.control_failed = true;
	result_judge(&result, &thresholds);
	assert_int_equal(result.verdict, VERDICT_PASS);
}

static void the_drills_own_errors_prove_nothing(void **state)
{
	(void)state;
	runs[0].numbers.cohorts[COHORT_NEW].outcomes[OUTCOME_CLIENT_ERROR] = 2;
	result_judge(&result, &thresholds);

	assert_int_equal(result.verdict, VERDICT_INCONCLUSIVE);
	assert_string_equal(result.inconclusive_because,
		"run 1: 2 attempts failed on the drill's own side (client_error)");
}

static void a_run_that_shows_nothing_has_no_end_to_be_judged(void **state)
{
	(void)state;
	strcpy(runs[1].error, "docker could not stop it");
	runs[1].numbers.stop_wall_s = runs[1].numbers.deadline_margin_s = (double)NAN;
	runs[1].marks[MARK_EXIT] = DRILL_NEVER;
	result_judge(&result, &thresholds);
	assert_int_equal(result.verdict, VERDICT_INCONCLUSIVE);
	assert_string_equal(result.inconclusive_because, "run 2: docker could not stop it");
	assert_true(find_check("ended_by_itself")->has_passed);

	strcpy(runs[0].error, "the same");
	strcpy(runs[2].error, "the same");
	result_judge(&result, &thresholds);
	assert_null(find_check("ended_by_itself"));
	assert_null(find_check("min_margin"));

	runs[1].numbers.in_flight_cut = 1; /* that was seen all the same */
	result_judge(&result, &thresholds);
	assert_int_equal(result.verdict, VERDICT_FAIL);
}

static void what_was_seen_to_fail_has_failed_whatever_is_in_doubt(void **state)
{
	(void)state;
	result.has_control = true;
	runs[0].numbers.in_flight_cut = 4;
	result_judge(&result, &thresholds);

	assert_int_equal(result.verdict, VERDICT_FAIL);
}

static void no_run_at_all_proves_nothing(void **state)
{
	(void)state;
	result.run_count = 0;
	result_judge(&result, &thresholds);

	assert_int_equal(result.verdict, VERDICT_INCONCLUSIVE);
	assert_int_equal(result.check_count, 0);
}

static void every_limit_at_once_fits(void **state)
{
	(void)state;
	for (int i = 0; i < OUTCOME_COUNT; i++)
		thresholds.most[i] = 0;
	thresholds.max_stop_s = thresholds.max_overshoot_s = thresholds.max_gap_s = 1;
	thresholds.min_completion = 1;
	result_judge(&result, &thresholds);

	assert_int_equal(result.check_count, OUTCOME_COUNT - 2 + 6);
	assert_true(result.check_count <= DRILL_MAX_CHECKS);
}

static void limits_are_read(void **state)
{
	(void)state;
	assert_int_equal(thresholds_parse(&thresholds, "refused>5,truncated>1,in_flight_cut>2"), 0);
	assert_int_equal(thresholds.most[OUTCOME_REFUSED], 5);
	assert_int_equal(thresholds.most[OUTCOME_TRUNCATED], 1);
	assert_int_equal(thresholds.most_in_flight_cut, 2);
	assert_int_equal(thresholds.most[OUTCOME_CORRUPT], 0); /* the default stays */

	assert_int_equal(thresholds_parse(&thresholds, "none,corrupt>0"), 0);
	assert_int_equal(thresholds.most[OUTCOME_CORRUPT], 0);
	assert_int_equal(thresholds.most[OUTCOME_REFUSED], THRESHOLD_OFF);
	assert_int_equal(thresholds.most_in_flight_cut, THRESHOLD_OFF);
}

static void what_is_no_limit_is_refused_and_changes_nothing(void **state)
{
	const char *const wrong[] = {"", "refused", "refused>", "refused>-1", "refused>1x",
		"refused<1", "refusals>1", "ok>1", "client_error>0", "refused>1,", ",refused>1",
		"refused>1;corrupt>1", "refused > 1", "trunc>0", "none>0"};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct thresholds before = thresholds;

		assert_int_equal(thresholds_parse(&thresholds, wrong[i]), -EINVAL);
		assert_memory_equal(&before, &thresholds, sizeof(before));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(good_stops_pass, setup),
		cmocka_unit_test_setup(
			an_exit_status_that_is_not_known_is_not_the_expected_one, setup),
		cmocka_unit_test_setup(one_cut_request_in_one_run_fails, setup),
		cmocka_unit_test_setup(whatever_is_not_answered_as_before_fails_by_default, setup),
		cmocka_unit_test_setup(what_clients_repeat_is_a_warning, setup),
		cmocka_unit_test_setup(failures_that_were_as_frequent_before_prove_nothing, setup),
		cmocka_unit_test_setup(requests_in_flight_that_fail_as_before_prove_nothing, setup),
		cmocka_unit_test_setup(
			a_share_of_requests_in_flight_is_not_asked_of_a_run_without_any, setup),
		cmocka_unit_test_setup(
			a_share_of_completed_requests_takes_the_place_of_the_strict_limits, setup),
		cmocka_unit_test_setup(ends_that_no_stop_asked_for_fail, setup),
		cmocka_unit_test_setup(
			a_deployment_has_to_end_in_time_and_to_go_on_answering, setup),
		cmocka_unit_test_setup(a_command_that_ends_at_once_is_no_deployment, setup),
		cmocka_unit_test_setup(an_end_of_unknown_status_is_a_warning, setup),
		cmocka_unit_test_setup(
			another_exit_status_is_a_warning_unless_it_is_expected, setup),
		cmocka_unit_test_setup(
			answers_of_unknown_length_and_no_request_prove_nothing, setup),
		cmocka_unit_test_setup(refusals_fail_while_the_health_endpoint_is_well, setup),
		cmocka_unit_test_setup(no_time_left_fails, setup),
		cmocka_unit_test_setup(a_kill_at_the_deadline_fails, setup),
		cmocka_unit_test_setup(a_target_that_is_still_there_fails, setup),
		cmocka_unit_test_setup(
			limits_that_were_asked_for_are_held_against_the_worst_run, setup),
		cmocka_unit_test_setup(nothing_in_flight_proves_nothing, setup),
		cmocka_unit_test_setup(errors_that_came_before_the_stop_too_are_a_warning, setup),
		cmocka_unit_test_setup(
			a_queue_that_nobody_sees_is_a_warning_where_work_was_cut, setup),
		cmocka_unit_test_setup(an_idle_stop_that_was_asked_for_passes, setup),
		cmocka_unit_test_setup(a_control_that_passes_proves_nothing, setup),
		cmocka_unit_test_setup(the_drills_own_errors_prove_nothing, setup),
		cmocka_unit_test_setup(a_run_that_shows_nothing_has_no_end_to_be_judged, setup),
		cmocka_unit_test_setup(
			what_was_seen_to_fail_has_failed_whatever_is_in_doubt, setup),
		cmocka_unit_test_setup(no_run_at_all_proves_nothing, setup),
		cmocka_unit_test_setup(every_limit_at_once_fits, setup),
		cmocka_unit_test_setup(limits_are_read, setup),
		cmocka_unit_test_setup(what_is_no_limit_is_refused_and_changes_nothing, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
