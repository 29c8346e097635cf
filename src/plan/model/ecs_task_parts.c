/* SPDX-License-Identifier: MIT */
#include "plan/model/ecs_parts.h"

#include <string.h>

static const char *text_of(const struct value *value)
{
	return value_is_known(value) ? value->text : "";
}

static void read_environment(const struct setting_source *source, const struct node *from,
	struct ecs_container *container)
{
	const struct source_items items = source_list(source, from, "Environment");
	const struct source_items secrets = source_list(source, from, "Secrets");
	const struct source_items files = source_list(source, from, "EnvironmentFiles");
	struct ecs_variable *variables =
		arena_alloc(source->arena, (items.count + 1) * sizeof(*variables));

	for (size_t i = 0; i < items.count; i++) {
		const struct value name = source_value(source, items.items[i], "Name");

		container->has_more_variables |= !value_is_known(&name);
		if (value_is_known(&name))
			variables[container->variable_count++] = (struct ecs_variable){
				name.text, source_value(source, items.items[i], "Value")};
	}
	for (size_t i = 0; i < secrets.count; i++) {
		const struct value name = source_value(source, secrets.items[i], "Name");

		/* A secret is no setting of lastcall, unless its name says so. */
		container->has_more_variables |=
			!value_is_known(&name) || strncmp(name.text, "LASTCALL_", 9) == 0;
	}
	container->has_more_variables |=
		items.has_more || secrets.has_more || files.has_more || files.count > 0;
	container->variables = variables;
	container->environment = source_part(source, from, "Environment", NULL);
}

static void read_dependencies(const struct setting_source *source, const struct node *from,
	struct ecs_container *container)
{
	const struct source_items items = source_list(source, from, "DependsOn");
	struct ecs_dependency *dependencies =
		arena_alloc(source->arena, (items.count + 1) * sizeof(*dependencies));

	for (size_t i = 0; i < items.count; i++) {
		const struct value name = source_value(source, items.items[i], "ContainerName");
		const struct value condition = source_value(source, items.items[i], "Condition");

		if (value_is_known(&name))
			dependencies[container->dependency_count++] = (struct ecs_dependency){
				.container = name.text,
				.waits_for_end = value_is(&condition, "COMPLETE") ||
						 value_is(&condition, "SUCCESS"),
				.node = items.items[i],
			};
	}
	container->dependencies = dependencies;
}

static void read_health(const struct setting_source *source, const struct node *from,
	struct ecs_container *container)
{
	const struct node *health = source_part(source, from, "HealthCheck", NULL);

	container->health_check = health;
	container->health_command = source_words(source, health, "Command");
	container->health_interval = source_value(source, health, "Interval");
	container->health_timeout = source_value(source, health, "Timeout");
	container->health_retries = source_value(source, health, "Retries");
	container->health_start_period = source_value(source, health, "StartPeriod");
}

/* The keys of options are the log driver's, spelled alike everywhere. */
static void read_log(const struct setting_source *source, const struct node *from,
	struct ecs_container *container)
{
	struct setting_source as_written = *source;
	const struct node *options;

	container->log = source_part(source, from, "LogConfiguration", NULL);
	options = source_part(source, container->log, "Options", NULL);
	as_written.is_camel = false;
	container->log_driver = source_value(source, container->log, "LogDriver");
	container->log_mode = source_value(&as_written, options, "mode");
	container->log_max_buffer_size = source_value(&as_written, options, "max-buffer-size");
}

static void read_container(const struct setting_source *source, const struct node *from,
	struct ecs_container *container)
{
	const struct value name = source_value(source, from, "Name");
	const struct node *restart = source_part(source, from, "RestartPolicy", NULL);
	const struct node *linux_parameters = source_part(source, from, "LinuxParameters", NULL);

	*container = (struct ecs_container){
		.node = from,
		.name = text_of(&name),
		.image = source_value(source, from, "Image"),
		.essential = source_value(source, from, "Essential"),
		.stop_timeout = source_value(source, from, "StopTimeout"),
		.init_process = source_value(source, linux_parameters, "InitProcessEnabled"),
		.entry_point = source_words(source, from, "EntryPoint"),
		.command = source_words(source, from, "Command"),
		.restart_enabled = source_value(source, restart, "Enabled"),
		.restart_ignored = source_words(source, restart, "IgnoredExitCodes"),
	};
	read_environment(source, from, container);
	read_dependencies(source, from, container);
	read_health(source, from, container);
	read_log(source, from, container);
}

void ecs_task_read(
	const struct setting_source *source, const struct node *from, struct ecs_task *ret_task)
{
	const struct ecs_words compatibilities =
		source_words(source, from, "RequiresCompatibilities");
	const struct source_items containers = source_list(source, from, "ContainerDefinitions");

	for (size_t i = 0; i < compatibilities.count; i++) {
		ret_task->is_fargate |= strcmp(compatibilities.words[i], "FARGATE") == 0;
		ret_task->is_elsewhere |= strcmp(compatibilities.words[i], "FARGATE") != 0;
	}
	ret_task->is_external =
		compatibilities.count == 1 && strcmp(compatibilities.words[0], "EXTERNAL") == 0;
	ret_task->node = from;
	ret_task->pid_mode = source_value(source, from, "PidMode");
	ret_task->task_role = source_value(source, from, "TaskRoleArn");
	ret_task->containers =
		arena_alloc(source->arena, (containers.count + 1) * sizeof(*ret_task->containers));
	for (size_t i = 0; i < containers.count; i++) {
		if (node_is(containers.items[i], NODE_MAPPING))
			read_container(source, containers.items[i],
				&ret_task->containers[ret_task->container_count++]);
	}
}
