/* SPDX-License-Identifier: MIT */
#include "plan/core/time_notes.h"

#include "core/text/duration.h"
#include "plan/core/ecs_rollout.h"
#include "plan/core/swarm_rollout.h"

#include <assert.h>
#include <inttypes.h>

#define FARGATE_BURST 100 /* tasks at once, then so many a second (Amazon ECS, "throttling") */
#define FARGATE_RATE 20
#define CLOUDFORMATION_LIMIT ((int64_t)33 * 3600 * 1000)

static void add(struct time_plan *plan, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void add(struct time_plan *plan, const char *format, ...)
{
	struct text text;
	va_list args;

	assert(plan->note_count < TIME_PLAN_MAX_NOTES);
	text_init(&text, plan->notes[plan->note_count++], TIME_PLAN_NOTE_BYTES);
	va_start(args, format);
	text_vprintf(&text, format, args);
	va_end(args);
}

static void note_slow_boot(struct time_plan *plan)
{
	const struct plan_inputs *in = &plan->inputs;
	const int64_t failing =
		plan_input(in, PLAN_UNHEALTHY_COUNT) * plan_input(in, PLAN_HEALTH_INTERVAL);
	const int64_t needed = plan_input(in, PLAN_BOOT) + plan->upper.task.healthy;
	char after[DURATION_TEXT_BYTES], healthy[DURATION_TEXT_BYTES];

	if (!ecs_boots_too_slowly(in))
		return;
	add(plan,
		"a task fails its health checks for %s before it has booted, is marked unhealthy, "
		"and "
		"then needs %d successes (%s)",
		duration_text(after, failing), (int)plan_input(in, PLAN_HEALTHY_COUNT),
		duration_text(healthy, plan->upper.task.healthy));
	if (plan_input(in, PLAN_HEALTH_GRACE) < needed)
		add(plan,
			"ECS stops such a task before it is healthy: set "
			"healthCheckGracePeriodSeconds to %" PRId64 " at least",
			rollout_ceil_div(needed, 1000));
}

static void note_ecs_starts(struct time_plan *plan)
{
	const struct plan_inputs *in = &plan->inputs;
	const struct plan_value *desired = &in->values[PLAN_DESIRED];
	char longer[DURATION_TEXT_BYTES];
	const int64_t burst =
		plan->upper.batch < plan->upper.tasks ? plan->upper.batch : plan->upper.tasks;

	if (desired->source == PLAN_ASSUMED && !desired->is_unknown && !desired->is_refused)
		add(plan, "the number of tasks is not given: 1 is assumed, which is what "
			  "CloudFormation creates; on an update ECS keeps the number it has");
	if (plan_input(in, PLAN_FARGATE) != 0 && burst > FARGATE_BURST)
		add(plan,
			"Fargate starts %d tasks at once and then %d a second: a wave takes up to "
			"%s longer",
			FARGATE_BURST, FARGATE_RATE,
			duration_text(longer,
				1000 * rollout_ceil_div(burst - FARGATE_BURST, FARGATE_RATE)));
	if (plan_input(in, PLAN_AZ_REBALANCING) != 0 && plan->upper.tasks > 1)
		add(plan,
			"Availability Zone rebalancing is on: ECS also stops tasks at other times "
			"than a deployment");
}

static void note_rolling(struct time_plan *plan)
{
	const struct plan_inputs *in = &plan->inputs;

	if (!plan->upper.is_stuck && plan->lower.complete != plan->upper.complete)
		add(plan, "AWS does not document whether a task that drains counts against "
			  "maximumPercent: the first number is without, the second with it");
	if (plan_input(in, PLAN_EARLY_SUCCESS) == PLAN_EARLY_OFF)
		return;
	if (plan_input(in, PLAN_EARLY_PERCENT) < plan_input(in, PLAN_MIN_PERCENT))
		add(plan, "ECS refuses a healthyPercent of earlySuccessCriteria below "
			  "minimumHealthyPercent");
	if (plan_input(in, PLAN_EARLY_SUCCESS) == PLAN_EARLY_DEFERRED)
		add(plan, "once the deployment has completed, neither circuit breaker nor alarms "
			  "roll it back");
}

static int64_t baked(const struct plan_inputs *in)
{
	const int64_t strategy = plan_input(in, PLAN_STRATEGY);
	const int64_t bake = plan_input(in, PLAN_BAKE);

	if (strategy == PLAN_LINEAR)
		return bake + plan_input(in, PLAN_STEP_BAKE) *
				      ecs_linear_bakes(plan_input(in, PLAN_STEP_PERCENT));
	return strategy == PLAN_BLUE_GREEN ? bake : bake + plan_input(in, PLAN_CANARY_BAKE);
}

static void note_shift(struct time_plan *plan)
{
	const struct plan_inputs *in = &plan->inputs;

	if (in->has_hooks && in->values[PLAN_HOOKS].source != PLAN_OPTION &&
		in->values[PLAN_STEP_HOOKS].source != PLAN_OPTION)
		add(plan, "the document has lifecycle hooks, whose time is not in the sum: give it "
			  "with --hooks and --step-hooks");
	if (baked(&plan->inputs) > CLOUDFORMATION_LIMIT)
		add(plan, "CloudFormation refuses bake times of more than 33 hours in all");
	add(plan, "the circuit breaker does not watch this strategy: only alarms, hooks and "
		  "StopServiceDeployment roll it back");
}

static void note_ecs(struct time_plan *plan)
{
	const struct plan_inputs *in = &plan->inputs;
	char interval[DURATION_TEXT_BYTES];

	if (in->has_other_controller)
		add(plan, "CodeDeploy or an external controller deploys this service, and not ECS: "
			  "minimum and maximum percent, circuit breaker and early success do "
			  "nothing there");
	else if (plan_input(in, PLAN_STRATEGY) == PLAN_ROLLING)
		note_rolling(plan);
	else
		note_shift(plan);
	note_slow_boot(plan);
	if (ecs_container_check_decides(in))
		add(plan,
			"the container's own health check has to succeed, too: it runs every %s, "
			"and "
			"takes longer than the target group's",
			duration_text(interval, in->container_interval));
	note_ecs_starts(plan);
	if (plan_input(in, PLAN_STRATEGY) == PLAN_EXPRESS)
		add(plan,
			"Express mode has no entryPoint and no stopTimeout: lastcall has to be the "
			"image's ENTRYPOINT, with less than 30s");
}

static void note_kubernetes(struct time_plan *plan)
{
	const struct plan_inputs *in = &plan->inputs;
	const struct rollout *r = &plan->upper;
	const enum plan_kind kind = (enum plan_kind)plan_input(in, PLAN_KIND);
	const bool has_deadline = kind == PLAN_DEPLOYMENT || kind == PLAN_RECREATE;

	if (r->most_running > r->ceiling)
		add(plan,
			"terminating pods hold no slot: up to %d pods need memory, addresses and "
			"quota, not %d",
			(int)r->most_running, (int)r->ceiling);
	if (has_deadline &&
		r->task.start + r->task.healthy > plan_input(in, PLAN_PROGRESS_DEADLINE))
		add(plan,
			"a pod takes longer than progressDeadlineSeconds: the rollout is reported "
			"as failed while it goes on");
	if (kind == PLAN_DAEMON_SET && in->values[PLAN_DESIRED].source < PLAN_DOCUMENT)
		add(plan, "no document knows the number of nodes: give it with --desired");
	if (in->is_on_delete)
		add(plan, "updateStrategy OnDelete: a new pod starts where you delete an old one; "
			  "the "
			  "number is for one deletion after the other");
	if (kind == PLAN_STATEFUL_SET && plan->lower.complete != r->complete)
		add(plan, "maxUnavailable of an ordered StatefulSet may have no effect: the first "
			  "number is with, the second without it");
	if (plan_input(in, PLAN_HEALTH_INTERVAL) == 0 && kind != PLAN_JOB)
		add(plan, "without a readiness probe a pod counts as ready before it has booted");
	if (kind != PLAN_JOB)
		add(plan, "Kubernetes rolls back only by hand (kubectl rollout undo), in the same "
			  "time");
}

static void note_swarm(struct time_plan *plan)
{
	const struct plan_inputs *in = &plan->inputs;
	char period[DURATION_TEXT_BYTES], interval[DURATION_TEXT_BYTES];

	if (in->is_for_up)
		add(plan, "the file is for docker compose up, which stops a container before it "
			  "starts the new one: these are the numbers of docker stack deploy");
	if (swarm_has_start_period(in))
		add(plan,
			"Docker checks the health every %s in the start_period of %s, at another "
			"interval only after it",
			duration_text(interval, in->start_interval),
			duration_text(period, in->start_period));
	if (plan->upper.task.stop > SWARM_OLD_TASK_TIMEOUT &&
		plan_input(in, PLAN_ORDER) == PLAN_STOP_FIRST)
		add(plan, "Swarm waits one minute for an old task, then starts the new one beside "
			  "it, on the same ports and volumes");
	if (plan_input(in, PLAN_HEALTH_INTERVAL) == 0 && plan_input(in, PLAN_BOOT) > 0)
		add(plan,
			"without a health check Swarm takes a started task for a running one, and "
			"goes on before it has booted");
}

static void note_stop(struct time_plan *plan)
{
	const struct plan_inputs *in = &plan->inputs;
	char limit[DURATION_TEXT_BYTES], exit[DURATION_TEXT_BYTES];

	if (plan_input(in, PLAN_STOP) > plan->upper.task.stop)
		add(plan, "the application needs %s to exit and is killed after %s",
			duration_text(exit, plan_input(in, PLAN_STOP)),
			duration_text(limit, plan->upper.task.stop));
	if (plan->upper.least_healthy == 0 && !plan->upper.is_stuck &&
		(in->platform != PLAN_KUBERNETES || plan_input(in, PLAN_KIND) != PLAN_JOB))
		add(plan, "an outage: at the worst moment no task serves");
}

/* "--desired, --min": assumed, because the document's value cannot be used. Returns whether there are any. */
static bool name_guesses(const struct time_plan *plan, bool is_refused, struct text *names)
{
	for (unsigned i = 0; i < PLAN_INPUT_COUNT; i++) {
		const struct plan_value *value = &plan->inputs.values[i];

		if (value->source == PLAN_ASSUMED &&
			(is_refused ? value->is_refused : value->is_unknown) &&
			plan_input_is_used(&plan->inputs, i))
			text_printf(names, "%s--%s", names->len > 0 ? ", " : "",
				plan_input_row(i)->name);
	}
	return names->len > 0;
}

static void note_guesses(struct time_plan *plan)
{
	char names[160];
	struct text text;

	text_init(&text, names, sizeof names);
	if (name_guesses(plan, false, &text))
		add(plan,
			"the document does not say what these are, and defaults are "
			"assumed: give %s",
			names);
	text_init(&text, names, sizeof names);
	if (name_guesses(plan, true, &text))
		add(plan,
			"the document's values of these are out of range, and defaults are "
			"assumed: give %s",
			names);
}

void time_notes_make(struct time_plan *plan)
{
	plan->note_count = 0;
	if (plan->inputs.conditions != NULL)
		add(plan, "the template has conditions, and this is the case in which %s",
			plan->inputs.conditions);
	note_guesses(plan);
	if (plan->upper.tasks == 0) {
		add(plan, "there is no task: nothing is replaced");
		return;
	}
	note_stop(plan);
	if (plan->inputs.platform == PLAN_ECS)
		note_ecs(plan);
	else if (plan->inputs.platform == PLAN_KUBERNETES)
		note_kubernetes(plan);
	else
		note_swarm(plan);
}
