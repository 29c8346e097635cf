/* SPDX-License-Identifier: MIT */
/* What a document says of services on Amazon ECS, whichever format it has: the JSON of the API,
 * CloudFormation, or a Terraform plan. Everything lies in the arena of the reader. */
#pragma once

#include "plan/model/value.h"

/* A list of words: entryPoint, command, a health check's command. */
struct ecs_words {
	enum value_state state;
	const struct node *node;
	const char **words; /* ends at NULL, also where there are none */
	size_t count;
};

struct ecs_variable {
	const char *name;
	struct value value;
};

struct ecs_dependency {
	const char *container;
	bool waits_for_end; /* the condition is COMPLETE or SUCCESS */
	const struct node *node;
};

struct ecs_container {
	const struct node *node;
	const char *name; /* "": none, or unknown */
	struct value image, essential, stop_timeout, init_process;
	struct ecs_words entry_point, command;

	const struct ecs_variable *variables;
	size_t variable_count;
	bool has_more_variables; /* secrets, an environment file, or names that are unknown */
	const struct node *environment; /* the list; NULL: none */

	const struct ecs_dependency *dependencies;
	size_t dependency_count;

	const struct node *health_check; /* NULL: none, or unknown */
	struct ecs_words health_command;
	struct value health_interval, health_timeout, health_retries, health_start_period;

	struct value log_driver, log_mode, log_max_buffer_size;
	const struct node *log; /* NULL: none */

	struct value restart_enabled;
	struct ecs_words restart_ignored;
};

/* Where a part was read. Parts of one document have none: the caller knows its file. */
struct ecs_origin {
	const char *file; /* NULL: the caller's */
	bool is_json;
};

struct ecs_task {
	struct ecs_origin origin;
	const struct node *node;
	const char *name; /* the family, or the resource */
	const char *arn; /* of what the API describes; NULL: none */
	const char *anchor; /* aws:cdk:path, or the resource's name */
	bool is_fargate, is_elsewhere; /* requiresCompatibilities; EC2, EXTERNAL */
	bool is_external; /* requiresCompatibilities has EXTERNAL alone */
	struct value pid_mode, task_role;
	struct ecs_container *containers;
	size_t container_count;
};

struct ecs_target_group {
	struct ecs_origin origin, attributes_origin;
	const struct node *node;
	const char *name, *arn, *anchor;
	bool is_partial; /* attributes alone: nothing else is known to be absent */
	bool is_joined; /* attributes that are those of another target group of the model now */
	struct value protocol, protocol_version, target_type, port;
	struct value interval, timeout, healthy_count, unhealthy_count, path, health_protocol;
	const struct node *attributes; /* the list; NULL: none */
	bool has_more_attributes; /* some are unknown */
	struct value deregistration_delay, slow_start, connection_termination;
	int64_t default_healthy,
		default_unhealthy; /* where absent: ELB 5 and 2, Terraform 3 and 3 */
};

struct ecs_load_balancer { /* an entry of a service */
	const struct node *node;
	const char *container; /* "": unknown */
	const struct ecs_target_group *target_group, *alternate; /* NULL: not in the document */
};

struct ecs_hook {
	const struct node *node;
	struct value target_type, timeout;
	bool has_timeout;
};

struct ecs_service {
	struct ecs_origin origin;
	const struct node *node;
	const char *name, *anchor;
	struct value desired, max, min, grace, launch_type, rebalancing, controller, scheduling;
	bool is_spot, is_fargate; /* by launch type or capacity providers */
	struct ecs_task *task; /* NULL: not in the document, or one of several */
	size_t task_matches; /* of the API: task definitions that it may mean */
	const char *problem; /* one line: why it cannot be computed; NULL: it can */

	const struct node *deployment; /* deploymentConfiguration; NULL: absent */
	bool is_deployment_unknown;
	struct value strategy, bake;
	const struct node *linear, *canary;
	struct value step_percent, step_bake, canary_percent, canary_bake;

	const struct node *breaker; /* NULL: absent */
	bool is_breaker_unknown;
	struct value breaker_enable, breaker_rollback, breaker_reset, threshold_type,
		threshold_value;

	const struct node *alarms;
	struct value alarms_enable;
	size_t alarm_count;

	const struct node *early_success;
	struct value early_enable, early_percent, early_cleanup;

	const struct ecs_hook *hooks;
	size_t hook_count;

	const struct ecs_load_balancer *load_balancers;
	size_t load_balancer_count;
	bool has_more_load_balancers; /* the list, or one in it, is unknown */
	bool default_desired_is_known; /* one, of a service that is created */
};

struct ecs_balancer {
	const struct node *node;
	const char *name, *anchor;
	bool is_network; /* NLB */
	struct value idle_timeout;
};

struct ecs_model {
	struct ecs_task *tasks;
	struct ecs_service *services;
	struct ecs_target_group *target_groups;
	struct ecs_balancer *balancers;
	size_t task_count, service_count, target_group_count, balancer_count;
	bool is_cloudformation; /* fixes are written in its spelling */
};

/* The container of that name, or the only one; NULL: none. */
struct ecs_container *ecs_task_container(const struct ecs_task *task, const char *name);

/* Whether another container waits for its end: it is done before the task serves. */
bool ecs_container_ends_first(const struct ecs_task *task, const struct ecs_container *container);

enum {
	ECS_STOP_TIMEOUT_S = 30
}; /* of a container without stopTimeout (ECS API, ContainerDefinition) */

/* How long a container and those that it depends on may take to stop, in seconds: ECS stops a container when those
 * that depend on it have ended, and each has its own stopTimeout. Returns false where one is unknown, or where they
 * depend on each other in a circle. */
bool ecs_stop_chain(
	const struct ecs_task *task, const struct ecs_container *container, int64_t *ret_seconds);

/* The container that may take longest to stop, one after the other along dependsOn. Those that end before the others
 * start do not count. NULL: there is none. */
const struct ecs_container *ecs_slowest_stop(const struct ecs_task *task, int64_t *ret_seconds);

/* Whether a Network Load Balancer uses it, as its protocol says. */
bool ecs_target_group_is_network(const struct ecs_target_group *group);

/* Frees the lists of a model whose parts were added one by one. */
void ecs_model_done(struct ecs_model *model);

/* Whether a service runs on machines that AWS does not own (ECS Anywhere): they have neither load balancers nor
 * Availability Zones. */
bool ecs_service_is_external(const struct ecs_service *service);

/* Whether it may run on instances, as the task definition says, or a service that runs it. */
bool ecs_task_is_on_instances(const struct ecs_model *model, const struct ecs_task *task);

/* Whether a task runs on Fargate: its own requiresCompatibilities, or a service that starts it there. */
bool ecs_task_is_fargate(const struct ecs_model *model, const struct ecs_task *task);
