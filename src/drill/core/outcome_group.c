/* SPDX-License-Identifier: MIT */
#include "drill/core/outcome_group.h"

static const enum outcome_group groups[] = {
	[OUTCOME_OK] = OUTCOME_GROUP_OK,
	[OUTCOME_HTTP_OTHER] = OUTCOME_GROUP_ERROR,
	[OUTCOME_HTTP_4XX] = OUTCOME_GROUP_ERROR,
	[OUTCOME_HTTP_5XX] = OUTCOME_GROUP_ERROR,
	[OUTCOME_HTTP_503_DRAINING] = OUTCOME_GROUP_DRAINING,
	[OUTCOME_REFUSED] = OUTCOME_GROUP_REFUSED,
	[OUTCOME_GOAWAY] = OUTCOME_GROUP_REFUSED,
	[OUTCOME_RESET_CONNECT] = OUTCOME_GROUP_UNANSWERED,
	[OUTCOME_RESET_BEFORE_RESPONSE] = OUTCOME_GROUP_UNANSWERED,
	[OUTCOME_EOF_BEFORE_RESPONSE] = OUTCOME_GROUP_UNANSWERED,
	[OUTCOME_RESET_MID_BODY] = OUTCOME_GROUP_CUT,
	[OUTCOME_TRUNCATED] = OUTCOME_GROUP_CUT,
	[OUTCOME_CORRUPT] = OUTCOME_GROUP_CUT,
	[OUTCOME_TIMEOUT_CONNECT] = OUTCOME_GROUP_TIMEOUT,
	[OUTCOME_TIMEOUT_RESPONSE] = OUTCOME_GROUP_TIMEOUT,
	[OUTCOME_STALLED] = OUTCOME_GROUP_CUT,
	[OUTCOME_UNREACHABLE] = OUTCOME_GROUP_REFUSED,
	[OUTCOME_CLIENT_ERROR] = OUTCOME_GROUP_CLIENT,
};
_Static_assert(sizeof(groups) / sizeof(*groups) == OUTCOME_COUNT, "an outcome has no group");

static const struct {
	const char *label, *letter;
} polls[] = {
	[OUTCOME_GROUP_OK] = {"answered", "."},
	[OUTCOME_GROUP_DRAINING] = {"503, draining", "d"},
	[OUTCOME_GROUP_GONE] = {"after the exit", "-"},
	[OUTCOME_GROUP_CLIENT] = {"drill's own error", "?"},
	[OUTCOME_GROUP_REFUSED] = {"refused", "r"},
	[OUTCOME_GROUP_ERROR] = {"other status", "e"},
	[OUTCOME_GROUP_UNANSWERED] = {"closed unanswered", "u"},
	[OUTCOME_GROUP_TIMEOUT] = {"timed out", "t"},
	[OUTCOME_GROUP_CUT] = {"cut off", "X"},
};
_Static_assert(sizeof(polls) / sizeof(*polls) == OUTCOME_GROUP_COUNT, "a group has no label");

enum outcome_group outcome_group_of(enum outcome outcome)
{
	return groups[outcome];
}

enum outcome_group outcome_group_of_attempt(const struct attempt *attempt)
{
	const enum outcome_group group = groups[attempt->outcome];

	if (group == OUTCOME_GROUP_REFUSED && attempt->phase_at_start == DRILL_AFTER_EXIT)
		return OUTCOME_GROUP_GONE;
	return group;
}

const char *outcome_group_label(enum outcome_group group)
{
	return polls[group].label;
}

const char *outcome_group_letter(enum outcome_group group)
{
	return polls[group].letter;
}

bool outcome_group_is_failure(enum outcome_group group)
{
	return group > OUTCOME_GROUP_GONE;
}
