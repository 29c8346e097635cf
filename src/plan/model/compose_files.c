/* SPDX-License-Identifier: MIT */
#include "plan/model/compose_files.h"

#include "host/input_file.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXTENDS_DEEP = 8 };

/* `docker compose` without -f: the first of these, and its override (compose-go, cli/options.go). */
static const struct {
	const char *base, *override;
} pairs[] = {
	{"compose.yaml", "compose.override.yaml"},
	{"compose.yaml", "compose.override.yml"},
	{"compose.yml", "compose.override.yml"},
	{"compose.yml", "compose.override.yaml"},
	{"docker-compose.yml", "docker-compose.override.yml"},
	{"docker-compose.yml", "docker-compose.override.yaml"},
	{"docker-compose.yaml", "docker-compose.override.yaml"},
	{"docker-compose.yaml", "docker-compose.override.yml"},
};

#define PAIR_COUNT (sizeof(pairs) / sizeof(*pairs))

static size_t folder_len(const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash ? (size_t)(slash + 1 - file) : 0;
}

/* A name beside a file. */
static const char *beside(struct arena *arena, const char *file, const char *name)
{
	if (name[0] == '/')
		return name;
	return arena_printf(arena, "%.*s%s", (int)folder_len(file), file, name);
}

/* A document must not make lint wait for a pipe or a terminal. */
static bool is_regular(const char *name)
{
	struct stat status;

	return stat(name, &status) == 0 && S_ISREG(status.st_mode);
}

/* A file that is read once; NULL: it cannot be read, or there are too many. */
static struct compose_file *open_file(struct compose_model *model, const char *name)
{
	struct compose_file *file = model->files;
	size_t len;
	char *bytes;

	while (file && strcmp(file->name, name) != 0)
		file = file->next;
	if (file || model->file_count >= COMPOSE_MAX_FILES || !is_regular(name))
		return file;
	if (input_file_read(name, COMPOSE_MAX_FILE_BYTES, &bytes, &len) < 0)
		return NULL;
	file = arena_alloc(model->arena, sizeof(*file));
	file->name = name;
	documents_read(name, bytes, len, &file->documents);
	file->next = model->files;
	model->files = file;
	model->file_count++;
	return file;
}

static bool has_tag(const struct node *node, const char *tag)
{
	return node_tag(node) && strcmp(node_tag(node), tag) == 0;
}

struct walk {
	struct compose_model *model;
	struct compose_service *service;
	int depth;
};

static void add_layer(struct walk *walk, const struct node *node, const char *file);

static const struct node *service_in(const struct documents *documents, const char *name)
{
	const struct node *found = NULL;

	for (size_t i = documents->count; i > 0 && !found; i--)
		found = node_find(documents->list[i - 1].root, "services", name, NULL);
	return found;
}

static const struct node *service_of_model(const struct compose_model *model, const char *name)
{
	const struct node *found = NULL;

	for (size_t i = model->document_count; i > 0 && !found; i--)
		found = node_find(model->documents[i - 1]->root, "services", name, NULL);
	return found;
}

/* The service of that name in a file, or in the one that is checked. */
static const struct node *service_of_file(
	struct compose_model *model, const char *file, const char *name)
{
	struct compose_file *other;

	if (strcmp(file, model->file) == 0)
		return service_of_model(model, name);
	other = open_file(model, file);
	return other ? service_in(&other->documents, name) : NULL;
}

/* extends: NAME, or extends: {service: NAME, file: FILE} */
static void add_extended(struct walk *walk, const struct node *extends, const char *file)
{
	const struct node *name =
		node_is(extends, NODE_MAPPING) ? node_get(extends, "service") : extends;
	const struct value service = compose_scalar(walk->model, name),
			   other = compose_scalar(walk->model, node_get(extends, "file"));
	const struct node *node = NULL;

	if (node_get(extends, "file") && value_is_known(&other))
		file = beside(walk->model->arena, file, other.text);
	if (value_is_known(&service) && (value_is_known(&other) || value_is_absent(&other)))
		node = service_of_file(walk->model, file, service.text);
	if (!node_is(node, NODE_MAPPING) || walk->depth >= EXTENDS_DEEP) {
		walk->service->is_partial = true;
		return;
	}
	walk->depth++;
	add_layer(walk, node, file);
	walk->depth--;
}

static void add_layer(struct walk *walk, const struct node *node, const char *file)
{
	struct compose_service *service = walk->service;
	const struct node *extends = node_get(node, "extends");

	if (!node_is(node, NODE_MAPPING) || service->layer_count == COMPOSE_MAX_LAYERS)
		return;
	service->layers[service->layer_count++] = node_resolve(node);
	if (extends && !has_tag(extends, "!reset"))
		add_extended(walk, extends, file);
}

static const char *override_of(struct arena *arena, const char *file)
{
	const char *base = file + folder_len(file);

	for (size_t i = 0; i < PAIR_COUNT; i++) {
		const char *name = beside(arena, file, pairs[i].override);

		if (strcmp(base, pairs[i].base) == 0 && access(name, R_OK) == 0)
			return name;
	}
	return NULL;
}

bool compose_is_override(const char *file)
{
	const char *name = file + folder_len(file);
	struct arena arena = {0};
	bool found = false;

	for (size_t i = 0; i < PAIR_COUNT && !found; i++)
		found = strcmp(name, pairs[i].override) == 0 &&
			access(beside(&arena, file, pairs[i].base), R_OK) == 0;
	arena_done(&arena);
	return found;
}

/* NULL: there are too many. */
static struct compose_service *find_service(struct compose_model *model, const char *name)
{
	struct compose_service *service = model->services;

	while (service && strcmp(service->name, name) != 0)
		service = service->next;
	if (service || model->service_count == COMPOSE_MAX_SERVICES)
		return service;
	model->service_count++;
	service = arena_alloc(model->arena, sizeof(*service));
	service->name = name;
	service->is_included = model->is_including;
	*model->last = service;
	model->last = &service->next;
	return service;
}

static void read_document(struct compose_model *model, const struct node *root, const char *file)
{
	struct pair_walk pairs_of;

	pair_walk_start(&pairs_of, node_get(root, "services"));
	while (pair_walk_next(&pairs_of)) {
		struct walk walk = {model, find_service(model, pairs_of.key->text), 0};

		if (!walk.service || !node_is(pairs_of.value, NODE_MAPPING))
			continue;
		if (!walk.service->node)
			walk.service->node = node_resolve(pairs_of.value);
		add_layer(&walk, pairs_of.value, file);
	}
}

static void read_includes(
	struct compose_model *model, const struct node *root, const char *file, int depth);

/* A file that is read once, however often it is included. */
static void read_included(
	struct compose_model *model, const struct node *path, const char *file, int depth)
{
	const struct value name = compose_scalar(model, path);
	const char *other_name =
		value_is_known(&name) ? beside(model->arena, file, name.text) : NULL;
	struct compose_file *other = NULL;

	if (other_name && strcmp(other_name, model->file) == 0)
		return;
	if (other_name && depth < EXTENDS_DEEP)
		other = open_file(model, other_name);
	if (!other && model->unread_count < COMPOSE_MAX_UNREAD)
		model->unread[model->unread_count++] = path;
	if (!other || other->is_included)
		return;
	other->is_included = true;
	for (size_t i = other->documents.count; i > 0; i--)
		read_document(model, other->documents.list[i - 1].root, other->name);
	for (size_t i = 0; i < other->documents.count; i++)
		read_includes(model, other->documents.list[i].root, other->name, depth + 1);
}

static size_t count_files(const struct node *list)
{
	const size_t count = node_is(list, NODE_SEQUENCE) ? node_count(list) : 0;

	return count < COMPOSE_MAX_FILES ? count : COMPOSE_MAX_FILES;
}

/* include: [FILE, {path: FILE}, {path: [FILE, OVERRIDE]}] */
static void read_includes(
	struct compose_model *model, const struct node *root, const char *file, int depth)
{
	for (const struct node *item = node_first(node_get(root, "include")); item;
		item = item->next) {
		const struct node *path =
			node_is(item, NODE_MAPPING) ? node_get(item, "path") : item;

		if (node_text(path))
			read_included(model, path, file, depth);
		for (size_t i = count_files(path); i > 0; i--)
			read_included(model, node_item(path, i - 1), file, depth);
	}
}

void compose_read_layers(struct compose_model *model)
{
	const char *override = override_of(model->arena, model->file);
	struct compose_file *file = override ? open_file(model, override) : NULL;

	for (size_t i = file ? file->documents.count : 0; i > 0; i--)
		read_document(model, file->documents.list[i - 1].root, file->name);
	for (size_t i = model->document_count; i > 0; i--)
		read_document(model, model->documents[i - 1]->root, model->file);
	model->is_including = true;
	for (size_t i = 0; i < model->document_count; i++)
		read_includes(model, model->documents[i]->root, model->file, 0);
	model->is_including = false;
}
