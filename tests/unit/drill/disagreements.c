/* SPDX-License-Identifier: MIT */
/* Where lastcall's report and the clients disagree: which differences count, and which do not. */
#include "drill/core/disagreements.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct run run;

/* Both saw the same: 20 in flight, all finished, in 2 s. */
static int setup(void **state)
{
	(void)state;
	run = (struct run){
		.server = {.was_found = true, .busy_at_stop = 20, .finished = 20, .total_ms = 2000},
		.numbers = {.in_flight_at_stop = 20, .in_flight_completed = 20, .stop_wall_s = 2.1},
	};
	return 0;
}

static void assert_only(const char *line)
{
	disagreements_find(&run);
	assert_int_equal(run.disagreement_count, 1);
	assert_string_equal(run.disagreements[0], line);
}

static void the_same_word_is_no_disagreement(void **state)
{
	(void)state;
	disagreements_find(&run);
	assert_int_equal(run.disagreement_count, 0);
}

static void a_clean_report_does_not_hide_truncated_answers(void **state)
{
	(void)state;
	run.numbers.in_flight_completed = 17;
	run.numbers.in_flight_cut = 3;
	run.numbers.cohorts[COHORT_IN_FLIGHT].outcomes[OUTCOME_OK] = 17;
	run.numbers.cohorts[COHORT_IN_FLIGHT].outcomes[OUTCOME_TRUNCATED] = 2;
	run.numbers.cohorts[COHORT_IN_FLIGHT].outcomes[OUTCOME_STALLED] = 1;
	assert_only("lastcall says that nothing was cut; 3 of 20 requests were (2 truncated, 1 "
		    "stalled)");
}

static void what_lastcall_does_not_know_is_no_denial(void **state)
{
	(void)state;
	run.numbers.in_flight_cut = 3;
	run.server.unknown = 3;
	disagreements_find(&run);
	assert_int_equal(run.disagreement_count, 0);
	run.server.unknown = 2;
	assert_only(
		"lastcall says that nothing was cut, and that 2 may have been; 3 of 20 requests "
		"were");
}

static void a_cut_that_no_client_saw_is_said(void **state)
{
	(void)state;
	run.server.cut = 2;
	assert_only("lastcall says that 2 were cut; no client of ours was");
}

static void a_cut_of_a_late_comer_is_no_disagreement(void **state)
{
	(void)state;
	run.server.cut = 2;
	run.numbers.cohorts[COHORT_NEW].outcomes[OUTCOME_EOF_BEFORE_RESPONSE] = 1;
	disagreements_find(&run);
	assert_int_equal(run.disagreement_count, 0);
}

static void requests_that_lastcall_did_not_see_are_said(void **state)
{
	(void)state;
	run.server.busy_at_stop = 12;
	assert_only("lastcall saw 12 busy connections at the stop; 20 requests were in flight");
}

static void lost_connections_in_the_accept_queue_are_said(void **state)
{
	(void)state;
	run.numbers.judged[OUTCOME_RESET_CONNECT] = 4;
	assert_only("lastcall says that no connection was lost in the accept queue; 4 were reset");
}

static void time_that_was_lost_outside_is_said(void **state)
{
	(void)state;
	run.numbers.stop_wall_s = 5.25;
	assert_only("lastcall says that the stop took 2000 ms; it took 5250 ms");
}

static void what_lastcall_does_not_know_is_no_disagreement(void **state)
{
	(void)state;
	run.server.busy_at_stop = run.server.cut = run.server.accept_queue_lost =
		run.server.total_ms = SELF_REPORT_UNKNOWN;
	run.numbers.in_flight_cut = 3;
	disagreements_find(&run);
	assert_int_equal(run.disagreement_count, 0);
}

/* The longest lines that there can be, and all of them at once. */
static void nothing_is_left_out(void **state)
{
	(void)state;
	run.server.busy_at_stop = run.server.total_ms = 0;
	run.numbers.in_flight_cut = run.numbers.in_flight_at_stop = UINT32_MAX;
	run.numbers.judged[OUTCOME_RESET_CONNECT] = UINT32_MAX;
	for (int i = 0; i < OUTCOME_COUNT; i++)
		run.numbers.cohorts[COHORT_IN_FLIGHT].outcomes[i] = UINT32_MAX;
	disagreements_find(&run);
	assert_int_equal(run.disagreement_count, RUN_MAX_DISAGREEMENTS);
	assert_non_null(strstr(run.disagreements[0], ", 4294967295 unreachable)"));
}

static void without_a_report_there_is_nothing_to_compare(void **state)
{
	(void)state;
	run.server.was_found = false;
	run.numbers.in_flight_cut = 3;
	disagreements_find(&run);
	assert_int_equal(run.disagreement_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_same_word_is_no_disagreement, setup),
		cmocka_unit_test_setup(a_clean_report_does_not_hide_truncated_answers, setup),
		cmocka_unit_test_setup(what_lastcall_does_not_know_is_no_denial, setup),
		cmocka_unit_test_setup(a_cut_that_no_client_saw_is_said, setup),
		cmocka_unit_test_setup(a_cut_of_a_late_comer_is_no_disagreement, setup),
		cmocka_unit_test_setup(requests_that_lastcall_did_not_see_are_said, setup),
		cmocka_unit_test_setup(lost_connections_in_the_accept_queue_are_said, setup),
		cmocka_unit_test_setup(time_that_was_lost_outside_is_said, setup),
		cmocka_unit_test_setup(what_lastcall_does_not_know_is_no_disagreement, setup),
		cmocka_unit_test_setup(nothing_is_left_out, setup),
		cmocka_unit_test_setup(without_a_report_there_is_nothing_to_compare, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
