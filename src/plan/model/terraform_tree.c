/* SPDX-License-Identifier: MIT */
#include "plan/model/terraform_tree.h"

#include <string.h>

struct walk {
	const struct node *root;
	struct arena *arena;
	terraform_resource_fn *call;
	void *data;
	size_t *left; /* resources that may still be read */
};

static const char *text_or_empty(const struct node *node)
{
	const char *text = node_text(node);

	return text && !node_is_null(node) ? text : "";
}

const struct node *terraform_block(const struct node *mapping, const char *name)
{
	const struct node *block = node_get(mapping, name);

	return node_is(block, NODE_MAPPING) ? node_resolve(block)
					    : node_resolve(node_item(block, 0));
}

/* Terraform lists all changes beside the values. */
static const struct node *find_unknown(const struct node *root, const char *address)
{
	const struct node *change = node_first(node_get(root, "resource_changes"));

	while (change && !node_has_text(node_get(change, "address"), address))
		change = change->next;
	return node_find(change, "change", "after_unknown", NULL);
}

/* "module.a["x"].module.b" is in the calls a and b of the configuration. */
static const struct node *find_configuration(const struct node *root, const char *module)
{
	const struct node *found = node_find(root, "configuration", "root_module", NULL);
	char name[128];

	while (found && strncmp(module, "module.", 7) == 0) {
		const size_t len = strcspn(module + 7, ".[");

		if (len >= sizeof(name))
			return NULL;
		memcpy(name, module + 7, len);
		name[len] = '\0';
		found = node_find(found, "module_calls", name, "module", NULL);
		module += 7 + len;
		if (*module == '[')
			module += strcspn(module, "]") + (strchr(module, ']') ? 1 : 0);
		module += *module == '.';
	}
	return found;
}

static const struct node *find_expressions(
	const struct node *root, const struct terraform_resource *resource)
{
	const struct node *module = find_configuration(root, resource->module);
	const struct node *item = node_first(node_get(module, "resources"));

	while (item && !(node_has_text(node_get(item, "type"), resource->type) &&
			       node_has_text(node_get(item, "name"), resource->name)))
		item = item->next;
	return node_get(item, "expressions");
}

/* Plans hold thousands of resources, of which few are deployments. */
static bool is_of_interest(const char *type)
{
	static const char *const prefixes[] = {
		"aws_ecs_", "aws_lb", "aws_alb", "aws_appautoscaling_target", "kubernetes_"};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		if (strncmp(type, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	}
	return false;
}

static void visit_resource(const struct walk *walk, const struct node *node, const char *module)
{
	struct terraform_resource resource = {
		.address = text_or_empty(node_get(node, "address")),
		.type = text_or_empty(node_get(node, "type")),
		.name = text_or_empty(node_get(node, "name")),
		.module = module,
		.index = text_or_empty(node_get(node, "index")),
		.node = node_resolve(node),
		.values = node_resolve(node_get(node, "values")),
	};

	if (!node_is(resource.values, NODE_MAPPING) || !is_of_interest(resource.type) ||
		node_has_text(node_get(node, "mode"), "data") || *walk->left == 0)
		return;
	--*walk->left;
	resource.unknown = find_unknown(walk->root, resource.address);
	resource.expressions = find_expressions(walk->root, &resource);
	walk->call(walk->data, &resource);
}

static void visit_module(const struct walk *walk, const struct node *module, int depth)
{
	const char *address = text_or_empty(node_get(module, "address"));

	if (!module || depth > TERRAFORM_MODULES_DEEP)
		return;
	for (const struct node *at = node_first(node_get(module, "resources")); at; at = at->next)
		visit_resource(walk, at, address);
	for (const struct node *at = node_first(node_get(module, "child_modules")); at;
		at = at->next)
		visit_module(walk, at, depth + 1);
}

void terraform_each(
	const struct node *root, struct arena *arena, terraform_resource_fn *call, void *data)
{
	size_t left = TERRAFORM_MAX_RESOURCES;
	const struct walk walk = {root, arena, call, data, &left};
	const struct node *values = node_get(root, "planned_values");

	if (!values)
		values = node_get(root, "values");
	visit_module(&walk, node_get(values, "root_module"), 0);
}

/* A list that is unknown as a whole is true, too. */
bool terraform_is_unknown(
	const struct terraform_resource *resource, const char *block, const char *name)
{
	const struct node *unknown = resource->unknown;

	if (block) {
		if (node_has_text(node_get(unknown, block), "true"))
			return true;
		unknown = terraform_block(unknown, block);
	}
	return node_has_text(node_get(unknown, name), "true");
}

bool terraform_refers_to(const struct terraform_resource *from, const struct node *expression,
	const struct terraform_resource *to)
{
	const struct node *item = node_first(node_get(expression, "references"));
	const size_t type_len = strlen(to->type), name_len = strlen(to->name);

	if (strcmp(from->module, to->module) != 0)
		return false;
	if (from->index[0] && to->index[0] && strcmp(from->index, to->index) != 0)
		return false;
	for (; item; item = item->next) {
		const char *text = node_text(item);

		if (text && strncmp(text, to->type, type_len) == 0 && text[type_len] == '.' &&
			strncmp(text + type_len + 1, to->name, name_len) == 0 &&
			strchr(".[", text[type_len + 1 + name_len]))
			return true;
	}
	return false;
}

/* NULL where the tree is full: what is left out is absent. */
static struct node *new_node(struct tree *tree, const struct node *place, enum node_kind kind)
{
	struct node *node = tree_add(tree, kind);

	if (node && place) {
		node->line = place->line;
		node->column = place->column;
	}
	return node;
}

static struct node *reference(struct tree *tree, const struct node *target)
{
	struct node *node = new_node(tree, target, NODE_ALIAS);

	if (node)
		node->target = target;
	return node;
}

struct terraform_mapping terraform_mapping_new(struct tree *tree, const struct node *place)
{
	struct terraform_mapping mapping = {.tree = tree};

	mapping.builder.node = new_node(tree, place, NODE_MAPPING);
	if (mapping.builder.node)
		node_set_parent(mapping.builder.node, place); /* of its path */
	return mapping;
}

static const struct node *scalar_new(
	struct tree *tree, const struct node *place, const char *text, bool is_quoted)
{
	struct node *node = new_node(tree, place, NODE_SCALAR);

	if (!node)
		return NULL;
	node->text = arena_copy(&tree->arena, text, strlen(text));
	node->len = (uint32_t)strlen(text);
	node->quoted = is_quoted;
	return node;
}

const struct node *terraform_text_new(struct tree *tree, const struct node *place, const char *text)
{
	return scalar_new(tree, place, text, true);
}

const struct node *terraform_number_new(
	struct tree *tree, const struct node *place, const char *text)
{
	return scalar_new(tree, place, text, false);
}

void terraform_mapping_add(
	struct terraform_mapping *mapping, const char *key, const struct node *value)
{
	const struct node *name;
	struct node *node, *own_name;

	if (!value || !mapping->builder.node)
		return;
	name = terraform_text_new(mapping->tree, value, key);
	node = reference(mapping->tree, value);
	own_name = (struct node *)(uintptr_t)name; /* made just now */
	if (!name || !node || tree_note_key(mapping->tree, mapping->builder.node, name))
		return;
	node_append(&mapping->builder, own_name);
	node_append(&mapping->builder, node);
	mapping->builder.node->len++;
}

struct node *terraform_list_new(
	struct tree *tree, const struct node *place, const struct node *const items[], size_t count)
{
	struct node_builder list = {.node = new_node(tree, place, NODE_SEQUENCE)};

	for (size_t i = 0; i < count && list.node; i++) {
		struct node *item = items[i] ? reference(tree, items[i]) : NULL;

		if (!item)
			continue;
		node_append(&list, item);
		list.node->len++;
	}
	return list.node;
}
