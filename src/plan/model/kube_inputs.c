/* SPDX-License-Identifier: MIT */
#include "plan/model/kube_inputs.h"

#define PROBE_MAX_S 31622400 /* a year: no sum of times leaves an int64_t */

struct filler {
	struct plan_inputs *inputs;
	const char *file;
};

static void set(const struct filler *filler, enum plan_input input, const struct node *node,
	int64_t number, bool is_percent)
{
	const struct plan_value value = {
		.number = number,
		.is_percent = is_percent,
		.source = PLAN_DOCUMENT,
		.place = {filler->file, node ? node->line : 0, node ? node->column : 0},
	};

	(void)plan_inputs_set(filler->inputs, input, &value); /* a note says what it cannot have */
}

/* unit: how many of the input's units one of the document's is. */
static void set_number(const struct filler *filler, enum plan_input input,
	const struct number *number, int64_t unit)
{
	if (!number->node)
		return;
	if (number->is_known)
		set(filler, input, number->node, number->value * unit, false);
	else
		filler->inputs->values[input].is_unknown = true;
}

static void set_count(const struct filler *filler, enum plan_input input, const struct node *node)
{
	const struct number number = number_read(node, 0);

	set_number(filler, input, &number, 1);
}

static void set_seconds(const struct filler *filler, enum plan_input input, const struct node *node)
{
	const struct number number = number_read(node, 0);

	set_number(filler, input, &number, 1000);
}

static void set_pods(const struct filler *filler, enum plan_input input, const struct node *node)
{
	struct int_or_percent value;

	if (kube_int_or_percent(node, &value))
		set(filler, input, node, value.value, value.is_percent);
	else if (node && !node_is_null(node))
		filler->inputs->values[input].is_unknown = true;
}

static void set_word(const struct filler *filler, enum plan_input input, const struct node *node,
	const char *word)
{
	if (node)
		set(filler, input, node, node_has_text(node, word), false);
}

/* When it can succeed at the earliest, in seconds. */
static int64_t earliest_success(const struct node *probe)
{
	const struct number delay = number_read(node_get(probe, "initialDelaySeconds"), 0);
	const struct number count = number_read(node_get(probe, "successThreshold"), 1);
	const struct number period = number_read(node_get(probe, "periodSeconds"), 10);

	if (!delay.is_known || !count.is_known || !period.is_known)
		return 0;
	return delay.value + count.value * period.value;
}

/* A pod is ready when all its containers are: the slowest probe decides. NULL: none has one. */
static const struct node *slowest_probe(const struct kube_workload *workload, const char *name)
{
	const struct node *slowest = NULL;

	for (size_t i = 0; i < workload->container_count; i++) {
		const struct node *probe = node_get(workload->containers[i].node, name);

		if (workload->containers[i].role == KUBE_MAIN && probe && !node_is_null(probe) &&
			(!slowest || earliest_success(probe) > earliest_success(slowest)))
			slowest = probe;
	}
	return slowest;
}

/* Beside a readiness probe. */
static void add_startup_probe(const struct filler *filler, const struct node *probe)
{
	const struct number delay = number_read(node_get(probe, "initialDelaySeconds"), 0);
	const struct number period = number_read(node_get(probe, "periodSeconds"), 10);

	if (!probe || !number_is_between(&delay, 0, PROBE_MAX_S) ||
		!number_is_between(&period, 1, PROBE_MAX_S))
		return;
	filler->inputs->startup_delay = delay.value * 1000;
	filler->inputs->startup_period = period.value * 1000;
}

/* Without a readiness probe a startup probe holds a pod back as well. A patch says nothing of what it leaves out. */
static void add_probe(const struct filler *filler, const struct kube_workload *workload)
{
	const struct node *readiness = slowest_probe(workload, "readinessProbe");
	const struct node *startup = slowest_probe(workload, "startupProbe");
	const struct node *probe = readiness ? readiness : startup;

	if (!probe && !workload->is_patch && workload->container_count > 0) {
		set(filler, PLAN_HEALTH_INTERVAL, workload->pod, 0, false);
		return;
	}
	if (readiness)
		add_startup_probe(filler, startup);
	set_seconds(filler, PLAN_HEALTH_INTERVAL, node_get(probe, "periodSeconds"));
	set_count(filler, PLAN_HEALTHY_COUNT, node_get(probe, "successThreshold"));
	set_seconds(filler, PLAN_INITIAL_DELAY, node_get(probe, "initialDelaySeconds"));
}

static void add_containers(const struct filler *filler, const struct kube_workload *workload)
{
	const struct node *hook = NULL;
	int64_t longest = 0;

	add_probe(filler, workload);
	for (size_t i = 0; i < workload->container_count; i++) {
		if (workload->containers[i].pre_stop_s <= longest)
			continue;
		longest = workload->containers[i].pre_stop_s;
		hook = workload->containers[i].pre_stop;
	}
	if (hook)
		set(filler, PLAN_PRE_STOP, hook, longest * 1000, false);
}

static void add_update(const struct filler *filler, const struct kube_workload *workload)
{
	const char *key = workload->kind == KUBE_DEPLOYMENT ? "strategy" : "updateStrategy";
	const struct node *update = node_find(workload->spec, key, "rollingUpdate", NULL);

	filler->inputs->is_on_delete =
		workload->kind != KUBE_DEPLOYMENT &&
		node_has_text(node_find(workload->spec, key, "type", NULL), "OnDelete");
	set_pods(filler, PLAN_MAX_SURGE, node_get(update, "maxSurge"));
	set_pods(filler, PLAN_MAX_UNAVAILABLE, node_get(update, "maxUnavailable"));
	set_count(filler, PLAN_PARTITION, node_get(update, "partition"));
	set_seconds(filler, PLAN_MIN_READY, node_get(workload->spec, "minReadySeconds"));
	set_seconds(filler, PLAN_PROGRESS_DEADLINE,
		node_get(workload->spec, "progressDeadlineSeconds"));
	set_word(filler, PLAN_POD_MANAGEMENT, node_get(workload->spec, "podManagementPolicy"),
		"Parallel");
	set_word(filler, PLAN_REPLACEMENT, node_get(workload->spec, "podReplacementPolicy"),
		"Failed");
}

/* Returns false for a kind without rollout. */
static bool find_kind(const struct kube_workload *workload, enum plan_kind *ret_kind)
{
	switch (workload->kind) {
	case KUBE_DEPLOYMENT:
		*ret_kind = kube_is_recreated(workload) ? PLAN_RECREATE : PLAN_DEPLOYMENT;
		return true;
	case KUBE_STATEFUL_SET:
		*ret_kind = PLAN_STATEFUL_SET;
		return true;
	case KUBE_DAEMON_SET:
		*ret_kind = PLAN_DAEMON_SET;
		return true;
	case KUBE_JOB:
		*ret_kind = PLAN_JOB;
		return true;
	case KUBE_POD:
	case KUBE_REPLICA_SET:
	case KUBE_REPLICATION_CONTROLLER:
	case KUBE_CRON_JOB:
	case KUBE_OTHER:
		break;
	}
	return false;
}

/* Those of an autoscaler are written in its file. */
static void add_replicas(const struct filler *filler, const struct kube_workload *workload)
{
	const struct kube_autoscaler *autoscaler = workload->autoscaler;
	const struct filler its = {
		filler->inputs, autoscaler && autoscaler->file ? autoscaler->file : filler->file};

	set_number(&its, PLAN_DESIRED, &workload->replicas, 1);
}

/* Of a patch, what is absent may be in its base: no default is known. */
static void mark_patch(const struct filler *filler)
{
	static const enum plan_input inputs[] = {PLAN_DESIRED, PLAN_STOP_TIMEOUT,
		PLAN_HEALTH_INTERVAL, PLAN_MAX_SURGE, PLAN_MAX_UNAVAILABLE, PLAN_PRE_STOP};

	for (size_t i = 0; i < sizeof(inputs) / sizeof(*inputs); i++) {
		struct plan_value *value = &filler->inputs->values[inputs[i]];

		value->is_unknown |= value->source == PLAN_UNSET;
	}
}

/* Which of its containers that serve are run by lastcall. */
static void add_lastcall(const struct kube_workload *workload, struct plan_inputs *inputs)
{
	struct arena arena = {0};

	inputs->has_lastcall = workload->container_count > 0;
	kube_read_lastcall(workload, &arena);
	for (size_t i = 0; i < workload->container_count; i++) {
		const struct kube_container *container = &workload->containers[i];

		if (container->role != KUBE_MAIN)
			continue;
		inputs->has_lastcall &= container->lastcall->is_used;
		inputs->has_some_lastcall |= container->lastcall->is_used;
	}
	arena_done(&arena);
}

bool kube_inputs_add(
	const struct kube_workload *workload, const char *file, struct plan_inputs *inputs)
{
	const struct filler filler = {inputs, file};
	enum plan_kind kind;

	if (!find_kind(workload, &kind))
		return false;
	inputs->platform = PLAN_KUBERNETES;
	inputs->platform_is_known = true;
	inputs->name = workload->name;
	add_lastcall(workload, inputs);
	set(&filler, PLAN_KIND, workload->node, kind, false);
	if (kind == PLAN_JOB)
		set_count(&filler, PLAN_DESIRED, node_get(workload->spec, "parallelism"));
	else
		add_replicas(&filler, workload);
	set_seconds(&filler, PLAN_STOP_TIMEOUT,
		node_get(workload->pod, "terminationGracePeriodSeconds"));
	add_containers(&filler, workload);
	add_update(&filler, workload);
	if (workload->is_patch)
		mark_patch(&filler);
	return true;
}
