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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_service_finds_its_task_definition),
		cmocka_unit_test(values_have_the_place_of_their_own_file),
		cmocka_unit_test(attributes_of_one_of_two_target_groups_are_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
