/* SPDX-License-Identifier: MIT */
/* All platforms. A new one is declared here and listed in platform_registry.c. */
#pragma once

#include "plan/lint/platform.h"

extern const struct lint_platform compose_platform;
extern const struct lint_platform cloudformation_platform, ecs_platform;
extern const struct lint_platform kube_platform, terraform_platform;

/* The first that recognises the document, or NULL. */
const struct lint_platform *lint_platform_of(const struct node *root);
