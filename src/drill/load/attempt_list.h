/* SPDX-License-Identifier: MIT */
/* All attempts of a run, kept whole: percentiles are exact, and nothing is lost. */
#pragma once

#include "drill/load/client.h"
#include "drill/core/attempt.h"

struct attempt_list {
	struct attempt *attempts;
	size_t count, cap;
	size_t ended, ok;
};

/* Begins one at a moment of monoclock_now_us(). Returns its index, or SIZE_MAX without memory. */
size_t attempt_list_begin(struct attempt_list *list, enum cohort cohort, uint8_t request,
	uint32_t connection, int64_t start_us);

/* t0_us: as known by now; INT64_MAX: no stop yet. */
void attempt_list_end(
	struct attempt_list *list, size_t index, const struct client_end *end, int64_t t0_us);

/* When all have ended: makes their times relative to t0, and puts them in order. */
void attempt_list_settle(struct attempt_list *list, int64_t t0_us);

/* How long the longest answer took that has come; 0: none has. */
int64_t attempt_list_longest_us(const struct attempt_list *list);

void attempt_list_done(struct attempt_list *list);
