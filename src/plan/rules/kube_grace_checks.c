/* SPDX-License-Identifier: MIT */
/* Time: the grace period, and what has to fit into it. */
#include "plan/rules/kube_checks.h"

#include "core/text/duration.h"

static const struct node *grace_place(
	const struct kube_workload *workload, const struct kube_container *container)
{
	return workload->grace.node ? workload->grace.node : container->node;
}

static int64_t seconds_up(msec_t msec)
{
	return (msec + 999) / 1000;
}

/* LC501 */
static void check_stop_timeout(struct check *check, const struct kube_workload *workload,
	const struct kube_container *container)
{
	const struct lastcall_settings *lastcall = container->lastcall;
	const msec_t left = (workload->grace.value - container->pre_stop_s) * 1000;
	char timeout[DURATION_TEXT_BYTES], rest[DURATION_TEXT_BYTES];
	const char *hook = "";

	if (lastcall->problem[0]) {
		check_add(check, "LC501", container->node, "", "%s: lastcall does not start: %s",
			container->name, lastcall->problem);
		return;
	}
	if (!lastcall->is_timeout_known || !workload->grace.is_known ||
		lastcall->budget.timeout <= left)
		return;
	if (container->pre_stop_s > 0)
		hook = check_text(
			check, ", of which preStop takes %llds", (long long)container->pre_stop_s);
	check_add(check, "LC501", grace_place(workload, container),
		check_text(check, "terminationGracePeriodSeconds: %lld",
			(long long)(container->pre_stop_s + seconds_up(lastcall->budget.timeout))),
		"%s: lastcall plans for %s (%s), and the pod leaves it %s: the grace period is "
		"%llds%s",
		container->name, duration_text(timeout, lastcall->budget.timeout),
		lastcall->budget.timeout_source, duration_text(rest, msec_max(left, 0)),
		(long long)workload->grace.value, hook);
}

/* LC503 */
static void check_pre_stop(struct check *check, const struct kube_workload *workload,
	const struct kube_container *container)
{
	if (container->pre_stop_s <= 0 || !workload->grace.is_known || workload->grace.value == 0 ||
		container->pre_stop_s < workload->grace.value)
		return;
	check_add(check, "LC503", container->pre_stop,
		check_text(check, "terminationGracePeriodSeconds: %lld",
			(long long)container->pre_stop_s + 30),
		"%s: preStop sleeps %llds, and the grace period ends after %llds: 2 s are left",
		container->name, (long long)container->pre_stop_s,
		(long long)workload->grace.value);
}

/* LC505, or LC003 where it is not known */
static void check_no_grace(struct check *check, const struct kube_workload *workload)
{
	if (!workload->grace.is_known && workload->grace.node)
		check_add(check, "LC003", workload->grace.node, "",
			"terminationGracePeriodSeconds is known only at the deployment: no rule "
			"looks at it");
	if (workload->grace.is_known && workload->grace.value == 0)
		check_add(check, "LC505", workload->grace.node, "terminationGracePeriodSeconds: 30",
			"terminationGracePeriodSeconds is 0: the pod is killed at once");
}

/* LC509 */
static void check_probe_grace(
	struct check *check, const struct kube_container *container, const char *probe)
{
	const struct number grace = number_read(
		node_find(container->node, probe, "terminationGracePeriodSeconds", NULL), 0);
	const struct lastcall_settings *lastcall = container->lastcall;
	char timeout[DURATION_TEXT_BYTES];

	if (!grace.node || !grace.is_known || !lastcall->is_timeout_known || lastcall->problem[0] ||
		lastcall->budget.timeout <= grace.value * 1000)
		return;
	check_add(check, "LC509", grace.node,
		check_text(check, "terminationGracePeriodSeconds: %lld",
			(long long)seconds_up(lastcall->budget.timeout)),
		"%s: when the %s fails, SIGKILL comes after %llds, and lastcall plans for %s",
		container->name, probe, (long long)grace.value,
		duration_text(timeout, lastcall->budget.timeout));
}

void kube_check_grace(struct check *check, const struct kube_workload *workload)
{
	check_no_grace(check, workload);
	for (size_t i = 0; i < workload->container_count; i++) {
		const struct kube_container *container = &workload->containers[i];

		if (container->role == KUBE_INIT)
			continue;
		check_stop_timeout(check, workload, container);
		check_pre_stop(check, workload, container);
		check_probe_grace(check, container, "livenessProbe");
		check_probe_grace(check, container, "startupProbe");
	}
}
