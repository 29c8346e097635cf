/* SPDX-License-Identifier: MIT */
#include "lastcall/degraded.h"

void degraded_note(struct degraded *degraded, enum report_degraded what, const char *message)
{
	if (degraded->bits & 1u << what)
		return;
	degraded->bits |= 1u << what;
	log_event(degraded->log, LOG_WARNING, report_degraded_name(what), "%s", message);
}
