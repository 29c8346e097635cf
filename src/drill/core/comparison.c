/* SPDX-License-Identifier: MIT */
#include "drill/core/comparison.h"

#include <math.h>

static bool is_outcome(unsigned row)
{
	return row >= MEASURE_COUNT;
}

/* Whether less of it is better for sure. The drill's own errors say nothing of the server. */
static bool is_cost(unsigned row)
{
	if (is_outcome(row))
		return row != COMPARISON_ROW_OF_OUTCOME(OUTCOME_OK) &&
		       row != COMPARISON_ROW_OF_OUTCOME(OUTCOME_CLIENT_ERROR);
	return measure_is_cost(row);
}

static bool are_all_equal(
	const struct comparison_side *a, const struct comparison_side *b, unsigned measure)
{
	const double first = a->values[measure][0];

	for (size_t i = 0; i < a->counts[measure]; i++) {
		if (fabs(a->values[measure][i] - first) > 0)
			return false;
	}
	for (size_t i = 0; i < b->counts[measure]; i++) {
		if (fabs(b->values[measure][i] - first) > 0)
			return false;
	}
	return true;
}

static void compare_measure(struct comparison_row *row, struct comparison_side *a,
	struct comparison_side *b, unsigned measure, double *scratch)
{
	const size_t a_count = a->counts[measure], b_count = b->counts[measure];
	double *x = a->values[measure], *y = b->values[measure];

	*row = (struct comparison_row){
		.a_median = NAN, .b_median = NAN, .shift = NAN, .test = {.p = NAN, .least_p = NAN}};
	if (a_count > 0)
		row->a_median = median_of(x, a_count);
	if (b_count > 0)
		row->b_median = median_of(y, b_count);
	if (a_count == 0 || b_count == 0)
		return;
	row->shift = rank_shift(x, a_count, y, b_count, scratch);
	if (are_all_equal(a, b, measure)) {
		row->word = COMPARISON_EQUAL; /* and nothing to be asked */
		return;
	}
	if (is_cost(measure))
		row->test = rank_test(x, a_count, y, b_count, scratch, scratch + a_count + b_count);
}

/* Which side is worse. The medians' difference may be 0 where most runs cut nothing and some do: then
 * the means of the ranks say it, and those follow the sums of values well enough for a direction. */
static bool b_is_higher(const struct comparison_row *row, const struct comparison_side *a,
	const struct comparison_side *b, unsigned measure)
{
	double a_sum = 0, b_sum = 0;

	if (fabs(row->shift) > 0)
		return row->shift > 0;
	for (size_t i = 0; i < a->counts[measure]; i++)
		a_sum += a->values[measure][i];
	for (size_t i = 0; i < b->counts[measure]; i++)
		b_sum += b->values[measure][i];
	return b_sum / (double)b->counts[measure] > a_sum / (double)a->counts[measure];
}

/* Costs and outcomes are two families of questions: each is adjusted for itself, so that what a stop costs
 * can still be shown by a few runs when many outcomes differ. */
static void adjust_all(struct comparison *comparison)
{
	struct rank_test tests[COMPARISON_ROWS];

	for (unsigned m = 0; m < COMPARISON_ROWS; m++)
		tests[m] = comparison->rows[m].test;
	rank_test_adjust(tests, MEASURE_COUNT);
	rank_test_adjust(tests + MEASURE_COUNT, OUTCOME_COUNT);
	for (unsigned m = 0; m < COMPARISON_ROWS; m++)
		comparison->rows[m].test = tests[m];
}

static bool has_any(const struct comparison_side *a, const struct comparison_side *b)
{
	for (unsigned m = 0; m < COMPARISON_ROWS; m++) {
		if (a->counts[m] > 0 && b->counts[m] > 0)
			return true;
	}
	return false;
}

static void judge(struct comparison *comparison, const struct comparison_side *a,
	const struct comparison_side *b)
{
	bool can_show = false;

	for (unsigned m = 0; m < COMPARISON_ROWS; m++) {
		struct comparison_row *row = &comparison->rows[m];

		if (isnan(row->test.p))
			continue;
		can_show |= row->test.least_p * comparison->most_questions <= COMPARISON_ALPHA;
		if (row->test.p > COMPARISON_ALPHA)
			row->word = COMPARISON_NOT_SHOWN;
		else
			row->word =
				b_is_higher(row, a, b, m) ? COMPARISON_WORSE : COMPARISON_BETTER;
		comparison->worse += row->word == COMPARISON_WORSE;
		comparison->better += row->word == COMPARISON_BETTER;
	}
	comparison->is_too_small = !can_show && (comparison->questions > 0 || !has_any(a, b));
}

void comparison_make(struct comparison *ret_comparison, struct comparison_side *a,
	struct comparison_side *b, double *scratch)
{
	unsigned questions[2] = {0};

	*ret_comparison = (struct comparison){0};
	for (unsigned m = 0; m < COMPARISON_ROWS; m++) {
		compare_measure(&ret_comparison->rows[m], a, b, m, scratch);
		questions[is_outcome(m)] += isnan(ret_comparison->rows[m].test.p) ? 0 : 1;
	}
	ret_comparison->questions = questions[0] + questions[1];
	ret_comparison->most_questions = questions[0] > questions[1] ? questions[0] : questions[1];
	adjust_all(ret_comparison);
	judge(ret_comparison, a, b);
}

/* Of 2n values dealt out to two sides, only two deals of (2n choose n) lie farthest apart. */
unsigned comparison_runs_needed(unsigned questions)
{
	double deals = 2;
	unsigned runs = 1;

	if (questions == 0) {
		for (unsigned m = 0; m < MEASURE_COUNT; m++)
			questions += measure_is_cost(m);
	}
	while (2 / deals * questions > COMPARISON_ALPHA) {
		runs++;
		deals *= (double)(2 * runs) * (2 * runs - 1) / ((double)runs * runs);
	}
	return runs;
}

const char *comparison_word_text(enum comparison_word word)
{
	static const char *const texts[] = {
		[COMPARISON_UNKNOWN] = "",
		[COMPARISON_EQUAL] = "the same",
		[COMPARISON_NOT_SHOWN] = "not shown",
		[COMPARISON_BETTER] = "better",
		[COMPARISON_WORSE] = "worse",
	};

	return texts[word];
}

const char *comparison_row_name(unsigned row)
{
	return is_outcome(row) ? outcome_name(row - MEASURE_COUNT) : measure_name(row);
}

const char *comparison_row_label(unsigned row)
{
	return is_outcome(row) ? outcome_name(row - MEASURE_COUNT) : measure_label(row);
}

bool comparison_row_is_count(unsigned row)
{
	return is_outcome(row) || measure_is_count(row);
}
