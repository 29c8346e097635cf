/* SPDX-License-Identifier: MIT */
#include "plan/core/kubernetes_rollout.h"

#include "plan/core/int_or_percent.h"

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The first probe at `from` or later. */
static int64_t probe_after(int64_t from, int64_t delay, int64_t period)
{
	return from > delay ? delay + rollout_ceil_div(from - delay, period) * period : delay;
}

/* The first probe that succeeds after the boot, and the ones that have to follow it. Without a probe a pod is
 * ready when its container runs. When the startup probe has succeeded, the kubelet asks the readiness probe at once
 * (pkg/kubelet/prober, UpdatePodStatus), or when its initial delay is over. */
static int64_t time_to_ready(const struct plan_inputs *inputs)
{
	const int64_t boot = plan_input(inputs, PLAN_BOOT);
	const int64_t period = plan_input(inputs, PLAN_HEALTH_INTERVAL);
	const int64_t delay = plan_input(inputs, PLAN_INITIAL_DELAY);
	int64_t first;

	if (period == 0)
		return 0;
	first = probe_after(boot, delay, period);
	if (inputs->startup_period > 0) {
		first = probe_after(boot, inputs->startup_delay, inputs->startup_period);
		first = first > delay ? first : delay;
	}
	return first + (plan_input(inputs, PLAN_HEALTHY_COUNT) - 1) * period;
}

struct rollout_task kubernetes_task(const struct plan_inputs *inputs)
{
	const int64_t grace = plan_input(inputs, PLAN_STOP_TIMEOUT);
	const int64_t hook = smaller(plan_input(inputs, PLAN_PRE_STOP), grace);
	const int64_t boot = plan_input(inputs, PLAN_BOOT);
	const int64_t ready = time_to_ready(inputs);
	const bool is_probed = plan_input(inputs, PLAN_HEALTH_INTERVAL) > 0;

	return (struct rollout_task){
		.start = plan_input(inputs, PLAN_PULL) + (is_probed ? smaller(boot, ready) : 0),
		.healthy = (is_probed ? ready - smaller(boot, ready) : 0) +
			   (plan_input(inputs, PLAN_KIND) == PLAN_JOB
					   ? 0
					   : plan_input(inputs, PLAN_MIN_READY)),
		.drain = hook,
		.stop = smaller(plan_input(inputs, PLAN_STOP), grace - hook),
	};
}

static int64_t resolve(const struct plan_inputs *inputs, enum plan_input input, bool is_rounded_up)
{
	const struct plan_value *value = &inputs->values[input];
	const struct int_or_percent one = {value->number, value->is_percent};

	return int_or_percent_of(one, plan_input(inputs, PLAN_DESIRED), is_rounded_up);
}

/* Deployment: kubectl, pkg/util/deployment, ResolveFenceposts; DaemonSet: daemonset_util.go, UnavailableCount
 * and SurgeCount; StatefulSet: getStatefulSetMaxUnavailable rounds down, against its API comment. */
struct kubernetes_fenceposts kubernetes_fenceposts(const struct plan_inputs *inputs)
{
	const int64_t kind = plan_input(inputs, PLAN_KIND);
	struct kubernetes_fenceposts f = {
		.surge = resolve(inputs, PLAN_MAX_SURGE, true),
		.unavailable = resolve(inputs, PLAN_MAX_UNAVAILABLE, kind == PLAN_DAEMON_SET),
	};

	f.unavailable = smaller(f.unavailable, plan_input(inputs, PLAN_DESIRED));
	if (kind == PLAN_STATEFUL_SET)
		f.surge = 0;
	if (f.unavailable == 0 && (f.surge == 0 || kind == PLAN_STATEFUL_SET))
		f.unavailable = 1;
	if (kind == PLAN_DAEMON_SET && f.surge > 0)
		f.unavailable = 0; /* the API takes only one of the two */
	return f;
}

struct times {
	int64_t ready, exit; /* of one pod, from its order on */
};

static struct times times_of(const struct rollout_task *task)
{
	return (struct times){task->start + task->healthy, task->drain + task->stop};
}

/* The Deployment controller: it scales the new ReplicaSet up to the surge, then the old one down to what must
 * be available, again and again as pods become available. */
static void roll(struct rollout *r)
{
	const struct times times = times_of(&r->task);
	int64_t old = r->tasks, created = 0, available = 0, now = 0;
	unsigned next = 0;

	for (;;) {
		const int64_t add = smaller(r->ceiling - old - created, r->tasks - created);
		int64_t cut;

		if (add > 0) {
			rollout_add_started(r, now, now + times.ready, add);
			created += add;
		}
		cut = smaller(old, old + available - r->floor);
		if (cut > 0) {
			rollout_add_stopped(r, now, now + times.exit, cut);
			old -= cut;
		}
		if (add > 0 || cut > 0)
			continue;
		if (next == r->started_count)
			return;
		now = r->started[next].to;
		while (next < r->started_count && r->started[next].to <= now)
			available += r->started[next++].count;
	}
}

/* `count` pods at a time, each started when the one in its place is gone. */
static void replace_in_place(struct rollout *r, int64_t pods, int64_t at_once)
{
	const struct times times = times_of(&r->task);
	int64_t now = 0;

	for (int64_t left = pods; left > 0; left -= smaller(left, at_once)) {
		const int64_t count = smaller(left, at_once);

		rollout_add_stopped(r, now, now + times.exit, count);
		rollout_add_started(r, now + times.exit, now + times.exit + times.ready, count);
		now += times.exit + times.ready;
	}
}

/* A new pod beside each old one, which stops when the new one is ready. */
static void replace_by_surge(struct rollout *r, int64_t at_once)
{
	const struct times times = times_of(&r->task);
	int64_t now = 0;

	for (int64_t left = r->tasks; left > 0; left -= smaller(left, at_once)) {
		const int64_t count = smaller(left, at_once);

		rollout_add_started(r, now, now + times.ready, count);
		now += times.ready;
		rollout_add_stopped(r, now, now + times.exit, count);
	}
}

static void replace_job(struct rollout *r, bool waits_for_exit)
{
	const struct times times = times_of(&r->task);
	const int64_t start = waits_for_exit ? times.exit : 0;

	rollout_add_stopped(r, 0, times.exit, r->tasks);
	rollout_add_started(r, start, start + times.ready, r->tasks);
}

static void set_pace(struct rollout *r, int64_t at_once, int64_t pods)
{
	r->batch = at_once;
	r->waves = rollout_ceil_div(pods, at_once);
}

/* Pods below the partition stay as they are: they are no part of the rollout. */
static void roll_stateful_set(struct rollout *r, const struct plan_inputs *inputs,
	const struct kubernetes_fenceposts *f, bool one_at_a_time)
{
	const int64_t partition = smaller(plan_input(inputs, PLAN_PARTITION), r->tasks);
	const bool is_parallel = plan_input(inputs, PLAN_POD_MANAGEMENT) != 0;
	const int64_t at_once = one_at_a_time && !is_parallel ? 1 : f->unavailable;

	set_pace(r, at_once, r->tasks - partition);
	replace_in_place(r, r->tasks - partition, at_once);
}

void kubernetes_rollout_make(
	struct rollout *r, const struct plan_inputs *inputs, bool one_at_a_time)
{
	const struct kubernetes_fenceposts f = kubernetes_fenceposts(inputs);
	const enum plan_kind kind = (enum plan_kind)plan_input(inputs, PLAN_KIND);

	r->task = kubernetes_task(inputs);
	r->floor = r->tasks - f.unavailable;
	r->ceiling = r->tasks + f.surge;
	set_pace(r, r->tasks, r->tasks);
	switch (kind) {
	case PLAN_DEPLOYMENT:
		set_pace(r, f.surge + f.unavailable, r->tasks);
		roll(r);
		break;
	case PLAN_STATEFUL_SET:
		roll_stateful_set(r, inputs, &f, one_at_a_time);
		break;
	case PLAN_DAEMON_SET:
		set_pace(r, f.surge > 0 ? f.surge : f.unavailable, r->tasks);
		if (f.surge > 0)
			replace_by_surge(r, f.surge);
		else
			replace_in_place(r, r->tasks, f.unavailable);
		break;
	case PLAN_RECREATE:
		r->floor = 0;
		r->ceiling = r->tasks;
		replace_in_place(r, r->tasks, r->tasks);
		break;
	case PLAN_JOB:
	case PLAN_KIND_COUNT:
		r->floor = 0;
		replace_job(r, plan_input(inputs, PLAN_REPLACEMENT) != 0);
		break;
	}
	rollout_finish(r);
	r->complete = r->all_new; /* terminating pods are no part of a rollout's status */
}
