/* SPDX-License-Identifier: MIT */
#include "plan/document/node_path.h"

#include <string.h>

/* The name of a node in its parent: the key of a mapping's value, the number of a sequence's item. NULL for a
 * node that a reader has made, and that stands for its parent. */
static const char *path_step(
	const struct node *node, const struct node *parent, struct arena *arena)
{
	const struct node *child = node_child(parent);
	size_t at = 0;

	if (parent->kind == NODE_SEQUENCE) {
		for (; child && child != node; child = child->next)
			at++;
		return child ? arena_printf(arena, "%zu", at) : NULL;
	}
	while (child && child != node && child->next != node)
		child = child->next->next;
	return child ? child->text : NULL;
}

static size_t escape_step(const char *step, char *to)
{
	size_t len = 0;

	for (; *step; step++) {
		const char *escaped = *step == '~' ? "~0" : *step == '/' ? "~1" : NULL;

		if (to && escaped)
			memcpy(to + len, escaped, 2);
		else if (to)
			to[len] = *step;
		len += escaped ? 2 : 1;
	}
	return len;
}

/* A reference that a reader has made is at the place of its target, and no alias that was written is. */
static const struct node *original(const struct node *node)
{
	while (node && node->kind == NODE_ALIAS && node->target->line == node->line &&
		node->target->column == node->column)
		node = node->target;
	return node;
}

const char *node_path(const struct node *node, struct arena *arena)
{
	const char *steps[TREE_MAX_DEPTH + 2];
	const struct node *parent;
	size_t count = 0, len = 0;
	char *path;

	for (node = original(node); (parent = node_parent(node)) && count < TREE_MAX_DEPTH + 2;
		node = parent) {
		if (parent->kind == NODE_SCALAR)
			continue; /* the root of JSON in a string */
		steps[count] = path_step(node, parent, arena);
		if (!steps[count])
			continue;
		len += 1 + escape_step(steps[count++], NULL);
	}
	path = arena_alloc(arena, len + 1);
	for (len = 0; count > 0;) {
		path[len++] = '/';
		len += escape_step(steps[--count], path + len);
	}
	return path;
}
