/* SPDX-License-Identifier: MIT */
#include "plan/model/compose.h"

#include "plan/core/command_words.h"
#include "plan/core/compose_variables.h"
#include "plan/model/container_command.h"

#include <string.h>

/* Keys that a service of a compose file has, and that other files with "services" have not. */
bool compose_recognises(const struct node *root)
{
	static const char *const keys[] = {"image", "build", "command", "deploy", "ports",
		"environment", "extends", "stop_grace_period", "healthcheck", "volumes",
		"depends_on", "entrypoint"};
	struct pair_walk walk;
	bool found = false;

	if (node_get(root, "apiVersion") || node_get(root, "Resources"))
		return false;
	pair_walk_start(&walk, node_get(root, "services"));
	while (!found && pair_walk_next(&walk)) {
		for (size_t i = 0; i < sizeof(keys) / sizeof(*keys) && !found; i++)
			found = node_get(walk.value, keys[i]);
	}
	return found;
}

static bool has_tag(const struct node *node, const char *tag)
{
	return node_tag(node) && strcmp(node_tag(node), tag) == 0;
}

const struct node *compose_find_in_layer(
	const struct node *layer, const char *const path[], bool *ret_ends)
{
	const struct node *node = layer;

	*ret_ends = false;
	for (; *path && node; path++) {
		node = node_get(node, *path);
		if (has_tag(node, "!reset")) {
			*ret_ends = true;
			return NULL;
		}
		if (has_tag(node, "!override"))
			*ret_ends = true;
	}
	return node && !node_is_null(node) ? node : NULL;
}

const struct node *compose_find_at(const struct compose_service *service, const char *const path[])
{
	const struct node *found = NULL;
	bool ends = false;

	for (size_t i = 0; i < service->layer_count && !found && !ends; i++)
		found = compose_find_in_layer(service->layers[i], path, &ends);
	return found;
}

const struct node *compose_find(const struct compose_service *service, ...)
{
	const char *path[8];
	size_t count = 0;
	va_list keys;

	va_start(keys, service);
	do {
		path[count] = va_arg(keys, const char *);
	} while (path[count] && ++count < sizeof(path) / sizeof(*path) - 1);
	path[count] = NULL;
	va_end(keys);
	return compose_find_at(service, path);
}

bool compose_has_volumes(const struct compose_service *service)
{
	return node_count(compose_find(service, "volumes", NULL)) > 0;
}

struct value compose_scalar(const struct compose_model *model, const struct node *node)
{
	const char *text = node_text(node);
	struct value value = {.node = node};
	struct compose_variables variables;
	struct text replaced;
	size_t room;

	if (!node)
		return value;
	value.state = VALUE_UNKNOWN;
	if (!text || strlen(text) > COMPOSE_MAX_TEXT)
		return value;
	room = strlen(text) + 1;
	text_init(&replaced, arena_alloc(model->arena, room), room);
	if (compose_variables_replace(text, model->program, &replaced, &variables) < 0 ||
		!variables.is_known)
		return value;
	value.state = VALUE_KNOWN;
	value.text = replaced.buf;
	value.is_default = variables.is_default;
	return value;
}

struct value compose_value(const struct compose_model *model, const struct compose_service *service,
	const char *const path[])
{
	struct value value = compose_scalar(model, compose_find_at(service, path));

	if (value_is_absent(&value) && service->is_partial)
		value.state = VALUE_UNKNOWN;
	return value;
}

/* 90, 90.5, true: what YAML takes for something else than a string. */
static bool is_string(const struct value *value)
{
	const struct node *node = node_resolve(value->node);

	return node->quoted || value->is_default ||
	       value->text[strspn(value->text, "0123456789.+-_")] != '\0';
}

bool compose_refuses_duration(const struct value *value, enum compose_program program)
{
	int64_t ns;

	return value_is_known(value) &&
	       (!is_string(value) || compose_duration_parse(value->text, program, &ns) < 0);
}

bool compose_duration_at(const struct compose_model *model, const struct compose_service *service,
	const char *const path[], int64_t absent, int64_t *ret_ns, struct value *ret_value)
{
	*ret_value = compose_value(model, service, path);
	*ret_ns = absent;
	if (value_is_absent(ret_value))
		return true;
	return value_is_known(ret_value) && !compose_refuses_duration(ret_value, model->program) &&
	       compose_duration_parse(ret_value->text, model->program, ret_ns) == 0;
}

static bool add_split(struct word_list *words, const char *string)
{
	const size_t room = 2 * strlen(string) + 1;
	char *buf = arena_alloc(words->arena, room);
	const int count = command_words_split(string, buf, room);

	for (int i = 0; i < count; i++, buf += strlen(buf) + 1) {
		if (!word_list_add(words, buf))
			return false;
	}
	return count >= 0;
}

bool compose_add_words(
	const struct compose_model *model, const struct node *node, struct word_list *words)
{
	if (node_is(node, NODE_SCALAR)) {
		const struct value value = compose_scalar(model, node);

		return value_is_known(&value) && add_split(words, value.text);
	}
	for (const struct node *item = node_first(node); item; item = item->next) {
		const struct value value = compose_scalar(model, item);

		if (!value_is_known(&value) || !word_list_add(words, value.text))
			return false;
	}
	return true;
}

const char *compose_file_of(const struct compose_model *model, const struct node *node)
{
	while (node_parent(node))
		node = node_parent(node);
	for (const struct compose_file *file = model->files; file && node; file = file->next) {
		for (size_t i = 0; i < file->documents.count && i < COMPOSE_MAX_LAYERS; i++) {
			if (file->documents.list[i].root == node)
				return file->name;
		}
	}
	return model->file;
}
