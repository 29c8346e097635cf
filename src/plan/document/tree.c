/* SPDX-License-Identifier: MIT */
#include "plan/document/tree.h"

#include "core/text/fnv_hash.h"

#include <string.h>

enum {
	INDEX_FROM_PAIRS = 16, /* fewer pairs are found sooner one by one */
	MAX_MERGES = 20, /* merge keys within merge keys */
	MAX_MERGE_VISITS = 64, /* of one question, where aliases multiply merge keys */
	MAX_VISITS = 10000, /* of one comparison */
};

/* A hash table of a mapping's keys, half full at most. */
struct node_index {
	struct node *first; /* key */
	size_t slots, used;
	const struct node **keys;
};

const struct node *node_resolve(const struct node *node)
{
	for (int hops = 0; node && node->kind == NODE_ALIAS; hops++)
		node = hops < TREE_MAX_DEPTH ? node->target : NULL;
	return node;
}

bool node_is(const struct node *node, enum node_kind kind)
{
	node = node_resolve(node);
	return node && node->kind == kind;
}

const char *node_text(const struct node *node)
{
	return node_is(node, NODE_SCALAR) ? node_resolve(node)->text : NULL;
}

const char *node_tag(const struct node *node)
{
	return node && node->has_tag ? ((const struct tagged_node *)(const void *)node)->tag : NULL;
}

const struct node *node_parent(const struct node *node)
{
	if (node && !node->has_parent)
		node = node->next; /* a key's value */
	return node ? ((const struct placed_node *)(const void *)node)->parent : NULL;
}

const struct node *node_child(const struct node *node)
{
	if (!node || (node->kind != NODE_MAPPING && node->kind != NODE_SEQUENCE))
		return NULL;
	return node->has_index ? node->index->first : node->first;
}

bool node_has_text(const struct node *node, const char *text)
{
	const char *found = node_text(node);

	return found && strcmp(found, text) == 0;
}

bool node_is_null(const struct node *node)
{
	static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
	const char *text = node_text(node);

	if (!text || node_resolve(node)->quoted)
		return false;
	for (size_t i = 0; i < sizeof(nulls) / sizeof(*nulls); i++) {
		if (strcmp(text, nulls[i]) == 0)
			return true;
	}
	return false;
}

/* The slot that holds the key, or the empty one for it. */
static size_t index_slot(const struct node_index *index, const char *text)
{
	size_t slot = (size_t)fnv_hash_add(FNV_HASH_START, text, strlen(text)) & (index->slots - 1);

	while (index->keys[slot] && strcmp(index->keys[slot]->text, text) != 0)
		slot = (slot + 1) & (index->slots - 1);
	return slot;
}

static void index_add(struct node_index *index, const struct node *key)
{
	const size_t slot = index_slot(index, key->text);

	if (index->keys[slot])
		return; /* the first of the same name */
	index->keys[slot] = key;
	index->used++;
}

static void index_make(struct tree *tree, struct node *mapping, size_t slots)
{
	struct node_index *index = arena_alloc(&tree->arena, sizeof(*index));

	index->first = mapping->has_index ? mapping->index->first : mapping->first;
	index->slots = slots;
	index->keys = arena_alloc(&tree->arena, slots * sizeof(const struct node *));
	for (const struct node *key = index->first; key; key = key->next->next)
		index_add(index, key);
	mapping->index = index;
	mapping->has_index = true;
}

static const struct node *own_key(const struct node *mapping, const char *text)
{
	if (mapping->has_index)
		return mapping->index->keys[index_slot(mapping->index, text)];
	for (const struct node *key = node_child(mapping); key; key = key->next->next) {
		if (strcmp(key->text, text) == 0)
			return key;
	}
	return NULL;
}

const struct node *tree_note_key(struct tree *tree, struct node *mapping, const struct node *key)
{
	const struct node *found = own_key(mapping, key->text);

	if (mapping->len == INDEX_FROM_PAIRS)
		index_make(tree, mapping, (size_t)4 * INDEX_FROM_PAIRS);
	else if (mapping->has_index && 2 * mapping->index->used >= mapping->index->slots)
		index_make(tree, mapping, 4 * mapping->index->slots);
	if (mapping->has_index)
		index_add(mapping->index, key);
	return found;
}

static bool is_merge_key(const struct node *key)
{
	return !key->quoted && strcmp(key->text, "<<") == 0;
}

static const struct node *get(
	const struct node *mapping, const char *text, int merges, int *visits);

/* "<<" has one mapping or a list of them. */
static const struct node *get_merged(
	const struct node *merged, const char *text, int merges, int *visits)
{
	const struct node *found = NULL;

	merged = node_resolve(merged);
	if (!merged || merges >= MAX_MERGES || ++*visits > MAX_MERGE_VISITS)
		return NULL;
	if (merged->kind == NODE_MAPPING)
		return get(merged, text, merges + 1, visits);
	for (const struct node *item = node_first(merged); item && !found; item = item->next) {
		if (node_is(item, NODE_MAPPING))
			found = get(node_resolve(item), text, merges + 1, visits);
	}
	return found;
}

static const struct node *get(const struct node *mapping, const char *text, int merges, int *visits)
{
	const struct node *key = own_key(mapping, text);

	if (key)
		return key->next;
	key = own_key(mapping, "<<");
	return key && is_merge_key(key) ? get_merged(key->next, text, merges, visits) : NULL;
}

const struct node *node_get(const struct node *mapping, const char *key)
{
	int visits = 0;

	mapping = node_resolve(mapping);
	return mapping && mapping->kind == NODE_MAPPING ? get(mapping, key, 0, &visits) : NULL;
}

const struct node *node_find(const struct node *node, ...)
{
	const char *key;
	va_list keys;

	va_start(keys, node);
	while (node && (key = va_arg(keys, const char *)))
		node = node_get(node, key);
	va_end(keys);
	return node;
}

const struct node *node_first(const struct node *sequence)
{
	return node_is(sequence, NODE_SEQUENCE) ? node_child(node_resolve(sequence)) : NULL;
}

size_t node_count(const struct node *node)
{
	node = node_resolve(node);
	return node && node->kind != NODE_SCALAR ? node->len : 0;
}

const struct node *node_item(const struct node *sequence, size_t at)
{
	const struct node *item = node_first(sequence);

	while (item && at-- > 0)
		item = item->next;
	return item;
}

static void walk_later(struct pair_walk *walk, const struct node *mapping)
{
	if (!node_is(mapping, NODE_MAPPING) || walk->merges >= MAX_MERGES ||
		walk->count >= sizeof(walk->todo) / sizeof(*walk->todo))
		return;
	walk->todo[walk->count++] = node_resolve(mapping);
	walk->merges++;
}

void pair_walk_start(struct pair_walk *walk, const struct node *mapping)
{
	*walk = (struct pair_walk){.mapping = mapping};
	walk_later(walk, mapping);
}

/* The next own key of the mappings to walk, merge keys included. */
static const struct node *walk_key(struct pair_walk *walk)
{
	const struct node *key;

	while (!walk->at && walk->count > 0)
		walk->at = node_child(walk->todo[--walk->count]);
	key = walk->at;
	walk->at = key ? key->next->next : NULL;
	return key;
}

bool pair_walk_next(struct pair_walk *walk)
{
	const struct node *key;

	while ((key = walk_key(walk))) {
		const struct node *value = key->next;

		if (is_merge_key(key)) {
			walk_later(walk, value);
			for (const struct node *item = node_first(value); item; item = item->next)
				walk_later(walk, item);
			continue;
		}
		if (node_get(walk->mapping, key->text) != value)
			continue; /* overridden */
		walk->key = key;
		walk->value = value;
		return true;
	}
	return false;
}

static bool equal(const struct node *a, const struct node *b, int depth, int *visits)
{
	a = node_resolve(a);
	b = node_resolve(b);
	if (!a || !b || a == b)
		return a == b;
	if (a->kind != b->kind || a->len != b->len || depth > TREE_MAX_DEPTH ||
		++*visits > MAX_VISITS)
		return false;
	if (strcmp(node_tag(a) ? node_tag(a) : "", node_tag(b) ? node_tag(b) : "") != 0)
		return false;
	if (a->kind == NODE_SCALAR)
		return strcmp(a->text, b->text) == 0;
	for (a = node_child(a), b = node_child(b); a && b; a = a->next, b = b->next) {
		if (!equal(a, b, depth + 1, visits))
			return false;
	}
	return !a && !b;
}

bool node_equals(const struct node *a, const struct node *b)
{
	int visits = 0;

	return equal(a, b, 0, &visits);
}

static struct node *add(struct tree *tree, enum node_kind kind, size_t size)
{
	struct node *node;

	if (tree->nodes >= TREE_MAX_NODES)
		return NULL;
	node = arena_alloc(&tree->arena, size);
	node->kind = (uint8_t)kind;
	tree->nodes++;
	return node;
}

struct node *tree_add(struct tree *tree, enum node_kind kind)
{
	struct node *node = add(tree, kind, sizeof(struct placed_node));

	if (node)
		node->has_parent = true;
	return node;
}

struct node *tree_add_key(struct tree *tree)
{
	return add(tree, NODE_SCALAR, sizeof(struct node));
}

void node_set_parent(struct node *node, const struct node *parent)
{
	if (node->has_parent)
		((struct placed_node *)(void *)node)->parent = parent;
}

struct node *tree_add_tagged(struct tree *tree, enum node_kind kind, const char *tag)
{
	struct node *node = add(tree, kind, sizeof(struct tagged_node));

	if (!node)
		return NULL;
	node->has_parent = true;
	node->has_tag = true;
	((struct tagged_node *)(void *)node)->tag = arena_copy(&tree->arena, tag, strlen(tag));
	return node;
}

void node_append(struct node_builder *parent, struct node *child)
{
	node_set_parent(child, parent->node);
	if (parent->last)
		parent->last->next = child;
	else
		parent->node->first = child;
	parent->last = child;
}

void tree_done(struct tree *tree)
{
	arena_done(&tree->arena);
	*tree = (struct tree){0};
}
