/* SPDX-License-Identifier: MIT */
#include "plan/core/setting_text.h"

static const char *const max_percents[] = {
	[PLAN_SPELLED_AS_API] = "\"maximumPercent\":",
	[PLAN_SPELLED_AS_TEMPLATE] = "\"MaximumPercent\":",
	[PLAN_SPELLED_AS_TERRAFORM] = "deployment_maximum_percent =",
};
static const char *const min_percents[] = {
	[PLAN_SPELLED_AS_API] = "\"minimumHealthyPercent\":",
	[PLAN_SPELLED_AS_TEMPLATE] = "\"MinimumHealthyPercent\":",
	[PLAN_SPELLED_AS_TERRAFORM] = "deployment_minimum_healthy_percent =",
};
static const char *const breakers[] = {
	[PLAN_SPELLED_AS_API] =
		"\"deploymentCircuitBreaker\": {\"enable\": true, \"rollback\": true}",
	[PLAN_SPELLED_AS_TEMPLATE] =
		"\"DeploymentCircuitBreaker\": {\"Enable\": true, \"Rollback\": true}",
	[PLAN_SPELLED_AS_TERRAFORM] =
		"deployment_circuit_breaker { enable = true, rollback = true }",
};

_Static_assert(sizeof max_percents / sizeof *max_percents == PLAN_SPELLING_COUNT, "one each");
_Static_assert(sizeof min_percents / sizeof *min_percents == PLAN_SPELLING_COUNT, "one each");
_Static_assert(sizeof breakers / sizeof *breakers == PLAN_SPELLING_COUNT, "one each");

void setting_text_add_percent(
	struct text *text, enum plan_spelling spelling, enum plan_input input, int64_t percent)
{
	const char *const *names = input == PLAN_MAX_PERCENT ? max_percents : min_percents;

	text_printf(text, "%s %d", names[spelling], (int)percent);
}

const char *setting_text_breaker(enum plan_spelling spelling)
{
	return breakers[spelling];
}
