/* SPDX-License-Identifier: MIT */
#include "plan/lint/platform_registry.h"

#include "plan/model/terraform.h"
#include "plan/rules/ecs_checks.h"
#include "plan/rules/kube_checks.h"
#include "plan/rules/terraform_fix.h"

static void lint_document(struct check *check, struct document *document)
{
	size_t first = check->count;
	struct arena arena = {0};
	struct ecs_model ecs;
	struct kube_model kube;

	if (!terraform_is_known_version(document->root)) {
		const struct node *version = node_get(document->root, "format_version");

		check_add(check, "LC001", version, "",
			"format_version '%s' is not 1.x: this program does not know it",
			node_text(version));
		return;
	}
	terraform_read_ecs(&document->tree, document->root, &arena, &ecs);
	ecs_check(check, &ecs);
	terraform_fix_all(check, first);
	ecs_model_done(&ecs);
	kube_model_init(&kube, &arena, check->settings->image_has_lastcall);
	kube.is_whole = true;
	terraform_read_kube(&document->tree, document->root, &kube);
	kube_apply_autoscalers(&kube);
	first = check->count;
	kube_check(check, &kube);
	terraform_fix_all_kube(check, first);
	arena_done(&arena);
}

static void lint(struct check *check, struct document *const documents[], size_t count)
{
	if (!check->is_json)
		return; /* YAML of this shape is no output of Terraform, and its aliases could multiply */
	for (size_t i = 0; i < count; i++)
		lint_document(check, documents[i]);
}

const struct lint_platform terraform_platform = {
	.name = "plan or state of Terraform",
	.recognises = terraform_recognises,
	.lint = lint,
};
