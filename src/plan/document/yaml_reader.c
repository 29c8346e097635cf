/* SPDX-License-Identifier: MIT */
#include "plan/document/yaml_reader.h"

#include "core/text/fnv_hash.h"

#include <string.h>
#include <yaml.h>

enum { ANCHOR_BUCKETS = 1 << 14 };

struct anchor {
	const char *name;
	const struct node *node;
	struct anchor *next;
};

struct reader {
	struct tree *tree;
	struct document_error *error;
	const char *bytes;
	uint32_t line_base; /* of libyaml's line 0 */
	struct anchor **anchors; /* ANCHOR_BUCKETS, once there is one */
	struct node_builder open[TREE_MAX_DEPTH + 1]; /* collections, the outermost first */
	const struct node *key[TREE_MAX_DEPTH + 1]; /* that waits for its value */
	size_t depth;
	struct node *root;
};

static bool fail(struct reader *reader, const yaml_mark_t *mark, const char *what)
{
	if (reader->error->text[0] == '\0')
		document_error_set(reader->error, reader->line_base + (uint32_t)mark->line,
			(uint32_t)mark->column + 1, "%s", what);
	return false;
}

static struct node *add(struct reader *reader, const yaml_event_t *event, enum node_kind kind,
	const yaml_char_t *tag)
{
	struct node *node = tag ? tree_add_tagged(reader->tree, kind, (const char *)tag)
				: tree_add(reader->tree, kind);

	if (!node) {
		(void)fail(reader, &event->start_mark, "more than 2,000,000 values");
		return NULL;
	}
	node->line = reader->line_base + (uint32_t)event->start_mark.line;
	node->column = (uint32_t)event->start_mark.column + 1;
	return node;
}

static struct anchor **anchor_bucket(struct reader *reader, const char *name)
{
	const uint64_t hash = fnv_hash_add(FNV_HASH_START, name, strlen(name));

	return &reader->anchors[hash % ANCHOR_BUCKETS];
}

/* An anchor may be given again: the newest counts. */
static void note_anchor(
	struct reader *reader, const yaml_char_t *yaml_name, const struct node *node)
{
	struct arena *arena = &reader->tree->arena;
	const char *name = (const char *)yaml_name;
	struct anchor *anchor;

	if (!name)
		return;
	if (!reader->anchors)
		reader->anchors = arena_alloc(arena, ANCHOR_BUCKETS * sizeof(struct anchor *));
	anchor = arena_alloc(arena, sizeof(*anchor));
	anchor->name = arena_copy(arena, name, strlen(name));
	anchor->node = node;
	anchor->next = *anchor_bucket(reader, name);
	*anchor_bucket(reader, name) = anchor;
}

static const struct node *find_anchor(struct reader *reader, const char *name)
{
	const struct anchor *anchor = reader->anchors ? *anchor_bucket(reader, name) : NULL;

	while (anchor && strcmp(anchor->name, name) != 0)
		anchor = anchor->next;
	return anchor ? anchor->node : NULL;
}

static struct node *scalar(struct reader *reader, const yaml_event_t *event)
{
	struct node *node = add(reader, event, NODE_SCALAR, event->data.scalar.tag);

	if (!node)
		return NULL;
	node->len = (uint32_t)event->data.scalar.length;
	node->text = arena_copy(&reader->tree->arena, (const char *)event->data.scalar.value,
		event->data.scalar.length);
	node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	note_anchor(reader, event->data.scalar.anchor, node);
	return node;
}

static struct node *alias(struct reader *reader, const yaml_event_t *event)
{
	const struct node *target = find_anchor(reader, (const char *)event->data.alias.anchor);
	struct node *node = add(reader, event, NODE_ALIAS, NULL);

	if (!node)
		return NULL;
	if (!target) {
		(void)fail(reader, &event->start_mark, "an alias without its anchor");
		return NULL;
	}
	if (++reader->tree->aliases > TREE_MAX_ALIASES) {
		(void)fail(reader, &event->start_mark, "more than 100,000 aliases");
		return NULL;
	}
	node->target = target;
	return node;
}

/* A key is compared as text, also where it is an alias. */
static struct node *key_of(struct reader *reader, const yaml_event_t *event, struct node *node)
{
	const struct node *target = node_resolve(node);

	if (!target || target->kind != NODE_SCALAR) {
		(void)fail(reader, &event->start_mark, "a key that is a mapping or a list");
		return NULL;
	}
	if (node->kind == NODE_ALIAS) {
		node->kind = NODE_SCALAR;
		node->len = target->len;
		node->quoted = target->quoted;
		node->text = target->text;
	}
	return node;
}

static bool put_key(struct reader *reader, const yaml_event_t *event, struct node *node)
{
	struct node_builder *parent = &reader->open[reader->depth - 1];
	struct node *key = key_of(reader, event, node);
	const struct node *before;

	if (!key)
		return false;
	before = tree_note_key(reader->tree, parent->node, key);
	if (before && strcmp(key->text, "<<") != 0) {
		document_error_set(reader->error, key->line, key->column,
			"the key \"%.80s\" is given twice, first in line %u", key->text,
			(unsigned)before->line);
		return false;
	}
	reader->key[reader->depth - 1] = key;
	return true;
}

static bool put(struct reader *reader, const yaml_event_t *event, struct node *node)
{
	struct node_builder *parent;

	if (!node)
		return false;
	if (reader->depth == 0) {
		reader->root = node;
		return true;
	}
	parent = &reader->open[reader->depth - 1];
	if (parent->node->kind == NODE_MAPPING) {
		const struct node *key = reader->key[reader->depth - 1];

		if (!key)
			return put_key(reader, event, node);
		node_append(parent, (struct node *)(uintptr_t)key);
		reader->key[reader->depth - 1] = NULL;
	}
	node_append(parent, node);
	parent->node->len++;
	return true;
}

static bool open_collection(struct reader *reader, const yaml_event_t *event, enum node_kind kind,
	const yaml_char_t *anchor, const yaml_char_t *tag)
{
	struct node *node = add(reader, event, kind, tag);

	if (!node)
		return false;
	if (reader->depth >= TREE_MAX_DEPTH)
		return fail(reader, &event->start_mark, "nested deeper than 100");
	note_anchor(reader, anchor, node);
	if (reader->depth > 0 && reader->open[reader->depth - 1].node->kind == NODE_MAPPING &&
		!reader->key[reader->depth - 1])
		return fail(reader, &event->start_mark, "a key that is a mapping or a list");
	if (!put(reader, event, node))
		return false;
	reader->key[reader->depth] = NULL;
	reader->open[reader->depth++] = (struct node_builder){.node = node};
	return true;
}

static bool take_event(struct reader *reader, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return put(reader, event, scalar(reader, event));
	case YAML_ALIAS_EVENT:
		return put(reader, event, alias(reader, event));
	case YAML_SEQUENCE_START_EVENT:
		return open_collection(reader, event, NODE_SEQUENCE,
			event->data.sequence_start.anchor, event->data.sequence_start.tag);
	case YAML_MAPPING_START_EVENT:
		return open_collection(reader, event, NODE_MAPPING,
			event->data.mapping_start.anchor, event->data.mapping_start.tag);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		reader->depth--;
		return true;
	case YAML_DOCUMENT_START_EVENT:
		return !reader->root ||
		       fail(reader, &event->start_mark, "a second document without ---");
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		return true;
	}
	return true;
}

static yaml_mark_t mark_of(const struct reader *reader, size_t offset)
{
	yaml_mark_t mark = {0};

	for (size_t i = 0; i < offset; i++) {
		if (reader->bytes[i] == '\n') {
			mark.line++;
			mark.column = 0;
		} else {
			mark.column += ((unsigned char)reader->bytes[i] & 0xC0) != 0x80;
		}
	}
	return mark;
}

static bool fail_to_parse(struct reader *reader, const yaml_parser_t *parser)
{
	const char *problem = parser->problem ? parser->problem : "not YAML";
	yaml_mark_t mark = parser->problem_mark;

	if (parser->error == YAML_MEMORY_ERROR)
		problem = "no memory";
	if (parser->error == YAML_READER_ERROR)
		mark = mark_of(reader, parser->problem_offset); /* it has no mark of its own */
	return fail(reader, &mark, problem);
}

static bool read_events(struct reader *reader, yaml_parser_t *parser)
{
	bool goes_on = true, is_end = false;
	yaml_event_t event;

	while (goes_on && !is_end) {
		if (!yaml_parser_parse(parser, &event))
			return fail_to_parse(reader, parser);
		is_end = event.type == YAML_STREAM_END_EVENT;
		goes_on = take_event(reader, &event);
		yaml_event_delete(&event);
	}
	return goes_on;
}

struct node *yaml_read(struct tree *tree, const char *bytes, size_t len, uint32_t first_line,
	struct document_error *ret_error)
{
	struct reader reader = {
		.tree = tree, .error = ret_error, .bytes = bytes, .line_base = first_line};
	yaml_parser_t parser;
	bool is_read;

	*ret_error = (struct document_error){0};
	if (!yaml_parser_initialize(&parser)) {
		document_error_set(ret_error, 0, 0, "no memory");
		return NULL;
	}
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, len);
	is_read = read_events(&reader, &parser);
	yaml_parser_delete(&parser);
	return is_read ? reader.root : NULL;
}
