/* SPDX-License-Identifier: MIT */
/* Makes an ECS model of a document: what the ECS API takes and gives, or a CloudFormation template. */
#pragma once

#include "plan/document/documents.h"
#include "plan/model/cfn.h"
#include "plan/model/ecs_model.h"

/* Task definitions, services and target groups as the API has them: to register, described, in lists. */
bool ecs_json_recognises(const struct node *root);

/* How many parts a document may have: those of several documents count together. */
size_t ecs_json_parts(const struct node *root);

/* Reads the documents as one: a service finds its task definition and its target groups in all of them. */
void ecs_json_read(struct document *const documents[], size_t count, struct arena *arena,
	struct ecs_model *ret_model);

/* A template, of the AWS CDK, too. The scenario of cfn decides its conditions. One that meets its conditions first, and
 * cannot be, becomes the next that can. */
bool ecs_template_recognises(const struct node *root);
void ecs_template_read(struct cfn *cfn, struct arena *arena, struct ecs_model *ret_model);
