/* SPDX-License-Identifier: MIT */
#include "drill/core/lane.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void find_most(struct lane *lane)
{
	for (unsigned c = 0; c < lane->columns; c++) {
		uint32_t good = 0, failed = 0;

		for (unsigned g = 0; g < OUTCOME_GROUP_COUNT; g++) {
			if (outcome_group_is_failure(g))
				failed += lane->counts[c][g];
			else
				good += lane->counts[c][g];
		}
		if (good > lane->most_good)
			lane->most_good = good;
		if (failed > lane->most_failed)
			lane->most_failed = failed;
		lane->failures += failed;
	}
}

static void count_in_column(struct lane *lane, const struct attempt *a, const struct axis *axis)
{
	const enum outcome_group group = outcome_group_of_attempt(a);
	const drill_us_t moment = a->cohort == COHORT_ACCEPT_QUEUE ? a->end : a->start;
	unsigned column = (unsigned)(axis_position(axis, moment) * lane->columns);

	if (a->start > axis->to)
		return;
	if ((moment < axis->from || moment > axis->to) && !outcome_group_is_failure(group))
		return;
	if (column == lane->columns)
		column--;
	lane->counts[column][group]++;
}

void lane_fill(struct lane *ret_lane, const struct run *run, enum cohort cohort,
	const struct axis *axis, unsigned columns)
{
	assert(columns > 0 && columns <= LANE_MAX_COLUMNS);
	memset(ret_lane, 0, sizeof(*ret_lane));
	ret_lane->cohort = cohort;
	ret_lane->columns = columns;
	for (size_t i = 0; i < run->attempt_count; i++) {
		const struct attempt *a = &run->attempts[i];

		if (a->cohort != cohort)
			continue;
		ret_lane->totals[outcome_group_of_attempt(a)]++;
		ret_lane->attempts++;
		count_in_column(ret_lane, a, axis);
	}
	find_most(ret_lane);
}

unsigned lane_steps(uint32_t count, uint32_t most, unsigned steps)
{
	const unsigned share = (unsigned)(((uint64_t)count * steps + most / 2) / most);

	return count > 0 && share == 0 ? 1 : share;
}

/* In a group together, the first to end first. */
static int compare_in_groups(const void *a, const void *b)
{
	const struct lane_line *x = a, *y = b;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	if (x->end != y->end)
		return x->end < y->end ? -1 : 1;
	return (x->start > y->start) - (x->start < y->start);
}

static int compare_ends(const void *a, const void *b)
{
	const struct lane_line *x = a, *y = b;

	if (x->end != y->end)
		return x->end < y->end ? -1 : 1;
	return (x->group > y->group) - (x->group < y->group);
}

/* Lines for a group: its share, but one at least, and room left for each of the groups behind it. */
static unsigned lines_of_group(size_t size, size_t total, unsigned left, unsigned groups_behind)
{
	size_t lines = (size * LANE_MAX_LINES + total / 2) / total;

	if (lines == 0)
		lines = 1;
	if (lines > left - groups_behind)
		lines = left - groups_behind;
	return (unsigned)(lines < size ? lines : size);
}

static unsigned thin(
	struct lane_line ret_lines[LANE_MAX_LINES], const struct lane_line *all, size_t total)
{
	unsigned groups = 1, taken = 0;

	for (size_t i = 1; i < total; i++)
		groups += all[i].group != all[i - 1].group;
	for (size_t first = 0, next; first < total; first = next) {
		unsigned lines;

		for (next = first + 1; next < total && all[next].group == all[first].group;)
			next++;
		lines = lines_of_group(next - first, total, LANE_MAX_LINES - taken, --groups);
		for (unsigned i = 1; i <= lines; i++)
			ret_lines[taken++] = all[first + (next - first) * i / lines - 1];
	}
	return taken;
}

unsigned lane_lines(struct lane_line ret_lines[LANE_MAX_LINES], const struct run *run,
	enum cohort cohort, struct lane_line *all)
{
	size_t total = 0;
	unsigned lines;

	for (size_t i = 0; i < run->attempt_count; i++) {
		const struct attempt *a = &run->attempts[i];

		if (a->cohort == cohort)
			all[total++] =
				(struct lane_line){a->start, a->end, outcome_group_of_attempt(a)};
	}
	if (total == 0)
		return 0;
	qsort(all, total, sizeof(*all), compare_in_groups);
	if (total > LANE_MAX_LINES) {
		lines = thin(ret_lines, all, total);
	} else {
		memcpy(ret_lines, all, total * sizeof(*all));
		lines = (unsigned)total;
	}
	qsort(ret_lines, lines, sizeof(*ret_lines), compare_ends);
	return lines;
}
