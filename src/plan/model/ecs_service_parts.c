/* SPDX-License-Identifier: MIT */
#include "plan/model/ecs_parts.h"

#include <string.h>

static void read_breaker(const struct setting_source *source, struct ecs_service *service)
{
	const struct node *breaker = source_part(source, service->deployment,
		"DeploymentCircuitBreaker", &service->is_breaker_unknown);
	const struct node *threshold = source_part(source, breaker, "ThresholdConfiguration", NULL);

	service->breaker = breaker;
	service->breaker_enable = source_value(source, breaker, "Enable");
	service->breaker_rollback = source_value(source, breaker, "Rollback");
	service->breaker_reset = source_value(source, breaker, "ResetOnHealthyTask");
	service->threshold_type = source_value(source, threshold, "Type");
	service->threshold_value = source_value(source, threshold, "Value");
}

static void read_alarms(const struct setting_source *source, struct ecs_service *service)
{
	const struct node *alarms = source_part(source, service->deployment, "Alarms", NULL);
	const struct source_items names = source_list(source, alarms, "AlarmNames");

	service->alarms = alarms;
	service->alarms_enable = source_value(source, alarms, "Enable");
	service->alarm_count = names.count + names.has_more;
}

static void read_hooks(const struct setting_source *source, struct ecs_service *service)
{
	const struct source_items items =
		source_list(source, service->deployment, "LifecycleHooks");
	struct ecs_hook *hooks = arena_alloc(source->arena, (items.count + 1) * sizeof(*hooks));

	for (size_t i = 0; i < items.count; i++) {
		bool is_unknown;
		const struct node *timeout =
			source_part(source, items.items[i], "TimeoutConfiguration", &is_unknown);

		hooks[i] = (struct ecs_hook){
			.node = items.items[i],
			.target_type = source_value(source, items.items[i], "TargetType"),
			.timeout = source_value(source, timeout, "TimeoutInMinutes"),
			.has_timeout = timeout || is_unknown,
		};
	}
	service->hooks = hooks;
	service->hook_count = items.count;
}

static void read_strategy(const struct setting_source *source, struct ecs_service *service)
{
	const struct node *deployment = service->deployment;
	const struct node *early = source_part(source, deployment, "EarlySuccessCriteria", NULL);

	service->max = source_value(source, deployment, "MaximumPercent");
	service->min = source_value(source, deployment, "MinimumHealthyPercent");
	service->strategy = source_value(source, deployment, "Strategy");
	service->bake = source_value(source, deployment, "BakeTimeInMinutes");
	service->linear = source_part(source, deployment, "LinearConfiguration", NULL);
	service->canary = source_part(source, deployment, "CanaryConfiguration", NULL);
	service->step_percent = source_value(source, service->linear, "StepPercent");
	service->step_bake = source_value(source, service->linear, "StepBakeTimeInMinutes");
	service->canary_percent = source_value(source, service->canary, "CanaryPercent");
	service->canary_bake = source_value(source, service->canary, "CanaryBakeTimeInMinutes");
	service->early_success = early;
	service->early_enable = source_value(source, early, "Enable");
	service->early_percent = source_value(source, early, "HealthyPercent");
	service->early_cleanup = source_value(source, early, "SourceServiceRevisionCleanup");
}

static void read_capacity(
	const struct setting_source *source, const struct node *from, struct ecs_service *service)
{
	const struct source_items items = source_list(source, from, "CapacityProviderStrategy");

	service->is_fargate = value_is(&service->launch_type, "FARGATE");
	for (size_t i = 0; i < items.count; i++) {
		const struct value name = source_value(source, items.items[i], "CapacityProvider");

		service->is_spot |= value_is(&name, "FARGATE_SPOT");
		service->is_fargate |=
			value_is(&name, "FARGATE_SPOT") || value_is(&name, "FARGATE");
	}
}

void ecs_service_read(const struct setting_source *source, const struct node *from,
	struct ecs_service *ret_service)
{
	struct ecs_service *service = ret_service;
	const struct node *controller = source_part(source, from, "DeploymentController", NULL);

	service->node = from;
	service->desired = source_value(source, from, "DesiredCount");
	service->grace = source_value(source, from, "HealthCheckGracePeriodSeconds");
	service->launch_type = source_value(source, from, "LaunchType");
	service->rebalancing = source_value(source, from, "AvailabilityZoneRebalancing");
	service->scheduling = source_value(source, from, "SchedulingStrategy");
	service->controller = source_value(source, controller, "Type");
	service->deployment = source_part(
		source, from, "DeploymentConfiguration", &service->is_deployment_unknown);
	read_strategy(source, service);
	read_breaker(source, service);
	read_alarms(source, service);
	read_hooks(source, service);
	read_capacity(source, from, service);
}

/* An attribute of a list of {Key, Value}. */
static struct value attribute(
	const struct setting_source *source, const struct source_items *items, const char *name)
{
	for (size_t i = 0; i < items->count; i++) {
		const struct value key = source_value(source, items->items[i], "Key");

		if (value_is(&key, name))
			return source_value(source, items->items[i], "Value");
	}
	return (struct value){0};
}

void ecs_target_group_read(const struct setting_source *source, const struct node *from,
	struct ecs_target_group *ret_target_group)
{
	struct ecs_target_group *group = ret_target_group;
	const char *list = node_get(from, "Attributes") ? "Attributes" : "TargetGroupAttributes";
	const struct source_items attributes = source_list(source, from, list);

	group->node = from;
	group->protocol = source_value(source, from, "Protocol");
	group->protocol_version = source_value(source, from, "ProtocolVersion");
	group->target_type = source_value(source, from, "TargetType");
	group->port = source_value(source, from, "Port");
	group->interval = source_value(source, from, "HealthCheckIntervalSeconds");
	group->timeout = source_value(source, from, "HealthCheckTimeoutSeconds");
	group->healthy_count = source_value(source, from, "HealthyThresholdCount");
	group->unhealthy_count = source_value(source, from, "UnhealthyThresholdCount");
	group->path = source_value(source, from, "HealthCheckPath");
	group->health_protocol = source_value(source, from, "HealthCheckProtocol");
	group->attributes = source_part(source, from, list, NULL);
	group->has_more_attributes = attributes.has_more;
	group->deregistration_delay =
		attribute(source, &attributes, "deregistration_delay.timeout_seconds");
	group->slow_start = attribute(source, &attributes, "slow_start.duration_seconds");
	group->connection_termination = attribute(
		source, &attributes, "deregistration_delay.connection_termination.enabled");
	group->default_healthy = 5;
	group->default_unhealthy = 2;
}
