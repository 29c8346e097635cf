/* SPDX-License-Identifier: MIT */
/* A document as a tree, the same for JSON and YAML. Scalars are the text that was written: a reader
 * decides what 30, "30" and !Ref Stop mean where it knows the field. An alias is a reference to its
 * anchor, never a copy. */
#pragma once

#include "plan/document/arena.h"

#include <stdbool.h>
#include <stdint.h>

enum node_kind { NODE_SCALAR, NODE_SEQUENCE, NODE_MAPPING, NODE_ALIAS };

struct node_index;

struct node {
	uint8_t kind; /* enum node_kind */
	bool quoted; /* a scalar in quotes, or a block scalar: always a string */
	bool has_parent : 1, has_tag : 1; /* it is a placed_node, a tagged_node */
	bool has_index : 1; /* a mapping with many pairs */
	uint32_t line, column; /* from 1, in characters; 0: unknown, only the path is */
	uint32_t len; /* scalar: bytes; sequence: items; mapping: pairs */
	union {
		const char *text; /* of a scalar, terminated */
		struct node *first; /* child, unless has_index: use node_child */
		struct node_index *index;
		const struct node *target; /* of an alias */
	};
	struct node *next;
};

/* Large documents have many nodes, a third of them keys, and few tags: no node has what it does not need. A
 * key has the parent of its value. */
struct placed_node {
	struct node node;
	const struct node *parent; /* NULL: the root */
};
struct tagged_node {
	struct placed_node placed;
	const char *tag;
};

struct tree {
	struct arena arena;
	size_t nodes, aliases;
};

/* What a document may hold. */
enum { TREE_MAX_DEPTH = 100, TREE_MAX_NODES = 2000000, TREE_MAX_ALIASES = 100000 };

/* All questions take NULL for a node that is not there, and follow aliases. */

/* The node itself, behind all aliases; NULL where they lead in a circle. */
const struct node *node_resolve(const struct node *node);
bool node_is(const struct node *node, enum node_kind kind);

/* The text of a scalar, else NULL. */
const char *node_text(const struct node *node);
/* The tag as written, "!Ref", of the node itself; NULL: none. */
const char *node_tag(const struct node *node);

/* The mapping or list that it stands in; NULL: the root. The root of JSON in a string stands in the string. */
const struct node *node_parent(const struct node *node);

/* The first child of a mapping (key, value, key, value) or a sequence itself, not of an alias; NULL: none. */
const struct node *node_child(const struct node *node);

bool node_has_text(const struct node *node, const char *text);

/* A scalar that YAML 1.1 and JSON take for null: null, Null, NULL, ~ or nothing, without quotes. */
bool node_is_null(const struct node *node);

/* The value of a key; a key of the mapping itself before those of its merge keys ("<<"), of which the first
 * has precedence. NULL: none. */
const struct node *node_get(const struct node *mapping, const char *key);

/* node_get along a path of keys that a NULL ends: node_find(pod, "spec", "containers", NULL). */
const struct node *node_find(const struct node *node, ...) __attribute__((sentinel));

/* Items of a sequence: for (item = node_first(list); item; item = item->next). NULL for all else. Items
 * may be aliases. */
const struct node *node_first(const struct node *sequence);
size_t node_count(const struct node *node); /* items or own pairs; else 0 */
const struct node *node_item(const struct node *sequence, size_t at);

/* All pairs of a mapping, those of merge keys that are not overridden included. */
struct pair_walk {
	const struct node *mapping; /* that node_get is asked of */
	const struct node *todo[8]; /* mappings to walk */
	size_t count, merges;
	const struct node *at; /* the next key */
	const struct node *key, *value; /* found */
};
void pair_walk_start(struct pair_walk *walk, const struct node *mapping);
bool pair_walk_next(struct pair_walk *walk);

/* Whether two nodes say the same: kinds, texts, tags, children in their order. Nothing below depth 100 is
 * the same. */
bool node_equals(const struct node *a, const struct node *b);

/* For readers of documents. A new node of a document, or NULL past TREE_MAX_NODES. */
struct node *tree_add(struct tree *tree, enum node_kind kind);
struct node *tree_add_key(struct tree *tree); /* a scalar that is appended to a mapping */
struct node *tree_add_tagged(struct tree *tree, enum node_kind kind, const char *tag);

/* Appends to the children. A mapping's `len` counts pairs: append key, then value. */
struct node_builder {
	struct node *node, *last;
};
void node_append(struct node_builder *parent, struct node *child);

/* Looks up a mapping's own key while it is built, and makes its index. Returns the key that is there
 * already, or NULL. Call before the key is appended. */
const struct node *tree_note_key(struct tree *tree, struct node *mapping, const struct node *key);

void node_set_parent(struct node *node, const struct node *parent);

void tree_done(struct tree *tree);
