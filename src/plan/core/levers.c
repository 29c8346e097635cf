/* SPDX-License-Identifier: MIT */
#include "plan/core/levers.h"

#include "plan/core/ecs_rollout.h"
#include "plan/core/estimate.h"

#include <string.h>

#define SECONDS(n) ((int64_t)(n)*1000)
#define SHORTEST_DELAY SECONDS(5) /* as lastcall-drill proposes at least */
/* A Network Load Balancer sends new connections for up to that long (its User Guide, "deregistration delay"). */
#define NETWORK_DELAY SECONDS(120)
#define DOCKER_RETRIES 3 /* of a health check that gives none */
#define MINUTES(n) SECONDS(60 * (n))

#define POD_STOP SECONDS(6) /* 5 s of --min-drain, and then the exit */
#define ENTRY_POINTS                                                                               \
	{                                                                                          \
		"\"entryPoint\": [\"lastcall\", \"--\"]",                                          \
			"\"EntryPoint\": [\"lastcall\", \"--\"]", NULL                             \
	}

#define CHECK_INTERVAL SECONDS(5)
#define CHECK_HEALTHY 2
#define CHECK_UNHEALTHY 3
#define CHECK_SETTINGS                                                                             \
	{                                                                                          \
		"HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 4, "                    \
		"HealthyThresholdCount: 2, UnhealthyThresholdCount: 3",                            \
			"\"HealthCheckIntervalSeconds\": 5, \"HealthCheckTimeoutSeconds\": 4, "    \
			"\"HealthyThresholdCount\": 2, \"UnhealthyThresholdCount\": 3",            \
			"health_check { interval = 5, timeout = 4, healthy_threshold = 2, "        \
			"unhealthy_threshold = 3 }"                                                \
	}

static const struct lever_row rows[] = {
	{PLAN_ECS, PLAN_EARLY_SUCCESS, PLAN_EARLY_DEFERRED, false, true,
		"complete when the new tasks are healthy; old ones drain behind it",
		{"\"earlySuccessCriteria\": {\"enable\": true, \"healthyPercent\": 100, "
		 "\"sourceServiceRevisionCleanup\": \"DEFERRED\"}",
			"\"EarlySuccessCriteria\": {\"Enable\": true, \"HealthyPercent\": 100, "
			"\"SourceServiceRevisionCleanup\": \"DEFERRED\"}",
			"early success with the cleanup DEFERRED, where the provider's version has "
			"it"},
		"after completion neither circuit breaker nor alarms roll back"},
	{PLAN_ECS, PLAN_DEREGISTRATION_DELAY, SECONDS(30), false, false,
		"let requests finish for a shorter time",
		{"deregistration_delay.timeout_seconds = %s",
			"\"TargetGroupAttributes\": [{\"Key\": "
			"\"deregistration_delay.timeout_seconds\", \"Value\": \"%s\"}]",
			"deregistration_delay = %s"},
		"must be longer than the longest request"},
	{PLAN_ECS, PLAN_MAX_PERCENT, 200, false, true, "replace all tasks in one wave",
		{"\"maximumPercent\": 200", "\"MaximumPercent\": 200",
			"deployment_maximum_percent = 200"},
		"twice the tasks while it lasts"},
	{PLAN_ECS, PLAN_STOP, SECONDS(1), false, false, "exit as soon as the work is done",
		ENTRY_POINTS, "before the words of an entry point that is there"},
	{PLAN_ECS, PLAN_HEALTH_INTERVAL, CHECK_INTERVAL, false, false,
		"check the health more often", CHECK_SETTINGS, NULL},
	{PLAN_ECS, PLAN_PULL, SECONDS(10), false, false, "pull a smaller image, or load it lazily",
		{"a SOCI index on Fargate; on EC2 ECS_IMAGE_PULL_BEHAVIOR=prefer-cached"}, NULL},
	{PLAN_ECS, PLAN_BAKE, MINUTES(5), false, false, "bake 5 minutes",
		{"\"bakeTimeInMinutes\": 5", "\"BakeTimeInMinutes\": 5",
			"bake_time_in_minutes = 5"},
		"a rollback is cheap only while it bakes"},
	{PLAN_ECS, PLAN_STEP_PERCENT, 250, false, true, "shift the traffic in 4 steps",
		{"\"linearConfiguration\": {\"stepPercent\": 25}",
			"\"LinearConfiguration\": {\"StepPercent\": 25}",
			"linear_configuration { step_percent = 25 }"},
		"more clients meet a bad version"},
	{PLAN_ECS, PLAN_STEP_BAKE, MINUTES(1), false, false, "bake 1 minute after each step",
		{"\"stepBakeTimeInMinutes\": 1", "\"StepBakeTimeInMinutes\": 1",
			"step_bake_time_in_minutes = 1"},
		"alarms need to be as quick"},
	{PLAN_ECS, PLAN_CANARY_BAKE, MINUTES(2), false, false, "give the canary 2 minutes",
		{"\"canaryBakeTimeInMinutes\": 2", "\"CanaryBakeTimeInMinutes\": 2",
			"canary_bake_time_in_minutes = 2"},
		"alarms need to be as quick"},

	{PLAN_KUBERNETES, PLAN_MAX_SURGE, 100, true, true, "replace all pods in one wave",
		{"maxSurge: 100%"}, "twice the pods while it lasts"},
	{PLAN_KUBERNETES, PLAN_MAX_UNAVAILABLE, 25, true, true, "replace a quarter at once",
		{"maxUnavailable: 25%"}, "a quarter of the pods is missing while it lasts"},
	{PLAN_KUBERNETES, PLAN_HEALTH_INTERVAL, SECONDS(1), false, false,
		"probe the readiness each second", {"readinessProbe: {periodSeconds: 1}"}, NULL},
	{PLAN_KUBERNETES, PLAN_INITIAL_DELAY, 0, false, false, "probe from the start",
		{"readinessProbe: {initialDelaySeconds: 0}"}, NULL},
	{PLAN_KUBERNETES, PLAN_MIN_READY, 0, false, false, "count a ready pod at once",
		{"minReadySeconds: 0"}, "a pod that fails soon after its start is found later"},
	{PLAN_KUBERNETES, PLAN_STOP, POD_STOP, false, false, "exit as soon as the work is done",
		{"command: [\"lastcall\", \"--\"]"}, "before the words of a command that is there"},
	{PLAN_KUBERNETES, PLAN_PULL, SECONDS(2), false, false, "have the image on the nodes",
		{"imagePullPolicy: IfNotPresent, and a smaller image"}, NULL},

	{PLAN_SWARM, PLAN_PARALLELISM, 0, false, true, "replace a quarter at once",
		{"update_config: {parallelism: %s}"},
		"with stop-first these are missing meanwhile"},
	{PLAN_SWARM, PLAN_ORDER, PLAN_START_FIRST, false, true,
		"start new tasks before old ones stop", {"update_config: {order: start-first}"},
		"old and new run side by side: no host ports, no volume for one"},
	{PLAN_SWARM, PLAN_DELAY, 0, false, false, "do not sleep between tasks",
		{"update_config: {delay: 0s}"}, NULL},
	{PLAN_SWARM, PLAN_STOP, SECONDS(1), false, false, "exit as soon as the work is done",
		{"entrypoint: [\"lastcall\", \"--\"]"},
		"before the words of an entry point that is there"},
	{PLAN_SWARM, PLAN_MONITOR, SECONDS(5), false, false, "watch new tasks for 5s",
		{"update_config: {monitor: 5s}"}, "later failures count for nothing"},
	{PLAN_SWARM, PLAN_PULL, SECONDS(2), false, false, "have the image on the nodes",
		{"docker image pull on each node before the update"}, NULL},
};

/* Half as much again as the longest request that was seen, in whole seconds (see sizing of the drill). */
static int64_t delay_for(int64_t longest_request)
{
	const int64_t delay = rollout_ceil_div(3 * longest_request, 2000) * 1000;

	return delay > SHORTEST_DELAY ? delay : SHORTEST_DELAY;
}

/* Without a target group there is nothing to check more often, but the container can have a check. */
static const struct lever_row container_check = {PLAN_ECS, PLAN_HEALTH_INTERVAL, SECONDS(5), false,
	false, "let ECS check the container's health",
	{"\"healthCheck\": {\"command\": [\"CMD\", \"lastcall\", \"--healthcheck\"], "
	 "\"interval\": 5, \"timeout\": 4}",
		"\"HealthCheck\": {\"Command\": [\"CMD\", \"lastcall\", \"--healthcheck\"], "
		"\"Interval\": 5, \"Timeout\": 4}",
		NULL},
	NULL};

/* Beside a target group the container's own check may be the slower one. */
static const struct lever_row second_check = {PLAN_ECS, PLAN_HEALTH_INTERVAL, CHECK_INTERVAL, false,
	false, "check the container's health more often",
	{"\"healthCheck\": {\"interval\": 5, \"timeout\": 4}",
		"\"HealthCheck\": {\"Interval\": 5, \"Timeout\": 4}", NULL},
	"needs a startPeriod that covers the boot"};

/* The only check. */
static const struct lever_row own_check = {PLAN_ECS, PLAN_HEALTH_INTERVAL, CHECK_INTERVAL, false,
	false, "check the container's health more often",
	{"\"healthCheck\": {\"interval\": 5, \"timeout\": 4}",
		"\"HealthCheck\": {\"Interval\": 5, \"Timeout\": 4}", NULL},
	"needs a startPeriod that covers the boot"};

/* More frequent checks find a task unhealthy that still boots. */
static const struct lever_row check_with_grace = {PLAN_ECS, PLAN_HEALTH_INTERVAL, CHECK_INTERVAL,
	false, false, "check the health more often", CHECK_SETTINGS,
	"needs a healthCheckGracePeriodSeconds that covers boot and checks: ECS stops new tasks "
	"otherwise"};

static bool needs_grace(const struct plan_inputs *inputs)
{
	const int64_t boot = plan_input(inputs, PLAN_BOOT);

	return boot >= CHECK_UNHEALTHY * CHECK_INTERVAL &&
	       plan_input(inputs, PLAN_HEALTH_GRACE) < boot + CHECK_HEALTHY * CHECK_INTERVAL;
}

/* Express mode has no settings of a container: what it runs is the image's own. */
static const struct lever_row image_entry_point = {PLAN_ECS, PLAN_STOP, SECONDS(1), false, false,
	"exit as soon as the work is done", {"ENTRYPOINT [\"lastcall\", \"--\"]"},
	"in the image: Express mode has no setting for it"};

/* Where some of the containers have lastcall, the others are meant. */
static const struct lever_row other_entry_point = {PLAN_ECS, PLAN_STOP, SECONDS(1), false, false,
	"exit as soon as the work is done", ENTRY_POINTS,
	"in the containers that lastcall does not run"};
static const struct lever_row other_command = {PLAN_KUBERNETES, PLAN_STOP, POD_STOP, false, false,
	"exit as soon as the work is done", {"command: [\"lastcall\", \"--\"]"},
	"in the containers that lastcall does not run"};

/* Of a DaemonSet the API takes only one of the two (validation of apps/v1). */
static const struct lever_row daemon_set_surge = {PLAN_KUBERNETES, PLAN_MAX_SURGE, 100, true, true,
	"replace all pods in one wave", {"maxSurge: 100%, maxUnavailable: 0"},
	"twice the pods while it lasts, and no host ports"};
static const struct lever_row daemon_set_unavailable = {PLAN_KUBERNETES, PLAN_MAX_UNAVAILABLE, 25,
	true, true, "replace a quarter at once", {"maxUnavailable: 25%"},
	"a quarter of the nodes has no pod while it lasts; not with maxSurge"};

static const struct lever_row *daemon_set_row_for(const struct lever_row *row)
{
	if (row->input == PLAN_MAX_SURGE)
		return &daemon_set_surge;
	return row->input == PLAN_MAX_UNAVAILABLE ? &daemon_set_unavailable : row;
}

/* The row that fits these inputs. */
static const struct lever_row *row_for(
	const struct lever_row *row, const struct plan_inputs *inputs)
{
	if (row->input == PLAN_STOP && row->platform == PLAN_KUBERNETES &&
		inputs->has_some_lastcall)
		return &other_command;
	if (inputs->platform == PLAN_KUBERNETES && row->platform == PLAN_KUBERNETES &&
		plan_input(inputs, PLAN_KIND) == PLAN_DAEMON_SET)
		return daemon_set_row_for(row);
	if (row->platform != PLAN_ECS || inputs->platform != PLAN_ECS)
		return row;
	if (row->input == PLAN_STOP && plan_input(inputs, PLAN_STRATEGY) == PLAN_EXPRESS)
		return &image_entry_point;
	if (row->input == PLAN_STOP && inputs->has_some_lastcall)
		return &other_entry_point;
	if (row->input != PLAN_HEALTH_INTERVAL)
		return row;
	if (plan_input(inputs, PLAN_LOAD_BALANCER) == 0)
		return ecs_has_health_check(inputs) ? &own_check : &container_check;
	if (ecs_container_check_decides(inputs))
		return &second_check;
	return needs_grace(inputs) ? &check_with_grace : row;
}

static struct plan_value proposal(const struct lever_row *row, const struct plan_inputs *inputs)
{
	struct plan_value value = {
		.number = row->better, .is_percent = row->is_percent, .source = PLAN_OPTION};

	if (row->input == PLAN_DEREGISTRATION_DELAY && inputs->longest_request > 0)
		value.number = delay_for(inputs->longest_request);
	if (row->input == PLAN_DEREGISTRATION_DELAY && inputs->is_network &&
		value.number < NETWORK_DELAY)
		value.number = NETWORK_DELAY;
	if (row->input == PLAN_PARALLELISM)
		value.number = rollout_ceil_div(plan_input(inputs, PLAN_DESIRED), 4);
	return value;
}

/* A percentage and a count are compared by what they come to; a parallelism of 0 is the largest. */
static int64_t weight(const struct lever_row *row, const struct plan_inputs *inputs,
	const struct plan_value *value)
{
	if (row->input == PLAN_PARALLELISM && value->number == 0)
		return PLAN_MAX_TASKS;
	if (value->is_percent)
		return value->number * plan_input(inputs, PLAN_DESIRED) / 100;
	return value->number;
}

static struct plan_value value_now(const struct lever_row *row, const struct plan_inputs *inputs)
{
	struct plan_value value = inputs->values[row->input];

	if (row == &second_check)
		value.number = inputs->container_interval;
	return value;
}

static bool is_better(const struct lever_row *row, const struct plan_inputs *inputs,
	const struct plan_value *then)
{
	const struct plan_value now = value_now(row, inputs);
	const int64_t difference = weight(row, inputs, then) - weight(row, inputs, &now);

	if (row->input == PLAN_STOP && inputs->has_lastcall)
		return false; /* lastcall is what would be proposed */
	if (inputs->platform == PLAN_ECS && plan_input(inputs, PLAN_STRATEGY) == PLAN_EXPRESS &&
		(row->input == PLAN_BAKE || row->input == PLAN_CANARY_BAKE))
		return false; /* Express mode has no setting for them */
	if (inputs->has_other_controller &&
		(row->input == PLAN_EARLY_SUCCESS || row->input == PLAN_MAX_PERCENT))
		return false; /* only ECS itself reads them */
	if (row->input == PLAN_MAX_PERCENT && inputs->is_daemon)
		return false; /* 100 % is all that it may have */
	if (row->input == PLAN_MONITOR &&
		DOCKER_RETRIES * plan_input(inputs, PLAN_HEALTH_INTERVAL) > then->number)
		return false; /* it would end before a failing health check is noticed */
	return plan_input_is_used(inputs, row->input) &&
	       (row->is_more ? difference > 0 : difference < 0);
}

static void apply(struct plan_inputs *inputs, const struct lever_row *row, struct plan_value then)
{
	if (row == &second_check) {
		inputs->container_interval = then.number;
		return;
	}
	inputs->values[row->input] = then;
	if (row->platform == PLAN_ECS && row->input == PLAN_HEALTH_INTERVAL) {
		inputs->values[PLAN_HEALTHY_COUNT].number = CHECK_HEALTHY;
		inputs->values[PLAN_UNHEALTHY_COUNT].number = CHECK_UNHEALTHY;
	}
	if (row->input == PLAN_EARLY_SUCCESS)
		inputs->values[PLAN_EARLY_PERCENT].number = 100;
}

static int64_t total_with(const struct plan_inputs *inputs, struct rollout *scratch, bool is_upper)
{
	estimate_rollout(scratch, inputs, is_upper);
	return scratch->complete;
}

static bool saves_more(const struct lever *a, const struct lever *b)
{
	if (a->saves != b->saves)
		return a->saves > b->saves;
	return a->saves_lower > b->saves_lower;
}

static void add(struct levers *levers, const struct lever *lever)
{
	unsigned at = levers->count++;

	for (; at > 0 && saves_more(lever, &levers->levers[at - 1]); at--)
		levers->levers[at] = levers->levers[at - 1];
	levers->levers[at] = *lever;
}

void levers_make(struct levers *levers, const struct plan_inputs *inputs,
	const struct rollout *upper, const struct rollout *lower, struct rollout *scratch)
{
	struct plan_inputs all = *inputs;

	*levers = (struct levers){.all = upper->complete};
	if (upper->is_stuck)
		return;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct lever_row *row = row_for(&rows[i], inputs);
		const struct plan_value then = proposal(row, inputs);
		struct plan_inputs changed = *inputs;
		struct lever lever = {.row = row,
			.spelling = inputs->spelling,
			.now = value_now(row, inputs),
			.then = then};

		if (row->platform != inputs->platform || !is_better(row, inputs, &then))
			continue;
		apply(&changed, row, then);
		lever.total = total_with(&changed, scratch, true);
		lever.saves = upper->complete - lever.total;
		lever.saves_lower = lower->complete - total_with(&changed, scratch, false);
		if ((lever.saves <= 0 && lever.saves_lower <= 0) || levers->count == LEVERS_MAX)
			continue;
		add(levers, &lever);
		apply(&all, row, then);
	}
	levers->all = total_with(&all, scratch, true);
}

void lever_add_setting(struct text *text, const struct lever *lever)
{
	const char *own = lever->row->settings[lever->spelling];
	const char *setting = own != NULL ? own : lever->row->settings[PLAN_SPELLED_AS_API];
	const char *value = strstr(setting, "%s");

	if (value == NULL) {
		text_add(text, setting);
		return;
	}
	text_add_bytes(text, setting, (size_t)(value - setting));
	if (plan_input_row(lever->row->input)->unit == PLAN_UNIT_DURATION)
		text_printf(text, "%d", (int)(lever->then.number / 1000));
	else
		plan_value_add(text, lever->row->input, &lever->then);
	text_add(text, value + 2);
}
