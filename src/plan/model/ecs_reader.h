/* SPDX-License-Identifier: MIT */
/* Makes an ECS model of a document: what the ECS API takes and gives, or a CloudFormation template. */
#pragma once

#include "plan/model/cfn.h"
#include "plan/model/ecs_model.h"

/* Task definitions, services and target groups as the API has them: to register, described, in lists. */
bool ecs_json_recognises(const struct node *root);
void ecs_json_read(const struct node *root, struct arena *arena, struct ecs_model *ret_model);

/* A template, of the AWS CDK, too. The scenario of cfn decides its conditions. */
bool ecs_template_recognises(const struct node *root);
void ecs_template_read(struct cfn *cfn, struct arena *arena, struct ecs_model *ret_model);
