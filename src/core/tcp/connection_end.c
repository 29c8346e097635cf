/* SPDX-License-Identifier: MIT */
#include "core/tcp/connection_end.h"

static const char names[][sizeof "finished"] = {
	[CONNECTION_FINISHED] = "finished",
	[CONNECTION_CUT] = "cut",
	[CONNECTION_GAVE_UP] = "gave_up",
	[CONNECTION_UNKNOWN] = "unknown",
	[CONNECTION_HELD] = "held",
};
_Static_assert(sizeof names / sizeof *names == CONNECTION_ENDING_COUNT, "an ending has no name");

static bool is_clients_doing(const struct connection_end *end)
{
	return end->peer_gone || end->ender == ENDED_IN_PEACE;
}

/* Neither is proved: it is known that there was a request, or not even that. In a tie the request that was
 * known is answered, and whether there was another one is not known. */
static enum connection_ending judge_silent(const struct connection_end *end)
{
	switch (end->tied && end->hold == HOLD_REQUEST ? HOLD_DOUBT : end->hold) {
	case HOLD_REQUEST:
		if (end->ender == ENDED_BY_TIME || (end->may_be_word && !is_clients_doing(end)))
			return CONNECTION_UNKNOWN;
		return is_clients_doing(end) ? CONNECTION_GAVE_UP : CONNECTION_CUT;
	case HOLD_DOUBT: /* that its client is gone says nothing of a request */
		return end->ender == ENDED_IN_PEACE ? CONNECTION_HELD : CONNECTION_UNKNOWN;
	case HOLD_NONE:
		break;
	}
	return (end->kept || end->recent) && end->ender == ENDED_BY_DEATH ? CONNECTION_UNKNOWN
									  : CONNECTION_HELD;
}

static enum connection_ending judge_unanswered(const struct connection_end *end)
{
	if (end->ender == ENDED_BY_TIME)
		return end->hold == HOLD_NONE ? CONNECTION_HELD : CONNECTION_UNKNOWN;
	if (is_clients_doing(end)) {
		if (end->answered) /* before that: it leaves with a last word, or another request */
			return CONNECTION_FINISHED;
		return end->hold == HOLD_REQUEST ? CONNECTION_GAVE_UP : judge_silent(end);
	}
	return end->talked || end->may_be_word || end->vanished ? CONNECTION_UNKNOWN
								: CONNECTION_CUT;
}

/* What a death ends may have been about to go on, however long ago its last byte left: a TLS server's session tickets
 * look like an answer while the request waits. */
static enum connection_ending judge_answered(const struct connection_end *end)
{
	if (end->ender == ENDED_BY_DEATH)
		return CONNECTION_UNKNOWN;
	if (end->ender != ENDED_WHEN_SIGNALLED || end->hold == HOLD_REQUEST || end->saw_answer)
		return CONNECTION_FINISHED;
	return CONNECTION_UNKNOWN; /* a server's own last word looks like an answer */
}

/* Its server may have answered and closed it, or cut it, or its client have given up. */
static bool is_anybodys_guess(const struct connection_end *end)
{
	return end->vanished && end->hold != HOLD_NONE && !end->answered && !end->peer_gone;
}

enum connection_ending connection_end_judge(const struct connection_end *end)
{
	if (is_anybodys_guess(end))
		return CONNECTION_UNKNOWN;
	if (end->lost_bytes > 0)
		return is_clients_doing(end) ? CONNECTION_GAVE_UP : CONNECTION_CUT;
	if (end->unanswered && !end->last_word)
		return judge_unanswered(end);
	return end->answered ? judge_answered(end) : judge_silent(end);
}

const char *connection_ending_name(enum connection_ending ending)
{
	return names[ending];
}
