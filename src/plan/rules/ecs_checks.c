/* SPDX-License-Identifier: MIT */
#include "plan/rules/ecs_checks.h"

#include <string.h>

const char *ecs_name(struct check *check, const struct ecs_model *model, const char *name)
{
	char *camel;

	if (model->is_cloudformation)
		return name;
	camel = arena_copy(check->arena, name, strlen(name));
	if (camel[0] >= 'A' && camel[0] <= 'Z')
		camel[0] = (char)(camel[0] - 'A' + 'a');
	return camel;
}

const char *ecs_fix(
	struct check *check, const struct ecs_model *model, const char *name, const char *value)
{
	return check_setting(check, ecs_name(check, model, name), value);
}

const char *ecs_fix_number(
	struct check *check, const struct ecs_model *model, const char *name, int64_t value)
{
	return ecs_fix(check, model, name, check_text(check, "%lld", (long long)value));
}

const char *ecs_by_default(const struct value *value)
{
	return value->is_default ? ", the default of its parameter," : "";
}

void ecs_note_unknown(struct check *check, const struct ecs_model *model, const struct value *value,
	const char *name)
{
	if (value->state == VALUE_UNKNOWN)
		check_add(check, "LC003", value->node, "",
			"%s is known only at the deployment: no rule looks at it",
			ecs_name(check, model, name));
}

/* NULL where a word is unknown: then nothing is said of the command. */
char *const *ecs_words(const struct ecs_container *container, struct arena *arena)
{
	const struct ecs_words *parts[] = {&container->entry_point, &container->command};
	char **argv = arena_alloc(arena,
		(container->entry_point.count + container->command.count + 1) * sizeof(*argv));
	size_t count = 0;

	for (size_t part = 0; part < 2; part++) {
		if (parts[part]->state == VALUE_UNKNOWN)
			break;
		for (size_t i = 0; i < parts[part]->count; i++)
			argv[count++] = arena_copy(
				arena, parts[part]->words[i], strlen(parts[part]->words[i]));
	}
	return argv;
}

void ecs_lastcall(struct check *check, const struct ecs_container *container, struct arena *arena,
	struct lastcall_settings *ret_settings)
{
	char **envp = arena_alloc(arena, (container->variable_count + 1) * sizeof(*envp));
	struct container_words words = {
		.platform = CONTAINER_ON_ECS,
		.argv = ecs_words(container, arena),
		.envp = envp,
		.has_more_variables = container->has_more_variables,
		.image_has_lastcall = check->settings->image_has_lastcall &&
				      container->entry_point.state == VALUE_ABSENT,
	};
	size_t count = 0;

	for (size_t i = 0; i < container->variable_count; i++) {
		const struct ecs_variable *variable = &container->variables[i];

		if (value_is_known(&variable->value))
			envp[count++] =
				arena_printf(arena, "%s=%s", variable->name, variable->value.text);
		else if (variable->value.state == VALUE_UNKNOWN)
			words.has_more_variables |=
				strncmp(variable->name, "LASTCALL_", 9) == 0 ||
				strcmp(variable->name, "ECS_CONTAINER_STOP_TIMEOUT") == 0;
	}
	lastcall_settings_read(&words, ret_settings);
}

void ecs_check_in(struct check *check, const struct ecs_origin *origin)
{
	if (!origin->file)
		return;
	check->file = origin->file;
	check->is_json = origin->is_json;
}

static void check_service(
	struct check *check, const struct ecs_model *model, const struct ecs_service *service)
{
	ecs_check_in(check, &service->origin);
	check->anchor = service->anchor;
	ecs_check_capacity(check, model, service);
	ecs_check_safety(check, model, service);
	ecs_check_strategy(check, model, service);
}

void ecs_check(struct check *check, const struct ecs_model *model)
{
	for (size_t i = 0; i < model->task_count; i++) {
		ecs_check_in(check, &model->tasks[i].origin);
		check->anchor = model->tasks[i].anchor;
		ecs_check_stop_timeouts(check, model, &model->tasks[i]);
		ecs_check_containers(check, model, &model->tasks[i]);
		ecs_check_container_health(check, model, &model->tasks[i]);
	}
	for (size_t i = 0; i < model->service_count; i++)
		check_service(check, model, &model->services[i]);
	for (size_t i = 0; i < model->target_group_count; i++) {
		ecs_check_in(check, &model->target_groups[i].origin);
		check->anchor = model->target_groups[i].anchor;
		ecs_check_target_group(check, model, &model->target_groups[i]);
	}
	for (size_t i = 0; i < model->balancer_count; i++) {
		check->anchor = model->balancers[i].anchor;
		ecs_check_balancer(check, model, &model->balancers[i]);
	}
	check->anchor = "";
}
