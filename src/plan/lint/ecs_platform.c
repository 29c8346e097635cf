/* SPDX-License-Identifier: MIT */
#include "plan/lint/platform_registry.h"

#include "plan/model/ecs_reader.h"
#include "plan/rules/ecs_checks.h"

enum { MAX_WAYS = 64 };

static void lint_json(struct check *check, struct document *const documents[], size_t count)
{
	struct arena arena = {0};
	struct ecs_model model;

	ecs_json_read(documents, count, &arena, &model);
	ecs_check(check, &model);
	ecs_model_done(&model);
	arena_done(&arena);
}

/* Once for each way that its conditions can be. */
static void lint_template(struct check *check, const struct node *root)
{
	struct cfn cfn = {.root = root};
	const size_t first = check->count;
	unsigned ways = 0;

	do {
		struct arena arena = {0};
		struct ecs_model model;

		ecs_template_read(&cfn, &arena, &model);
		check->where = cfn_scenario_text(&cfn, &arena);
		ecs_check(check, &model);
		ecs_model_done(&model);
		arena_done(&arena);
		ways++;
	} while (ways < MAX_WAYS && cfn_next_scenario(&cfn));
	check->where = NULL;
	check_end_ways(check, first, ways);
}

static void lint_templates(struct check *check, struct document *const documents[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		lint_template(check, documents[i]->root);
}

const struct lint_platform ecs_platform = {
	.name = "task definition or service of the ECS API",
	.recognises = ecs_json_recognises,
	.parts = ecs_json_parts,
	.lint = lint_json,
};

const struct lint_platform cloudformation_platform = {
	.name = "CloudFormation template",
	.recognises = ecs_template_recognises,
	.lint = lint_templates,
};
