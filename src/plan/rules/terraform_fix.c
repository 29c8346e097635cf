/* SPDX-License-Identifier: MIT */
#include "plan/rules/terraform_fix.h"

#include <string.h>

/* Names as the API has them in a fix, and the line of the provider, with the value in the place of %s. */
static const struct {
	const char *name, *format;
} rows[] = {
	{"deploymentConfiguration", "deployment_minimum_healthy_percent = 100 and "
				    "deployment_maximum_percent = 200"},
	{"maximumPercent", "deployment_maximum_percent = %s"},
	{"minimumHealthyPercent", "deployment_minimum_healthy_percent = %s"},
	{"desiredCount", "desired_count = %s"},
	{"healthCheckGracePeriodSeconds", "health_check_grace_period_seconds = %s"},
	{"availabilityZoneRebalancing", "availability_zone_rebalancing = %s"},
	{"deploymentCircuitBreaker",
		"enable = true and rollback = true in deployment_circuit_breaker"},
	{"earlySuccessCriteria",
		"early success with the cleanup DEFERRED, where the provider's version has it"},
	{"resetOnHealthyTask", "a health check of the container, or of a target group"},
	{"bakeTimeInMinutes", "deployment_configuration { bake_time_in_minutes = %s }"},
	{"stepBakeTimeInMinutes", "linear_configuration { step_bake_time_in_minutes = %s }"},
	{"canaryBakeTimeInMinutes", "canary_configuration { canary_bake_time_in_minutes = %s }"},
	{"stepPercent", "linear_configuration { step_percent = %s }"},
	{"canaryPercent", "canary_configuration { canary_percent = %s }"},
	{"deregistration_delay.timeout_seconds", "deregistration_delay = %s"},
	{"slow_start.duration_seconds", "slow_start = %s"},
	{"HealthCheckTimeoutSeconds", "health_check { timeout = %s }"},
	{"HealthCheckIntervalSeconds", "health_check { interval = %s }"},
	{"HealthyThresholdCount", "health_check { healthy_threshold = %s }"},
	{"UnhealthyThresholdCount", "health_check { unhealthy_threshold = %s }"},
	{"HealthCheckPath", "health_check { path = %s }"},
};

/* Behind "NAME": or "Value":, without what follows a value in braces. */
static const char *value_in(struct check *check, const char *fix, const char *name_end)
{
	const char *value = strstr(fix, "\"Value\": ");

	value = value ? value + strlen("\"Value\": ") : name_end + strlen("\": ");
	return check_text(check, "%.*s", (int)strcspn(value, "}"), value);
}

static const char *translate(struct check *check, const char *fix)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *name = strstr(fix, rows[i].name);
		const char *place = strstr(rows[i].format, "%s");
		const char *end = name ? name + strlen(rows[i].name) : NULL;

		if (!name || name == fix || name[-1] != '"' || *end != '"')
			continue;
		if (!place)
			return rows[i].format;
		return check_text(check, "%.*s%s%s", (int)(place - rows[i].format), rows[i].format,
			value_in(check, fix, end), place + strlen("%s"));
	}
	return fix;
}

void terraform_fix_all(struct check *check, size_t first)
{
	for (size_t i = first; i < check->count; i++)
		check->findings[i].fix = translate(check, check->findings[i].fix);
}

/* Fixes of the rules of Kubernetes, or how they begin, and the line of the provider, with the rest in the place of
 * %s. */
static const struct {
	const char *begin, *format;
} kube_rows[] = {
	{"terminationGracePeriodSeconds: ", "termination_grace_period_seconds = %s"},
	{"progressDeadlineSeconds: ", "progress_deadline_seconds = %s"},
	{"maxUnavailable: ", "max_unavailable = \"%s\""},
	{"shareProcessNamespace: ", "share_process_namespace = %s"},
	{"path: ", "path = \"%s\""},
	{"strategy: {type: RollingUpdate",
		"rolling_update with max_unavailable = \"0\" and max_surge = \"1\""},
	{"rollingUpdate: ", "rolling_update with max_unavailable = \"0\" and max_surge = \"1\""},
	{"readinessProbe: ", "a readiness_probe"},
	{"lifecycle: {preStop: ", "a pre_stop hook that waits 5 s"},
	{"preStop: {sleep: ", "a pre_stop hook that needs no program of the image"},
	{"- {name: LASTCALL_MIN_DRAIN",
		"an env block with name = \"LASTCALL_MIN_DRAIN\" and value = \"5s\""},
};

static const char *translate_kube(struct check *check, const char *fix)
{
	for (size_t i = 0; i < sizeof(kube_rows) / sizeof(*kube_rows); i++) {
		const size_t len = strlen(kube_rows[i].begin);
		const char *format = kube_rows[i].format, *place = strstr(format, "%s");

		if (strncmp(fix, kube_rows[i].begin, len) != 0)
			continue;
		return place ? check_text(check, "%.*s%s%s", (int)(place - format), format,
				       fix + len, place + strlen("%s"))
			     : format;
	}
	return fix;
}

void terraform_fix_all_kube(struct check *check, size_t first)
{
	for (size_t i = first; i < check->count; i++) {
		/* kubernetes_manifest has the names of Kubernetes */
		if (!strstr(check->findings[i].path, "/values/manifest/"))
			check->findings[i].fix = translate_kube(check, check->findings[i].fix);
	}
}
