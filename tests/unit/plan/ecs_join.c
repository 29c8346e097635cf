/* SPDX-License-Identifier: MIT */
#include "plan/model/ecs_inputs.h"
#include "plan/model/ecs_join.h"
#include "plan/model/ecs_reader.h"

#include "plan/document/documents.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#define MAX_FILES 4
#define ARN "arn:aws:ecs:eu-west-3:123456789012:task-definition/"

struct file {
	const char *name, *text;
};

struct joined {
	struct documents files[MAX_FILES];
	size_t count;
	struct arena arena;
	struct ecs_model model;
};

/* Files end at a NULL name; backwards: the last one is read first. */
static void joined_read(struct joined *joined, const struct file *files, bool is_backwards)
{
	struct document *documents[MAX_FILES];

	*joined = (struct joined){0};
	while (joined->count < MAX_FILES && files[joined->count].name)
		joined->count++;
	for (size_t i = 0; i < joined->count; i++) {
		const struct file *file = &files[is_backwards ? joined->count - 1 - i : i];

		documents_read(
			file->name, strdup(file->text), strlen(file->text), &joined->files[i]);
		documents[i] = joined->files[i].list;
		assert_true(ecs_json_recognises(documents[i]->root));
	}
	ecs_json_read(documents, joined->count, &joined->arena, &joined->model);
}

static void joined_done(struct joined *joined)
{
	ecs_model_done(&joined->model);
	arena_done(&joined->arena);
	for (size_t i = 0; i < joined->count; i++)
		documents_done(&joined->files[i]);
}

#define SERVICE(task) "{serviceName: web, desiredCount: 2, taskDefinition: '" task "'}"
#define REGISTERED(family) "{family: " family ", containerDefinitions: [{name: web}]}"
#define DESCRIBED(name, family)                                                                    \
	"{taskDefinition: {taskDefinitionArn: '" ARN name "', family: " family                     \
	", containerDefinitions: [{name: web}]}}"

/* Which file the first service's task definition is in, whatever the order of the files; NULL: none. */
static void each_service_finds_its_task_definition(void **state)
{
	static const struct {
		const char *why;
		struct file files[MAX_FILES];
		const char *task;
		size_t matches;
	} rows[] = {
		{"a family", {{"s", SERVICE("web")}, {"t", REGISTERED("web")}}, "t", 1},
		{"a family with a revision, registered",
			{{"s", SERVICE("web:3")}, {"t", REGISTERED("web")}}, "t", 1},
		{"an ARN, registered", {{"s", SERVICE(ARN "web:3")}, {"t", REGISTERED("web")}}, "t",
			1},
		{"an ARN, described",
			{{"s", SERVICE(ARN "web:3")}, {"t", DESCRIBED("web:3", "web")}}, "t", 1},
		{"a revision, described",
			{{"s", SERVICE("web:3")}, {"t", DESCRIBED("web:3", "web")}}, "t", 1},
		{"no revision, described",
			{{"s", SERVICE("web")}, {"t", DESCRIBED("web:3", "web")}}, "t", 1},
		{"another revision", {{"s", SERVICE("web:3")}, {"t", DESCRIBED("web:33", "web")}},
			NULL, 0},
		{"an ARN of another account",
			{{"s", SERVICE("arn:aws:ecs:eu-west-3:999999999999:task-definition/web:3")},
				{"t", DESCRIBED("web:3", "web")}},
			NULL, 0},
		{"an ARN without a revision",
			{{"s", SERVICE(ARN "web")}, {"t", DESCRIBED("web:3", "web")}}, "t", 1},
		{"another family", {{"s", SERVICE("web")}, {"t", REGISTERED("webs")}}, NULL, 0},
		{"a family that begins alike", {{"s", SERVICE("webs")}, {"t", REGISTERED("web")}},
			NULL, 0},
		{"the revision before the family",
			{{"s", SERVICE("web:3")}, {"t", REGISTERED("web")},
				{"u", DESCRIBED("web:3", "web")}},
			"u", 1},
		{"two of a family",
			{{"s", SERVICE("web")}, {"t", REGISTERED("web")}, {"u", REGISTERED("web")}},
			NULL, 2},
		{"the one of the same folder",
			{{"a/s", SERVICE("web")}, {"b/t", REGISTERED("web")},
				{"a/t", REGISTERED("web")}},
			"a/t", 1},
		{"no folder is none that is named",
			{{"s", SERVICE("web")}, {"a/t", REGISTERED("web")}}, "a/t", 1},
		{"the only one of a folder",
			{{"a/s", "{serviceName: web, deploymentConfiguration: {}}"},
				{"a/t", REGISTERED("web")}, {"t", REGISTERED("web")}},
			"a/t", 1},
		{"a folder with two slashes",
			{{"a//s", "{serviceName: web, deploymentConfiguration: {}}"},
				{"a/t", REGISTERED("web")}},
			"a/t", 1},
		{"two of a folder",
			{{"s", "{serviceName: web, deploymentConfiguration: {}}"},
				{"t", REGISTERED("web")}, {"u", REGISTERED("other")}},
			NULL, 2},
		{"the only one, with other containers",
			{{"s", "{serviceName: web, deploymentConfiguration: {}, loadBalancers: "
			       "[{containerName: proxy, targetGroupArn: x}]}"},
				{"t", REGISTERED("web")}},
			NULL, 1},
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(*rows); i++) {
		const struct ecs_service *service;
		struct joined joined;

		print_message("%s\n", rows[i / 2].why);
		joined_read(&joined, rows[i / 2].files, i % 2);
		assert_int_equal(joined.model.service_count, 1);
		service = &joined.model.services[0];
		assert_int_equal(service->task_matches, rows[i / 2].matches);
		if (rows[i / 2].task) {
			assert_non_null(service->task);
			assert_string_equal(service->task->origin.file, rows[i / 2].task);
		} else {
			assert_null(service->task);
		}
		joined_done(&joined);
	}
}

static void values_have_the_place_of_their_own_file(void **state)
{
	static const struct file files[MAX_FILES] = {
		{"service",
			"{serviceName: web, desiredCount: 2, taskDefinition: web, loadBalancers: "
			"[{targetGroupArn: 'arn:1', containerName: web}]}"},
		{"task", "\nfamily: web\ncontainerDefinitions: [{name: web, stopTimeout: 90}]\n"},
		{"group", "TargetGroups: [{TargetGroupArn: 'arn:1', HealthCheckIntervalSeconds: "
			  "7}]\n"},
		{"list",
			"Attributes: [{Key: deregistration_delay.timeout_seconds, Value: '20'}]\n"},
	};
	static const struct {
		enum plan_input input;
		int64_t number;
		const char *file;
		unsigned line;
	} rows[] = {
		{PLAN_DESIRED, 2, "service", 1},
		{PLAN_STOP_TIMEOUT, 90000, "task", 3},
		{PLAN_HEALTH_INTERVAL, 7000, "group", 1},
		{PLAN_DEREGISTRATION_DELAY, 20000, "list", 1},
	};

	(void)state;
	for (int is_backwards = 0; is_backwards < 2; is_backwards++) {
		struct plan_inputs inputs = {0};
		struct joined joined;

		joined_read(&joined, files, is_backwards);
		ecs_inputs_add_service(&joined.model.services[0], NULL, &inputs);
		for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
			const struct plan_value *value = &inputs.values[rows[i].input];

			assert_int_equal(value->number, rows[i].number);
			assert_string_equal(value->place.file, rows[i].file);
			assert_int_equal(value->place.line, rows[i].line);
		}
		joined_done(&joined);
	}
}

/* Attributes do not name their target group: with two target groups the delay is unknown. */
static void attributes_of_one_of_two_target_groups_are_unknown(void **state)
{
	static const struct file files[MAX_FILES] = {
		{"service",
			"{serviceName: web, desiredCount: 2, taskDefinition: web, loadBalancers: "
			"[{targetGroupArn: 'arn:1', containerName: web}]}"},
		{"groups",
			"TargetGroups: [{TargetGroupArn: 'arn:1'}, {TargetGroupArn: 'arn:2'}]\n"},
		{"list",
			"Attributes: [{Key: deregistration_delay.timeout_seconds, Value: '20'}]\n"},
	};
	struct plan_inputs inputs = {0};
	struct joined joined;

	(void)state;
	joined_read(&joined, files, false);
	ecs_inputs_add_service(&joined.model.services[0], NULL, &inputs);
	assert_int_equal(inputs.values[PLAN_DEREGISTRATION_DELAY].source, PLAN_UNSET);
	assert_true(inputs.values[PLAN_DEREGISTRATION_DELAY].is_unknown);
	joined_done(&joined);
}

/* The order of the API's answer is none. */
static void attributes_are_known_by_any_of_their_keys(void **state)
{
	static const struct file files[MAX_FILES] = {
		{"service",
			"{serviceName: web, desiredCount: 2, taskDefinition: web, loadBalancers: "
			"[{targetGroupArn: 'arn:1', containerName: web}]}"},
		{"group", "TargetGroups: [{TargetGroupArn: 'arn:1'}]\n"},
		{"list", "Attributes: [{Key: proxy_protocol_v2.enabled, Value: 'false'}, "
			 "{Key: deregistration_delay.timeout_seconds, Value: '20'}]\n"},
	};
	struct plan_inputs inputs = {0};
	struct joined joined;

	(void)state;
	joined_read(&joined, files, false);
	ecs_inputs_add_service(&joined.model.services[0], NULL, &inputs);
	assert_int_equal(inputs.values[PLAN_DEREGISTRATION_DELAY].number, 20000);
	joined_done(&joined);
}

static struct plan_inputs inputs_of_task(const char *containers)
{
	char text[512];
	const struct file files[MAX_FILES] = {{"service", SERVICE("web")}, {"task", text}};
	struct plan_inputs inputs = {0};
	struct joined joined;

	assert_true(snprintf(text, sizeof text, "{family: web, containerDefinitions: [%s]}",
			    containers) < (int)sizeof text);
	joined_read(&joined, files, false);
	ecs_inputs_add_service(&joined.model.services[0], NULL, &inputs);
	joined_done(&joined);
	return inputs;
}

/* In seconds; 0: the document sets none. */
static int64_t stop_timeout_of(const char *containers)
{
	return inputs_of_task(containers).values[PLAN_STOP_TIMEOUT].number / 1000;
}

static int64_t check_of(const char *containers)
{
	return inputs_of_task(containers).values[PLAN_HEALTH_INTERVAL].number / 1000;
}

#define CHECKED(name, interval)                                                                    \
	"{name: " name ", healthCheck: {command: [CMD, a], interval: " interval "}}"

static void the_slowest_check_of_an_essential_container_counts(void **state)
{
	(void)state;
	assert_int_equal(check_of(CHECKED("a", "7")), 7);
	assert_int_equal(check_of(CHECKED("a", "7") ", " CHECKED("b", "5")), 7);
	assert_int_equal(check_of(CHECKED("a", "5") ", " CHECKED("b", "7")), 7);
	assert_int_equal(check_of(CHECKED("a", "5") ", {name: b, essential: false, healthCheck: "
						    "{command: [CMD, a], interval: 60}}"),
		5);
	assert_int_equal(check_of("{name: a, healthCheck: {command: [CMD, a]}}"), 30);
	assert_int_equal(check_of("{name: a}"), 0);
}

/* A container without stopTimeout has 30 s, and the task waits for the last of its containers. */
static void the_longest_stop_timeout_counts_defaults_included(void **state)
{
	(void)state;
	assert_int_equal(stop_timeout_of("{name: a, stopTimeout: 2}"), 2);
	assert_int_equal(
		stop_timeout_of("{name: a, stopTimeout: 2}, {name: b, stopTimeout: 7}"), 7);
	assert_int_equal(stop_timeout_of("{name: a}, {name: b, stopTimeout: 2}"), 0);
	assert_int_equal(stop_timeout_of("{name: a, stopTimeout: 2}, {name: b}"), 0);
	assert_int_equal(stop_timeout_of("{name: a}, {name: b, stopTimeout: 90}"), 90);
	assert_int_equal(stop_timeout_of("{name: a}"), 0);
}

static struct plan_inputs inputs_of_service(const char *more)
{
	char text[256];
	const struct file files[MAX_FILES] = {{"service", text}};
	struct plan_inputs inputs = {0};
	struct joined joined;

	assert_true(snprintf(text, sizeof text,
			    "{serviceName: web, taskDefinition: web, desiredCount: 4, %s}",
			    more) < (int)sizeof text);
	joined_read(&joined, files, false);
	ecs_inputs_add_service(&joined.model.services[0], NULL, &inputs);
	joined_done(&joined);
	return inputs;
}

static void a_daemon_has_defaults_of_its_own(void **state)
{
	struct plan_inputs inputs = inputs_of_service("schedulingStrategy: DAEMON");

	(void)state;
	assert_true(inputs.is_daemon);
	assert_int_equal(inputs.values[PLAN_DESIRED].number, 4);
	plan_inputs_complete(&inputs);
	assert_int_equal(inputs.values[PLAN_MIN_PERCENT].number, 0);
	assert_int_equal(inputs.values[PLAN_MAX_PERCENT].number, 100);
	assert_int_equal(inputs.values[PLAN_MAX_PERCENT].source, PLAN_DEFAULT);
	assert_int_equal(inputs.values[PLAN_AZ_REBALANCING].number, 0);
	inputs = inputs_of_service("schedulingStrategy: DAEMON, "
				   "deploymentConfiguration: {minimumHealthyPercent: 50}");
	plan_inputs_complete(&inputs);
	assert_int_equal(inputs.values[PLAN_MIN_PERCENT].number, 50);
	assert_int_equal(inputs.values[PLAN_MAX_PERCENT].number, 100);
	inputs = inputs_of_service("schedulingStrategy: REPLICA");
	plan_inputs_complete(&inputs);
	assert_int_equal(inputs.values[PLAN_MAX_PERCENT].number, 200);
}

static void another_controller_leaves_the_strategy_unknown(void **state)
{
	(void)state;
	assert_false(inputs_of_service("deploymentController: {type: ECS}")
			     .values[PLAN_STRATEGY]
			     .is_unknown);
	assert_true(inputs_of_service("deploymentController: {type: CODE_DEPLOY}")
			    .values[PLAN_STRATEGY]
			    .is_unknown);
}

/* The note must not say that the document gives none. */
static void numbers_that_are_none_are_no_defaults(void **state)
{
	static const struct {
		const char *text;
		bool is_unknown, is_refused;
	} rows[] = {
		{"healthCheckGracePeriodSeconds: 9", false, false},
		{"healthCheckGracePeriodSeconds: -9", false, true},
		{"healthCheckGracePeriodSeconds: 99999999999", false, true},
		{"healthCheckGracePeriodSeconds: 99999999999999999999", true, false},
		{"healthCheckGracePeriodSeconds: '${GRACE}'", true, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct plan_inputs inputs = inputs_of_service(rows[i].text);
		const struct plan_value *value = &inputs.values[PLAN_HEALTH_GRACE];

		print_message("%s\n", rows[i].text);
		assert_int_equal(value->is_unknown, rows[i].is_unknown);
		assert_int_equal(value->is_refused, rows[i].is_refused);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_service_finds_its_task_definition),
		cmocka_unit_test(values_have_the_place_of_their_own_file),
		cmocka_unit_test(attributes_of_one_of_two_target_groups_are_unknown),
		cmocka_unit_test(attributes_are_known_by_any_of_their_keys),
		cmocka_unit_test(the_longest_stop_timeout_counts_defaults_included),
		cmocka_unit_test(the_slowest_check_of_an_essential_container_counts),
		cmocka_unit_test(numbers_that_are_none_are_no_defaults),
		cmocka_unit_test(a_daemon_has_defaults_of_its_own),
		cmocka_unit_test(another_controller_leaves_the_strategy_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
