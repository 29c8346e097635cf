/* SPDX-License-Identifier: MIT */
#include "plan/cli/time_document.h"

#include "host/core/clean_text.h"
#include "host/input_file.h"
#include "plan/cli/time_ecs.h"
#include "plan/document/joined_documents.h"
#include "plan/model/compose_files.h"
#include "plan/model/compose_reader.h"
#include "plan/model/ecs_reader.h"
#include "plan/model/kube_inputs.h"
#include "plan/model/swarm_inputs.h"
#include "plan/model/terraform.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_SHOWN 8

struct reader {
	struct time_document *to;
	const char *file;
	size_t known; /* documents of the file that are of a platform */
};

struct collection;

/* Documents that are read together with those of other files. */
struct joined {
	struct joined_documents documents;
	size_t (*parts)(const struct node *root);
	void (*read)(struct time_document *to, struct collection *collection);
};

/* The files that were given, and what they have of the ECS API and of Kubernetes. */
struct collection {
	struct file_list files;
	struct joined ecs, kube;
};

static void keep(const struct reader *reader, const struct plan_inputs *inputs)
{
	time_document_keep(reader->to, inputs, reader->file);
}

/* Their names come from the document, and the line goes to a terminal. NULL: there are none. */
static const char *conditions_of(struct cfn *cfn, struct arena *arena)
{
	const char *text = cfn_case_text(cfn, arena);
	const size_t room = CLEAN_TEXT_BYTES(strlen(text) + 1);

	return *text ? clean_text(arena_alloc(arena, room), room, text) : NULL;
}

/* Of a template with conditions: as it is in the first case that can be. */
static void read_template(const struct reader *reader, const struct node *root)
{
	struct cfn cfn = {.root = root};
	const size_t first = reader->to->count;
	struct arena arena = {0};
	struct ecs_model model;

	ecs_template_read(&cfn, &arena, &model);
	time_ecs_add(reader->to, &model, reader->file, PLAN_SPELLED_AS_TEMPLATE);
	for (size_t i = first; i < reader->to->count; i++)
		reader->to->workloads[i].conditions = conditions_of(&cfn, &reader->to->arena);
	ecs_model_done(&model);
	arena_done(&arena);
}

/* What the collection has of the ECS API. */
static void read_ecs_json(struct time_document *to, struct collection *collection)
{
	struct joined_documents *joined = &collection->ecs.documents;
	struct arena arena = {0};
	struct ecs_model model;

	ecs_json_read(joined->list, joined->count, &arena, &model);
	time_ecs_check(to, &model, &collection->files);
	time_ecs_add(to, &model, NULL, PLAN_SPELLED_AS_API);
	ecs_model_done(&model);
	arena_done(&arena);
	joined_documents_done(joined);
}

static void keep_workloads(
	struct time_document *to, const struct kube_model *model, const char *otherwise)
{
	for (const struct kube_workload *at = model->workloads; at; at = at->next) {
		const char *file = at->document ? at->document->file : otherwise;
		struct plan_inputs inputs = {0};

		if (!kube_inputs_add(at, file, &inputs))
			continue;
		inputs.id =
			arena_printf(&to->arena, "%s/%s", at->kind_name, at->name ? at->name : "");
		time_document_keep(to, &inputs, file);
	}
}

static void read_kube(struct time_document *to, struct document *const documents[], size_t count)
{
	struct arena arena = {0};
	struct kube_model model;

	kube_model_init(&model, &arena, false);
	for (size_t i = 0; i < count; i++)
		kube_read(&model, documents[i]);
	kube_apply_autoscalers(&model);
	keep_workloads(to, &model, NULL);
	arena_done(&arena);
}

/* What the collection has of Kubernetes: an autoscaler may be in another file than what it scales. */
static void read_joined_kube(struct time_document *to, struct collection *collection)
{
	struct joined_documents *joined = &collection->kube.documents;

	read_kube(to, joined->list, joined->count);
	joined_documents_done(joined);
}

/* Keeps the file open until the others are read. */
static void collect(struct time_document *to, struct collection *collection, struct joined *joined,
	struct documents *documents, struct document *const list[], size_t count)
{
	size_t parts = 0;

	if (count == 0)
		return;
	for (size_t i = 0; i < count; i++)
		parts += joined->parts(list[i]->root);
	if (!joined_documents_have_room(&joined->documents, parts, documents))
		joined->read(to, collection);
	joined_documents_add(&joined->documents, documents, list, count, parts);
	*documents = (struct documents){0};
}

/* Its services, and the Kubernetes workloads that it has too. */
static int read_terraform(
	const struct reader *reader, struct document *document, struct text *error)
{
	struct arena arena = {0};
	struct ecs_model ecs;
	struct kube_model kube;

	if (!terraform_is_known_version(document->root)) {
		text_printf(error, "%s: this program knows format_version 1.x alone", reader->file);
		return -EINVAL;
	}
	terraform_read_ecs(&document->tree, document->root, &arena, &ecs);
	time_ecs_add(reader->to, &ecs, reader->file, PLAN_SPELLED_AS_TERRAFORM);
	ecs_model_done(&ecs);
	kube_model_init(&kube, &arena, false);
	terraform_read_kube(&document->tree, document->root, &kube);
	kube_apply_autoscalers(&kube);
	keep_workloads(reader->to, &kube, reader->file);
	arena_done(&arena);
	return 0;
}

static bool is_listed(const struct file_list *files, const char *path)
{
	for (size_t i = 0; i < files->count; i++) {
		if (strcmp(files->files[i].path, path) == 0)
			return true;
	}
	return false;
}

/* A service of an included file is that file's where it is read itself. */
static void read_compose(const struct reader *reader, const struct file_list *files,
	struct document *const list[], size_t count)
{
	struct compose_model model;

	if (count == 0 || compose_is_override(reader->file))
		return;
	compose_read(&model, &reader->to->arena, reader->file, list, count, false, false);
	if (model.target != COMPOSE_FOR_UP)
		model.program = COMPOSE_STACK;
	for (const struct compose_service *at = model.services; at; at = at->next) {
		struct plan_inputs inputs = {.platform = PLAN_SWARM,
			.platform_is_known = true,
			.is_for_up = model.target == COMPOSE_FOR_UP,
			.name = at->name};

		if (at->is_included && is_listed(files, compose_file_of(&model, at->node)))
			continue;
		swarm_inputs_add(&model, at, &inputs);
		inputs.name = at->name;
		keep(reader, &inputs);
	}
	compose_done(&model);
}

static int complain_of(
	const struct reader *reader, const struct document_error *error, struct text *ret_error)
{
	text_printf(
		ret_error, "%s", strcmp(reader->file, "-") == 0 ? "standard input" : reader->file);
	if (error->line > 0)
		text_printf(ret_error, ":%u:%u", error->line, error->column);
	text_printf(ret_error, ": %s", error->text);
	return -EINVAL;
}

/* Documents that are read together: those of the file, and those of all files. */
struct later {
	struct document **compose, **ecs, **kube;
	size_t compose_count, ecs_count, kube_count;
};

static int read_document(
	struct reader *reader, struct document *document, struct later *later, struct text *error)
{
	const struct node *root = document->root;

	reader->known++;
	if (terraform_recognises(root))
		return read_terraform(reader, document, error);
	if (ecs_template_recognises(root))
		read_template(reader, root);
	else if (ecs_json_recognises(root))
		later->ecs[later->ecs_count++] = document;
	else if (kube_recognises(root))
		later->kube[later->kube_count++] = document;
	else if (compose_recognises(root))
		later->compose[later->compose_count++] = document;
	else
		reader->known--;
	return 0;
}

static int read_documents(struct reader *reader, struct collection *collection,
	struct documents *documents, bool is_named, struct text *error)
{
	struct later later = {
		.compose = memory_resize(NULL, documents->count + 1, sizeof(struct document *)),
		.ecs = memory_resize(NULL, documents->count + 1, sizeof(struct document *)),
		.kube = memory_resize(NULL, documents->count + 1, sizeof(struct document *)),
	};
	int r = 0;

	for (size_t i = 0; i < documents->count && r == 0; i++) {
		struct document *document = &documents->list[i];

		if (document->error.text[0] != '\0')
			r = is_named ? complain_of(reader, &document->error, error) : 0;
		else if (document->root != NULL)
			r = read_document(reader, document, &later, error);
	}
	if (r == 0) {
		read_compose(reader, &collection->files, later.compose, later.compose_count);
		if (later.ecs_count > 0)
			read_kube(reader->to, later.kube, later.kube_count);
		else
			collect(reader->to, collection, &collection->kube, documents, later.kube,
				later.kube_count);
		collect(reader->to, collection, &collection->ecs, documents, later.ecs,
			later.ecs_count);
	}
	free(later.compose);
	free(later.ecs);
	free(later.kube);
	return r;
}

static int read_file(struct reader *reader, struct collection *collection,
	const struct listed_file *file, struct text *error)
{
	struct documents documents;
	char *bytes;
	size_t len;
	int r = input_file_read(file->path, DOCUMENT_MAX_BYTES, &bytes, &len);

	reader->file = file->path;
	if (r < 0) {
		if (!file->is_named)
			return 0;
		text_printf(error, "%s: %s", file->path,
			r == -EFBIG ? "larger than 64 MiB" : strerror(-r));
		return r;
	}
	documents_read(file->path, bytes, len, &documents);
	r = read_documents(reader, collection, &documents, file->is_named, error);
	documents_done(&documents);
	return r;
}

static int complain_of_nothing(const char *path, struct text *error)
{
	text_printf(error,
		"%s: no service, and no workload with a rollout; give a CloudFormation template or "
		"cdk.out, an ECS service or task definition, a Terraform plan, a compose file or a "
		"Kubernetes manifest",
		strcmp(path, "-") == 0 ? "standard input" : path);
	return -EINVAL;
}

/* A file, or all of a folder; one that holds nothing of use is an error. */
static int read_path(struct time_document *document, struct collection *collection,
	const char *path, struct text *error)
{
	struct reader reader = {.to = document};
	const size_t first = collection->files.count;
	int r = file_list_add(&collection->files, &document->arena, path);

	if (r < 0)
		text_printf(error, "%s: %s", path, strerror(-r));
	for (size_t i = first; i < collection->files.count && r == 0; i++)
		r = read_file(&reader, collection, &collection->files.files[i], error);
	return r == 0 && reader.known == 0 ? complain_of_nothing(path, error) : r;
}

int time_document_read(
	struct time_document *document, char *const paths[], int count, struct text *error)
{
	struct collection collection = {
		.ecs = {.parts = ecs_json_parts, .read = read_ecs_json},
		.kube = {.parts = kube_parts, .read = read_joined_kube},
	};
	int r = 0;

	*document = (struct time_document){0};
	for (int i = 0; i < count && r == 0; i++)
		r = read_path(document, &collection, paths[i], error);
	if (r == 0) {
		read_joined_kube(document, &collection);
		read_ecs_json(document, &collection);
	}
	joined_documents_done(&collection.kube.documents);
	joined_documents_done(&collection.ecs.documents);
	file_list_done(&collection.files);
	return r == 0 && document->count == 0 ? complain_of_nothing(paths[0], error) : r;
}

void time_document_done(struct time_document *document)
{
	free(document->workloads);
	arena_done(&document->arena);
}

static bool is_named(const struct plan_inputs *workload, const char *name)
{
	return name == NULL || strcmp(workload->name, name) == 0 ||
	       (workload->id != NULL && strcmp(workload->id, name) == 0);
}

/* Those of that name, with the file where one file does not have all. */
static void name_all(const struct time_document *document, const char *name, struct text *error)
{
	size_t shown = 0, more = 0;

	for (size_t i = 0; i < document->count; i++) {
		const struct plan_inputs *at = &document->workloads[i];

		if (!is_named(at, name))
			continue;
		if (shown == NAMES_SHOWN) {
			more++;
			continue;
		}
		text_printf(error, "%s%s", shown++ > 0 ? ", " : ": ", at->name);
		if (strcmp(at->file, document->workloads[0].file) != 0 || name != NULL)
			text_printf(error, " (%s)", at->file);
	}
	if (more > 0)
		text_printf(error, " and %zu more", more);
}

const struct plan_inputs *time_document_find(
	const struct time_document *document, const char *name, struct text *error)
{
	const struct plan_inputs *found = NULL;
	size_t count = 0;

	for (size_t i = 0; i < document->count; i++) {
		if (!is_named(&document->workloads[i], name))
			continue;
		found = &document->workloads[i];
		count++;
	}
	if (count == 1)
		return found;
	if (count == 0)
		text_printf(error, "--service='%s' is none of the document's", name);
	else if (name == NULL)
		text_add(error, "the document has several services; choose one with --service");
	else
		text_printf(
			error, "--service='%s' is the name of several; give the file of one", name);
	name_all(document, count == 0 ? NULL : name, error);
	return NULL;
}
