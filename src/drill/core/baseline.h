/* SPDX-License-Identifier: MIT */
/* What the answers to each request were before the stop: what those after it are compared with. */
#pragma once

#include "drill/core/attempt.h"

struct baseline {
	int status; /* the most frequent one of the whole answers; 0: there were none */
	int64_t length; /* of their bodies, where all with that status agree; -1: not known */
	int64_t shortest; /* of their bodies; 0: not known, or an empty one came */
};

/* Fills one entry for each request from the attempts that ended before t0. */
void baselines_find(const struct attempt *attempts, size_t count,
	struct baseline ret_baselines[DRILL_MAX_REQUESTS]);

/* The outcome of an attempt by what its answer had to be: expect_status (0: as before the stop; where that
 * is not known, 200 to 299), the length of a body that did not say its own, and half of the shortest body. An
 * application that stops work early often ends its response in good order: what is missing is not framed. */
enum outcome baseline_outcome(
	const struct baseline *baseline, const struct attempt *attempt, int expect_status);

/* Whether nothing tells that the body of this whole answer is whole: its length is not said, its bytes are
 * not compared, and none came before the stop. */
bool baseline_leaves_doubt(const struct baseline *baseline, const struct attempt *attempt);
