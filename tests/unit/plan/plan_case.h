/* SPDX-License-Identifier: MIT */
/* Inputs made by hand. */
#pragma once

#include "plan/core/rollout.h"

struct plan_set {
	enum plan_input input;
	int64_t number;
	bool is_percent;
};

#define PLAN_SETS(...)                                                                             \
	(const struct plan_set[])                                                                  \
	{                                                                                          \
		__VA_ARGS__,                                                                       \
		{                                                                                  \
			PLAN_INPUT_COUNT, 0, false                                                 \
		}                                                                                  \
	}
#define SECONDS(n) ((int64_t)(n)*1000)

static inline struct plan_inputs plan_case(enum plan_platform platform, const struct plan_set *sets)
{
	struct plan_inputs inputs = {.platform = platform};

	for (; sets->input != PLAN_INPUT_COUNT; sets++) {
		const struct plan_value value = {.number = sets->number,
			.is_percent = sets->is_percent,
			.source = PLAN_OPTION};

		assert_true(plan_inputs_set(&inputs, sets->input, &value));
	}
	plan_inputs_complete(&inputs);
	return inputs;
}
