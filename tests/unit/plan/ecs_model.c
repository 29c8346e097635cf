/* SPDX-License-Identifier: MIT */
#include "plan/model/ecs_inputs.h"
#include "plan/model/ecs_reader.h"

#include "plan/document/documents.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

struct template
{
	struct documents documents;
	struct arena arena;
	struct cfn cfn;
	struct ecs_model model;
};

static void template_read(struct template *template, const char *text)
{
	*template = (struct template){0};
	documents_read("a.yaml", strdup(text), strlen(text), &template->documents);
	template->cfn = (struct cfn){.root = template->documents.list[0].root};
	assert_true(ecs_template_recognises(template->cfn.root));
	ecs_template_read(&template->cfn, &template->arena, &template->model);
}

static void template_again(struct template *template)
{
	ecs_model_done(&template->model);
	ecs_template_read(&template->cfn, &template->arena, &template->model);
}

static void template_done(struct template *template)
{
	ecs_model_done(&template->model);
	arena_done(&template->arena);
	documents_done(&template->documents);
}

static const char parts[] =
	"Parameters:\n"
	"  Stop: {Type: Number, Default: 60}\n"
	"  Path: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /a/b}\n"
	"Conditions:\n"
	"  Prod: !Equals [!Ref 'AWS::Region', eu-west-3]\n"
	"  Other: !Not [!Condition Prod]\n"
	"Resources:\n"
	"  Task:\n"
	"    Type: AWS::ECS::TaskDefinition\n"
	"    Properties:\n"
	"      RequiresCompatibilities: [FARGATE]\n"
	"      ContainerDefinitions:\n"
	"        - {Name: web, StopTimeout: !Ref Stop, EntryPoint: [lastcall, !Ref Path]}\n"
	"  Group:\n"
	"    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
	"    Properties:\n"
	"      HealthCheckIntervalSeconds: \"5\"\n"
	"      TargetGroupAttributes:\n"
	"        - {Key: stickiness.enabled, Value: false}\n"
	"        - {Key: deregistration_delay.timeout_seconds, Value: !If [Prod, 30, 60]}\n"
	"  Service:\n"
	"    Type: AWS::ECS::Service\n"
	"    Metadata: {'aws:cdk:path': App/Service}\n"
	"    Properties:\n"
	"      DesiredCount: '4'\n"
	"      TaskDefinition: !GetAtt Task.Arn\n"
	"      DeploymentConfiguration:\n"
	"        MaximumPercent: !If [Other, 150, 200]\n"
	"        Strategy: LINEAR\n"
	"        LinearConfiguration: {StepPercent: 33.3}\n"
	"      LoadBalancers:\n"
	"        - {TargetGroupArn: {Ref: Group}, ContainerName: web}\n"
	"        - !If [Prod, {TargetGroupArn: x, ContainerName: y}, !Ref 'AWS::NoValue']\n"
	"  Absent:\n"
	"    Type: AWS::ECS::Service\n"
	"    Condition: Other\n"
	"    Properties: {}\n";

static void parts_of_a_template_are_joined(void **state)
{
	const struct ecs_service *service;
	struct template template;

	(void)state;
	template_read(&template, parts);
	assert_int_equal(template.model.service_count, 1);
	service = &template.model.services[0];
	assert_string_equal(service->anchor, "App/Service");
	assert_ptr_equal(service->task, &template.model.tasks[0]);
	assert_int_equal(service->load_balancer_count, 2);
	assert_ptr_equal(service->load_balancers[0].target_group, &template.model.target_groups[0]);
	assert_null(service->load_balancers[1].target_group);
	assert_true(ecs_task_is_fargate(&template.model, service->task));
	template_done(&template);
}

static void parameter_is_its_default_unless_it_is_looked_up(void **state)
{
	const struct ecs_container *container;
	struct template template;
	int64_t number;

	(void)state;
	template_read(&template, parts);
	container = &template.model.tasks[0].containers[0];
	assert_true(value_number(&container->stop_timeout, &number));
	assert_int_equal(number, 60);
	assert_true(container->stop_timeout.is_default);
	assert_int_equal(container->stop_timeout.node->line, 13);
	assert_int_equal(container->entry_point.state, VALUE_UNKNOWN);
	template_done(&template);
}

static void conditions_hold_together(void **state)
{
	struct template template;
	int64_t number;

	(void)state;
	template_read(&template, parts);
	assert_true(value_is(&template.model.services[0].max, "200"));
	assert_true(value_is(&template.model.target_groups[0].deregistration_delay, "30"));
	assert_string_equal(
		cfn_scenario_text(&template.cfn, &template.arena), " (where Prod is true)");
	assert_true(cfn_next_scenario(&template.cfn));
	template_again(&template);
	assert_int_equal(template.model.service_count, 2);
	assert_true(value_is(&template.model.services[0].max, "150"));
	assert_true(value_number(&template.model.target_groups[0].deregistration_delay, &number));
	assert_int_equal(number, 60);
	assert_int_equal(template.model.services[0].load_balancer_count, 1);
	assert_false(cfn_next_scenario(&template.cfn));
	template_done(&template);
}

static void one_parameter_does_not_equal_two_texts(void **state)
{
	struct template template;
	unsigned ways = 1;

	(void)state;
	template_read(&template, "Conditions:\n  A: !Equals [!Ref E, a]\n  B: !Equals [!Ref E, b]\n"
				 "Resources:\n  S:\n    Type: AWS::ECS::Service\n    Properties:\n"
				 "      DesiredCount: !If [A, 1, !If [B, 2, 3]]\n"
				 "      LaunchType: !If [B, EC2, FARGATE]\n");
	while (cfn_next_scenario(&template.cfn)) {
		template_again(&template);
		ways++;
	}
	assert_int_equal(ways, 4 - 1);
	template_done(&template);
}

/* The conditions of a scenario decide their parameter, whose default is that of another scenario. */
static void a_condition_decides_its_parameter(void **state)
{
	struct template template;
	const struct ecs_service *service;

	(void)state;
	template_read(&template,
		"Parameters:\n"
		"  E: {Type: String, Default: dev, AllowedValues: [dev, test, prod]}\n"
		"  N: {Type: String, Default: ''}\n"
		"Mappings: {M: {dev: {Max: 150}, test: {Max: 180}, prod: {Max: 200}}}\n"
		"Conditions:\n"
		"  Prod: !Equals [prod, !Ref E]\n"
		"  Live: !Not [!Equals [!Ref E, dev]]\n"
		"  Given: !Not [!Equals [!Ref N, '']]\n"
		"Resources:\n"
		"  S:\n"
		"    Type: AWS::ECS::Service\n"
		"    Properties:\n"
		"      DesiredCount: !If [Given, !Ref N, 3]\n"
		"      LaunchType: !If [Live, FARGATE, EC2]\n"
		"      HealthCheckGracePeriodSeconds: !If [Prod, 60, 30]\n"
		"      DeploymentConfiguration: {MaximumPercent: !FindInMap [M, !Ref E, "
		"Max]}\n");
	do {
		const char *where;

		template_again(&template);
		service = &template.model.services[0];
		where = cfn_scenario_text(&template.cfn, &template.arena);
		if (strstr(where, "Prod is true")) {
			assert_true(value_is(&service->max, "200"));
			assert_non_null(strstr(where, "Live is true"));
			assert_true(value_is(&service->launch_type, "FARGATE"));
		} else if (strstr(where, "Live is false")) {
			assert_true(value_is(&service->max, "150"));
			assert_true(value_is(&service->launch_type, "EC2"));
		} else {
			assert_true(value_is(&service->max, "180"));
		}
		if (strstr(where, "Given is true"))
			assert_int_equal(service->desired.state, VALUE_UNKNOWN);
		else
			assert_true(value_is(&service->desired, "3"));
	} while (cfn_next_scenario(&template.cfn));
	template_done(&template);
}

static void service_fills_the_inputs_of_time(void **state)
{
	struct plan_inputs inputs = {0};
	struct template template;

	(void)state;
	template_read(&template, parts);
	ecs_inputs_add_service(&template.model.services[0], "a.yaml", &inputs);
	assert_int_equal(inputs.values[PLAN_DESIRED].number, 4);
	assert_int_equal(inputs.values[PLAN_DESIRED].place.line, 25);
	assert_int_equal(inputs.values[PLAN_MAX_PERCENT].number, 200);
	assert_int_equal(inputs.values[PLAN_STRATEGY].number, PLAN_LINEAR);
	assert_int_equal(inputs.values[PLAN_STEP_PERCENT].number, 333);
	assert_int_equal(inputs.values[PLAN_STOP_TIMEOUT].number, 60000);
	assert_int_equal(inputs.values[PLAN_DEREGISTRATION_DELAY].number, 30000);
	assert_int_equal(inputs.values[PLAN_HEALTH_INTERVAL].number, 5000);
	assert_int_equal(inputs.values[PLAN_LOAD_BALANCER].number, 1);
	assert_int_equal(inputs.values[PLAN_FARGATE].number, 1);
	assert_int_equal(inputs.values[PLAN_MIN_PERCENT].source, PLAN_UNSET);
	template_done(&template);
}

#define GROUP(name, delay)                                                                         \
	"  " name ":\n"                                                                            \
	"    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"                                     \
	"    Properties: {TargetGroupAttributes: "                                                 \
	"[{Key: deregistration_delay.timeout_seconds, Value: " delay "}]}\n"
#define BALANCED(balancers)                                                                        \
	"Resources:\n" GROUP("Short", "20")                                                        \
		GROUP("Long", "40") "  Service:\n"                                                 \
				    "    Type: AWS::ECS::Service\n"                                \
				    "    Properties: {LoadBalancers: [" balancers "]}\n"
#define BALANCER(group) "{ContainerName: web, TargetGroupArn: !" group "}"

/* A task leaves all of its target groups at once. What a group that is not in the document says is unknown. */
static void longest_deregistration_delay_counts(void **state)
{
	static const struct {
		const char *text;
		int64_t delay;
		bool is_unknown;
	} rows[] = {
		{BALANCED(BALANCER("Ref Short")), 20000, false},
		{BALANCED(BALANCER("Ref Short") ", " BALANCER("Ref Long")), 40000, false},
		{BALANCED(BALANCER("Ref Long") ", " BALANCER("Ref Short")), 40000, false},
		{BALANCED(BALANCER("ImportValue a") ", " BALANCER("Ref Short")), 20000, false},
		{BALANCED(BALANCER("ImportValue a")), 0, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct template template;
		struct plan_inputs inputs = {0};
		const struct plan_value *delay = &inputs.values[PLAN_DEREGISTRATION_DELAY];

		template_read(&template, rows[i].text);
		ecs_inputs_add_service(&template.model.services[0], "a.yaml", &inputs);
		assert_int_equal(inputs.values[PLAN_LOAD_BALANCER].number, 1);
		assert_int_equal(delay->number, rows[i].delay);
		assert_int_equal(delay->is_unknown, rows[i].is_unknown);
		assert_int_equal(
			inputs.values[PLAN_HEALTH_INTERVAL].is_unknown, rows[i].is_unknown);
		template_done(&template);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_of_a_template_are_joined),
		cmocka_unit_test(parameter_is_its_default_unless_it_is_looked_up),
		cmocka_unit_test(conditions_hold_together),
		cmocka_unit_test(one_parameter_does_not_equal_two_texts),
		cmocka_unit_test(a_condition_decides_its_parameter),
		cmocka_unit_test(service_fills_the_inputs_of_time),
		cmocka_unit_test(longest_deregistration_delay_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
