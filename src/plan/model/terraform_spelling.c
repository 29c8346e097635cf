/* SPDX-License-Identifier: MIT */
#include "plan/model/terraform_spelling.h"

const struct node *terraform_value(struct tree *tree, const struct terraform_resource *resource,
	const struct terraform_spelling *spelling)
{
	const struct node *from = spelling->block
					  ? terraform_block(resource->values, spelling->block)
					  : resource->values;
	const struct node *value = node_get(from, spelling->from);

	if (value && !node_is_null(value))
		return value;
	if (!terraform_is_unknown(resource, spelling->block, spelling->from))
		return NULL;
	if (spelling->is_part)
		return terraform_text_new(tree, resource->node, "known after apply");
	return terraform_mapping_new(tree, resource->node).builder.node;
}

void terraform_mapping_add_all(struct terraform_mapping *mapping,
	const struct terraform_resource *resource, const struct terraform_spelling *spellings,
	size_t count)
{
	for (size_t i = 0; i < count; i++)
		terraform_mapping_add(mapping, spellings[i].to,
			terraform_value(mapping->tree, resource, &spellings[i]));
}

const struct node *terraform_part(struct tree *tree, const struct terraform_resource *resource,
	const struct terraform_spelling *spellings, size_t count)
{
	const struct node *block = terraform_block(resource->values, spellings[0].block);
	struct terraform_mapping mapping;

	if (!block) {
		if (terraform_is_unknown(resource, NULL, spellings[0].block))
			return terraform_text_new(tree, resource->node, "known after apply");
		return NULL;
	}
	mapping = terraform_mapping_new(tree, block);
	terraform_mapping_add_all(&mapping, resource, spellings, count);
	return mapping.builder.node;
}
