/* SPDX-License-Identifier: MIT */
#include "core/report/jobs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct jobs jobs;

static int set_up(void **state)
{
	(void)state;
	memset(&jobs, 0, sizeof jobs);
	jobs_init(&jobs);
	return 0;
}

static struct job_sender *set(int pid, unsigned busy, msec_t now)
{
	int pidfd;

	return jobs_set(&jobs, pid, busy, now, &pidfd);
}

static void declaration_is_absolute(void **state)
{
	int pidfd;

	(void)state;
	assert_int_equal(jobs_oldest_since(&jobs), MSEC_NEVER);
	assert_non_null(set(7, 1, 1000));
	set(7, 1, 1001)->pidfd = 42;
	assert_non_null(set(8, 3, 1100));
	assert_non_null(set(7, 2, 1200));
	assert_int_equal(jobs.busy, 5);
	assert_int_equal(jobs.sender_count, 2);
	assert_int_equal(jobs_oldest_since(&jobs), 1000);

	assert_null(jobs_set(&jobs, 7, 0, 1300, &pidfd));
	assert_int_equal(pidfd, 42);
	assert_int_equal(jobs.busy, 3);
	assert_int_equal(jobs_oldest_since(&jobs), 1100);
	assert_null(set(9, 0, 1400)); /* had none */
	assert_int_equal(jobs.busy, 3);
	assert_int_equal(jobs.untracked, 0);
}

static void nothing_is_counted_before_the_stop(void **state)
{
	(void)state;
	set(7, 2, 1000);
	set(7, 0, 1100);
	set(8, 5, 1200);
	jobs_end_sender(&jobs, 0, JOB_CUT, 1300);
	set(9, 1, 1400);
	jobs_begin_stop(&jobs, 2000);
	assert_int_equal(jobs.at_stop, 1);
	assert_int_equal(jobs.peak, 1);
	assert_int_equal(jobs.ended[JOB_FINISHED], 0);
	assert_int_equal(jobs.ended[JOB_CUT], 0);
	assert_int_equal(jobs.holder_count, 0);
}

static void what_becomes_of_each_job_is_counted(void **state)
{
	(void)state;
	set(7, 4, 1000);
	set(8, 1, 1000);
	set(9, 1, 1000);
	memcpy(jobs.senders[0].name, "worker", 7);
	jobs_begin_stop(&jobs, 2000);
	set(7, 5, 2100); /* a new one began */
	set(7, 2, 2200);
	set(7, 0, 2500);
	assert_int_equal(jobs.ended[JOB_FINISHED], 5);
	jobs_end_sender(&jobs, 0, JOB_UNKNOWN, 2600);
	jobs_end_sender(&jobs, 0, JOB_CUT, 2900);
	assert_int_equal(jobs.ended[JOB_UNKNOWN], 1);
	assert_int_equal(jobs.ended[JOB_CUT], 1);
	assert_int_equal(jobs.busy, 0);
	assert_int_equal(jobs.at_stop, 6);
	assert_int_equal(jobs.peak, 7);

	assert_int_equal(jobs.holder_count, 3);
	assert_int_equal(jobs.holders[0].held_ms, 900);
	assert_int_equal(jobs.holders[0].end, JOB_CUT);
	assert_int_equal(jobs.holders[1].held_ms, 600);
	assert_int_equal(jobs.holders[1].end, JOB_UNKNOWN);
	assert_int_equal(jobs.holders[2].pid, 7);
	assert_string_equal(jobs.holders[2].name, "worker");
	assert_int_equal(jobs.holders[2].busy, 5);
	assert_int_equal(jobs.holders[2].held_ms, 500);
}

static void job_that_began_after_the_stop_holds_from_then_on(void **state)
{
	(void)state;
	jobs_begin_stop(&jobs, 2000);
	set(7, 1, 2400);
	set(7, 0, 2500);
	assert_int_equal(jobs.holders[0].held_ms, 100);
	assert_int_equal(jobs.holders[0].busy, 1);
	assert_int_equal(jobs.at_stop, 0);
	assert_int_equal(jobs.peak, 1);
}

static void longest_holders_are_kept(void **state)
{
	static const int order[] = {3, 9, 1, 7, 5, 8, 2, 6, 4};

	(void)state;
	jobs_begin_stop(&jobs, 0);
	for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
		set(100 + order[i], 1, 0);
		set(100 + order[i], 0, order[i] * 10);
	}
	assert_int_equal(jobs.holder_count, JOBS_MAX_HOLDERS);
	assert_int_equal(jobs.more_holders, 9 - JOBS_MAX_HOLDERS);
	for (int i = 0; i < JOBS_MAX_HOLDERS; i++) {
		assert_int_equal(jobs.holders[i].pid, 109 - i);
		assert_int_equal(jobs.holders[i].held_ms, (9 - i) * 10);
	}
}

static void processes_beyond_the_limit_are_counted(void **state)
{
	(void)state;
	for (int i = 0; i < JOBS_MAX_SENDERS; i++)
		assert_non_null(set(10 + i, 1000000, 0));
	assert_null(set(9, 1, 0));
	assert_int_equal(jobs.untracked, 1);
	assert_int_equal(jobs.busy, JOBS_MAX_SENDERS * 1000000);
	assert_null(set(10, 0, 0));
	assert_non_null(set(9, 1, 0));
	assert_int_equal(jobs.sender_count, JOBS_MAX_SENDERS);
}

static void ends_have_names(void **state)
{
	(void)state;
	assert_string_equal(job_end_name(JOB_FINISHED), "finished");
	assert_string_equal(job_end_name(JOB_CUT), "cut");
	assert_string_equal(job_end_name(JOB_UNKNOWN), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(declaration_is_absolute, set_up),
		cmocka_unit_test_setup(nothing_is_counted_before_the_stop, set_up),
		cmocka_unit_test_setup(what_becomes_of_each_job_is_counted, set_up),
		cmocka_unit_test_setup(job_that_began_after_the_stop_holds_from_then_on, set_up),
		cmocka_unit_test_setup(longest_holders_are_kept, set_up),
		cmocka_unit_test_setup(processes_beyond_the_limit_are_counted, set_up),
		cmocka_unit_test_setup(ends_have_names, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
