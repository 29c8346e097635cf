/* SPDX-License-Identifier: MIT */
/* Strategies that shift traffic: BLUE_GREEN, LINEAR, CANARY. */
#include "plan/rules/ecs_checks.h"

#include <string.h>

enum {
	BAKE_MAX_MIN = 33 * 60, /* CloudFormation refuses more */
	BAKE_MAX_ONCE_MIN = 24 * 60, /* ECS refuses more */
	BAKE_LONG_MIN = 12 * 60,
	HOOKS_MAX_MIN = 36 * 60, /* CloudFormation ends an operation then */
	HOOK_DEFAULT_MIN = 1440,
};

static const struct node *or_service(const struct node *node, const struct ecs_service *service)
{
	return node ? node : service->deployment ? service->deployment : service->node;
}

static bool shifts_traffic(const struct ecs_service *service)
{
	return value_is(&service->strategy, "BLUE_GREEN") ||
	       value_is(&service->strategy, "LINEAR") || value_is(&service->strategy, "CANARY");
}

/* Minutes between steps of LINEAR: (100/step)-1 of them if it divides evenly, else floor(100/step). */
static bool linear_minutes(const struct ecs_service *service, int64_t *ret_minutes)
{
	int64_t tenths = 100, bake;

	if (!value_is_absent(&service->step_percent) &&
		!value_tenths(&service->step_percent, &tenths))
		return false;
	if (tenths <= 0 || !value_number_or(&service->step_bake, 6, &bake))
		return false;
	*ret_minutes = bake * (1000 % tenths == 0 ? 1000 / tenths - 1 : 1000 / tenths);
	return true;
}

static bool bake_minutes(const struct ecs_service *service, int64_t *ret_minutes)
{
	int64_t bake, steps = 0;

	if (!value_number_or(&service->bake, 0, &bake))
		return false;
	if (value_is(&service->strategy, "LINEAR") && !linear_minutes(service, &steps))
		return false;
	if (value_is(&service->strategy, "CANARY") &&
		!value_number_or(&service->canary_bake, 10, &steps))
		return false;
	*ret_minutes = bake + steps;
	return true;
}

struct limits {
	const char *name;
	const struct value *value;
	bool is_percent; /* which may have a decimal place */
	int64_t min, max; /* minutes, or tenths of a percent */
};

static bool read_limited(const struct limits *limits, int64_t *ret_number)
{
	return limits->is_percent ? value_tenths(limits->value, ret_number)
				  : value_number(limits->value, ret_number);
}

static const char *limit_text(struct check *check, const struct limits *limits, int64_t number)
{
	if (limits->is_percent && number % 10 != 0)
		return check_text(
			check, "%lld.%lld", (long long)number / 10, (long long)number % 10);
	return check_text(check, "%lld", (long long)(limits->is_percent ? number / 10 : number));
}

/* LC220 */
static void check_limits(
	struct check *check, const struct ecs_model *model, const struct ecs_service *service)
{
	const struct limits all[] = {
		{"BakeTimeInMinutes", &service->bake, false, 0, BAKE_MAX_ONCE_MIN},
		{"StepBakeTimeInMinutes", &service->step_bake, false, 0, BAKE_MAX_ONCE_MIN},
		{"CanaryBakeTimeInMinutes", &service->canary_bake, false, 0, BAKE_MAX_ONCE_MIN},
		{"StepPercent", &service->step_percent, true, 30, 1000},
		{"CanaryPercent", &service->canary_percent, true, 1, 1000},
	};
	int64_t number;

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		const struct limits *limits = &all[i];

		if (!read_limited(limits, &number) ||
			(number >= limits->min && number <= limits->max))
			continue;
		check_add(check, "LC220", limits->value->node,
			ecs_fix(check, model, limits->name,
				limit_text(check, limits,
					number < limits->min ? limits->min : limits->max)),
			"%s is %s%s and ECS accepts %s to %s", ecs_name(check, model, limits->name),
			limits->value->text, ecs_by_default(limits->value),
			limit_text(check, limits, limits->min),
			limit_text(check, limits, limits->max));
	}
}

/* LC216 */
static void check_bakes(
	struct check *check, const struct ecs_model *model, const struct ecs_service *service)
{
	int64_t minutes;

	if (!bake_minutes(service, &minutes) || minutes <= BAKE_LONG_MIN)
		return;
	check_add_as(check, "LC216",
		minutes > BAKE_MAX_MIN && model->is_cloudformation ? SEVERITY_ERROR
								   : SEVERITY_WARNING,
		or_service(service->bake.node, service), "",
		"the bake times add up to %lld h %lld min%s", (long long)(minutes / 60),
		(long long)(minutes % 60),
		minutes > BAKE_MAX_MIN && model->is_cloudformation
			? ", and CloudFormation refuses more than 33 h"
			: "");
}

/* LC216, for hooks: CloudFormation does not count them, and ends the operation at 36 h. */
static void check_hook_minutes(
	struct check *check, const struct ecs_model *model, const struct ecs_service *service)
{
	int64_t sum = 0, minutes;

	for (size_t i = 0; i < service->hook_count; i++) {
		if (value_number(&service->hooks[i].timeout, &minutes))
			sum += minutes;
	}
	if (sum <= HOOKS_MAX_MIN || !model->is_cloudformation)
		return;
	check_add_as(check, "LC216", SEVERITY_WARNING, service->hooks[0].node, "",
		"the hooks may take %lld h, and CloudFormation ends an update after 36 h",
		(long long)(sum / 60));
}

struct setting {
	const char *name;
	struct value blue, green;
	const char *absent; /* the default; NULL: the protocol decides, and the rule is silent */
};

/* The value in force; NULL: a default that depends on the protocol. */
static const char *in_force(const struct setting *setting, const struct value *value)
{
	return value_is_known(value) ? value->text : setting->absent;
}

static bool is_other(const struct setting *setting)
{
	const char *blue = in_force(setting, &setting->blue),
		   *green = in_force(setting, &setting->green);

	if (setting->blue.state == VALUE_UNKNOWN || setting->green.state == VALUE_UNKNOWN)
		return false;
	return blue && green && strcmp(blue, green) != 0;
}

/* LC217 */
static void check_pair(struct check *check, const struct ecs_model *model,
	const struct ecs_target_group *blue, const struct ecs_target_group *green)
{
	const char *healthy = check_text(check, "%lld", (long long)blue->default_healthy);
	const char *unhealthy = check_text(check, "%lld", (long long)blue->default_unhealthy);
	const struct setting settings[] = {
		{"deregistration_delay.timeout_seconds", blue->deregistration_delay, /* the first */
			green->deregistration_delay, "300"},
		{"HealthCheckIntervalSeconds", blue->interval, green->interval, "30"},
		{"HealthCheckTimeoutSeconds", blue->timeout, green->timeout, NULL},
		{"HealthyThresholdCount", blue->healthy_count, green->healthy_count, healthy},
		{"UnhealthyThresholdCount", blue->unhealthy_count, green->unhealthy_count,
			unhealthy},
		{"HealthCheckPath", blue->path, green->path, "/"},
	};

	(void)model;
	if (blue->is_partial || green->is_partial || blue->has_more_attributes ||
		green->has_more_attributes)
		return;
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
		const struct setting *setting = &settings[i];

		if (!is_other(setting))
			continue;
		ecs_check_in(check,
			setting->green.node && i == 0 ? &green->attributes_origin : &green->origin);
		check_add(check, "LC217", setting->green.node ? setting->green.node : green->node,
			"", "%s of %s is %s, and that of %s is %s", setting->name, blue->name,
			value_is_known(&setting->blue) ? setting->blue.text : "the default",
			green->name,
			value_is_known(&setting->green) ? setting->green.text : "the default");
	}
}

/* LC218 */
static void check_fields(
	struct check *check, const struct ecs_model *model, const struct ecs_service *service)
{
	const char *strategy =
		value_is_known(&service->strategy) ? service->strategy.text : "ROLLING";

	if (service->strategy.state == VALUE_UNKNOWN || service->is_deployment_unknown)
		return;
	if (service->linear && strcmp(strategy, "LINEAR") != 0)
		check_add(check, "LC218", service->linear, "",
			"%s does nothing with the strategy %s",
			ecs_name(check, model, "LinearConfiguration"), strategy);
	if (service->canary && strcmp(strategy, "CANARY") != 0)
		check_add(check, "LC218", service->canary, "",
			"%s does nothing with the strategy %s",
			ecs_name(check, model, "CanaryConfiguration"), strategy);
	if (!shifts_traffic(service))
		return;
	if (value_is(&service->strategy, "BLUE_GREEN") && value_is_absent(&service->bake))
		check_add(check, "LC218", service->strategy.node,
			ecs_fix_number(check, model, "BakeTimeInMinutes", 15),
			"the strategy BLUE_GREEN needs %s",
			ecs_name(check, model, "BakeTimeInMinutes"));
	if (value_is_word(&service->breaker_enable, "true"))
		check_add_as(check, "LC218", SEVERITY_WARNING, service->breaker, "",
			"the circuit breaker does nothing with the strategy %s: use alarms",
			strategy);
}

/* LC219 */
static void check_hooks(
	struct check *check, const struct ecs_model *model, const struct ecs_service *service)
{
	for (size_t i = 0; i < service->hook_count; i++) {
		const struct ecs_hook *hook = &service->hooks[i];

		if (!value_is(&hook->target_type, "PAUSE") || hook->has_timeout)
			continue;
		check_add(check, "LC219", hook->node,
			ecs_fix(check, model, "TimeoutConfiguration",
				model->is_cloudformation
					? "{\"TimeoutInMinutes\": 30, \"Action\": \"ROLLBACK\"}"
					: "{\"timeoutInMinutes\": 30, \"action\": \"ROLLBACK\"}"),
			"the deployment waits here for %d h, and rolls back then",
			HOOK_DEFAULT_MIN / 60);
	}
}

void ecs_check_strategy(
	struct check *check, const struct ecs_model *model, const struct ecs_service *service)
{
	check_fields(check, model, service);
	check_limits(check, model, service);
	check_hooks(check, model, service);
	check_hook_minutes(check, model, service);
	if (!shifts_traffic(service))
		return;
	check_bakes(check, model, service);
	for (size_t i = 0; i < service->load_balancer_count; i++) {
		const struct ecs_load_balancer *balancer = &service->load_balancers[i];

		if (balancer->target_group && balancer->alternate)
			check_pair(check, model, balancer->target_group, balancer->alternate);
		ecs_check_in(check, &service->origin);
	}
}
