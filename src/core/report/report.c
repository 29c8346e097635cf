/* SPDX-License-Identifier: MIT */
#include "core/report/report.h"

static const char detector_names[][sizeof "sock_diag"] = {
	[REPORT_DETECTOR_SOCK_DIAG] = "sock_diag",
	[REPORT_DETECTOR_PROCNET] = "procnet",
	[REPORT_DETECTOR_NONE] = "none",
};
_Static_assert(sizeof detector_names / sizeof *detector_names == REPORT_DETECTOR_COUNT,
	"a detector has no name");

static const char *const degraded_names[] = {
	[REPORT_DEGRADED_PROCNET] = "procnet",
	[REPORT_DEGRADED_NO_DETECTOR] = "no_detector",
	[REPORT_DEGRADED_NO_EVENTS] = "no_events",
	[REPORT_DEGRADED_EVENTS_LOST] = "events_lost",
	[REPORT_DEGRADED_PORTS_UNKNOWN] = "ports_unknown",
	[REPORT_DEGRADED_PORTS_BY_USER] = "ports_by_user",
	[REPORT_DEGRADED_TRACKER_FULL] = "census_full",
	[REPORT_DEGRADED_UNIX_UNSEEN] = "unix_unseen",
	[REPORT_DEGRADED_NO_SUBREAPER] = "no_subreaper",
	[REPORT_DEGRADED_HEALTH_ADDRESS_IN_USE] = "health_address_in_use",
};
_Static_assert(sizeof degraded_names / sizeof *degraded_names == REPORT_DEGRADED_COUNT,
	"a degraded value has no name");

const char *report_detector_name(enum report_detector detector)
{
	return detector_names[detector];
}

const char *report_degraded_name(enum report_degraded degraded)
{
	return degraded_names[degraded];
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
