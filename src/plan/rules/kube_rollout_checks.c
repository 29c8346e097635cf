/* SPDX-License-Identifier: MIT */
/* Rollouts, and drains of nodes. */
#include "plan/rules/kube_checks.h"

enum { LONG_GRACE_S = 120 };

static int64_t larger_delay(int64_t longest, const struct node *probe)
{
	const struct number delay = number_read(node_get(probe, "initialDelaySeconds"), 0);

	return delay.is_known && delay.value > longest ? delay.value : longest;
}

/* The least time until a container can be ready. */
static int64_t ready_seconds(const struct kube_workload *workload)
{
	int64_t longest = 0;

	for (size_t i = 0; i < workload->container_count; i++) {
		const struct node *container = workload->containers[i].node;

		longest = larger_delay(longest, node_get(container, "readinessProbe"));
		longest = larger_delay(longest, node_get(container, "startupProbe"));
	}
	return longest;
}

/* LC513 */
static void check_progress(struct check *check, const struct kube_workload *workload)
{
	const struct number minimum = number_read(node_get(workload->spec, "minReadySeconds"), 0);
	const struct number deadline =
		number_read(node_get(workload->spec, "progressDeadlineSeconds"), 600);
	const int64_t needed = minimum.value + ready_seconds(workload);
	const struct node *place = deadline.node ? deadline.node : minimum.node;
	const char *fix = check_text(
		check, "progressDeadlineSeconds: %lld", (long long)(needed > 0 ? needed * 2 : 600));

	if (workload->kind != KUBE_DEPLOYMENT || !minimum.is_known || !deadline.is_known ||
		(workload->is_patch && !deadline.node))
		return;
	if (minimum.value >= deadline.value)
		check_add(check, "LC513", place, fix,
			"the API refuses a progressDeadlineSeconds of %lld, which is not above the "
			"%lld of minReadySeconds",
			(long long)deadline.value, (long long)minimum.value);
	else if (needed > deadline.value)
		check_add_as(check, "LC513", SEVERITY_WARNING, place, fix,
			"a pod is available after %llds at the earliest, and the rollout counts as "
			"failed after %llds",
			(long long)needed, (long long)deadline.value);
}

/* LC514 */
static void check_peak(struct check *check, const struct kube_workload *workload)
{
	int64_t surge, unavailable;

	if (!number_is_between(&workload->grace, LONG_GRACE_S, NUMBER_MAX) ||
		!kube_deployment_fenceposts(workload, &surge, &unavailable) ||
		workload->replicas.value < 2)
		return;
	check_add(check, "LC514", workload->grace.node, "",
		"pods that drain hold no place in a rollout: for up to %llds there may be %lld "
		"pods "
		"of %lld",
		(long long)workload->grace.value, (long long)workload->replicas.value * 2,
		(long long)workload->replicas.value);
}

/* LC518 */
static void check_rounding(struct check *check, const struct kube_workload *workload)
{
	const bool is_set = workload->kind == KUBE_STATEFUL_SET;
	const struct node *node = node_find(
		workload->spec, "updateStrategy", "rollingUpdate", "maxUnavailable", NULL);
	struct int_or_percent value;
	int64_t pods;

	if ((!is_set && workload->kind != KUBE_DAEMON_SET) || !kube_int_or_percent(node, &value) ||
		!value.is_percent)
		return;
	if (!is_set) {
		check_add_as(check, "LC518", SEVERITY_NOTE, node, "",
			"%lld%% of the nodes is rounded up", (long long)value.value);
		return;
	}
	if (!workload->replicas.is_known || workload->replicas.value * value.value % 100 == 0)
		return;
	pods = int_or_percent_of(value, workload->replicas.value, false);
	if (pods < 1)
		pods = 1;
	check_add(check, "LC518", node, check_text(check, "maxUnavailable: %lld", (long long)pods),
		"%lld%% of %lld pods is %lld: a StatefulSet rounds down, to 1 at least",
		(long long)value.value, (long long)workload->replicas.value, (long long)pods);
}

void kube_check_rollout(struct check *check, const struct kube_workload *workload)
{
	check_progress(check, workload);
	check_peak(check, workload);
	check_rounding(check, workload);
}

/* LC515 */
void kube_check_budget(struct check *check, const struct kube_budget *budget, int64_t pods)
{
	const struct node *available = node_get(budget->spec, "minAvailable"),
			  *unavailable = node_get(budget->spec, "maxUnavailable");
	struct int_or_percent value;

	if (kube_int_or_percent(unavailable, &value) && value.value == 0) {
		check_add(check, "LC515", unavailable, "maxUnavailable: 1",
			"maxUnavailable %s lets no pod be evicted", node_text(unavailable));
	} else if (kube_int_or_percent(available, &value) && value.is_percent &&
		   value.value >= 100) {
		check_add(check, "LC515", available, "maxUnavailable: 1",
			"minAvailable %s lets no pod be evicted", node_text(available));
	} else if (kube_int_or_percent(available, &value) && pods > 0 &&
		   int_or_percent_of(value, pods, true) >= pods) {
		check_add(check, "LC515", available, "maxUnavailable: 1",
			"minAvailable %s lets no pod be evicted (replicas: %lld)",
			node_text(available), (long long)pods);
	}
}
