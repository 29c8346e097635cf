/* SPDX-License-Identifier: MIT */
/* A Terraform document's resources, and nodes that spell their values as an API does. */
#pragma once

#include "plan/document/tree.h"

enum {
	TERRAFORM_MODULES_DEEP = 16,
	TERRAFORM_MAX_RESOURCES = 5000, /* of the types that are read */
};

struct terraform_resource {
	const char *address, *type, *name;
	const char *module; /* address of its module; "": the root */
	const char *index; /* of count and for_each; "": none */
	const struct node *node, *values;
	const struct node *unknown; /* after_unknown of its change; NULL: nothing */
	const struct node *expressions; /* of its configuration; NULL: none */
};

/* Calls back for each managed resource of planned_values or values, those of modules too. */
typedef void terraform_resource_fn(void *data, const struct terraform_resource *resource);
void terraform_each(
	const struct node *root, struct arena *arena, terraform_resource_fn *call, void *data);

/* The first block of a list of one, as Terraform has blocks; NULL: none. */
const struct node *terraform_block(const struct node *mapping, const char *name);

/* Whether a value of the resource is known only after the deployment. */
bool terraform_is_unknown(
	const struct terraform_resource *resource, const char *block, const char *name);

/* Whether an expression refers to a resource: "aws_lb_target_group.web.arn", or with an index behind the name.
 * Both are in one module. */
bool terraform_refers_to(const struct terraform_resource *from, const struct node *expression,
	const struct terraform_resource *to);

/* A mapping that is built. */
struct terraform_mapping {
	struct tree *tree;
	struct node_builder builder;
};

/* At the place of a node. */
struct terraform_mapping terraform_mapping_new(struct tree *tree, const struct node *place);

/* Adds a key that refers to a node; nothing for NULL. */
void terraform_mapping_add(
	struct terraform_mapping *mapping, const char *key, const struct node *value);

/* A new list, and an item of it that refers to a node. */
struct node *terraform_list_new(struct tree *tree, const struct node *place,
	const struct node *const items[], size_t count);

/* A scalar at the place of a node. */
const struct node *terraform_text_new(
	struct tree *tree, const struct node *place, const char *text);

/* The same, as if it was written without quotes. */
const struct node *terraform_number_new(
	struct tree *tree, const struct node *place, const char *text);
