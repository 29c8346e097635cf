/* SPDX-License-Identifier: MIT */
#include "plan/lint/platform_registry.h"

#include "plan/model/kube.h"
#include "plan/rules/kube_checks.h"

static void lint(struct check *check, struct document *const documents[], size_t count)
{
	struct arena arena = {0};
	struct kube_model model;

	kube_model_init(&model, &arena, check->settings->image_has_lastcall);
	for (size_t i = 0; i < count; i++)
		kube_read(&model, documents[i]);
	kube_apply_autoscalers(&model);
	kube_check(check, &model);
	arena_done(&arena);
}

const struct lint_platform kube_platform = {
	.name = "Kubernetes manifest",
	.recognises = kube_recognises,
	.parts = kube_parts,
	.lint = lint,
};
