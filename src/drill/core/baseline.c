/* SPDX-License-Identifier: MIT */
#include "drill/core/baseline.h"

#define STATUSES 600
#define WEBSOCKET 101 /* that was closed in order */

static bool is_whole_answer(const struct attempt *attempt)
{
	bool is_whole = attempt->outcome == OUTCOME_OK || attempt->outcome == OUTCOME_HTTP_OTHER ||
			attempt->outcome == OUTCOME_HTTP_4XX ||
			attempt->outcome == OUTCOME_HTTP_5XX ||
			attempt->outcome == OUTCOME_HTTP_503_DRAINING;

	return is_whole && attempt->http_status > 0 && attempt->http_status < STATUSES;
}

static bool is_before_stop(const struct attempt *attempt, unsigned request)
{
	return attempt->end < 0 && attempt->request == request && is_whole_answer(attempt);
}

static int usual_status(const struct attempt *attempts, size_t count, unsigned request)
{
	unsigned seen[STATUSES] = {0};
	int usual = 0;

	for (size_t i = 0; i < count; i++) {
		int status = attempts[i].http_status;

		if (is_before_stop(&attempts[i], request) && ++seen[status] > seen[usual])
			usual = status;
	}
	return usual;
}

static int64_t usual_length(
	const struct attempt *attempts, size_t count, unsigned request, int status)
{
	int64_t length = -1;

	for (size_t i = 0; i < count; i++) {
		if (!is_before_stop(&attempts[i], request) || attempts[i].http_status != status)
			continue;
		if (length >= 0 && attempts[i].bytes_received != length)
			return -1;
		length = attempts[i].bytes_received;
	}
	return length;
}

static int64_t shortest_body(
	const struct attempt *attempts, size_t count, unsigned request, int status)
{
	int64_t shortest = INT64_MAX;

	for (size_t i = 0; i < count; i++) {
		if (is_before_stop(&attempts[i], request) && attempts[i].http_status == status &&
			attempts[i].bytes_received < shortest)
			shortest = attempts[i].bytes_received;
	}
	return shortest < INT64_MAX ? shortest : 0;
}

void baselines_find(const struct attempt *attempts, size_t count,
	struct baseline ret_baselines[DRILL_MAX_REQUESTS])
{
	for (unsigned i = 0; i < DRILL_MAX_REQUESTS; i++) {
		struct baseline *baseline = &ret_baselines[i];

		baseline->status = usual_status(attempts, count, i);
		baseline->length = baseline->status > 0
					   ? usual_length(attempts, count, i, baseline->status)
					   : -1;
		baseline->shortest = shortest_body(attempts, count, i, baseline->status);
	}
}

static bool is_much_shorter(const struct baseline *baseline, const struct attempt *attempt)
{
	return attempt->http_status == baseline->status && attempt->http_status != WEBSOCKET &&
	       attempt->bytes_received < (baseline->shortest + 1) / 2;
}

static bool is_expected(const struct baseline *baseline, int status, int expect_status)
{
	int expected = expect_status > 0 ? expect_status : baseline->status;

	if (status == WEBSOCKET)
		return true;
	return expected > 0 ? status == expected : status >= 200 && status < 300;
}

enum outcome baseline_outcome(
	const struct baseline *baseline, const struct attempt *attempt, int expect_status)
{
	if (!is_whole_answer(attempt))
		return attempt->outcome;
	if (!is_expected(baseline, attempt->http_status, expect_status))
		return attempt->http_status < 400 ? OUTCOME_HTTP_OTHER : attempt->outcome;
	if (!attempt->is_body_known && attempt->bytes_received < baseline->length)
		return OUTCOME_TRUNCATED;
	return is_much_shorter(baseline, attempt) ? OUTCOME_HTTP_OTHER : OUTCOME_OK;
}

bool baseline_leaves_doubt(const struct baseline *baseline, const struct attempt *attempt)
{
	return attempt->outcome == OUTCOME_OK && attempt->http_status > 0 &&
	       !attempt->is_body_known && baseline->length < 0;
}
