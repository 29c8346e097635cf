/* SPDX-License-Identifier: MIT */
/* Time: stopTimeout, and what has to fit into it. */
#include "plan/rules/ecs_checks.h"

#include "core/text/duration.h"

#include <string.h>

enum {
	FARGATE_MIN_S = 2,
	FARGATE_MAX_S = 120,
	DEFAULT_S = ECS_STOP_TIMEOUT_S,
	SPOT_S = 120,
};

struct stop_case {
	const struct ecs_model *model;
	const struct ecs_task *task;
	const struct ecs_container *container;
	bool is_fargate, is_on_instances, is_spot;
	int64_t timeout_s; /* stopTimeout, or the default */
	bool is_known; /* timeout_s is */
};

static const struct node *place_of(const struct ecs_container *container)
{
	return container->stop_timeout.node ? container->stop_timeout.node : container->node;
}

static int64_t seconds_up(msec_t msec)
{
	return (msec + 999) / 1000;
}

static int64_t at_most_fargate(const struct stop_case *stop, int64_t seconds)
{
	return stop->is_fargate && seconds > FARGATE_MAX_S ? FARGATE_MAX_S : seconds;
}

static const char *timeout_words(struct check *check, const struct stop_case *stop)
{
	const struct value *value = &stop->container->stop_timeout;

	if (value_is_absent(value))
		return check_text(check, "%d s, the default of %s", DEFAULT_S,
			ecs_name(check, stop->model, "StopTimeout"));
	return check_text(check, "%lld s", (long long)stop->timeout_s);
}

/* LC101 */
static void check_range(struct check *check, const struct stop_case *stop)
{
	const struct value *value = &stop->container->stop_timeout;
	int64_t seconds;

	if (!stop->is_fargate || !value_number(value, &seconds) ||
		(seconds >= FARGATE_MIN_S && seconds <= FARGATE_MAX_S))
		return;
	check_add(check, "LC101", value->node,
		ecs_fix_number(check, stop->model, "StopTimeout",
			seconds > FARGATE_MAX_S ? FARGATE_MAX_S : DEFAULT_S),
		"%s: %s is %lld%s and Fargate accepts %d to %d", stop->container->name,
		ecs_name(check, stop->model, "StopTimeout"), (long long)seconds,
		ecs_by_default(value), FARGATE_MIN_S, FARGATE_MAX_S);
}

/* LC102 */
static void check_lastcall(
	struct check *check, const struct stop_case *stop, const struct lastcall_settings *lastcall)
{
	char timeout[DURATION_TEXT_BYTES];

	if (lastcall->problem[0]) {
		check_add(check, "LC102", stop->container->node, "",
			"%s: lastcall does not start: %s", stop->container->name,
			lastcall->problem);
		return;
	}
	if (!lastcall->is_timeout_known || lastcall->budget.timeout <= stop->timeout_s * 1000)
		return;
	check_add(check, "LC102", place_of(stop->container),
		ecs_fix_number(check, stop->model, "StopTimeout",
			at_most_fargate(stop, seconds_up(lastcall->budget.timeout))),
		"%s: lastcall plans for %s (%s), and ECS kills the container after %s",
		stop->container->name, duration_text(timeout, lastcall->budget.timeout),
		lastcall->budget.timeout_source, timeout_words(check, stop));
}

/* LC102, by what was measured. */
static void check_measured(
	struct check *check, const struct stop_case *stop, const struct lastcall_settings *lastcall)
{
	const msec_t longest = check->settings->longest_stop;
	char text[DURATION_TEXT_BYTES];

	if (!lastcall->is_used || longest == MSEC_NEVER || longest < stop->timeout_s * 1000)
		return;
	check_add(check, "LC102", place_of(stop->container),
		ecs_fix_number(check, stop->model, "StopTimeout",
			at_most_fargate(stop, seconds_up(longest) + 2)),
		"%s: the longest stop in the reports took %s, and ECS kills the container after %s",
		stop->container->name, duration_text(text, longest), timeout_words(check, stop));
}

/* LC103. What lastcall plans for has to fit. */
static void check_instance_default(
	struct check *check, const struct stop_case *stop, const struct lastcall_settings *lastcall)
{
	const bool is_longer = lastcall->is_used && !lastcall->problem[0] &&
			       lastcall->is_timeout_known &&
			       lastcall->budget.timeout > DEFAULT_S * 1000;
	const struct value *value = &stop->container->stop_timeout;
	bool is_essential;

	if (stop->is_fargate || !stop->is_on_instances ||
		!value_bool_or(&stop->container->essential, true, &is_essential) || !is_essential ||
		(!value_is_absent(value) && !value_is(value, "0")))
		return;
	check_add(check, "LC103", place_of(stop->container),
		ecs_fix_number(check, stop->model, "StopTimeout",
			is_longer ? seconds_up(lastcall->budget.timeout) : DEFAULT_S),
		"%s: without %s, the variable ECS_CONTAINER_STOP_TIMEOUT of each instance decides",
		stop->container->name, ecs_name(check, stop->model, "StopTimeout"));
}

static const struct value *variable(const struct ecs_container *container, const char *name)
{
	for (size_t i = 0; i < container->variable_count; i++) {
		if (strcmp(container->variables[i].name, name) == 0)
			return &container->variables[i].value;
	}
	return NULL;
}

/* LC104, LC105. Returns whether one of them was found. */
static bool check_variable(struct check *check, const struct stop_case *stop)
{
	const struct value *value = variable(stop->container, "ECS_CONTAINER_STOP_TIMEOUT");
	msec_t msec;

	if (!value || !value_is_known(value))
		return false;
	if (duration_parse_go(value->text, &msec) < 0) {
		check_add(check, "LC104", value->node,
			value->text[strspn(value->text, "0123456789")] == '\0'
				? ecs_fix(check, stop->model, "Value",
					  check_text(check, "\"%ss\"", value->text))
				: "",
			"%s: ECS_CONTAINER_STOP_TIMEOUT is '%s', which is no duration with a unit",
			stop->container->name, value->text);
		return true;
	}
	if (!stop->is_known || msec <= stop->timeout_s * 1000)
		return false;
	check_add(check, "LC105", value->node,
		ecs_fix_number(
			check, stop->model, "StopTimeout", at_most_fargate(stop, seconds_up(msec))),
		"%s: ECS_CONTAINER_STOP_TIMEOUT says %s, and ECS kills the container after %s",
		stop->container->name, value->text, timeout_words(check, stop));
	return true;
}

/* The first dependency that still runs when the container is stopped; NULL: none. */
static const struct ecs_dependency *running_dependency(const struct ecs_container *container)
{
	for (size_t i = 0; i < container->dependency_count; i++) {
		if (!container->dependencies[i].waits_for_end)
			return &container->dependencies[i];
	}
	return NULL;
}

/* Whether it is stopped before another container, or after one. */
static bool is_in_chain(const struct ecs_task *task, const struct ecs_container *container)
{
	bool is_in = running_dependency(container);

	for (size_t i = 0; i < task->container_count; i++) {
		const struct ecs_container *other = &task->containers[i];

		for (size_t j = 0; j < other->dependency_count; j++)
			is_in |= !other->dependencies[j].waits_for_end &&
				 strcmp(other->dependencies[j].container, container->name) == 0;
	}
	return is_in;
}

/* LC106. Containers that stop one after the other share the two minutes (LC109). */
static void check_spot(struct check *check, const struct stop_case *stop)
{
	if (!stop->is_spot || !stop->is_known || stop->timeout_s >= SPOT_S ||
		stop->timeout_s < FARGATE_MIN_S || is_in_chain(stop->task, stop->container))
		return;
	check_add(check, "LC106", place_of(stop->container),
		ecs_fix_number(check, stop->model, "StopTimeout", SPOT_S),
		"%s: Fargate Spot warns %d s ahead, and the container uses %s",
		stop->container->name, SPOT_S, timeout_words(check, stop));
}

/* LC109 */
static void check_chain(struct check *check, const struct stop_case *stop)
{
	const struct ecs_container *container = stop->container;
	const struct ecs_dependency *first = running_dependency(container);
	int64_t seconds;

	if (!stop->is_spot || !first || !ecs_stop_chain(stop->task, container, &seconds) ||
		seconds <= SPOT_S)
		return;
	check_add(check, "LC109", first->node, "",
		"%s is stopped before %s: one after the other they may take %lld s, and Fargate "
		"Spot "
		"ends the task after %d s",
		container->name, first->container, (long long)seconds, SPOT_S);
}

static bool is_on_spot(const struct ecs_model *model, const struct ecs_task *task)
{
	for (size_t i = 0; i < model->service_count; i++) {
		if (model->services[i].task == task && model->services[i].is_spot)
			return true;
	}
	return false;
}

static void check_container(struct check *check, const struct stop_case *stop)
{
	struct lastcall_settings lastcall;
	struct arena arena = {0};
	bool is_found;

	ecs_lastcall(check, stop->container, &arena, &lastcall);
	ecs_note_unknown(check, stop->model, &stop->container->stop_timeout, "StopTimeout");
	check_range(check, stop);
	check_instance_default(check, stop, &lastcall);
	check_spot(check, stop);
	check_chain(check, stop);
	is_found = check_variable(check, stop);
	if (lastcall.is_used && stop->is_known && (!is_found || lastcall.is_timeout_given))
		check_lastcall(check, stop, &lastcall);
	if (stop->is_known)
		check_measured(check, stop, &lastcall);
	arena_done(&arena);
}

void ecs_check_stop_timeouts(
	struct check *check, const struct ecs_model *model, const struct ecs_task *task)
{
	for (size_t i = 0; i < task->container_count; i++) {
		struct stop_case stop = {
			.model = model,
			.task = task,
			.container = &task->containers[i],
			.is_fargate = ecs_task_is_fargate(model, task),
			.is_on_instances = ecs_task_is_on_instances(model, task),
			.is_spot = is_on_spot(model, task),
		};

		stop.is_known =
			value_number_or(&stop.container->stop_timeout, DEFAULT_S, &stop.timeout_s);
		if (stop.is_known && stop.timeout_s == 0 && !stop.is_fargate)
			stop.timeout_s = DEFAULT_S; /* the agent takes 0 for unset */
		if (value_is_absent(&stop.container->stop_timeout) && stop.is_on_instances)
			stop.is_known = false; /* the instance decides */
		check_container(check, &stop);
	}
}
