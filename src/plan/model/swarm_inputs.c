/* SPDX-License-Identifier: MIT */
#include "plan/model/swarm_inputs.h"

#include "plan/model/number.h"

struct filler {
	const struct compose_model *model;
	const struct compose_service *service;
	struct plan_inputs *inputs;
};

#define MILLISECOND 1000000
#define DEFAULT_INTERVAL (30 * COMPOSE_SECOND) /* moby, daemon/health.go */
#define DEFAULT_START_INTERVAL (5 * COMPOSE_SECOND) /* the same, since 27.0; 30 s before */

static void set(
	const struct filler *filler, enum plan_input input, const struct node *node, int64_t number)
{
	const struct plan_value value = {
		.number = number,
		.source = PLAN_DOCUMENT,
		.place = {compose_file_of(filler->model, node), node->line, node->column},
	};

	(void)plan_inputs_set(filler->inputs, input, &value); /* a note says what it cannot have */
}

static void set_duration(
	const struct filler *filler, enum plan_input input, const char *const path[])
{
	struct value value;
	int64_t ns;

	if (!compose_duration_at(filler->model, filler->service, path, 0, &ns, &value))
		filler->inputs->values[input].is_unknown = !value_is_absent(&value);
	else if (value.node && ns >= 0)
		set(filler, input, value.node, ns / MILLISECOND);
}

static void set_count(const struct filler *filler, enum plan_input input, const char *const path[])
{
	const struct value value = compose_value(filler->model, filler->service, path);
	int64_t count;

	if (value_number(&value, &count) && count >= 0)
		set(filler, input, value.node, count);
	else if (!value_is_absent(&value))
		filler->inputs->values[input].is_unknown = true;
}

/* Of the service; that of its image is in no file. */
static bool is_health_off(const struct compose_service *service)
{
	const struct node *test = compose_find(service, "healthcheck", "test", NULL);

	return node_is_true(compose_find(service, "healthcheck", "disable", NULL)) ||
	       node_has_text(node_first(test), "NONE");
}

/* Docker checks at another interval as long as the start period lasts (moby, daemon/health.go, monitor). What only
 * the deployment knows leaves the longer one. */
static void add_start_period(const struct filler *filler)
{
	struct value value;
	int64_t period, interval;

	if (!compose_duration_at(filler->model, filler->service,
		    COMPOSE_PATH("healthcheck", "start_period"), 0, &period, &value) ||
		!compose_duration_at(filler->model, filler->service,
			COMPOSE_PATH("healthcheck", "start_interval"), DEFAULT_START_INTERVAL,
			&interval, &value) ||
		period < MILLISECOND || interval < MILLISECOND)
		return;
	filler->inputs->start_period = period / MILLISECOND;
	filler->inputs->start_interval = interval / MILLISECOND;
}

/* Docker checks every 30 s where the file only says how. */
static void add_health(const struct filler *filler)
{
	const struct node *test = compose_find(filler->service, "healthcheck", "test", NULL);

	if (is_health_off(filler->service))
		return;
	if (test && !compose_find(filler->service, "healthcheck", "interval", NULL))
		set(filler, PLAN_HEALTH_INTERVAL, test, DEFAULT_INTERVAL / MILLISECOND);
	set_duration(filler, PLAN_HEALTH_INTERVAL, COMPOSE_PATH("healthcheck", "interval"));
	add_start_period(filler);
}

void swarm_inputs_add(const struct compose_model *model, const struct compose_service *service,
	struct plan_inputs *inputs)
{
	const struct filler filler = {model, service, inputs};
	const struct value order =
		compose_value(model, service, COMPOSE_PATH("deploy", "update_config", "order"));
	const struct value mode = compose_value(model, service, COMPOSE_PATH("deploy", "mode"));

	inputs->platform = PLAN_SWARM;
	inputs->platform_is_known = true;
	inputs->name = service->name;
	inputs->has_lastcall = service->lastcall->is_used;
	set_count(&filler, PLAN_DESIRED, COMPOSE_PATH("deploy", "replicas"));
	if (value_is(&mode, "global")) /* a task on each node */
		inputs->values[PLAN_DESIRED].is_unknown = true;
	set_duration(&filler, PLAN_STOP_TIMEOUT, COMPOSE_PATH("stop_grace_period"));
	set_count(
		&filler, PLAN_PARALLELISM, COMPOSE_PATH("deploy", "update_config", "parallelism"));
	set_duration(&filler, PLAN_DELAY, COMPOSE_PATH("deploy", "update_config", "delay"));
	set_duration(&filler, PLAN_MONITOR, COMPOSE_PATH("deploy", "update_config", "monitor"));
	if (value_is(&order, "start-first") || value_is(&order, "stop-first"))
		set(&filler, PLAN_ORDER, order.node,
			value_is(&order, "start-first") ? PLAN_START_FIRST : PLAN_STOP_FIRST);
	add_health(&filler);
}
