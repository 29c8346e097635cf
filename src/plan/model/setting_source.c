/* SPDX-License-Identifier: MIT */
#include "plan/model/setting_source.h"

#include <string.h>

static struct cfn_result resolve(const struct setting_source *source, const struct node *node)
{
	if (source->cfn)
		return cfn_resolve(source->cfn, node);
	return (struct cfn_result){.node = node_is_null(node) ? NULL : node};
}

/* "StopTimeout" as the API has it: "stopTimeout". */
static const struct node *member(
	const struct setting_source *source, const struct node *mapping, const char *name)
{
	char camel[64];

	if (!source->is_camel || strlen(name) >= sizeof(camel))
		return node_get(mapping, name);
	memcpy(camel, name, strlen(name) + 1);
	if (camel[0] >= 'A' && camel[0] <= 'Z')
		camel[0] = (char)(camel[0] - 'A' + 'a');
	return node_get(mapping, camel);
}

/* What a member stands for. */
static struct cfn_result source_get(
	const struct setting_source *source, const struct node *mapping, const char *name)
{
	return resolve(source, member(source, mapping, name));
}

static struct value value_of(const struct cfn_result *result, const struct node *written)
{
	struct value value = {.node = written, .is_default = result->is_default};

	if (!result->node)
		return (struct value){0};
	value.text = result->is_unknown ? NULL : node_text(result->node);
	value.state = value.text ? VALUE_KNOWN : VALUE_UNKNOWN;
	if (!result->is_default && result->node->line > 0)
		value.node = node_resolve(result->node); /* the branch of an Fn::If */
	return value;
}

struct value source_value(
	const struct setting_source *source, const struct node *mapping, const char *name)
{
	const struct cfn_result result = source_get(source, mapping, name);

	return value_of(&result, member(source, mapping, name));
}

const struct node *source_part(const struct setting_source *source, const struct node *mapping,
	const char *name, bool *ret_is_unknown)
{
	const struct cfn_result result = source_get(source, mapping, name);
	const bool is_unknown = result.is_unknown || node_text(result.node);

	if (ret_is_unknown)
		*ret_is_unknown = is_unknown;
	return is_unknown ? NULL : node_resolve(result.node);
}

struct source_items source_list(
	const struct setting_source *source, const struct node *mapping, const char *name)
{
	struct source_items items = {0};
	const struct node *list = source_part(source, mapping, name, &items.has_more);

	items.items =
		arena_alloc(source->arena, (node_count(list) + 1) * sizeof(const struct node *));
	for (const struct node *item = node_first(list); item; item = item->next) {
		const struct cfn_result result = resolve(source, item);

		if (result.is_unknown)
			items.has_more = true;
		else if (result.node)
			items.items[items.count++] = node_resolve(result.node);
	}
	return items;
}

struct ecs_words source_words(
	const struct setting_source *source, const struct node *mapping, const char *name)
{
	static const char *no_words[] = {NULL};
	const struct cfn_result whole = source_get(source, mapping, name);
	struct ecs_words words = {.words = no_words, .node = member(source, mapping, name)};
	struct source_items items;

	if (!whole.node)
		return words;
	words.state = whole.is_unknown ? VALUE_UNKNOWN : VALUE_KNOWN;
	if (whole.is_unknown || !node_is(whole.node, NODE_SEQUENCE)) {
		words.state = VALUE_UNKNOWN;
		return words;
	}
	items = source_list(source, mapping, name);
	words.words = arena_alloc(source->arena, (items.count + 1) * sizeof(const char *));
	for (size_t i = 0; i < items.count; i++) {
		const char *text = node_text(items.items[i]);

		if (text)
			words.words[words.count++] = text;
		else
			items.has_more = true;
	}
	if (items.has_more)
		words.state = VALUE_UNKNOWN;
	return words;
}
