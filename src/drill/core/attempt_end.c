/* SPDX-License-Identifier: MIT */
#include "drill/core/attempt_end.h"

#include <errno.h>

static enum outcome outcome_of_answer(const struct attempt_end *end)
{
	if (end->http_status >= 500) {
		if (end->http_status == 503 && end->is_after_stop && end->says_goodbye)
			return OUTCOME_HTTP_503_DRAINING;
		return OUTCOME_HTTP_5XX;
	}
	return end->http_status >= 400 ? OUTCOME_HTTP_4XX : OUTCOME_OK;
}

static enum outcome outcome_of_reset(const struct attempt_end *end)
{
	if (end->has_first_byte)
		return OUTCOME_RESET_MID_BODY;
	return end->was_used ? OUTCOME_RESET_BEFORE_RESPONSE : OUTCOME_RESET_CONNECT;
}

static enum outcome outcome_of_silence(const struct attempt_end *end)
{
	if (!end->was_connected)
		return OUTCOME_TIMEOUT_CONNECT;
	return end->has_first_byte ? OUTCOME_STALLED : OUTCOME_TIMEOUT_RESPONSE;
}

static enum outcome outcome_of_error(const struct attempt_end *end)
{
	switch (end->error) {
	case ECONNREFUSED:
		return end->was_connected ? outcome_of_reset(end) : OUTCOME_REFUSED;
	case ECONNRESET:
	case ECONNABORTED:
	case EPIPE:
		return outcome_of_reset(end);
	case ETIMEDOUT: /* the kernel's own limits, where they are shorter than ours */
		return outcome_of_silence(end);
	case EHOSTUNREACH:
	case EHOSTDOWN:
	case ENODEV: /* the interface is gone */
	case ENETUNREACH:
	case ENETDOWN:
		return end->has_first_byte ? OUTCOME_STALLED : OUTCOME_UNREACHABLE;
	default:
		return OUTCOME_CLIENT_ERROR;
	}
}

enum outcome attempt_end_outcome(const struct attempt_end *end)
{
	switch (end->cause) {
	case END_ANSWERED:
		return outcome_of_answer(end);
	case END_BAD_ANSWER:
		return OUTCOME_CORRUPT;
	case END_CLOSED:
		if (!end->has_request)
			return OUTCOME_OK; /* it was closed as it should be: nothing was lost */
		return end->has_first_byte ? OUTCOME_TRUNCATED : OUTCOME_EOF_BEFORE_RESPONSE;
	case END_REFUSED:
		return OUTCOME_GOAWAY;
	case END_FAILED:
		return outcome_of_error(end);
	case END_TOO_LATE:
		return outcome_of_silence(end);
	case END_NOT_NEEDED:
		return OUTCOME_OK;
	}
	return OUTCOME_CLIENT_ERROR;
}

bool attempt_end_is_retry_safe(const struct attempt_end *end)
{
	if (end->has_first_byte)
		return false;
	switch (end->cause) {
	case END_CLOSED:
	case END_TOO_LATE:
		return end->acknowledged_bytes == 0;
	case END_REFUSED:
		return true;
	case END_FAILED:
		return end->sent_bytes == 0;
	case END_ANSWERED:
	case END_BAD_ANSWER:
	case END_NOT_NEEDED:
		break;
	}
	return false;
}
