/* SPDX-License-Identifier: MIT */
/* Fixes of the rules of ECS and Kubernetes, as Terraform's provider spells them. */
#pragma once

#include "plan/rules/check.h"

/* Rewrites the fixes of findings from `first` on. One that the provider has no name for stays as the API has
 * it, and so does one within the JSON of container_definitions. */
void terraform_fix_all(struct check *check, size_t first);

/* The same of the rules of Kubernetes. */
void terraform_fix_all_kube(struct check *check, size_t first);
