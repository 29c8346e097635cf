/* SPDX-License-Identifier: MIT */
/* Target groups and load balancers. */
#include "plan/rules/ecs_checks.h"

#include "core/text/duration.h"

#include <string.h>

enum {
	DELAY_DEFAULT_S = 300,
	DELAY_LONG_S = 60,
	DELAY_MAX_S = 3600,
	DELAY_GOOD_S = 30,
	NLB_DELAY_S = 120,
	INTERVAL_DEFAULT_S = 30,
	RECOVERY_LONG_S = 60,
	SLOW_START_S = 60,
	IDLE_DEFAULT_S = 60,
};

static bool is_http(const struct value *protocol)
{
	return value_is(protocol, "HTTP") || value_is(protocol, "HTTPS");
}

static const struct node *or_group(const struct node *node, const struct ecs_target_group *group)
{
	return node ? node : group->attributes ? group->attributes : group->node;
}

/* An attribute as a line to paste. */
static const char *attribute_fix(struct check *check, const char *key, int64_t value)
{
	return check_text(check,
		check->is_json ? "{\"Key\": \"%s\", \"Value\": \"%lld\"}"
			       : "{Key: %s, Value: \"%lld\"}",
		key, (long long)value);
}

static const char *delay_fix(struct check *check, int64_t seconds)
{
	return attribute_fix(check, "deregistration_delay.timeout_seconds", seconds);
}

/* The longest request that was measured, in whole seconds. */
static int64_t measured_s(const struct check *check)
{
	const msec_t longest = check->settings->longest_request;

	return longest == MSEC_NEVER ? -1 : (longest + 999) / 1000;
}

/* LC301, LC302, LC303, LC308 */
static void check_delay(struct check *check, const struct ecs_target_group *group)
{
	const struct value *value = &group->deregistration_delay;
	const int64_t measured = measured_s(check);
	char text[DURATION_TEXT_BYTES];
	int64_t delay;

	if (group->has_more_attributes || value->state == VALUE_UNKNOWN ||
		value_is(&group->target_type, "lambda") || value_is(&group->protocol, "GENEVE"))
		return; /* functions and appliances are no tasks */
	if (!value_number_or(value, DELAY_DEFAULT_S, &delay) || delay < 0 || delay > DELAY_MAX_S) {
		check_add(check, "LC303", value->node, delay_fix(check, DELAY_GOOD_S),
			"the deregistration delay '%s' is not a number of seconds from 0 to %d",
			value->text, DELAY_MAX_S);
		return;
	}
	if (measured > delay)
		check_add(check, "LC302", or_group(value->node, group), delay_fix(check, measured),
			"the deregistration delay is %lld s, and a request in the reports took %s",
			(long long)delay, duration_text(text, check->settings->longest_request));
	if (ecs_target_group_is_network(group)) {
		if (delay < NLB_DELAY_S)
			check_add(check, "LC308", or_group(value->node, group),
				delay_fix(check, NLB_DELAY_S),
				"behind a Network Load Balancer, %lld s are too few: new "
				"connections come "
				"for up to two minutes",
				(long long)delay);
		return;
	}
	if (delay <= DELAY_LONG_S || measured > DELAY_LONG_S)
		return;
	check_add(check, "LC301", or_group(value->node, group),
		delay_fix(check, measured > DELAY_GOOD_S ? measured : DELAY_GOOD_S),
		"every old task waits %lld s%s after its last request", (long long)delay,
		value_is_absent(value) ? ", the default," : ecs_by_default(value));
}

struct range {
	const char *name;
	const struct value *value;
	int64_t min, max, usual;
};

/* LC304 */
static bool check_ranges(struct check *check, const struct ecs_target_group *group)
{
	const struct range ranges[] = {
		{"HealthCheckIntervalSeconds", &group->interval, 5, 300, 5},
		{"HealthCheckTimeoutSeconds", &group->timeout, 2, 120, 4},
		{"HealthyThresholdCount", &group->healthy_count, 2, 10, 2},
		{"UnhealthyThresholdCount", &group->unhealthy_count, 2, 10, 2},
	};
	bool is_valid = true;
	int64_t number;

	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++) {
		const struct range *range = &ranges[i];

		if (value_is_absent(range->value))
			continue;
		if (value_number(range->value, &number) && number >= range->min &&
			number <= range->max)
			continue;
		is_valid = false;
		if (value_number(range->value, &number))
			check_add(check, "LC304", range->value->node,
				check_setting(check, range->name,
					check_text(check, "%lld", (long long)range->usual)),
				"%s is %lld%s and Elastic Load Balancing accepts %lld to %lld",
				range->name, (long long)number, ecs_by_default(range->value),
				(long long)range->min, (long long)range->max);
	}
	return is_valid;
}

/* LC304. The default of the timeout is not the same everywhere: 5 or 6 s with HTTP. */
static void check_overlap(struct check *check, const struct ecs_target_group *group)
{
	const bool is_equal_allowed = ecs_target_group_is_network(group);
	int64_t interval, timeout;

	if (!value_number_or(&group->interval, INTERVAL_DEFAULT_S, &interval))
		return;
	if (value_is_absent(&group->timeout) && interval <= 5 && value_is(&group->protocol, "HTTP"))
		check_add_as(check, "LC304", SEVERITY_NOTE, or_group(group->interval.node, group),
			check_setting(check, "HealthCheckTimeoutSeconds", "4"),
			"a check begins every %lld s and its timeout is not set: the default is 5 "
			"or 6 s",
			(long long)interval);
	if (!value_number(&group->timeout, &timeout) || timeout < interval ||
		(timeout == interval && is_equal_allowed))
		return;
	check_add(check, "LC304", group->timeout.node,
		check_setting(check, "HealthCheckTimeoutSeconds",
			check_text(check, "%lld", (long long)(interval > 5 ? 5 : interval - 1))),
		"a health check may take %lld s and the next one begins after %lld s",
		(long long)timeout, (long long)interval);
}

/* LC305 */
static void check_recovery(struct check *check, const struct ecs_target_group *group)
{
	int64_t interval, count;

	if (value_is_absent(&group->interval) && value_is_absent(&group->healthy_count))
		return;
	if (!value_number_or(&group->interval, INTERVAL_DEFAULT_S, &interval) ||
		!value_number_or(&group->healthy_count, group->default_healthy, &count) ||
		interval * count <= RECOVERY_LONG_S)
		return;
	check_add(check, "LC305",
		or_group(group->healthy_count.node ? group->healthy_count.node
						   : group->interval.node,
			group),
		check_setting(check, "HealthCheckIntervalSeconds", "5"),
		"a target that failed its checks gets no request for %lld s after it recovered",
		(long long)(interval * count));
}

/* LC306 */
static void check_path(struct check *check, const struct ecs_target_group *group)
{
	const struct value *protocol = value_is_absent(&group->health_protocol)
					       ? &group->protocol
					       : &group->health_protocol;

	if (!is_http(protocol) || value_is(&group->protocol_version, "GRPC") ||
		(!value_is_absent(&group->path) && !value_is(&group->path, "/")))
		return;
	check_add(check, "LC306", group->path.node ? group->path.node : group->node,
		check_setting(check, "HealthCheckPath",
			check->is_json ? "\"/healthcheck\"" : "/healthcheck"),
		"the health check asks for %s",
		value_is_absent(&group->path) ? "/, the default" : "/");
}

/* LC309, LC310 */
static void check_attributes(struct check *check, const struct ecs_target_group *group)
{
	int64_t seconds;

	if (value_number(&group->slow_start, &seconds) && seconds >= SLOW_START_S)
		check_add(check, "LC309", group->slow_start.node,
			attribute_fix(check, "slow_start.duration_seconds", 30),
			"a new target gets its full share of the requests after %lld s",
			(long long)seconds);
	if (ecs_target_group_is_network(group) &&
		value_is_word(&group->connection_termination, "true"))
		check_add(check, "LC310", group->connection_termination.node, "",
			"connections are cut at the end of the deregistration delay");
}

void ecs_check_target_group(
	struct check *check, const struct ecs_model *model, const struct ecs_target_group *group)
{
	if (group->is_joined)
		return;
	ecs_check_in(check, &group->attributes_origin);
	ecs_note_unknown(
		check, model, &group->deregistration_delay, "deregistration_delay.timeout_seconds");
	check_delay(check, group);
	check_attributes(check, group);
	ecs_check_in(check, &group->origin);
	if (group->is_partial || value_is(&group->target_type, "lambda"))
		return; /* the defaults of a function are others, and no task is behind it */
	if (check_ranges(check, group))
		check_overlap(check, group);
	check_recovery(check, group);
	check_path(check, group);
}

/* The keep-alive timeout that a server's words set; -1: none. */
static int64_t keep_alive_of(const struct ecs_words *words)
{
	static const char *const options[] = {
		"--keep-alive", "--keepalive", "--timeout-keep-alive"};

	for (size_t i = 0; i < words->count; i++) {
		for (size_t j = 0; j < sizeof(options) / sizeof(*options); j++) {
			const size_t len = strlen(options[j]);
			const char *word = words->words[i], *text = NULL;
			int64_t number;

			if (strcmp(word, options[j]) == 0)
				text = words->words[i + 1];
			else if (strncmp(word, options[j], len) == 0 && word[len] == '=')
				text = word + len + 1;
			if (text &&
				value_number(&(struct value){.state = VALUE_KNOWN, .text = text},
					&number))
				return number;
		}
	}
	return -1;
}

static void check_keep_alive(struct check *check, const struct ecs_words *words,
	const struct ecs_balancer *balancer, int64_t idle)
{
	const int64_t keep_alive = keep_alive_of(words);

	if (keep_alive < 0 || keep_alive > idle)
		return;
	check_add(check, "LC307", words->node, "",
		"the server closes idle connections after %lld s, and the load balancer %s keeps "
		"them "
		"for %lld s: let the server keep them longer",
		(long long)keep_alive, balancer->name, (long long)idle);
}

/* LC307. Which service a balancer belongs to is known where there is but one balancer. */
void ecs_check_balancer(
	struct check *check, const struct ecs_model *model, const struct ecs_balancer *balancer)
{
	int64_t idle;

	if (balancer->is_network || model->balancer_count != 1 ||
		!value_number_or(&balancer->idle_timeout, IDLE_DEFAULT_S, &idle))
		return;
	for (size_t i = 0; i < model->service_count; i++) {
		const struct ecs_service *service = &model->services[i];

		for (size_t j = 0; service->task && j < service->load_balancer_count; j++) {
			const struct ecs_container *container = ecs_task_container(
				service->task, service->load_balancers[j].container);

			if (!container)
				continue;
			check_keep_alive(check, &container->entry_point, balancer, idle);
			check_keep_alive(check, &container->command, balancer, idle);
		}
	}
}
