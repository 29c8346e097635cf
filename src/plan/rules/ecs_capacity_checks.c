/* SPDX-License-Identifier: MIT */
/* How many tasks a rolling deployment may stop and start, and how long it waits for them. */
#include "plan/rules/ecs_checks.h"

enum {
	MAX_DEFAULT = 200,
	MIN_DEFAULT = 100,
	DELAY_DEFAULT_S = 300,
	LONG_DRAIN_S = 60,
	START_S =
		70, /* placement, image, boot and the first health checks, as `time` assumes them */
	MANY_WAVES = 3,
	TASKS_MAX = 100000,
};

struct capacity {
	bool is_known; /* both percentages are */
	int64_t min, max; /* percent */
	bool has_count;
	int64_t desired, lowest, highest; /* tasks: ceil(D*min/100), floor(D*max/100) */
};

static struct capacity capacity_of(const struct ecs_service *service)
{
	struct capacity capacity = {0};

	capacity.is_known = !service->is_deployment_unknown &&
			    value_number_or(&service->min, MIN_DEFAULT, &capacity.min) &&
			    value_number_or(&service->max, MAX_DEFAULT, &capacity.max) &&
			    capacity.min >= 0 && capacity.max >= 0 && capacity.max <= TASKS_MAX &&
			    capacity.min <= TASKS_MAX;
	capacity.has_count = capacity.is_known &&
			     value_number(&service->desired, &capacity.desired) &&
			     capacity.desired > 0 && capacity.desired <= TASKS_MAX;
	if (capacity.has_count) {
		capacity.lowest = (capacity.desired * capacity.min + 99) / 100;
		capacity.highest = capacity.desired * capacity.max / 100;
	}
	return capacity;
}

static bool is_rolling(const struct ecs_service *service)
{
	return !service->is_deployment_unknown &&
	       (value_is_absent(&service->strategy) || value_is(&service->strategy, "ROLLING")) &&
	       (value_is_absent(&service->controller) || value_is(&service->controller, "ECS"));
}

static bool is_daemon(const struct ecs_service *service)
{
	return value_is(&service->scheduling, "DAEMON");
}

static const struct node *or_service(const struct node *node, const struct ecs_service *service)
{
	return node ? node : service->deployment ? service->deployment : service->node;
}

/* LC201 */
static void check_stuck(struct check *check, const struct ecs_model *model,
	const struct ecs_service *service, const struct capacity *capacity)
{
	const struct node *place =
		or_service(service->max.node ? service->max.node : service->min.node, service);

	if (capacity->max <= capacity->min) {
		check_add(check, "LC201", place,
			ecs_fix_number(check, model, "MaximumPercent", capacity->min + 100),
			"at least %lld %% have to run and at most %lld %% may: ECS can neither "
			"stop nor "
			"start a task",
			(long long)capacity->min, (long long)capacity->max);
		return;
	}
	if (!capacity->has_count || capacity->highest > capacity->lowest)
		return;
	check_add(check, "LC201", place,
		ecs_fix_number(check, model, "MaximumPercent",
			((capacity->lowest + 1) * 100 + capacity->desired - 1) / capacity->desired),
		"a desired count of %lld%s needs at least %lld running task%s (%lld %%) and allows "
		"at most %lld (%lld %%): ECS can neither stop nor start a task",
		(long long)capacity->desired, ecs_by_default(&service->desired),
		(long long)capacity->lowest, capacity->lowest == 1 ? "" : "s",
		(long long)capacity->min, (long long)capacity->highest, (long long)capacity->max);
}

/* LC202 */
static void check_outage(struct check *check, const struct ecs_model *model,
	const struct ecs_service *service, const struct capacity *capacity)
{
	if (!capacity->has_count || capacity->lowest > 0 || capacity->highest > capacity->desired)
		return;
	check_add(check, "LC202", or_service(service->min.node, service),
		ecs_fix(check, model, "DeploymentConfiguration",
			check_text(check, "{\"%s\": 100, \"%s\": 200}",
				ecs_name(check, model, "MinimumHealthyPercent"),
				ecs_name(check, model, "MaximumPercent"))),
		"ECS may stop all tasks (%lld) before it starts new ones",
		(long long)capacity->desired);
}

/* LC203 */
static void check_needless_minimum(struct check *check, const struct ecs_model *model,
	const struct ecs_service *service, const struct capacity *capacity)
{
	if (capacity->min >= 100 || capacity->max < 200 ||
		(capacity->has_count && capacity->lowest == capacity->desired))
		return;
	check_add(check, "LC203", or_service(service->min.node, service),
		ecs_fix_number(check, model, "MinimumHealthyPercent", 100),
		"%lld %% of the tasks suffice during a deployment, although %lld %% may run: all "
		"new "
		"ones can start before an old one stops",
		(long long)capacity->min, (long long)capacity->max);
}

/* The largest delay of the service's target groups. False: it has none, or one is unknown. */
static bool delay_of(const struct ecs_service *service, int64_t *ret_delay)
{
	int64_t largest = -1;

	for (size_t i = 0; i < service->load_balancer_count; i++) {
		const struct ecs_target_group *group = service->load_balancers[i].target_group;
		int64_t delay;

		if (!group || group->has_more_attributes ||
			!value_number_or(&group->deregistration_delay, DELAY_DEFAULT_S, &delay))
			return false;
		largest = delay > largest ? delay : largest;
	}
	*ret_delay = largest;
	return largest >= 0;
}

/* LC204 */
static void check_waves(struct check *check, const struct ecs_model *model,
	const struct ecs_service *service, const struct capacity *capacity)
{
	const int64_t batch = capacity->highest - capacity->lowest;
	int64_t delay, waves;

	if (!capacity->has_count || batch <= 0 || !delay_of(service, &delay) ||
		delay <= LONG_DRAIN_S)
		return;
	waves = (capacity->desired + batch - 1) / batch;
	if (waves <= MANY_WAVES)
		return;
	check_add(check, "LC204", or_service(service->max.node, service),
		ecs_fix_number(check, model, "MaximumPercent", 200),
		"%lld waves, and each may wait %lld s for the load balancer", (long long)waves,
		(long long)delay);
}

static int64_t stop_timeout_of(const struct ecs_service *service)
{
	int64_t seconds;

	return service->task && ecs_slowest_stop(service->task, &seconds) ? seconds
									  : ECS_STOP_TIMEOUT_S;
}

/* LC208, LC209 */
static void check_rebalancing(struct check *check, const struct ecs_model *model,
	const struct ecs_service *service, const struct capacity *capacity)
{
	const struct value *rebalancing = &service->rebalancing;
	const bool has_room = !capacity->is_known || capacity->max > 100;
	const bool is_on = value_is(rebalancing, "ENABLED") ||
			   (value_is_absent(rebalancing) && service->default_desired_is_known &&
				   has_room && !ecs_service_is_external(service));
	int64_t delay = 0;

	if (is_on && !has_room) {
		check_add(check, "LC209", rebalancing->node,
			ecs_fix_number(check, model, "MaximumPercent",
				capacity->has_count && capacity->desired == 1 ? 200 : 150),
			"availability zone rebalancing needs more than %lld %%",
			(long long)capacity->max);
		return;
	}
	(void)delay_of(service, &delay);
	if (!is_on || is_daemon(service) || (capacity->has_count && capacity->desired == 1) ||
		(delay <= LONG_DRAIN_S && stop_timeout_of(service) <= LONG_DRAIN_S))
		return;
	check_add(check, "LC208", rebalancing->node ? rebalancing->node : service->node,
		ecs_fix(check, model, "AvailabilityZoneRebalancing", "\"DISABLED\""),
		"ECS may move tasks between availability zones%s, and each move drains a task",
		value_is_absent(rebalancing) ? " (the default of a new service)" : "");
}

/* LC210 */
static void check_early_success(
	struct check *check, const struct ecs_model *model, const struct ecs_service *service)
{
	int64_t delay, stop = stop_timeout_of(service);

	if (service->early_success || !delay_of(service, &delay) || delay + stop <= START_S)
		return;
	check_add(check, "LC210", or_service(NULL, service),
		model->is_cloudformation
			? check_setting(check, "EarlySuccessCriteria",
				  "{\"Enable\": true, \"HealthyPercent\": 100, "
				  "\"SourceServiceRevisionCleanup\": \"DEFERRED\"}")
			: check_setting(check, "earlySuccessCriteria",
				  "{\"enable\": true, \"healthyPercent\": 100, "
				  "\"sourceServiceRevisionCleanup\": \"DEFERRED\"}"),
		"a deployment is complete when the last old task is gone, up to %lld s after the "
		"new "
		"ones are healthy",
		(long long)(delay + stop));
}

void ecs_check_capacity(
	struct check *check, const struct ecs_model *model, const struct ecs_service *service)
{
	const struct capacity capacity = capacity_of(service);

	ecs_note_unknown(check, model, &service->min, "MinimumHealthyPercent");
	ecs_note_unknown(check, model, &service->max, "MaximumPercent");
	check_rebalancing(check, model, service, &capacity);
	if (!is_rolling(service) || is_daemon(service))
		return;
	if (capacity.is_known) {
		check_stuck(check, model, service, &capacity);
		check_outage(check, model, service, &capacity);
		check_needless_minimum(check, model, service, &capacity);
		check_waves(check, model, service, &capacity);
	}
	check_early_success(check, model, service);
}
