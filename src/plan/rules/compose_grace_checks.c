/* SPDX-License-Identifier: MIT */
/* The time between the stop signal and SIGKILL. */
#include "plan/rules/compose_checks.h"

#include "core/text/duration.h"

#define DEFAULT_GRACE (10 * COMPOSE_SECOND)
#define SWARM_WAITS (60 * COMPOSE_SECOND) /* swarmkit, restart.go, defaultOldTaskTimeout */

/* LC401 */
static void check_stop_timeout(
	const struct compose_check *c, int64_t grace, const struct value *given)
{
	const struct lastcall_settings *lastcall = c->service->lastcall;
	const struct node *node = given->node ? given->node : c->service->node;
	char timeout[DURATION_TEXT_BYTES], left[DURATION_TEXT_BYTES], whole[DURATION_TEXT_BYTES];

	if (lastcall->problem[0]) {
		check_add(compose_check_in(c, c->service->node), "LC401", c->service->node, "",
			"%s: lastcall does not start: %s", c->service->name, lastcall->problem);
		return;
	}
	if (!lastcall->is_timeout_known ||
		lastcall->budget.timeout <= compose_duration_seconds(grace) * 1000)
		return;
	(void)duration_text(timeout, lastcall->budget.timeout);
	check_add(compose_check_in(c, node), "LC401", node,
		check_text(c->check, "stop_grace_period: %s",
			duration_text(whole, (lastcall->budget.timeout + 999) / 1000 * 1000)),
		"%s: lastcall plans for %s (%s), and the container is killed after %s%s",
		c->service->name, timeout, lastcall->budget.timeout_source,
		duration_text(left, compose_duration_seconds(grace) * 1000),
		given->node ? "" : ", the default of stop_grace_period");
}

/* LC403 */
static void check_short(const struct compose_check *c, int64_t grace, const struct value *given)
{
	if (grace < 0)
		check_add(compose_check_in(c, given->node), "LC403", given->node,
			"stop_grace_period: 10s", "%s: stop_grace_period '%s' is negative",
			c->service->name, given->text);
	else if (grace > 0 && grace < COMPOSE_SECOND)
		check_add(compose_check_in(c, given->node), "LC403", given->node,
			"stop_grace_period: 2s",
			"%s: stop_grace_period '%s' is cut to whole seconds: the container is "
			"killed at once",
			c->service->name, given->text);
}

/* LC412 */
static void check_overlap(const struct compose_check *c, int64_t grace, const struct value *given)
{
	const struct node *order =
		compose_find(c->service, "deploy", "update_config", "order", NULL);

	if (c->model->target != COMPOSE_FOR_STACK || grace <= SWARM_WAITS ||
		(order && !node_has_text(order, "stop-first")))
		return;
	check_add(compose_check_in(c, given->node), "LC412", given->node,
		compose_has_volumes(c->service) ? "stop_grace_period: 55s" : "order: start-first",
		"%s: Swarm starts the new task after one minute, while the old one may drain for "
		"%s",
		c->service->name, given->text);
}

/* LC003: a variable without default. What is refused has a rule of its own. */
static void add_unknown(const struct compose_check *c, const struct value *given)
{
	if (given->state == VALUE_UNKNOWN && given->node)
		check_add(compose_check_in(c, given->node), "LC003", given->node,
			"stop_grace_period: ${GRACE:-30s}",
			"%s: stop_grace_period is known only at the deployment: no rule looks at "
			"it",
			c->service->name);
}

void compose_check_grace(const struct compose_check *c)
{
	struct value given;
	int64_t grace;

	if (!compose_duration_at(c->model, c->service, COMPOSE_PATH("stop_grace_period"),
		    DEFAULT_GRACE, &grace, &given)) {
		add_unknown(c, &given);
		return;
	}
	check_stop_timeout(c, grace, &given);
	if (!given.node)
		return;
	check_short(c, grace, &given);
	check_overlap(c, grace, &given);
}
