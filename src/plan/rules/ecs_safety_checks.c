/* SPDX-License-Identifier: MIT */
/* What happens to a deployment that fails: circuit breaker, alarms, grace period, early success. */
#include "plan/rules/ecs_checks.h"

enum { LONG_GRACE_S = 300, FEW_FAILURES = 3 };

static const struct node *or_service(const struct node *node, const struct ecs_service *service)
{
	return node ? node : service->deployment ? service->deployment : service->node;
}

static bool is_by_ecs(const struct ecs_service *service)
{
	return value_is_absent(&service->controller) || value_is(&service->controller, "ECS");
}

static bool is_rolling(const struct ecs_service *service)
{
	return !service->is_deployment_unknown && is_by_ecs(service) &&
	       (value_is_absent(&service->strategy) || value_is(&service->strategy, "ROLLING"));
}

/* Whether alarms stop or roll back a deployment, or may. The CDK writes the block with nothing in it. */
static bool has_alarms(const struct ecs_service *service)
{
	return service->alarms && !value_is_word(&service->alarms_enable, "false") &&
	       service->alarm_count > 0;
}

static bool has_breaker(const struct ecs_service *service)
{
	return service->is_breaker_unknown ||
	       (service->breaker && !value_is_word(&service->breaker_enable, "false"));
}

static const char *breaker_fix(struct check *check, const struct ecs_model *model)
{
	return ecs_fix(check, model, "DeploymentCircuitBreaker",
		model->is_cloudformation ? "{\"Enable\": true, \"Rollback\": true}"
					 : "{\"enable\": true, \"rollback\": true}");
}

/* LC205 */
static void check_unguarded(
	struct check *check, const struct ecs_model *model, const struct ecs_service *service)
{
	if (has_breaker(service) || has_alarms(service) ||
		value_is_word(&service->breaker_rollback, "true"))
		return; /* the last is LC213 */
	check_add(check, "LC205", or_service(service->breaker, service), breaker_fix(check, model),
		"neither a circuit breaker nor an alarm ends a deployment that fails");
}

/* LC213 */
static void check_breaker(
	struct check *check, const struct ecs_model *model, const struct ecs_service *service)
{
	bool is_enabled, rolls_back;

	if (!service->breaker || !value_bool_or(&service->breaker_enable, false, &is_enabled) ||
		!value_bool_or(&service->breaker_rollback, false, &rolls_back) ||
		is_enabled == rolls_back)
		return;
	check_add(check, "LC213", service->breaker, breaker_fix(check, model),
		is_enabled
			? "the circuit breaker ends a deployment that fails, and leaves the broken "
			  "revision in place"
			: "the circuit breaker would roll back, but it is not enabled");
}

static bool has_health_check(const struct ecs_task *task)
{
	for (size_t i = 0; i < task->container_count; i++) {
		if (task->containers[i].health_check)
			return true;
	}
	return false;
}

/* LC214 */
static void check_reset(
	struct check *check, const struct ecs_model *model, const struct ecs_service *service)
{
	bool is_enabled, resets;

	if (!service->breaker || !service->task || service->load_balancer_count > 0 ||
		service->has_more_load_balancers || has_health_check(service->task) ||
		!value_bool_or(&service->breaker_enable, false, &is_enabled) || !is_enabled ||
		!value_bool_or(&service->breaker_reset, true, &resets) || !resets)
		return;
	check_add(check, "LC214", service->breaker,
		ecs_fix(check, model, "ResetOnHealthyTask", "false"),
		"no health check tells a broken task from a good one: a task that dies after a "
		"while "
		"has cleared the count of failures before");
}

/* LC215 */
static void check_threshold(
	struct check *check, const struct ecs_model *model, const struct ecs_service *service)
{
	int64_t value;

	if (!value_is(&service->threshold_type, "COUNT") ||
		!value_number(&service->threshold_value, &value) || value >= FEW_FAILURES)
		return;
	check_add(check, "LC215", service->threshold_value.node,
		ecs_fix_number(check, model, "Value", FEW_FAILURES),
		value == 1 ? "%lld failed task ends the deployment"
			   : "%lld failed tasks end the deployment",
		(long long)value);
}

/* The longest time that its tasks say they need to start: startPeriod of a container's health check. */
static int64_t start_period_of(const struct ecs_service *service)
{
	int64_t longest = 0, seconds;

	for (size_t i = 0; service->task && i < service->task->container_count; i++) {
		if (value_number(&service->task->containers[i].health_start_period, &seconds) &&
			seconds > longest)
			longest = seconds;
	}
	return longest;
}

/* LC206 */
static void check_no_grace(
	struct check *check, const struct ecs_model *model, const struct ecs_service *service)
{
	const int64_t start = start_period_of(service);
	int64_t grace, interval, count;

	if (!value_number_or(&service->grace, 0, &grace) || grace > 0)
		return;
	for (size_t i = 0; i < service->load_balancer_count; i++) {
		const struct ecs_target_group *group = service->load_balancers[i].target_group;

		if (!group || group->is_partial ||
			!value_number_or(&group->interval, 30, &interval) ||
			!value_number_or(
				&group->unhealthy_count, group->default_unhealthy, &count) ||
			start <= interval * count)
			continue;
		check_add(check, "LC206", service->grace.node ? service->grace.node : service->node,
			ecs_fix_number(check, model, "HealthCheckGracePeriodSeconds",
				start + interval * count),
			"a task takes up to %lld s to start, and the load balancer gives it up "
			"after "
			"%lld s",
			(long long)start, (long long)(interval * count));
	}
}

/* LC207 */
static void check_long_grace(
	struct check *check, const struct ecs_model *model, const struct ecs_service *service)
{
	int64_t grace;

	if (!value_number(&service->grace, &grace) || grace < LONG_GRACE_S ||
		start_period_of(service) >= grace / 2)
		return;
	check_add(check, "LC207", service->grace.node,
		ecs_fix_number(check, model, "HealthCheckGracePeriodSeconds", 60),
		"health checks of a new task are ignored for %lld s", (long long)grace);
}

/* LC211, LC212 */
static void check_early_success(
	struct check *check, const struct ecs_model *model, const struct ecs_service *service)
{
	int64_t percent, minimum;

	if (!value_is_word(&service->early_enable, "true"))
		return;
	if (!value_is_absent(&service->strategy) && !value_is(&service->strategy, "ROLLING") &&
		value_is_known(&service->strategy))
		check_add(check, "LC212", service->early_success, "",
			"early success is for the strategy ROLLING, not for %s",
			service->strategy.text);
	if (value_is_absent(&service->early_percent) || value_is_absent(&service->early_cleanup)) {
		check_add(check, "LC212", service->early_success,
			value_is_absent(&service->early_percent)
				? ecs_fix_number(check, model, "HealthyPercent", 100)
				: ecs_fix(check, model, "SourceServiceRevisionCleanup",
					  "\"DEFERRED\""),
			"early success needs %s and %s", ecs_name(check, model, "HealthyPercent"),
			ecs_name(check, model, "SourceServiceRevisionCleanup"));
		return;
	}
	if (!value_number(&service->early_percent, &percent) ||
		!value_number_or(&service->min, 100, &minimum))
		return;
	if (percent < minimum)
		check_add(check, "LC212", service->early_percent.node,
			ecs_fix_number(check, model, "HealthyPercent", minimum),
			"early success at %lld %% is below the %lld %% that have to run",
			(long long)percent, (long long)minimum);
	else if (percent < 100 && !has_alarms(service))
		check_add(check, "LC211", service->early_percent.node,
			ecs_fix_number(check, model, "HealthyPercent", 100),
			"the deployment is complete with %lld %% of the new tasks healthy, and "
			"nothing "
			"rolls back what comes after",
			(long long)percent);
}

void ecs_check_safety(
	struct check *check, const struct ecs_model *model, const struct ecs_service *service)
{
	check_no_grace(check, model, service);
	check_long_grace(check, model, service);
	check_early_success(check, model, service);
	if (!is_rolling(service))
		return;
	check_unguarded(check, model, service);
	check_breaker(check, model, service);
	check_reset(check, model, service);
	check_threshold(check, model, service);
}
