/* SPDX-License-Identifier: MIT */
#include "drill/core/run.h"

static const char *const mark_names[] = {
	[MARK_SIGNAL] = "signal",
	[MARK_UNHEALTHY] = "unhealthy",
	[MARK_LISTENER_CLOSED] = "listener_closed",
	[MARK_LAST_ACCEPT] = "last_accept",
	[MARK_LAST_SUCCESS] = "last_success",
	[MARK_LAST_BYTE] = "last_byte",
	[MARK_EXIT] = "exit",
	[MARK_DEADLINE] = "deadline",
};
_Static_assert(sizeof(mark_names) / sizeof(*mark_names) == RUN_MARK_COUNT, "a mark has no name");

const char *run_mark_name(enum run_mark mark)
{
	return mark_names[mark];
}

const char *run_mark_label(const struct run *run, enum run_mark mark)
{
	if (mark == MARK_SIGNAL)
		return run->is_deployment ? "start" : "stop";
	if (mark == MARK_EXIT)
		return run->is_deployment ? "end" : "exit";
	return mark == MARK_LISTENER_CLOSED ? "listener closed" : mark_names[mark];
}
