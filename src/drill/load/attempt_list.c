/* SPDX-License-Identifier: MIT */
#include "drill/load/attempt_list.h"

#include <stdlib.h>

size_t attempt_list_begin(struct attempt_list *list, enum cohort cohort, uint8_t request,
	uint32_t connection, int64_t start_us)
{
	if (list->count == list->cap) {
		size_t cap = list->cap > 0 ? 2 * list->cap : 4096;
		struct attempt *larger = realloc(list->attempts, cap * sizeof *larger);

		if (larger == NULL)
			return SIZE_MAX;
		list->attempts = larger;
		list->cap = cap;
	}
	list->attempts[list->count] = (struct attempt){
		.request = request,
		.connection = connection,
		.cohort = cohort,
		.start = start_us,
		.first_byte = DRILL_NEVER,
		.bytes_expected = -1,
	};
	return list->count++;
}

void attempt_list_end(
	struct attempt_list *list, size_t index, const struct client_end *end, int64_t t0_us)
{
	struct attempt *attempt = &list->attempts[index];
	struct attempt_end how = end->end;

	how.is_after_stop = end->end_us >= t0_us;
	attempt->outcome = attempt_end_outcome(&how);
	attempt->is_reused = end->is_reused;
	attempt->is_retry_safe = attempt_end_is_retry_safe(&how);
	attempt->http_status = how.http_status;
	attempt->first_byte = end->first_byte_us;
	attempt->end = end->end_us;
	attempt->bytes_expected = end->bytes_expected;
	attempt->bytes_received = end->bytes_received;
	attempt->is_body_known = end->is_body_known;
	list->ended++;
	list->ok += attempt->outcome == OUTCOME_OK;
}

static int compare_starts(const void *a, const void *b)
{
	const struct attempt *left = a, *right = b;

	return (left->start > right->start) - (left->start < right->start);
}

void attempt_list_settle(struct attempt_list *list, int64_t t0_us)
{
	for (size_t i = 0; i < list->count; i++) {
		struct attempt *attempt = &list->attempts[i];

		attempt->start -= t0_us;
		attempt->end -= t0_us;
		if (attempt->first_byte != DRILL_NEVER)
			attempt->first_byte -= t0_us;
	}
	qsort(list->attempts, list->count, sizeof *list->attempts, compare_starts);
}

int64_t attempt_list_longest_us(const struct attempt_list *list)
{
	int64_t longest_us = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct attempt *attempt = &list->attempts[i];
		int64_t took_us = attempt->end - attempt->start; /* below 0: it has not ended */

		if (attempt->outcome == OUTCOME_OK && attempt->first_byte != DRILL_NEVER &&
			took_us > longest_us)
			longest_us = took_us;
	}
	return longest_us;
}

void attempt_list_done(struct attempt_list *list)
{
	free(list->attempts);
	*list = (struct attempt_list){.attempts = NULL};
}
