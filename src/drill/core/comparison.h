/* SPDX-License-Identifier: MIT */
/* Two drills side by side: by how much they differ, and whether chance alone would do as much. */
#pragma once

#include "drill/core/measure.h"
#include "drill/core/rank_test.h"

#define COMPARISON_ALPHA 0.05

/* The measures, and behind them a row for each outcome: how many requests were lost so (run_numbers.lost). */
#define COMPARISON_ROW_OF_OUTCOME(outcome) ((unsigned)MEASURE_COUNT + (unsigned)(outcome))
#define COMPARISON_ROWS COMPARISON_ROW_OF_OUTCOME(OUTCOME_COUNT)

/* What each run of a drill measured; what a run does not know is left out. */
struct comparison_side {
	size_t counts[COMPARISON_ROWS];
	double values[COMPARISON_ROWS][DRILL_MAX_RUNS];
};

enum comparison_word {
	COMPARISON_UNKNOWN, /* a side has no values, or it is no cost and was not tested */
	COMPARISON_EQUAL, /* every run of both measured the same */
	COMPARISON_NOT_SHOWN, /* chance may give as much */
	COMPARISON_BETTER, /* of B */
	COMPARISON_WORSE,
};

struct comparison_row {
	double a_median, b_median, shift; /* NAN: not known */
	struct rank_test test; /* p adjusted for the questions of its kind; NAN: not tested */
	enum comparison_word word;
};

struct comparison {
	struct comparison_row rows[COMPARISON_ROWS];
	unsigned questions; /* tested rows */
	unsigned most_questions; /* of one kind, costs or outcomes: p is raised for so many */
	unsigned worse, better;
	bool is_too_small; /* no difference, however large, could have been shown by so few runs */
};

/* Sorts the values. scratch has room for DRILL_MAX_RUNS * DRILL_MAX_RUNS of them. */
void comparison_make(struct comparison *ret_comparison, struct comparison_side *a,
	struct comparison_side *b, double *scratch);

/* So many runs of each side are needed for the largest difference to show among so many questions; 0
 * stands for all that can be asked. */
unsigned comparison_runs_needed(unsigned questions);

const char *comparison_word_text(enum comparison_word word);

/* What the row is called in JSON, and for people; whether it counts something, or is seconds. */
const char *comparison_row_name(unsigned row);
const char *comparison_row_label(unsigned row);
bool comparison_row_is_count(unsigned row);
