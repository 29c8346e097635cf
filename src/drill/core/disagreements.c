/* SPDX-License-Identifier: MIT */
#include "drill/core/disagreements.h"

#include "core/text/text.h"

#include <math.h>

/* So much of a stop may pass before the signal has reached lastcall, and after it has gone. */
#define CLOCK_TOLERANCE_S 1.0

static void begin(struct run *run, struct text *text)
{
	text_init(text, run->disagreements[run->disagreement_count++], RUN_DISAGREEMENT_BYTES);
}

/* "(2 truncated, 1 stalled)": how those ended that were in flight. */
static void add_outcomes(struct text *text, const struct run *run)
{
	const char *before = " (";

	for (int i = OUTCOME_OK + 1; i < OUTCOME_CLIENT_ERROR; i++) {
		if (run->numbers.cohorts[COHORT_IN_FLIGHT].outcomes[i] == 0)
			continue;
		text_printf(text, "%s%u %s", before,
			run->numbers.cohorts[COHORT_IN_FLIGHT].outcomes[i],
			outcome_name((enum outcome)i));
		before = ", ";
	}
	if (before[0] == ',')
		text_add(text, ")");
}

/* A request that came too late to count was there for lastcall, too. */
static bool was_anybody_cut(const struct run *run)
{
	static const enum outcome cuts[] = {OUTCOME_RESET_CONNECT, OUTCOME_RESET_BEFORE_RESPONSE,
		OUTCOME_EOF_BEFORE_RESPONSE, OUTCOME_RESET_MID_BODY, OUTCOME_TRUNCATED,
		OUTCOME_TIMEOUT_RESPONSE, OUTCOME_STALLED};

	for (int i = 0; i < COHORT_COUNT; i++) {
		for (size_t k = 0; k < sizeof(cuts) / sizeof(*cuts); k++) {
			if (run->numbers.cohorts[i].outcomes[cuts[k]] > 0)
				return true;
		}
	}
	return false;
}

/* The one that no server can see: an application that throws away what it has not handed to the kernel. */
static void compare_cut(struct run *run)
{
	const struct run_numbers *numbers = &run->numbers;
	const uint32_t unknown = run->server.unknown > 0 ? (uint32_t)run->server.unknown : 0;
	struct text text;

	if (run->server.cut == 0 && numbers->in_flight_cut > unknown) {
		begin(run, &text);
		text_add(&text, "lastcall says that nothing was cut");
		if (unknown > 0)
			text_printf(&text, ", and that %u may have been", unknown);
		text_printf(&text, "; %u of %u requests were", numbers->in_flight_cut,
			numbers->in_flight_at_stop);
		add_outcomes(&text, run);
	} else if (run->server.cut > 0 && numbers->in_flight_cut == 0 && !was_anybody_cut(run)) {
		begin(run, &text);
		text_printf(&text, "lastcall says that %u were cut; no client of ours was",
			(unsigned)run->server.cut);
	}
}

static void compare_in_flight(struct run *run)
{
	struct text text;

	if (run->server.busy_at_stop < 0 ||
		run->server.busy_at_stop >= run->numbers.in_flight_at_stop)
		return;
	begin(run, &text);
	text_printf(&text,
		"lastcall saw %u busy connections at the stop; %u requests were in flight",
		(unsigned)run->server.busy_at_stop, run->numbers.in_flight_at_stop);
}

static void compare_accept_queue(struct run *run)
{
	uint32_t resets = run->numbers.judged[OUTCOME_RESET_CONNECT];
	struct text text;

	if (run->server.accept_queue_lost != 0 || resets == 0)
		return;
	begin(run, &text);
	text_printf(&text,
		"lastcall says that no connection was lost in the accept queue; %u were reset",
		resets);
}

static void compare_times(struct run *run)
{
	double said = (double)run->server.total_ms / 1000, seen = run->numbers.stop_wall_s;
	struct text text;

	if (run->server.total_ms < 0 || isnan(seen) || fabs(seen - said) <= CLOCK_TOLERANCE_S)
		return;
	begin(run, &text);
	text_printf(&text, "lastcall says that the stop took %u ms; it took %u ms",
		(unsigned)run->server.total_ms, (unsigned)lround(seen * 1000));
}

void disagreements_find(struct run *run)
{
	run->disagreement_count = 0;
	if (!run->server.was_found)
		return;
	compare_cut(run);
	compare_in_flight(run);
	compare_accept_queue(run);
	compare_times(run);
}
