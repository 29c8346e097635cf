/* SPDX-License-Identifier: MIT */
/* How the provider calls an attribute of a resource, and how the API does. */
#pragma once

#include "plan/model/terraform_tree.h"

/* A part is a mapping or a list; all else is a scalar. */
struct terraform_spelling {
	const char *block; /* that the attribute stands in; NULL: the resource itself */
	const char *from, *to; /* of the provider, of the API */
	bool is_part;
};

/* The value, or what readers take for an unknown one: a mapping for a scalar, a scalar for a part. NULL: it is
 * absent. */
const struct node *terraform_value(struct tree *tree, const struct terraform_resource *resource,
	const struct terraform_spelling *spelling);

/* Adds those that are there. */
void terraform_mapping_add_all(struct terraform_mapping *mapping,
	const struct terraform_resource *resource, const struct terraform_spelling *spellings,
	size_t count);

/* A block of the provider as a part of the API; all spellings are of that block. NULL: it is absent. */
const struct node *terraform_part(struct tree *tree, const struct terraform_resource *resource,
	const struct terraform_spelling *spellings, size_t count);
