/* SPDX-License-Identifier: MIT */
#include "plan/core/plan_inputs.h"

#include "core/text/duration.h"

#include <assert.h>

#define ECS (1U << PLAN_ECS)
#define KUBERNETES (1U << PLAN_KUBERNETES)
#define SWARM (1U << PLAN_SWARM)
#define ALL (ECS | KUBERNETES | SWARM)
#define SECONDS(n) ((int64_t)(n)*1000)
#define MINUTES(n) SECONDS((int64_t)(n)*60)
#define LONGEST MINUTES(60 * 24 * 366)

/* The limits are wider than the platforms', and narrow enough that no sum of times leaves an int64_t. The largest
 * is the breaker's: PLAN_MAX_TASKS * 10000 % failed tasks one after the other, each with 100 checks a year apart. */
static const struct plan_input_row rows[PLAN_INPUT_COUNT] = {
	[PLAN_DESIRED] = {"desired", PLAN_UNIT_COUNT, ALL, 0, PLAN_MAX_TASKS,
		{"desiredCount", "spec.replicas", "deploy.replicas"}, {0}},
	[PLAN_PULL] = {"pull", PLAN_UNIT_DURATION, ALL, 0, LONGEST, {0}, {0}},
	[PLAN_BOOT] = {"boot", PLAN_UNIT_DURATION, ALL, 0, LONGEST, {0}, {0}},
	[PLAN_STOP] = {"stop", PLAN_UNIT_DURATION, ALL, 0, LONGEST, {0}, {0}},
	[PLAN_STOP_TIMEOUT] = {"stop-timeout", PLAN_UNIT_DURATION, ALL, 0, LONGEST,
		{"stopTimeout", "terminationGracePeriodSeconds", "stop_grace_period"}, {0}},
	[PLAN_HEALTH_INTERVAL] = {"health-interval", PLAN_UNIT_DURATION, ALL, 0, LONGEST,
		{"HealthCheckIntervalSeconds", "readinessProbe.periodSeconds",
			"healthcheck.interval"},
		{0}},
	[PLAN_HEALTHY_COUNT] = {"healthy-count", PLAN_UNIT_COUNT, ECS | KUBERNETES, 1, 100,
		{"HealthyThresholdCount", "readinessProbe.successThreshold", NULL}, {0}},

	[PLAN_MIN_PERCENT] = {"min", PLAN_UNIT_PERCENT, ECS, 0, 100,
		{"minimumHealthyPercent", NULL, NULL}, {0}},
	[PLAN_MAX_PERCENT] = {"max", PLAN_UNIT_PERCENT, ECS, 1, 10000,
		{"maximumPercent", NULL, NULL}, {0}},
	[PLAN_HEALTH_TIMEOUT] = {"health-timeout", PLAN_UNIT_DURATION, ECS, 0, LONGEST,
		{"HealthCheckTimeoutSeconds", NULL, NULL}, {0}},
	[PLAN_UNHEALTHY_COUNT] = {"unhealthy-count", PLAN_UNIT_COUNT, ECS, 1, 100,
		{"UnhealthyThresholdCount", NULL, NULL}, {0}},
	[PLAN_HEALTH_GRACE] = {"health-grace", PLAN_UNIT_DURATION, ECS, 0, SECONDS(INT32_MAX),
		{"healthCheckGracePeriodSeconds", NULL, NULL}, {0}},
	[PLAN_DEREGISTRATION_DELAY] = {"deregistration-delay", PLAN_UNIT_DURATION, ECS, 0, LONGEST,
		{"deregistration_delay.timeout_seconds", NULL, NULL}, {0}},
	[PLAN_LOAD_BALANCER] = {"load-balancer", PLAN_UNIT_SWITCH, ECS, 0, 1, {0}, {0}},
	[PLAN_STRATEGY] = {"strategy", PLAN_UNIT_CHOICE, ECS, 0, PLAN_STRATEGY_COUNT - 1,
		{"strategy", NULL, NULL}, {"rolling", "blue-green", "linear", "canary", "express"}},
	[PLAN_EARLY_SUCCESS] = {"early-success", PLAN_UNIT_CHOICE, ECS, 0, PLAN_CLEANUP_COUNT - 1,
		{"earlySuccessCriteria.sourceServiceRevisionCleanup", NULL, NULL},
		{"off", "blocking", "deferred"}},
	[PLAN_EARLY_PERCENT] = {"early-percent", PLAN_UNIT_PERCENT, ECS, 0, 100,
		{"earlySuccessCriteria.healthyPercent", NULL, NULL}, {0}},
	[PLAN_BAKE] = {"bake", PLAN_UNIT_DURATION, ECS, 0, MINUTES(1440),
		{"bakeTimeInMinutes", NULL, NULL}, {0}},
	[PLAN_STEP_PERCENT] = {"step", PLAN_UNIT_TENTHS, ECS, 30, 1000,
		{"linearConfiguration.stepPercent", NULL, NULL}, {0}},
	[PLAN_STEP_BAKE] = {"step-bake", PLAN_UNIT_DURATION, ECS, 0, MINUTES(1440),
		{"linearConfiguration.stepBakeTimeInMinutes", NULL, NULL}, {0}},
	[PLAN_CANARY_PERCENT] = {"canary", PLAN_UNIT_TENTHS, ECS, 1, 1000,
		{"canaryConfiguration.canaryPercent", NULL, NULL}, {0}},
	[PLAN_CANARY_BAKE] = {"canary-bake", PLAN_UNIT_DURATION, ECS, 0, MINUTES(1440),
		{"canaryConfiguration.canaryBakeTimeInMinutes", NULL, NULL}, {0}},
	[PLAN_HOOKS] = {"hooks", PLAN_UNIT_DURATION, ECS, 0, LONGEST,
		{"lifecycleHooks", NULL, NULL}, {0}},
	[PLAN_STEP_HOOKS] = {"step-hooks", PLAN_UNIT_DURATION, ECS, 0, LONGEST,
		{"lifecycleHooks", NULL, NULL}, {0}},
	[PLAN_BREAKER] = {"breaker", PLAN_UNIT_SWITCH, ECS, 0, 1,
		{"deploymentCircuitBreaker.enable", NULL, NULL}, {0}},
	[PLAN_BREAKER_ROLLBACK] = {"breaker-rollback", PLAN_UNIT_SWITCH, ECS, 0, 1,
		{"deploymentCircuitBreaker.rollback", NULL, NULL}, {0}},
	[PLAN_BREAKER_RESET] = {"breaker-reset", PLAN_UNIT_SWITCH, ECS, 0, 1,
		{"deploymentCircuitBreaker.resetOnHealthyTask", NULL, NULL}, {0}},
	[PLAN_BREAKER_TYPE] = {"breaker-type", PLAN_UNIT_CHOICE, ECS, 0, PLAN_THRESHOLD_COUNT - 1,
		{"deploymentCircuitBreaker.thresholdConfiguration.type", NULL, NULL},
		{"bounded-percent", "unbounded-percent", "count"}},
	[PLAN_BREAKER_VALUE] = {"breaker-value", PLAN_UNIT_COUNT, ECS, 1, 10000,
		{"deploymentCircuitBreaker.thresholdConfiguration.value", NULL, NULL}, {0}},
	[PLAN_AZ_REBALANCING] = {"az-rebalancing", PLAN_UNIT_SWITCH, ECS, 0, 1,
		{"availabilityZoneRebalancing", NULL, NULL}, {0}},
	[PLAN_FARGATE] = {"fargate", PLAN_UNIT_SWITCH, ECS, 0, 1,
		{"requiresCompatibilities", NULL, NULL}, {0}},

	[PLAN_KIND] = {"kind", PLAN_UNIT_CHOICE, KUBERNETES, 0, PLAN_KIND_COUNT - 1,
		{NULL, "kind", NULL},
		{"deployment", "recreate", "stateful-set", "daemon-set", "job"}},
	[PLAN_MAX_SURGE] = {"max-surge", PLAN_UNIT_COUNT_OR_PERCENT, KUBERNETES, 0, PLAN_MAX_TASKS,
		{NULL, "rollingUpdate.maxSurge", NULL}, {0}},
	[PLAN_MAX_UNAVAILABLE] = {"max-unavailable", PLAN_UNIT_COUNT_OR_PERCENT, KUBERNETES, 0,
		PLAN_MAX_TASKS, {NULL, "rollingUpdate.maxUnavailable", NULL}, {0}},
	[PLAN_MIN_READY] = {"min-ready", PLAN_UNIT_DURATION, KUBERNETES, 0, LONGEST,
		{NULL, "minReadySeconds", NULL}, {0}},
	[PLAN_PRE_STOP] = {"pre-stop", PLAN_UNIT_DURATION, KUBERNETES, 0, LONGEST,
		{NULL, "lifecycle.preStop", NULL}, {0}},
	[PLAN_INITIAL_DELAY] = {"initial-delay", PLAN_UNIT_DURATION, KUBERNETES, 0, LONGEST,
		{NULL, "readinessProbe.initialDelaySeconds", NULL}, {0}},
	[PLAN_PROGRESS_DEADLINE] = {"progress-deadline", PLAN_UNIT_DURATION, KUBERNETES, 0,
		SECONDS(INT32_MAX), {NULL, "progressDeadlineSeconds", NULL}, {0}},
	[PLAN_PARTITION] = {"partition", PLAN_UNIT_COUNT, KUBERNETES, 0, INT32_MAX,
		{NULL, "rollingUpdate.partition", NULL}, {0}},
	[PLAN_POD_MANAGEMENT] = {"pod-management", PLAN_UNIT_CHOICE, KUBERNETES, 0, 1,
		{NULL, "podManagementPolicy", NULL}, {"ordered-ready", "parallel"}},
	[PLAN_REPLACEMENT] = {"pod-replacement", PLAN_UNIT_CHOICE, KUBERNETES, 0, 1,
		{NULL, "podReplacementPolicy", NULL}, {"terminating-or-failed", "failed"}},

	[PLAN_PARALLELISM] = {"parallelism", PLAN_UNIT_COUNT, SWARM, 0, PLAN_MAX_TASKS,
		{NULL, NULL, "update_config.parallelism"}, {0}},
	[PLAN_DELAY] = {"delay", PLAN_UNIT_DURATION, SWARM, 0, LONGEST,
		{NULL, NULL, "update_config.delay"}, {0}},
	[PLAN_MONITOR] = {"monitor", PLAN_UNIT_DURATION, SWARM, 0, LONGEST,
		{NULL, NULL, "update_config.monitor"}, {0}},
	[PLAN_ORDER] = {"order", PLAN_UNIT_CHOICE, SWARM, 0, PLAN_ORDER_COUNT - 1,
		{NULL, NULL, "update_config.order"}, {"stop-first", "start-first"}},
};

const struct plan_input_row *plan_input_row(enum plan_input input)
{
	return &rows[input];
}

const char *plan_platform_name(enum plan_platform platform)
{
	static const char *const names[] = {
		[PLAN_ECS] = "ecs", [PLAN_KUBERNETES] = "kubernetes", [PLAN_SWARM] = "swarm"};

	_Static_assert(sizeof names / sizeof *names == PLAN_PLATFORM_COUNT, "one name each");
	return names[platform];
}

const char *plan_source_name(enum plan_source source)
{
	static const char *const names[] = {[PLAN_UNSET] = "unset",
		[PLAN_ASSUMED] = "assumed",
		[PLAN_DEFAULT] = "default",
		[PLAN_DOCUMENT] = "document",
		[PLAN_MEASURED] = "measured",
		[PLAN_OPTION] = "option"};

	_Static_assert(sizeof names / sizeof *names == PLAN_SOURCE_COUNT, "one name each");
	return names[source];
}

bool plan_inputs_set(
	struct plan_inputs *inputs, enum plan_input input, const struct plan_value *value)
{
	if (value->number < rows[input].min || value->number > rows[input].max) {
		inputs->values[input].is_refused |= value->source == PLAN_DOCUMENT;
		return false;
	}
	if (value->source >= inputs->values[input].source)
		inputs->values[input] = *value;
	return true;
}

int64_t plan_input(const struct plan_inputs *inputs, enum plan_input input)
{
	return inputs->values[input].number;
}

/* The documented defaults, in the platform's own documents: ECS and ELB API reference, Kubernetes
 * pkg/apis/apps/v1/defaults.go, SwarmKit api/defaults/service.go. */
static const struct plan_default {
	enum plan_platform platform;
	enum plan_input input;
	enum plan_source source;
	int64_t number;
	bool is_percent;
} defaults[] = {
	{PLAN_ECS, PLAN_DESIRED, PLAN_ASSUMED, 1, false},
	{PLAN_ECS, PLAN_PULL, PLAN_ASSUMED, SECONDS(30), false},
	{PLAN_ECS, PLAN_BOOT, PLAN_ASSUMED, SECONDS(10), false},
	{PLAN_ECS, PLAN_STOP_TIMEOUT, PLAN_DEFAULT, SECONDS(30), false},
	{PLAN_ECS, PLAN_HEALTH_INTERVAL, PLAN_DEFAULT, SECONDS(30), false},
	{PLAN_ECS, PLAN_HEALTHY_COUNT, PLAN_DEFAULT, 5, false},
	{PLAN_ECS, PLAN_MIN_PERCENT, PLAN_DEFAULT, 100, false},
	{PLAN_ECS, PLAN_MAX_PERCENT, PLAN_DEFAULT, 200, false},
	{PLAN_ECS, PLAN_HEALTH_TIMEOUT, PLAN_DEFAULT, SECONDS(5), false},
	{PLAN_ECS, PLAN_UNHEALTHY_COUNT, PLAN_DEFAULT, 2, false},
	{PLAN_ECS, PLAN_HEALTH_GRACE, PLAN_DEFAULT, 0, false},
	{PLAN_ECS, PLAN_DEREGISTRATION_DELAY, PLAN_DEFAULT, SECONDS(300), false},
	{PLAN_ECS, PLAN_LOAD_BALANCER, PLAN_ASSUMED, 1, false},
	{PLAN_ECS, PLAN_STRATEGY, PLAN_DEFAULT, PLAN_ROLLING, false},
	{PLAN_ECS, PLAN_EARLY_SUCCESS, PLAN_DEFAULT, PLAN_EARLY_OFF, false},
	{PLAN_ECS, PLAN_EARLY_PERCENT, PLAN_ASSUMED, 100, false},
	{PLAN_ECS, PLAN_BAKE, PLAN_ASSUMED, MINUTES(15), false},
	{PLAN_ECS, PLAN_STEP_PERCENT, PLAN_DEFAULT, 100, false},
	{PLAN_ECS, PLAN_STEP_BAKE, PLAN_DEFAULT, MINUTES(6), false},
	{PLAN_ECS, PLAN_CANARY_PERCENT, PLAN_DEFAULT, 50, false},
	{PLAN_ECS, PLAN_CANARY_BAKE, PLAN_DEFAULT, MINUTES(10), false},
	{PLAN_ECS, PLAN_HOOKS, PLAN_DEFAULT, 0, false},
	{PLAN_ECS, PLAN_STEP_HOOKS, PLAN_DEFAULT, 0, false},
	{PLAN_ECS, PLAN_BREAKER, PLAN_DEFAULT, 0, false},
	{PLAN_ECS, PLAN_BREAKER_ROLLBACK, PLAN_DEFAULT, 0, false},
	{PLAN_ECS, PLAN_BREAKER_RESET, PLAN_DEFAULT, 1, false},
	{PLAN_ECS, PLAN_BREAKER_TYPE, PLAN_DEFAULT, PLAN_BOUNDED_PERCENT, false},
	{PLAN_ECS, PLAN_BREAKER_VALUE, PLAN_DEFAULT, 50, false},
	{PLAN_ECS, PLAN_AZ_REBALANCING, PLAN_DEFAULT, 1, false},
	{PLAN_ECS, PLAN_FARGATE, PLAN_ASSUMED, 1, false},

	{PLAN_KUBERNETES, PLAN_DESIRED, PLAN_DEFAULT, 1, false},
	{PLAN_KUBERNETES, PLAN_PULL, PLAN_ASSUMED, SECONDS(10), false},
	{PLAN_KUBERNETES, PLAN_BOOT, PLAN_ASSUMED, SECONDS(10), false},
	{PLAN_KUBERNETES, PLAN_STOP_TIMEOUT, PLAN_DEFAULT, SECONDS(30), false},
	{PLAN_KUBERNETES, PLAN_HEALTH_INTERVAL, PLAN_DEFAULT, SECONDS(10), false},
	{PLAN_KUBERNETES, PLAN_HEALTHY_COUNT, PLAN_DEFAULT, 1, false},
	{PLAN_KUBERNETES, PLAN_KIND, PLAN_ASSUMED, PLAN_DEPLOYMENT, false},
	{PLAN_KUBERNETES, PLAN_MIN_READY, PLAN_DEFAULT, 0, false},
	{PLAN_KUBERNETES, PLAN_PRE_STOP, PLAN_DEFAULT, 0, false},
	{PLAN_KUBERNETES, PLAN_INITIAL_DELAY, PLAN_DEFAULT, 0, false},
	{PLAN_KUBERNETES, PLAN_PROGRESS_DEADLINE, PLAN_DEFAULT, SECONDS(600), false},
	{PLAN_KUBERNETES, PLAN_PARTITION, PLAN_DEFAULT, 0, false},
	{PLAN_KUBERNETES, PLAN_POD_MANAGEMENT, PLAN_DEFAULT, 0, false},
	{PLAN_KUBERNETES, PLAN_REPLACEMENT, PLAN_DEFAULT, 0, false},

	{PLAN_SWARM, PLAN_DESIRED, PLAN_DEFAULT, 1, false},
	{PLAN_SWARM, PLAN_PULL, PLAN_ASSUMED, SECONDS(10), false},
	{PLAN_SWARM, PLAN_BOOT, PLAN_ASSUMED, SECONDS(10), false},
	{PLAN_SWARM, PLAN_STOP_TIMEOUT, PLAN_DEFAULT, SECONDS(10), false},
	{PLAN_SWARM, PLAN_HEALTH_INTERVAL, PLAN_ASSUMED, 0, false},
	{PLAN_SWARM, PLAN_PARALLELISM, PLAN_DEFAULT, 1, false},
	{PLAN_SWARM, PLAN_DELAY, PLAN_DEFAULT, 0, false},
	{PLAN_SWARM, PLAN_MONITOR, PLAN_DEFAULT, SECONDS(5), false},
	{PLAN_SWARM, PLAN_ORDER, PLAN_DEFAULT, PLAN_STOP_FIRST, false},
};

static void fill(struct plan_inputs *inputs, enum plan_input input, enum plan_source source,
	int64_t number, bool is_percent)
{
	struct plan_value *value = &inputs->values[input];
	const bool is_guess = value->is_unknown || value->is_refused;

	if (value->source == PLAN_UNSET)
		*value = (struct plan_value){.number = number,
			.is_percent = is_percent,
			.is_unknown = value->is_unknown,
			.is_refused = value->is_refused,
			.source = is_guess ? PLAN_ASSUMED : source};
}

/* Of a DaemonSet and a StatefulSet they are others than a Deployment's. */
static void fill_fenceposts(struct plan_inputs *inputs)
{
	const bool is_deployment = plan_input(inputs, PLAN_KIND) == PLAN_DEPLOYMENT;

	fill(inputs, PLAN_MAX_SURGE, PLAN_DEFAULT, is_deployment ? 25 : 0, is_deployment);
	fill(inputs, PLAN_MAX_UNAVAILABLE, PLAN_DEFAULT, is_deployment ? 25 : 1, is_deployment);
}

/* Express mode bakes 3 minutes after the canary and after the whole shift. */
static void fill_express(struct plan_inputs *inputs)
{
	fill(inputs, PLAN_BAKE, PLAN_DEFAULT, MINUTES(3), false);
	fill(inputs, PLAN_CANARY_BAKE, PLAN_DEFAULT, MINUTES(3), false);
}

#define STOP_OF_LASTCALL SECONDS(10)

/* An application that handles no SIGTERM runs until SIGKILL: all that is left of the stop timeout. lastcall
 * serves for some seconds more where traffic ends after the signal, and stops the application then. */
static void fill_stop(struct plan_inputs *inputs)
{
	const int64_t timeout = plan_input(inputs, PLAN_STOP_TIMEOUT);
	const int64_t before =
		inputs->platform == PLAN_KUBERNETES ? plan_input(inputs, PLAN_PRE_STOP) : 0;

	int64_t stop = timeout > before ? timeout - before : 0;

	if (inputs->has_lastcall && stop > STOP_OF_LASTCALL)
		stop = STOP_OF_LASTCALL;
	fill(inputs, PLAN_STOP, PLAN_ASSUMED, stop, false);
}

/* A new service is rebalanced where it can start a task more (ECS API, CreateService). */
static void fill_rebalancing(struct plan_inputs *inputs)
{
	const struct plan_value *max = &inputs->values[PLAN_MAX_PERCENT];

	if (max->source != PLAN_UNSET && max->number <= 100)
		fill(inputs, PLAN_AZ_REBALANCING, PLAN_DEFAULT, 0, false);
}

void plan_inputs_complete(struct plan_inputs *inputs)
{
	if (inputs->platform == PLAN_ECS && plan_input(inputs, PLAN_STRATEGY) == PLAN_EXPRESS)
		fill_express(inputs);
	if (inputs->platform == PLAN_ECS)
		fill_rebalancing(inputs);
	for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) {
		const struct plan_default *d = &defaults[i];

		if (d->platform == inputs->platform)
			fill(inputs, d->input, d->source, d->number, d->is_percent);
	}
	if (inputs->platform == PLAN_KUBERNETES)
		fill_fenceposts(inputs);
	fill_stop(inputs);
}

static bool is_of_strategy(const struct plan_inputs *inputs, enum plan_input input)
{
	const int64_t strategy = plan_input(inputs, PLAN_STRATEGY);
	const bool is_canary = strategy == PLAN_CANARY || strategy == PLAN_EXPRESS;

	if (input == PLAN_STEP_PERCENT || input == PLAN_STEP_BAKE)
		return strategy == PLAN_LINEAR;
	if (input == PLAN_CANARY_PERCENT || input == PLAN_CANARY_BAKE)
		return is_canary;
	if (input == PLAN_STEP_HOOKS)
		return is_canary || strategy == PLAN_LINEAR;
	if (input == PLAN_BAKE || input == PLAN_HOOKS)
		return strategy != PLAN_ROLLING;
	if (input == PLAN_EARLY_PERCENT)
		return strategy == PLAN_ROLLING &&
		       plan_input(inputs, PLAN_EARLY_SUCCESS) != PLAN_EARLY_OFF;
	if (input == PLAN_MIN_PERCENT || input == PLAN_MAX_PERCENT || input == PLAN_EARLY_SUCCESS ||
		(input >= PLAN_BREAKER && input <= PLAN_BREAKER_VALUE))
		return strategy == PLAN_ROLLING;
	return true;
}

static bool is_of_kind(const struct plan_inputs *inputs, enum plan_input input)
{
	const int64_t kind = plan_input(inputs, PLAN_KIND);

	switch ((int)input) {
	case PLAN_MAX_SURGE:
		return kind == PLAN_DEPLOYMENT || kind == PLAN_DAEMON_SET;
	case PLAN_MAX_UNAVAILABLE:
		return kind != PLAN_RECREATE && kind != PLAN_JOB;
	case PLAN_PROGRESS_DEADLINE:
		return kind == PLAN_DEPLOYMENT || kind == PLAN_RECREATE;
	case PLAN_PARTITION:
	case PLAN_POD_MANAGEMENT:
		return kind == PLAN_STATEFUL_SET;
	case PLAN_REPLACEMENT:
		return kind == PLAN_JOB;
	case PLAN_MIN_READY:
		return kind != PLAN_JOB;
	default:
		return true;
	}
}

bool plan_input_is_used(const struct plan_inputs *inputs, enum plan_input input)
{
	if ((rows[input].platforms & 1U << inputs->platform) == 0)
		return false;
	if (inputs->platform == PLAN_ECS)
		return is_of_strategy(inputs, input);
	return inputs->platform != PLAN_KUBERNETES || is_of_kind(inputs, input);
}

void plan_value_add(struct text *text, enum plan_input input, const struct plan_value *value)
{
	const int64_t n = value->number;

	switch (rows[input].unit) {
	case PLAN_UNIT_DURATION:
		duration_add(text, n);
		break;
	case PLAN_UNIT_TENTHS:
		text_printf(text, "%d", (int)(n / 10));
		if (n % 10 != 0)
			text_printf(text, ".%d", (int)(n % 10));
		text_add_char(text, '%');
		break;
	case PLAN_UNIT_SWITCH:
		text_add(text, n != 0 ? "on" : "off");
		break;
	case PLAN_UNIT_CHOICE:
		assert(rows[input].words[n] != NULL);
		text_add(text, rows[input].words[n]);
		break;
	case PLAN_UNIT_PERCENT:
		text_printf(text, "%d%%", (int)n);
		break;
	case PLAN_UNIT_COUNT:
	case PLAN_UNIT_COUNT_OR_PERCENT:
		text_printf(text, "%d%s", (int)n, value->is_percent ? "%" : "");
		break;
	}
}
