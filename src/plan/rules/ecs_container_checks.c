/* SPDX-License-Identifier: MIT */
/* What containers execute, and which program is PID 1 in them. */
#include "plan/rules/ecs_checks.h"

#include "plan/model/container_command.h"

#include <stdlib.h>
#include <string.h>

enum { SMALL_BUFFER_BYTES = 64 << 10 };

static const struct node *or_container(
	const struct node *node, const struct ecs_container *container)
{
	return node ? node : container->node;
}

/* LC107 */
static void check_init(struct check *check, const struct ecs_model *model,
	const struct ecs_container *container, const struct lastcall_settings *lastcall)
{
	if (!lastcall->is_first_word || !value_is_word(&container->init_process, "true"))
		return;
	check_add(check, "LC107", container->init_process.node,
		ecs_fix(check, model, "InitProcessEnabled", "false"),
		"%s: %s puts another init in front of lastcall", container->name,
		ecs_name(check, model, "InitProcessEnabled"));
}

/* LC108 */
static void check_pid_mode(struct check *check, const struct ecs_model *model,
	const struct ecs_task *task, const struct ecs_container *container,
	const struct lastcall_settings *lastcall)
{
	if (!lastcall->is_used ||
		(!value_is(&task->pid_mode, "task") && !value_is(&task->pid_mode, "host")))
		return;
	check_add(check, "LC108", task->pid_mode.node, "",
		"%s: with %s %s, lastcall is not PID 1 and sees the processes of others",
		container->name, ecs_name(check, model, "PidMode"), task->pid_mode.text);
}

static bool serves_load_balancer(const struct ecs_model *model, const struct ecs_task *task,
	const struct ecs_container *container)
{
	for (size_t i = 0; i < model->service_count; i++) {
		const struct ecs_service *service = &model->services[i];

		for (size_t j = 0; service->task == task && j < service->load_balancer_count; j++) {
			if (strcmp(service->load_balancers[j].container, container->name) == 0)
				return true;
		}
	}
	return false;
}

/* LC110 */
static void check_essential(struct check *check, const struct ecs_model *model,
	const struct ecs_task *task, const struct ecs_container *container,
	const struct lastcall_settings *lastcall)
{
	if (!value_is_word(&container->essential, "false") ||
		(!lastcall->is_used && !serves_load_balancer(model, task, container)))
		return;
	check_add(check, "LC110", container->essential.node,
		ecs_fix(check, model, "Essential", "true"),
		"%s: the task goes on without the container that %s", container->name,
		lastcall->is_used ? "runs lastcall" : "serves the load balancer");
}

/* LC111 */
static void check_shell(struct check *check, const struct ecs_task *task,
	const struct ecs_container *container, struct arena *arena)
{
	char *const *argv = ecs_words(container, arena);
	const char *script = argv[0] ? shell_script(argv) : NULL;
	const struct node *place = container->entry_point.count > 0 ? container->entry_point.node
								    : container->command.node;

	if (!script || !shell_keeps_signals(argv) || ecs_container_ends_first(task, container) ||
		container->entry_point.state == VALUE_UNKNOWN ||
		container->command.state == VALUE_UNKNOWN)
		return;
	check_add(check, "LC111", or_container(place, container),
		strpbrk(script, "\n;&|\"\\")
			? shell_advice(script)
			: check_text(check, "[\"%s\", \"-c\", \"exec %s\"]", argv[0], script),
		"%s: %s -c runs the application as a child, and does not forward the stop signal "
		"to it",
		container->name, argv[0]);
}

/* "25m": bytes with an optional k, m or g (the Docker log driver's option). -1: neither. */
static int64_t buffer_bytes(const char *text)
{
	static const char units[] = "kmg";
	char *end;
	const long long number = strtoll(text, &end, 10);
	const char *unit = *end ? strchr(units, *end | 0x20) : NULL;

	if (end == text || number < 0 || number > 1 << 20 || (*end && !unit))
		return -1;
	return unit ? number << (10 * (unit - units + 1)) : number;
}

/* LC115 */
static void check_log(struct check *check, const struct ecs_container *container,
	const struct lastcall_settings *lastcall)
{
	const struct value *mode = &container->log_mode, *size = &container->log_max_buffer_size;

	if (!value_is(&container->log_driver, "awslogs") || !lastcall->is_used)
		return;
	if (value_is(mode, "blocking"))
		check_add(check, "LC115", mode->node,
			check_setting(check, "mode", "\"non-blocking\""),
			"%s: a write to the log waits as long as CloudWatch does not answer, at "
			"the stop, "
			"too",
			container->name);
	else if (value_is(mode, "non-blocking") && value_is_known(size) &&
		 buffer_bytes(size->text) >= 0 && buffer_bytes(size->text) < SMALL_BUFFER_BYTES)
		check_add(check, "LC115", size->node,
			check_setting(check, "max-buffer-size", "\"25m\""),
			"%s: a buffer of %s drops log lines, and the report of the stop may be one "
			"of them",
			container->name, size->text);
}

static bool has_word(const struct ecs_words *words, const char *word)
{
	for (size_t i = 0; i < words->count; i++) {
		if (strcmp(words->words[i], word) == 0)
			return true;
	}
	return false;
}

/* LC116 */
static void check_restart(struct check *check, const struct ecs_model *model,
	const struct ecs_container *container, const struct lastcall_settings *lastcall)
{
	if (!lastcall->is_used || !value_is_word(&container->restart_enabled, "true") ||
		container->restart_ignored.state == VALUE_UNKNOWN ||
		has_word(&container->restart_ignored, "0"))
		return;
	check_add(check, "LC116", container->restart_enabled.node,
		ecs_fix(check, model, "IgnoredExitCodes", "[0, 143]"),
		"%s: an application that ends by itself with 0 is started again", container->name);
}

static bool writes_metrics_to_log(const struct options *options)
{
	for (unsigned i = 0; i < options->report_count; i++) {
		const struct report_destination *report = &options->reports[i];

		if (report->format == REPORT_AS_EMF &&
			(report->target == REPORT_TO_STDERR || report->target == REPORT_TO_STDOUT))
			return true;
	}
	return false;
}

/* LC117 */
static void check_wrapped_metrics(struct check *check, const struct ecs_model *model,
	const struct ecs_container *container, const struct lastcall_settings *lastcall)
{
	if (!lastcall->is_used || !value_is(&container->log_driver, "awsfirelens") ||
		!writes_metrics_to_log(&lastcall->options))
		return;
	check_add(check, "LC117", container->log_driver.node,
		ecs_fix(check, model, "LogDriver", "\"awslogs\""),
		"%s: FireLens wraps the line of --report=emf, and CloudWatch makes no metric of it",
		container->name);
}

/* LC118 */
static void check_protection(struct check *check, const struct ecs_model *model,
	const struct ecs_task *task, const struct ecs_container *container,
	const struct lastcall_settings *lastcall)
{
	if (!lastcall->is_used || !lastcall->options.protect || !value_is_absent(&task->task_role))
		return;
	check_add(check, "LC118", container->node,
		ecs_fix(check, model, "TaskRoleArn",
			"\"arn:aws:iam::123456789012:role/with-UpdateTaskProtection\""),
		"%s: --protect asks ECS for protection, and a task without a role is refused",
		container->name);
}

void ecs_check_containers(
	struct check *check, const struct ecs_model *model, const struct ecs_task *task)
{
	for (size_t i = 0; i < task->container_count; i++) {
		const struct ecs_container *container = &task->containers[i];
		struct lastcall_settings lastcall;
		struct arena arena = {0};

		ecs_lastcall(check, container, &arena, &lastcall);
		check_init(check, model, container, &lastcall);
		check_pid_mode(check, model, task, container, &lastcall);
		check_essential(check, model, task, container, &lastcall);
		check_shell(check, task, container, &arena);
		check_log(check, container, &lastcall);
		check_restart(check, model, container, &lastcall);
		check_wrapped_metrics(check, model, container, &lastcall);
		check_protection(check, model, task, container, &lastcall);
		arena_done(&arena);
	}
}
