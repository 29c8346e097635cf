/* SPDX-License-Identifier: MIT */
/* Updates: in Swarm, and without it. */
#include "plan/rules/compose_checks.h"

#include "core/text/duration.h"
#include "plan/core/compose_variables.h"

#define DEFAULT_MONITOR (5 * COMPOSE_SECOND) /* swarmkit, api/defaults/service.go */
#define DEFAULT_INTERVAL (30 * COMPOSE_SECOND) /* moby, daemon/health.go */

/* Two tasks cannot have one port of a node. */
static bool has_port_of_node(const struct compose_service *service)
{
	const struct node *port = node_first(compose_find(service, "ports", NULL));

	while (port && !node_has_text(node_get(port, "mode"), "host"))
		port = port->next;
	return port;
}

static bool is_single(const struct compose_check *c)
{
	const struct value mode =
		compose_value(c->model, c->service, COMPOSE_PATH("deploy", "mode"));
	const struct value replicas =
		compose_value(c->model, c->service, COMPOSE_PATH("deploy", "replicas"));
	int64_t count;

	return (value_is_absent(&mode) || value_is(&mode, "replicated")) &&
	       value_number_or(&replicas, 1, &count) && count == 1;
}

/* Without update_config Swarm updates with its defaults. */
static const struct node *update_place(const struct compose_check *c, const struct node *update)
{
	return update ? update : c->service->node;
}

static const char *update_fix(
	const struct compose_check *c, const struct node *update, const char *setting)
{
	return update ? setting : check_text(c->check, "deploy: {update_config: {%s}}", setting);
}

/* LC405 */
static void check_order(const struct compose_check *c, const struct node *update)
{
	const struct node *place = update_place(c, update);
	const struct value order = compose_value(
		c->model, c->service, COMPOSE_PATH("deploy", "update_config", "order"));
	const struct value parallelism = compose_value(
		c->model, c->service, COMPOSE_PATH("deploy", "update_config", "parallelism"));
	const bool stops_first = value_is_absent(&order) || value_is(&order, "stop-first");

	if (!node_count(compose_find(c->service, "ports", NULL)) ||
		compose_has_volumes(c->service) || has_port_of_node(c->service) || !stops_first)
		return;
	if (is_single(c))
		check_add(compose_check_in(c, place), "LC405", place,
			update_fix(c, update, "order: start-first"),
			"%s: an update stops the only task before it starts the new one",
			c->service->name);
	else if (value_is(&parallelism, "0"))
		check_add(compose_check_in(c, parallelism.node), "LC405", parallelism.node,
			"parallelism: 1", "%s: an update stops all tasks at once",
			c->service->name);
}

/* LC406 */
static void check_unused(const struct compose_check *c, const struct node *update)
{
	if (c->model->target == COMPOSE_FOR_UP)
		check_add(compose_check_in(c, update), "LC406", update, "docker stack deploy",
			"%s: docker compose up does not read update_config: it stops the old "
			"container, and then starts the new one",
			c->service->name);
}

/* How long the health check needs to find a task unhealthy; false: unknown, or there is none. */
static bool health_time(const struct compose_check *c, int64_t *ret_ns)
{
	const struct value retries =
		compose_value(c->model, c->service, COMPOSE_PATH("healthcheck", "retries"));
	struct value value;
	int64_t interval, period, count;

	if (!compose_find(c->service, "healthcheck", "test", NULL) ||
		!compose_duration_at(c->model, c->service, COMPOSE_PATH("healthcheck", "interval"),
			DEFAULT_INTERVAL, &interval, &value) ||
		!compose_duration_at(c->model, c->service,
			COMPOSE_PATH("healthcheck", "start_period"), 0, &period, &value) ||
		!value_number_or(&retries, 3, &count) || count < 0 || count > 1000)
		return false;
	if (__builtin_mul_overflow(interval, count, ret_ns) ||
		__builtin_add_overflow(*ret_ns, period, ret_ns))
		return false;
	return true;
}

/* LC409 */
static void check_failure(const struct compose_check *c, const struct node *update)
{
	const struct value action = compose_value(
		c->model, c->service, COMPOSE_PATH("deploy", "update_config", "failure_action"));
	const struct node *place = update_place(c, update);
	char time[DURATION_TEXT_BYTES];
	struct value value;
	int64_t monitor, needed;

	if (c->model->target == COMPOSE_FOR_UP ||
		!(value_is_absent(&action) || value_is(&action, "pause")) ||
		!compose_duration_at(c->model, c->service,
			COMPOSE_PATH("deploy", "update_config", "monitor"), DEFAULT_MONITOR,
			&monitor, &value) ||
		!health_time(c, &needed) || needed <= monitor)
		return;
	(void)duration_text(time, needed / 1000000);
	check_add(compose_check_in(c, place), "LC409", place,
		check_text(c->check, "%supdate_config: {failure_action: rollback, monitor: %s}%s",
			update ? "" : "deploy: {", time, update ? "" : "}"),
		"%s: the health check takes %s to fail, after the update has stopped watching the "
		"task, and a failed update only pauses",
		c->service->name, time);
}

/* Jobs of Swarm are not updated. */
static bool is_job(const struct compose_check *c)
{
	const struct value mode =
		compose_value(c->model, c->service, COMPOSE_PATH("deploy", "mode"));

	return value_is(&mode, "replicated-job") || value_is(&mode, "global-job");
}

void compose_check_deploy(const struct compose_check *c)
{
	const struct node *update = compose_find(c->service, "deploy", "update_config", NULL);

	if (c->service->is_partial || is_job(c) ||
		(!update && c->model->target != COMPOSE_FOR_STACK))
		return;
	check_unused(c, update);
	check_failure(c, update);
	if (c->model->target != COMPOSE_FOR_UP)
		check_order(c, update);
}

static void check_text_of(struct check *check, const struct node *node)
{
	struct compose_variables variables;
	char buf[1];
	struct text text;

	text_init(&text, buf, sizeof(buf)); /* what the value is does not matter */
	if (compose_variables_replace(node->text, COMPOSE_UP, &text, &variables) == 0 &&
		variables.has_plus)
		check_add(check, "LC408", node, "${NAME:-default}",
			"docker stack deploy does not know the form with '+' in '%.80s': it fails, "
			"or takes it as it stands",
			node->text);
}

/* LC408. Aliases lead to what is found at its anchor. */
static void check_node(struct check *check, const struct node *node)
{
	if (node->kind == NODE_SCALAR)
		check_text_of(check, node);
	if (node->kind != NODE_SEQUENCE && node->kind != NODE_MAPPING)
		return;
	for (const struct node *child = node_child(node); child; child = child->next) {
		if (node->kind == NODE_MAPPING)
			child = child->next; /* keys have no variables */
		check_node(check, child);
	}
}

void compose_check_variables(
	struct check *check, const struct compose_model *model, const struct node *root)
{
	if (model->target == COMPOSE_FOR_STACK && root)
		check_node(check, root);
}
