/* SPDX-License-Identifier: MIT */
#include "core/report/waited_for.h"

static const char *const names[] = {
	[WAITED_FOR_UNKNOWN] = NULL,
	[WAITED_FOR_WORK] = "work",
	[WAITED_FOR_NO_STOP] = "still_listening",
	[WAITED_FOR_NEVER_USED] = "never_used_connections",
	[WAITED_FOR_IDLE] = "idle_connections",
	[WAITED_FOR_NO_CONNECTION] = "no_connection",
};
_Static_assert(sizeof names / sizeof *names == WAITED_FOR_COUNT, "something has no name");

enum waited_for waited_for_judge(const struct conn_counts *counts)
{
	if (counts->held > 0)
		return WAITED_FOR_WORK;
	if (counts->listening > 0)
		return WAITED_FOR_NO_STOP;
	if (counts->open == 0)
		return WAITED_FOR_NO_CONNECTION;
	return counts->unused == counts->open ? WAITED_FOR_NEVER_USED : WAITED_FOR_IDLE;
}

const char *waited_for_name(enum waited_for waited_for)
{
	return names[waited_for];
}

void waited_for_add(struct text *text, enum waited_for waited_for, const struct conn_counts *counts)
{
	switch (waited_for) {
	case WAITED_FOR_WORK:
		text_printf(text, "requests %s in flight on %u of its connections",
			counts->busy == counts->held ? "are" : "may be", counts->held);
		break;
	case WAITED_FOR_NO_STOP:
		text_add(text, "it still listens");
		break;
	case WAITED_FOR_NEVER_USED:
	case WAITED_FOR_IDLE:
		text_printf(text, "it no longer listens; still open: %u %s %s", counts->open,
			waited_for == WAITED_FOR_IDLE ? "idle" : "never used",
			counts->open == 1 ? "connection" : "connections");
		break;
	case WAITED_FOR_NO_CONNECTION:
		text_add(text, "it does not listen, and no connection is open");
		break;
	case WAITED_FOR_UNKNOWN:
	case WAITED_FOR_COUNT:
		text_add(text, "its connections cannot be seen");
		break;
	}
}
