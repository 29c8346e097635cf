/* SPDX-License-Identifier: MIT */
/* What a deployment is computed from: one value for each input, and where it came from. Options, documents,
 * measurements and defaults fill the same table; the better source wins. */
#pragma once

#include "core/text/text.h"

#include <stdbool.h>
#include <stdint.h>

#define PLAN_MAX_TASKS 10000 /* ECS itself has a quota of 5,000 tasks a service */

enum plan_platform { PLAN_ECS, PLAN_KUBERNETES, PLAN_SWARM, PLAN_PLATFORM_COUNT };

/* From the weakest to the strongest: a stronger source replaces a weaker one. */
enum plan_source {
	PLAN_UNSET, /* the input has no value */
	PLAN_ASSUMED, /* not known: an estimate */
	PLAN_DEFAULT, /* the platform's documented default, because no source sets the value */
	PLAN_DOCUMENT,
	PLAN_MEASURED, /* --reports */
	PLAN_OPTION,
	PLAN_SOURCE_COUNT,
};

enum plan_input {
	/* all platforms */
	PLAN_DESIRED, /* tasks, replicas; of a DaemonSet its nodes */
	PLAN_PULL, /* from the order to start a task until its image is there: placement and pull */
	PLAN_BOOT, /* from the start of the container until the application can answer */
	PLAN_STOP, /* how long the application takes to exit after the stop signal */
	PLAN_STOP_TIMEOUT, /* from the stop signal to SIGKILL: stopTimeout, grace period */
	PLAN_HEALTH_INTERVAL, /* target group or container check; readiness probe's periodSeconds */
	PLAN_HEALTHY_COUNT, /* successes in a row; readiness probe's successThreshold */

	/* ECS */
	PLAN_MIN_PERCENT,
	PLAN_MAX_PERCENT,
	PLAN_HEALTH_TIMEOUT,
	PLAN_UNHEALTHY_COUNT,
	PLAN_HEALTH_GRACE, /* healthCheckGracePeriodSeconds */
	PLAN_DEREGISTRATION_DELAY,
	PLAN_LOAD_BALANCER, /* 0: tasks are in no target group */
	PLAN_STRATEGY, /* enum plan_strategy */
	PLAN_EARLY_SUCCESS, /* enum plan_cleanup: earlySuccessCriteria.sourceServiceRevisionCleanup */
	PLAN_EARLY_PERCENT, /* earlySuccessCriteria.healthyPercent */
	PLAN_BAKE, /* bakeTimeInMinutes, as a duration like all times */
	PLAN_STEP_PERCENT, /* tenths of a percent: 100 is 10 % */
	PLAN_STEP_BAKE,
	PLAN_CANARY_PERCENT, /* tenths of a percent */
	PLAN_CANARY_BAKE,
	PLAN_HOOKS, /* all hooks of stages that are passed once, the longest of each stage */
	PLAN_STEP_HOOKS, /* the hooks at each shift of production traffic */
	PLAN_BREAKER, /* deploymentCircuitBreaker.enable */
	PLAN_BREAKER_ROLLBACK,
	PLAN_BREAKER_RESET, /* resetOnHealthyTask */
	PLAN_BREAKER_TYPE, /* enum plan_threshold */
	PLAN_BREAKER_VALUE,
	PLAN_AZ_REBALANCING,
	PLAN_FARGATE, /* 1: Fargate, 0: instances */

	/* Kubernetes */
	PLAN_KIND, /* enum plan_kind */
	PLAN_MAX_SURGE,
	PLAN_MAX_UNAVAILABLE,
	PLAN_MIN_READY,
	PLAN_PRE_STOP, /* how long the preStop hook takes */
	PLAN_INITIAL_DELAY, /* readiness probe's initialDelaySeconds */
	PLAN_PROGRESS_DEADLINE,
	PLAN_PARTITION, /* of a StatefulSet */
	PLAN_POD_MANAGEMENT, /* of a StatefulSet. 1: Parallel */
	PLAN_REPLACEMENT, /* of a Job. 1: podReplacementPolicy Failed */

	/* Swarm */
	PLAN_PARALLELISM, /* 0: all at once */
	PLAN_DELAY,
	PLAN_MONITOR,
	PLAN_ORDER, /* enum plan_order */

	PLAN_INPUT_COUNT,
};

enum plan_strategy {
	PLAN_ROLLING,
	PLAN_BLUE_GREEN,
	PLAN_LINEAR,
	PLAN_CANARY,
	PLAN_EXPRESS, /* Express mode's own canary */
	PLAN_STRATEGY_COUNT,
};
enum plan_cleanup { PLAN_EARLY_OFF, PLAN_EARLY_BLOCKING, PLAN_EARLY_DEFERRED, PLAN_CLEANUP_COUNT };
enum plan_threshold {
	PLAN_BOUNDED_PERCENT,
	PLAN_UNBOUNDED_PERCENT,
	PLAN_THRESHOLD_VALUE, /* COUNT */
	PLAN_THRESHOLD_COUNT,
};
enum plan_kind {
	PLAN_DEPLOYMENT,
	PLAN_RECREATE, /* a Deployment whose strategy is Recreate */
	PLAN_STATEFUL_SET,
	PLAN_DAEMON_SET,
	PLAN_JOB,
	PLAN_KIND_COUNT,
};
enum plan_order { PLAN_STOP_FIRST, PLAN_START_FIRST, PLAN_ORDER_COUNT };

/* Where in a document a value stands. Line and column count from 1; 0: only the path is known. */
struct plan_place {
	const char *file; /* as it was given; NULL: no document */
	unsigned line, column;
};

struct plan_value {
	int64_t number; /* durations in milliseconds, percentages whole unless the input says otherwise */
	bool is_percent; /* of PLAN_MAX_SURGE and PLAN_MAX_UNAVAILABLE: 25 % and not 25 pods */
	bool is_unknown; /* the document leaves it to the deployment: what stands for it is assumed */
	bool is_refused; /* the document's value is out of range: what stands for it is assumed */
	enum plan_source source;
	struct plan_place place; /* of PLAN_DOCUMENT */
};

/* How the user's document names the settings of ECS. */
enum plan_spelling {
	PLAN_SPELLED_AS_API, /* without a document, too */
	PLAN_SPELLED_AS_TEMPLATE, /* CloudFormation */
	PLAN_SPELLED_AS_TERRAFORM,
	PLAN_SPELLING_COUNT,
};

struct plan_inputs {
	enum plan_spelling spelling;
	enum plan_platform platform;
	bool platform_is_known; /* by an option or a document; else ECS is assumed */
	bool has_lastcall; /* lastcall runs in each container of the task, as the document or its reports say */
	bool has_some_lastcall; /* in some of them */
	bool is_network; /* the target group is one of a Network Load Balancer */
	bool is_daemon; /* ECS: schedulingStrategy DAEMON, a task on each instance */
	const char *conditions; /* how those of a template are: "Prod is true"; NULL: it has none */
	bool has_other_controller; /* ECS: CodeDeploy or an external controller replaces the tasks */
	bool is_on_delete; /* Kubernetes: updateStrategy OnDelete, which replaces no pod by itself */
	int64_t container_interval; /* ECS: of the container's own check beside a target group's, in
				     * milliseconds; 0: it has none */
	bool is_for_up; /* Swarm: the file is for docker compose up, which has no rolling update */
	/* Kubernetes: the startup probe that has to succeed before the readiness probe is asked, in milliseconds. A
	 * period of 0: there is none. */
	int64_t startup_delay, startup_period;
	/* Swarm: how long after its start Docker checks a container at an interval of its own, in milliseconds. 0: it
	 * does not. */
	int64_t start_period, start_interval;
	bool has_hooks; /* the document has lifecycle hooks; how long they take it cannot say */
	int64_t longest_request; /* of --reports, in milliseconds; 0: not known */
	const char *name; /* of the service or workload, as lint names it; NULL: none */
	const char *id; /* another name that --service takes: the logical id; NULL: none */
	const char *file; /* the document; NULL: none */
	const char
		*problem; /* one line: why the documents do not give a deployment; NULL: they do */
	struct plan_value values[PLAN_INPUT_COUNT];
};

/* What an input's number is. */
enum plan_unit {
	PLAN_UNIT_COUNT,
	PLAN_UNIT_PERCENT,
	PLAN_UNIT_TENTHS, /* of a percent */
	PLAN_UNIT_DURATION,
	PLAN_UNIT_COUNT_OR_PERCENT,
	PLAN_UNIT_SWITCH,
	PLAN_UNIT_CHOICE, /* one of the words */
};

#define PLAN_MAX_WORDS 6

/* An input's row: the same for options, output and schema. */
struct plan_input_row {
	const char *name; /* as in --json, and as the option has it: "deregistration-delay" */
	enum plan_unit unit;
	unsigned platforms; /* 1 << enum plan_platform of each that has it */
	int64_t min, max;
	/* What the platform calls it; NULL: the platform has no such setting. */
	const char *settings[PLAN_PLATFORM_COUNT];
	const char
		*words[PLAN_MAX_WORDS]; /* of PLAN_UNIT_CHOICE, in the order of its enumeration */
};

const struct plan_input_row *plan_input_row(enum plan_input input);
const char *plan_platform_name(enum plan_platform platform); /* "ecs" */
const char *plan_source_name(enum plan_source source); /* "assumed" */

/* Sets a value where its source is at least as strong as that of the value that is there. Returns false for a
 * number that the input cannot have (its row says which) and keeps the value that is there; a number of a
 * document marks it as refused. */
bool plan_inputs_set(
	struct plan_inputs *inputs, enum plan_input input, const struct plan_value *value);

/* Fills what is still unset with the platform's defaults, and with assumptions. */
void plan_inputs_complete(struct plan_inputs *inputs);

int64_t plan_input(const struct plan_inputs *inputs, enum plan_input input);
bool plan_input_is_used(const struct plan_inputs *inputs, enum plan_input input);

/* Adds a value as people and the options write it: 30s, 90%, 10.5%, start-first. */
void plan_value_add(struct text *text, enum plan_input input, const struct plan_value *value);
