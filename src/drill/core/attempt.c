/* SPDX-License-Identifier: MIT */
#include "drill/core/attempt.h"

static const char *const cohort_names[] = {
	[COHORT_IN_FLIGHT] = "in_flight",
	[COHORT_KEEP_ALIVE] = "keep_alive",
	[COHORT_NEW] = "new",
	[COHORT_PRECONNECTED] = "preconnected",
	[COHORT_ACCEPT_QUEUE] = "accept_queue",
};
_Static_assert(
	sizeof(cohort_names) / sizeof(*cohort_names) == COHORT_COUNT, "a cohort has no name");

static const char *const outcome_names[] = {
	[OUTCOME_OK] = "ok",
	[OUTCOME_HTTP_OTHER] = "http_other",
	[OUTCOME_HTTP_4XX] = "http_4xx",
	[OUTCOME_HTTP_5XX] = "http_5xx",
	[OUTCOME_HTTP_503_DRAINING] = "http_503_draining",
	[OUTCOME_REFUSED] = "refused",
	[OUTCOME_GOAWAY] = "goaway",
	[OUTCOME_RESET_CONNECT] = "reset_connect",
	[OUTCOME_RESET_BEFORE_RESPONSE] = "reset_before_response",
	[OUTCOME_EOF_BEFORE_RESPONSE] = "eof_before_response",
	[OUTCOME_RESET_MID_BODY] = "reset_mid_body",
	[OUTCOME_TRUNCATED] = "truncated",
	[OUTCOME_CORRUPT] = "corrupt",
	[OUTCOME_TIMEOUT_CONNECT] = "timeout_connect",
	[OUTCOME_TIMEOUT_RESPONSE] = "timeout_response",
	[OUTCOME_STALLED] = "stalled",
	[OUTCOME_UNREACHABLE] = "unreachable",
	[OUTCOME_CLIENT_ERROR] = "client_error",
};
_Static_assert(
	sizeof(outcome_names) / sizeof(*outcome_names) == OUTCOME_COUNT, "an outcome has no name");

static const char *const phase_names[] = {
	[DRILL_BEFORE] = "before",
	[DRILL_LAME_DUCK] = "lame_duck",
	[DRILL_DRAINING] = "draining",
	[DRILL_AFTER_EXIT] = "after_exit",
};
_Static_assert(
	sizeof(phase_names) / sizeof(*phase_names) == DRILL_PHASE_COUNT, "a phase has no name");

const char *cohort_name(enum cohort cohort)
{
	return cohort_names[cohort];
}

char cohort_letter(enum cohort cohort)
{
	return "ABCDE"[cohort];
}

const char *outcome_name(enum outcome outcome)
{
	return outcome_names[outcome];
}

const char *drill_phase_name(enum drill_phase phase)
{
	return phase_names[phase];
}
