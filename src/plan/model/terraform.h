/* SPDX-License-Identifier: MIT */
/* What `terraform show -json` and `tofu show -json` print of a plan or a state (format_version 1): resources of
 * Amazon ECS, its target groups, and Kubernetes. Values that are known only after the deployment are unknown. */
#pragma once

#include "plan/model/ecs_model.h"
#include "plan/model/kube.h"

bool terraform_recognises(const struct node *root);

/* Whether the format is one that this program knows; a later major version is not. */
bool terraform_is_known_version(const struct node *root);

/* Reads the resources of the tree's document. Nodes that the models need, and the document does not have, are
 * added to the tree; they refer to its own ones, so that findings have their places. */
void terraform_read_ecs(struct tree *tree, const struct node *root, struct arena *arena,
	struct ecs_model *ret_model);
void terraform_read_kube(struct tree *tree, const struct node *root, struct kube_model *model);
