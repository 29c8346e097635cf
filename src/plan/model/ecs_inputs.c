/* SPDX-License-Identifier: MIT */
#include "plan/model/ecs_inputs.h"

#include "plan/core/lastcall_settings.h"

#include <string.h>

#define MSEC_SECOND 1000
#define MSEC_MINUTE 60000
#define CONTAINER_INTERVAL 30 /* seconds, where healthCheck gives none (ECS API, HealthCheck) */
#define CONTAINER_INTERVAL_MAX 300
#define DELAY 300 /* seconds, where a target group gives none (ELB API, TargetGroupAttribute) */
#define CONTAINER_RETRIES 3 /* where healthCheck gives none */

struct filler {
	struct plan_inputs *inputs;
	const char *file;
};

/* Fills from a part of the model that may be in another file. */
static struct filler filler_of(const struct filler *filler, const struct ecs_origin *origin)
{
	return (struct filler){filler->inputs, origin->file ? origin->file : filler->file};
}

static void set(
	const struct filler *filler, enum plan_input input, const struct node *node, int64_t number)
{
	const struct plan_value value = {
		.number = number,
		.source = PLAN_DOCUMENT,
		.place = {filler->file, node ? node->line : 0, node ? node->column : 0},
	};

	(void)plan_inputs_set(filler->inputs, input, &value); /* a note says what it cannot have */
}

/* A reference that only the deployment resolves is no absence: the default would be a guess. */
static void note_unknown(
	const struct filler *filler, enum plan_input input, const struct value *value)
{
	if (value->state == VALUE_UNKNOWN)
		filler->inputs->values[input].is_unknown = true;
}

/* unit: how many of the input's units one of the document's is. */
static void set_number(
	const struct filler *filler, enum plan_input input, const struct value *value, int64_t unit)
{
	int64_t number;

	note_unknown(filler, input, value);
	if (!value_is_known(value))
		return;
	if (!value_number(value, &number))
		filler->inputs->values[input].is_unknown = true;
	else if (number >= 0 && number <= INT32_MAX)
		set(filler, input, value->node, number * unit);
	else
		filler->inputs->values[input].is_refused = true;
}

static void set_bool(const struct filler *filler, enum plan_input input, const struct value *value)
{
	bool is_on;

	note_unknown(filler, input, value);
	if (value_is_known(value) && value_bool_or(value, false, &is_on))
		set(filler, input, value->node, is_on);
}

static void set_tenths(
	const struct filler *filler, enum plan_input input, const struct value *value)
{
	int64_t tenths;

	note_unknown(filler, input, value);
	if (value_is_known(value) && value_tenths(value, &tenths))
		set(filler, input, value->node, tenths);
}

/* words end at NULL; the place of a word is the input's number. */
static void set_word(const struct filler *filler, enum plan_input input, const struct value *value,
	const char *const words[])
{
	note_unknown(filler, input, value);
	for (int64_t i = 0; words[i]; i++) {
		if (value_is_word(value, words[i]))
			set(filler, input, value->node, i);
	}
}

/* The task is gone when its last container is, which may be one that has the default, and which may be stopped after
 * another. What only the deployment knows may be longer. */
static void add_stop_timeout(const struct filler *filler, const struct ecs_task *task)
{
	int64_t most, own;
	const struct ecs_container *longest = ecs_slowest_stop(task, &most);

	if (!longest)
		return;
	set_number(filler, PLAN_STOP_TIMEOUT, &longest->stop_timeout, MSEC_SECOND);
	if (value_number_or(&longest->stop_timeout, ECS_STOP_TIMEOUT_S, &own) && own < most &&
		most <= INT32_MAX)
		set(filler, PLAN_STOP_TIMEOUT, longest->dependencies[0].node, most * MSEC_SECOND);
}

/* A default of its own: of a container's check, and of Terraform's provider. */
static void set_default(const struct filler *filler, enum plan_input input,
	const struct value *value, int64_t absent)
{
	const struct plan_value number = {.number = absent, .source = PLAN_DEFAULT};

	if (value_is_absent(value) && absent > 0)
		(void)plan_inputs_set(filler->inputs, input, &number);
	set_number(filler, input, value, 1);
}

/* A task is healthy when its essential containers are (ECS API, HealthCheck). */
static bool decides_health(const struct ecs_container *container)
{
	bool is_essential;

	return container->health_check &&
	       (!value_bool_or(&container->essential, true, &is_essential) || is_essential);
}

/* The container whose health check is the slowest; NULL: none that decides has one. */
static const struct ecs_container *slowest_check(const struct ecs_task *task, int64_t *ret_seconds)
{
	const struct ecs_container *slowest = NULL;
	int64_t seconds;

	for (size_t i = 0; i < task->container_count; i++) {
		const struct ecs_container *container = &task->containers[i];

		if (!decides_health(container) ||
			!value_number_or(
				&container->health_interval, CONTAINER_INTERVAL, &seconds) ||
			(slowest && seconds <= *ret_seconds))
			continue;
		*ret_seconds = seconds;
		slowest = container;
	}
	return slowest;
}

/* Without a target group the containers' own checks decide. */
static void add_container_check(const struct filler *service, const struct ecs_task *task)
{
	const struct filler filler = filler_of(service, &task->origin);
	int64_t seconds;
	const struct ecs_container *container = slowest_check(task, &seconds);

	if (!container)
		return;
	set(&filler, PLAN_HEALTH_INTERVAL, container->health_check, seconds * MSEC_SECOND);
	set_default(&filler, PLAN_UNHEALTHY_COUNT, &container->health_retries, CONTAINER_RETRIES);
}

static void add_target_group(
	const struct filler *service, const struct ecs_target_group *target_group)
{
	const struct filler in_group = filler_of(service, &target_group->origin),
			    in_attributes = filler_of(service, &target_group->attributes_origin),
			    *filler = &in_group;

	filler->inputs->is_network = ecs_target_group_is_network(target_group);
	set_number(filler, PLAN_HEALTH_INTERVAL, &target_group->interval, MSEC_SECOND);
	set_number(filler, PLAN_HEALTH_TIMEOUT, &target_group->timeout, MSEC_SECOND);
	set_default(filler, PLAN_HEALTHY_COUNT, &target_group->healthy_count,
		target_group->default_healthy);
	set_default(filler, PLAN_UNHEALTHY_COUNT, &target_group->unhealthy_count,
		target_group->default_unhealthy);
	set_number(&in_attributes, PLAN_DEREGISTRATION_DELAY, &target_group->deregistration_delay,
		MSEC_SECOND);
	if (value_is_absent(&target_group->deregistration_delay) &&
		target_group->has_more_attributes)
		filler->inputs->values[PLAN_DEREGISTRATION_DELAY].is_unknown = true;
}

/* Beside a target group it counts as well. */
static void add_second_check(const struct filler *filler, const struct ecs_task *task)
{
	int64_t seconds;

	if (slowest_check(task, &seconds) && seconds > 0 && seconds <= CONTAINER_INTERVAL_MAX)
		filler->inputs->container_interval = seconds * MSEC_SECOND;
}

/* A task is deregistered from all of its target groups at once: the longest delay counts. NULL: none is in the
 * documents. */
static const struct ecs_target_group *slowest_group(const struct ecs_service *service)
{
	const struct ecs_target_group *slowest = NULL;
	int64_t longest = -1, seconds;

	for (size_t i = 0; i < service->load_balancer_count; i++) {
		const struct ecs_target_group *group = service->load_balancers[i].target_group;

		if (!group)
			continue;
		if (!value_number_or(&group->deregistration_delay, DELAY, &seconds))
			seconds = DELAY;
		if (seconds <= longest)
			continue;
		longest = seconds;
		slowest = group;
	}
	return slowest;
}

static void add_load_balancers(const struct filler *filler, const struct ecs_service *service)
{
	const struct ecs_target_group *group = slowest_group(service);

	if (service->load_balancer_count == 0 && filler->inputs->has_other_controller) {
		filler->inputs->values[PLAN_LOAD_BALANCER].is_unknown = true; /* in task sets */
		return;
	}
	if (service->load_balancer_count == 0) {
		if (!service->has_more_load_balancers)
			set(filler, PLAN_LOAD_BALANCER, service->node, 0);
		if (!service->has_more_load_balancers && service->task)
			add_container_check(filler, service->task);
		return;
	}
	set(filler, PLAN_LOAD_BALANCER, service->load_balancers[0].node, 1);
	if (group) {
		add_target_group(filler, group);
	} else {
		filler->inputs->values[PLAN_HEALTH_INTERVAL].is_unknown = true;
		filler->inputs->values[PLAN_DEREGISTRATION_DELAY].is_unknown = true;
	}
	if (service->task)
		add_second_check(filler, service->task);
}

static void add_early_success(const struct filler *filler, const struct ecs_service *service)
{
	static const char *const words[] = {"OFF", "BLOCKING", "DEFERRED", NULL};
	bool is_on;

	if (!service->early_success || !value_bool_or(&service->early_enable, false, &is_on))
		return;
	if (!is_on) {
		set(filler, PLAN_EARLY_SUCCESS, service->early_success, PLAN_EARLY_OFF);
		return;
	}
	set_word(filler, PLAN_EARLY_SUCCESS, &service->early_cleanup, words);
	set_number(filler, PLAN_EARLY_PERCENT, &service->early_percent, 1);
}

static void add_breaker(const struct filler *filler, const struct ecs_service *service)
{
	static const char *const types[] = {"BOUNDED_PERCENT", "UNBOUNDED_PERCENT", "COUNT", NULL};

	set_bool(filler, PLAN_BREAKER, &service->breaker_enable);
	set_bool(filler, PLAN_BREAKER_ROLLBACK, &service->breaker_rollback);
	set_bool(filler, PLAN_BREAKER_RESET, &service->breaker_reset);
	set_word(filler, PLAN_BREAKER_TYPE, &service->threshold_type, types);
	set_number(filler, PLAN_BREAKER_VALUE, &service->threshold_value, 1);
}

static void add_strategy(const struct filler *filler, const struct ecs_service *service)
{
	static const char *const words[] = {"ROLLING", "BLUE_GREEN", "LINEAR", "CANARY", NULL};

	set_word(filler, PLAN_STRATEGY, &service->strategy, words);
	set_number(filler, PLAN_BAKE, &service->bake, MSEC_MINUTE);
	set_tenths(filler, PLAN_STEP_PERCENT, &service->step_percent);
	set_number(filler, PLAN_STEP_BAKE, &service->step_bake, MSEC_MINUTE);
	set_tenths(filler, PLAN_CANARY_PERCENT, &service->canary_percent);
	set_number(filler, PLAN_CANARY_BAKE, &service->canary_bake, MSEC_MINUTE);
}

static void set_platform_default(const struct filler *filler, enum plan_input input, int64_t number)
{
	const struct plan_value value = {.number = number, .source = PLAN_DEFAULT};

	(void)plan_inputs_set(filler->inputs, input, &value);
}

/* ECS Anywhere has no load balancers and no Availability Zones (Amazon ECS Developer Guide, "Amazon ECS clusters for
 * external instances", and "Balancing a service across Availability Zones"). */
static void add_external(const struct filler *filler)
{
	set_platform_default(filler, PLAN_LOAD_BALANCER, 0);
	set_platform_default(filler, PLAN_AZ_REBALANCING, 0);
}

/* A daemon's tasks are replaced in their place: it has one on each instance, and not more (ECS API,
 * DeploymentConfiguration and CreateService). */
static void add_daemon(const struct filler *filler, const struct ecs_service *service)
{
	static const struct {
		enum plan_input input;
		int64_t number;
	} defaults[] = {{PLAN_MIN_PERCENT, 0}, {PLAN_MAX_PERCENT, 100}, {PLAN_AZ_REBALANCING, 0}};

	filler->inputs->is_daemon = value_is(&service->scheduling, "DAEMON");
	if (filler->inputs->is_daemon) /* as many tasks as instances */
		filler->inputs->values[PLAN_DESIRED].is_unknown = true;
	for (size_t i = 0; filler->inputs->is_daemon && i < sizeof(defaults) / sizeof(*defaults);
		i++)
		set_platform_default(filler, defaults[i].input, defaults[i].number);
}

/* CodeDeploy and external controllers deploy otherwise: the document does not say how. */
static void note_controller(const struct filler *filler, const struct ecs_service *service)
{
	if (value_is_absent(&service->controller) || value_is(&service->controller, "ECS"))
		return;
	filler->inputs->values[PLAN_STRATEGY].is_unknown = true;
	filler->inputs->has_other_controller = value_is_known(&service->controller);
}

static bool has_lastcall(const struct ecs_container *container)
{
	const struct ecs_words *words =
		container->entry_point.count > 0 ? &container->entry_point : &container->command;

	if (words->count > 0 && lastcall_find((char *const *)words->words))
		return true;
	for (size_t i = 0; i < container->variable_count; i++) {
		if (strncmp(container->variables[i].name, "LASTCALL_", 9) == 0)
			return true;
	}
	return false;
}

static void take_platform(const struct filler *filler, const char *name, const char *id)
{
	filler->inputs->platform = PLAN_ECS;
	filler->inputs->platform_is_known = true;
	filler->inputs->name = name;
	filler->inputs->id = id;
}

void ecs_inputs_add_task(const struct ecs_task *task, const char *file, struct plan_inputs *inputs)
{
	const struct filler caller = {inputs, file}, filler = filler_of(&caller, &task->origin);

	take_platform(&filler, task->anchor, task->name);
	if (task->is_fargate || task->is_elsewhere)
		set(&filler, PLAN_FARGATE, task->node, task->is_fargate);
	if (task->is_external)
		add_external(&filler);
	add_stop_timeout(&filler, task);
	inputs->has_lastcall = task->container_count > 0;
	for (size_t i = 0; i < task->container_count; i++) {
		const bool has = has_lastcall(&task->containers[i]);

		inputs->has_lastcall &= has;
		inputs->has_some_lastcall |= has;
	}
}

void ecs_inputs_add_service(
	const struct ecs_service *service, const char *file, struct plan_inputs *inputs)
{
	static const char *const rebalancing[] = {"DISABLED", "ENABLED", NULL};
	const struct filler caller = {inputs, file}, filler = filler_of(&caller, &service->origin);

	if (service->task)
		ecs_inputs_add_task(service->task, file, inputs);
	take_platform(&filler, service->anchor, service->name);
	inputs->has_hooks = service->hook_count > 0;
	if (service->is_fargate)
		set(&filler, PLAN_FARGATE, service->node, 1);
	else if (value_is_known(&service->launch_type))
		set(&filler, PLAN_FARGATE, service->launch_type.node, 0);
	add_daemon(&filler, service);
	if (ecs_service_is_external(service))
		add_external(&filler);
	note_controller(&filler, service);
	set_number(&filler, PLAN_DESIRED, &service->desired, 1);
	if (!inputs->has_other_controller) {
		set_number(&filler, PLAN_MAX_PERCENT, &service->max, 1);
		set_number(&filler, PLAN_MIN_PERCENT, &service->min, 1);
	}
	set_number(&filler, PLAN_HEALTH_GRACE, &service->grace, MSEC_SECOND);
	set_word(&filler, PLAN_AZ_REBALANCING, &service->rebalancing, rebalancing);
	add_load_balancers(&filler, service);
	add_strategy(&filler, service);
	add_early_success(&filler, service);
	add_breaker(&filler, service);
}
