/* SPDX-License-Identifier: MIT */
#include "plan/lint/platform_registry.h"

/* The most specific first. */
static const struct lint_platform *const platforms[] = {
	&terraform_platform,
	&kube_platform,
	&cloudformation_platform,
	&ecs_platform,
	&compose_platform,
};

const struct lint_platform *lint_platform_of(const struct node *root)
{
	for (size_t i = 0; i < sizeof(platforms) / sizeof(*platforms); i++) {
		if (platforms[i]->recognises(root))
			return platforms[i];
	}
	return NULL;
}
