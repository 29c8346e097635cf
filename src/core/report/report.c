/* SPDX-License-Identifier: MIT */
#include "core/report/report.h"

static const char detector_names[][sizeof "sock_diag"] = {
	[REPORT_DETECTOR_SOCK_DIAG] = "sock_diag",
	[REPORT_DETECTOR_PROCNET] = "procnet",
	[REPORT_DETECTOR_NONE] = "none",
};
_Static_assert(sizeof detector_names / sizeof *detector_names == REPORT_DETECTOR_COUNT,
	"a detector has no name");

static const char degraded_names[][sizeof "health_address_in_use"] = {
	[REPORT_DEGRADED_PROCNET] = "procnet",
	[REPORT_DEGRADED_NO_DETECTOR] = "no_detector",
	[REPORT_DEGRADED_NO_EVENTS] = "no_events",
	[REPORT_DEGRADED_EVENTS_LOST] = "events_lost",
	[REPORT_DEGRADED_PORTS_UNKNOWN] = "ports_unknown",
	[REPORT_DEGRADED_PORTS_BY_USER] = "ports_by_user",
	[REPORT_DEGRADED_TRACKER_FULL] = "census_full",
	[REPORT_DEGRADED_UNIX_UNSEEN] = "unix_unseen",
	[REPORT_DEGRADED_NO_EXACT] = "no_exact",
	[REPORT_DEGRADED_NO_SUBREAPER] = "no_subreaper",
	[REPORT_DEGRADED_HEALTH_ADDRESS_IN_USE] = "health_address_in_use",
};
_Static_assert(sizeof degraded_names / sizeof *degraded_names == REPORT_DEGRADED_COUNT,
	"a degraded value has no name");

static const char outcome_names[][sizeof "budget_exhausted"] = {
	[REPORT_DRAINED] = "drained",
	[REPORT_BUDGET_EXHAUSTED] = "budget_exhausted",
	[REPORT_APP_EXITED] = "app_exited",
	[REPORT_KILLED] = "killed",
};
_Static_assert(sizeof outcome_names / sizeof *outcome_names == REPORT_OUTCOME_COUNT,
	"an outcome has no name");

static const char diagnosis_names[][sizeof "died_with_work_in_flight"] = {
	[REPORT_DIAGNOSIS_NO_HANDLER] = "no_stop_signal_handler",
	[REPORT_DIAGNOSIS_DIED_WITH_WORK] = "died_with_work_in_flight",
	[REPORT_DIAGNOSIS_IDLE_NOT_EXITING] = "idle_but_not_exiting",
	[REPORT_DIAGNOSIS_NOT_READY] = "not_ready_in_time",
	[REPORT_DIAGNOSIS_OUT_OF_MEMORY] = "out_of_memory",
	[REPORT_DIAGNOSIS_MAY_NOT_SIGNAL] = "may_not_signal",
	[REPORT_DIAGNOSIS_WAITED_IN_DOUBT] = "waited_in_doubt",
};
_Static_assert(sizeof diagnosis_names / sizeof *diagnosis_names == REPORT_DIAGNOSIS_COUNT,
	"a diagnosis has no name");

const char *report_detector_name(enum report_detector detector)
{
	return detector_names[detector];
}

const char *report_degraded_name(enum report_degraded degraded)
{
	return degraded_names[degraded];
}

const char *report_outcome_name(enum report_outcome outcome)
{
	return outcome_names[outcome];
}

const char *report_diagnosis_name(enum report_diagnosis diagnosis)
{
	return diagnosis_names[diagnosis];
}

bool report_is_degraded(const struct report *report, enum report_degraded degraded)
{
	return report->degraded & 1u << degraded;
}

bool report_knows(const struct report *report, uint64_t count)
{
	return report_sees_connections(report) && (count > 0 || !report->connections.ended_unseen);
}

bool report_sees_connections(const struct report *report)
{
	if (report->connections.detector == REPORT_DETECTOR_NONE)
		return false;
	return report->connections.ports->count > 0 ||
	       !report_is_degraded(report, REPORT_DEGRADED_PORTS_UNKNOWN);
}

bool report_lost_work(const struct report *report)
{
	const struct conn_totals *since = &report->connections.since;
	const struct jobs *jobs = report->jobs;

	if (jobs->ended[JOB_CUT] > 0 ||
		(jobs->ended[JOB_UNKNOWN] > 0 && report->outcome != REPORT_DRAINED))
		return true;
	if (report_sees_connections(report) &&
		(since->cut > 0 || since->lost_bytes > 0 || since->accept_queue_lost > 0 ||
			(since->unknown > 0 && report->outcome != REPORT_DRAINED)))
		return true;
	return report->outcome == REPORT_APP_EXITED &&
	       (report->app.exit_code != 0 || report->stop.signal != NULL);
}
