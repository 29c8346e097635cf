/* SPDX-License-Identifier: MIT */
/* The whole drill: its runs, its control, and the verdict. What every output is written from. */
#pragma once

#include "drill/core/run.h"

enum verdict { VERDICT_PASS, VERDICT_FAIL, VERDICT_INCONCLUSIVE };

const char *verdict_name(enum verdict verdict);

/* One threshold, held against all runs. */
struct check {
	char name[48]; /* "in_flight_cut", "max_overshoot": a testcase's name */
	char limit[64]; /* "<= 0.25 s" */
	char observed[64]; /* "0.31 s in run 4" */
	bool has_passed;
	bool is_doubtful; /* it did not hold, but not for the stop: the same happened before */
	unsigned failed_runs; /* in how many runs it did not hold */
};

#define DRILL_MAX_CHECKS 48
/* As many as there can be: one for each outcome that clients repeat, and those of what is not one. */
#define DRILL_MAX_WARNINGS (OUTCOME_COUNT + 5)
#define DRILL_WARNING_BYTES 160
#define DRILL_MAX_RUNS 1000
#define DRILL_TEXT_BYTES 1024 /* what is longer ends with an ellipsis */

struct drill_result {
	char target[DRILL_TEXT_BYTES]; /* "container shop", "pid 4711", "python3 server.py" */
	char url[DRILL_TEXT_BYTES];
	char stop_text[DRILL_TEXT_BYTES]; /* "docker stop -t 10", "SIGTERM", a command line */
	char profile
		[192]; /* what decides until when the target looks healthy, as a line for people */
	int64_t started_unix_ms;
	double wall_s;
	unsigned runs_asked;
	struct run *runs;
	unsigned run_count; /* fewer than asked: it was interrupted */
	bool was_interrupted;
	bool has_control, control_failed; /* it failed, as it has to */
	struct check checks[DRILL_MAX_CHECKS];
	unsigned check_count;
	char warnings[DRILL_MAX_WARNINGS][DRILL_WARNING_BYTES];
	unsigned warning_count;
	enum verdict verdict;
	char inconclusive_because[256];
};

/* "stop", or "deployment": what its runs are. */
const char *drill_result_event(const struct drill_result *result);

/* How many checks did not hold. */
unsigned drill_result_failed_checks(const struct drill_result *result);
