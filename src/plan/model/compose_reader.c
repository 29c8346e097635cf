/* SPDX-License-Identifier: MIT */
#include "plan/model/compose_reader.h"

#include "plan/model/compose_files.h"
#include "plan/model/container_command.h"
#include "plan/model/container_lastcall.h"

#include <string.h>

/* Whether the name is among the first `count` variables. */
static bool is_set(const struct word_list *variables, size_t count, const char *name)
{
	const size_t len = strlen(name);

	for (size_t i = 0; i < count; i++) {
		if (strncmp(variables->words[i], name, len) == 0 && variables->words[i][len] == '=')
			return true;
	}
	return false;
}

enum {
	ENVIRONMENT_MAX_BYTES = 8192, /* of the variables of lastcall */
	VARIABLE_MAX_BYTES = 512, /* of one, as it is written */
};

struct environment {
	const struct compose_model *model;
	struct word_list variables;
	size_t stronger; /* variables of stronger layers */
	bool has_more;
};

/* Unknown where it is too long, or the variables before it were. */
static struct value scalar(const struct environment *environment, const struct node *node)
{
	const char *text = node_text(node);

	if (environment->variables.bytes > ENVIRONMENT_MAX_BYTES ||
		(text && strlen(text) > VARIABLE_MAX_BYTES))
		return (struct value){.state = VALUE_UNKNOWN, .node = node};
	return compose_scalar(environment->model, node);
}

static void add_variable(
	struct environment *environment, const char *name, const struct value *value)
{
	if (is_set(&environment->variables, environment->stronger, name))
		return;
	if (!value || !value_is_known(value) ||
		!word_list_add(&environment->variables,
			arena_printf(environment->model->arena, "%s=%s", name, value->text)))
		environment->has_more = true; /* the shell decides */
}

/* NAME=value, or NAME alone, which the shell decides. Other variables than those of lastcall may be as long and
 * as many as they like. */
static void add_item(struct environment *environment, const struct node *item)
{
	const char *text = node_text(item);
	struct value value;
	const char *equals;

	if (!text || strncmp(text, "LASTCALL_", 9) != 0) {
		environment->has_more |= !text || text[0] == '$';
		return;
	}
	value = scalar(environment, item);
	equals = value_is_known(&value) ? strchr(value.text, '=') : NULL;
	if (!equals) {
		environment->has_more = true;
		return;
	}
	text = arena_copy(environment->model->arena, value.text, (size_t)(equals - value.text));
	value.text = equals + 1;
	add_variable(environment, text, &value);
}

static void add_environment(struct environment *environment, const struct node *node)
{
	struct pair_walk walk;

	environment->stronger = environment->variables.count;
	for (const struct node *item = node_first(node); item; item = item->next)
		add_item(environment, item);
	pair_walk_start(&walk, node);
	while (pair_walk_next(&walk)) {
		struct value value;

		if (strncmp(walk.key->text, "LASTCALL_", 9) != 0)
			continue;
		value = scalar(environment, walk.value);
		add_variable(environment, walk.key->text, node_is_null(walk.value) ? NULL : &value);
	}
}

static struct environment read_environment(
	const struct compose_model *model, const struct compose_service *service)
{
	struct environment environment = {.model = model, .has_more = service->is_partial};
	bool ends = false;

	word_list_init(&environment.variables, model->arena);
	for (size_t i = 0; i < service->layer_count && !ends; i++)
		add_environment(&environment, compose_find_in_layer(service->layers[i],
						      COMPOSE_PATH("environment"), &ends));
	environment.has_more |= compose_find(service, "env_file", NULL) != NULL;
	return environment;
}

static void read_service(const struct compose_model *model, struct compose_service *service)
{
	const struct node *entrypoint = compose_find(service, "entrypoint", NULL);
	struct environment environment = read_environment(model, service);
	struct word_list words;
	bool is_known;

	word_list_init(&words, model->arena);
	is_known = compose_add_words(model, entrypoint, &words) &&
		   compose_add_words(model, compose_find(service, "command", NULL), &words);
	service->argv = words.words;
	service->has_entrypoint = entrypoint != NULL;
	service->lastcall = lastcall_settings_of(
		&(struct container_words){
			.platform = CONTAINER_ON_DOCKER,
			.argv = words.words,
			.envp = environment.variables.words,
			.has_more_variables = environment.has_more || !is_known,
			.image_has_lastcall = model->image_has_lastcall && !entrypoint,
		},
		model->arena);
}

/* What `docker stack deploy` refuses or passes over (docker/cli, cli/compose/types/types.go), and what only it
 * reads. */
static const char *const only_up[] = {"build", "extends", "container_name", "network_mode",
	"develop", "profiles", "privileged", "links"};
static const char *const only_stack[] = {"placement", "endpoint_mode", "rollback_config"};

static bool has_any_key(const struct compose_service *service, const char *under,
	const char *const keys[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *const path[] = {under ? under : keys[i], under ? keys[i] : NULL, NULL};

		if (compose_find_at(service, path))
			return true;
	}
	return false;
}

static bool is_for_up(const struct compose_service *service)
{
	return node_is(compose_find(service, "depends_on", NULL), NODE_MAPPING) ||
	       has_any_key(service, NULL, only_up, sizeof(only_up) / sizeof(*only_up));
}

static bool is_for_stack(const struct compose_service *service)
{
	const struct node *mode = compose_find(service, "deploy", "mode", NULL);

	return node_has_text(mode, "global") ||
	       has_any_key(service, "deploy", only_stack, sizeof(only_stack) / sizeof(*only_stack));
}

/* Where files say both, or neither, it is not clear. */
static enum compose_target target_of(const struct compose_model *model)
{
	const char *slash = strrchr(model->file, '/');
	bool up = false, stack = strstr(slash ? slash + 1 : model->file, "stack");

	for (const struct compose_service *at = model->services; at; at = at->next) {
		up |= is_for_up(at);
		stack |= is_for_stack(at);
	}
	if (up == stack)
		return COMPOSE_FOR_ANY;
	return up ? COMPOSE_FOR_UP : COMPOSE_FOR_STACK;
}

/* What is neither pulled nor built is completed by another file, as `docker compose -f A -f B` merges them. */
static bool is_whole(const struct compose_service *service)
{
	return compose_find(service, "image", NULL) || compose_find(service, "build", NULL) ||
	       compose_find(service, "provider", NULL);
}

void compose_read(struct compose_model *model, struct arena *arena, const char *file,
	struct document *const documents[], size_t count, bool is_stack, bool image_has_lastcall)
{
	*model = (struct compose_model){
		.arena = arena,
		.file = file,
		.program = is_stack ? COMPOSE_STACK : COMPOSE_UP,
		.image_has_lastcall = image_has_lastcall,
		.documents = documents,
		.document_count = count,
	};
	model->last = &model->services;
	compose_read_layers(model);
	model->target = is_stack ? COMPOSE_FOR_STACK : target_of(model);
	if (model->target == COMPOSE_FOR_STACK)
		model->program = COMPOSE_STACK;
	for (struct compose_service *at = model->services; at; at = at->next) {
		at->is_partial |= !is_whole(at);
		read_service(model, at);
	}
}

void compose_done(struct compose_model *model)
{
	for (struct compose_file *file = model->files; file; file = file->next)
		documents_done(&file->documents);
}
