/* SPDX-License-Identifier: MIT */
/* What a stop came to: its outcome, its diagnosis, and whether the application's exit was asked for and lost work.
 * Values in, values out; docs/report.md says what each outcome and diagnosis means. */
#pragma once

#include "core/report/report.h"
#include "core/stop/stop_plan.h"

/* What is known of the application, besides the plan. */
struct stop_outcome_facts {
	bool has_exited; /* its main process */
	msec_t exited_at;
	int exit_signal; /* that ended it; 0: none */
	int stop_signal; /* that it was sent; 0: none */
	int handles_stop_signal; /* 1, 0, or below 0: not known */
	bool stop_refused; /* the kernel did not let us send it */
	bool killed; /* it was sent SIGKILL */
	bool has_listened;
	int64_t oom_kills; /* its processes that the kernel killed for lack of memory; below 0: not known */
	unsigned cut; /* requests that were not answered and delivered (conn_totals) */
	uint64_t jobs_cut; /* that the application declared */
	msec_t first_cut_at; /* when a poll first saw one; MSEC_NEVER: none did */
};

/* Whether the main process, which has exited, did so before it was signalled, or because of another signal, or never
 * got the signal. */
bool stop_outcome_is_unasked(const struct stop_plan *plan, const struct stop_outcome_facts *facts);

/* When the stop signal cut requests: so soon after it that the application cannot have meant to finish them.
 * MSEC_NEVER: it did not. */
msec_t stop_outcome_cut_at(const struct stop_plan *plan, const struct stop_outcome_facts *facts);

/* For a plan that is DONE. */
enum report_outcome stop_outcome_of(
	const struct stop_plan *plan, const struct stop_outcome_facts *facts);

/* The same, as bits: 1 << REPORT_DIAGNOSIS_…. */
uint32_t stop_outcome_diagnose(
	const struct stop_plan *plan, const struct stop_outcome_facts *facts);
