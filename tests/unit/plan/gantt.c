/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan/core/estimate.h"
#include "plan/output/gantt.h"
#include "unit/plan/plan_case.h"

static struct rollout rollout;
static struct gantt gantt;

static void make(int64_t desired, int64_t max, unsigned rows, unsigned ticks)
{
	const struct plan_inputs inputs = plan_case(PLAN_ECS,
		PLAN_SETS({PLAN_DESIRED, desired, false}, {PLAN_MAX_PERCENT, max, false}));

	estimate_rollout(&rollout, &inputs, true);
	gantt_make(&gantt, &rollout, rows, ticks);
}

/* Of the many batches that are left out there is one row that says how many. */
static void rows_are_as_many_as_there_is_room_for(void **state)
{
	(void)state;
	for (unsigned room = 4; room <= GANTT_MAX_ROWS; room++) {
		unsigned batches = 0, gaps = 0;

		make(100, 105, room, 5);
		assert_true(gantt.row_count <= room);
		for (unsigned i = 0; i < gantt.row_count; i++) {
			gaps += gantt.rows[i].is_gap;
			batches += gantt.rows[i].is_gap ? (unsigned)gantt.rows[i].last : 1;
		}
		assert_int_equal(batches, rollout.started_count + rollout.stopped_count);
		assert_int_equal(gaps, batches > room);
	}
}

static void first_and_last_batch_are_shown(void **state)
{
	const struct gantt_row *last;

	(void)state;
	make(100, 105, 12, 5);
	assert_int_equal(gantt.rows[0].first, 1);
	last = &gantt.rows[gantt.row_count - 1];
	assert_int_equal(last->last, 100);
	assert_int_equal(gantt.end, rollout.complete);
}

/* Whatever the moment, a task that is there has one state, in this order. */
static void states_follow_each_other(void **state)
{
	(void)state;
	make(10, 120, 20, 5);
	for (unsigned i = 0; i < gantt.row_count; i++) {
		const struct gantt_row *row = &gantt.rows[i];
		enum gantt_state before = row->is_old ? GANTT_SERVING : GANTT_NONE;

		for (int64_t at = 0; at < gantt.end; at += 500) {
			const enum gantt_state now = gantt_state_at(&gantt, row, at);

			if (now == GANTT_NONE) {
				assert_true(
					row->is_old ? at >= row->batch.to : at < row->batch.from);
				continue;
			}
			assert_true(now >= before);
			before = now;
		}
		if (row->is_old)
			assert_int_equal(before, GANTT_STOPPING);
		else
			assert_int_equal(
				before, row->batch.to < gantt.end ? GANTT_SERVING : GANTT_CHECKED);
	}
}

static void axis_has_round_ticks_and_few_of_them(void **state)
{
	(void)state;
	for (int64_t desired = 1; desired <= 400; desired += 7) {
		make(desired, 200 + desired % 99, 10, 5);
		assert_true(gantt.end / gantt.tick <= 5);
		assert_int_equal(gantt.tick % 1000, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_as_many_as_there_is_room_for),
		cmocka_unit_test(first_and_last_batch_are_shown),
		cmocka_unit_test(states_follow_each_other),
		cmocka_unit_test(axis_has_round_ticks_and_few_of_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
