/* SPDX-License-Identifier: MIT */
#include "plan/cli/time_document.h"

#include "host/input_file.h"
#include "plan/document/documents.h"
#include "plan/lint/file_list.h"
#include "plan/model/compose_files.h"
#include "plan/model/compose_reader.h"
#include "plan/model/ecs_inputs.h"
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
};

static const char *kept_text(const struct reader *reader, const char *text)
{
	return text ? arena_copy(&reader->to->arena, text, strlen(text)) : NULL;
}

/* The trees are gone when the file is closed: names stay in the arena. */
static void keep(const struct reader *reader, const struct plan_inputs *inputs)
{
	struct time_document *to = reader->to;
	struct plan_inputs *kept;

	to->workloads = memory_resize(to->workloads, to->count + 1, sizeof *to->workloads);
	kept = &to->workloads[to->count++];
	*kept = *inputs;
	kept->name = kept_text(reader, inputs->name != NULL ? inputs->name : "");
	kept->id = kept_text(reader, inputs->id);
	kept->file = reader->file;
}

static void read_ecs(
	const struct reader *reader, const struct ecs_model *model, enum plan_spelling spelling)
{
	for (size_t i = 0; i < model->service_count; i++) {
		struct plan_inputs inputs = {.spelling = spelling};

		ecs_inputs_add_service(&model->services[i], reader->file, &inputs);
		keep(reader, &inputs);
	}
	for (size_t i = 0; i < model->task_count && model->service_count == 0; i++) {
		struct plan_inputs inputs = {.spelling = spelling};

		ecs_inputs_add_task(&model->tasks[i], reader->file, &inputs);
		keep(reader, &inputs);
	}
}

/* Of a template with conditions: as it is where all of them hold. */
static void read_template(const struct reader *reader, const struct node *root)
{
	struct cfn cfn = {.root = root};
	struct arena arena = {0};
	struct ecs_model model;

	ecs_template_read(&cfn, &arena, &model);
	read_ecs(reader, &model, PLAN_SPELLED_AS_TEMPLATE);
	ecs_model_done(&model);
	arena_done(&arena);
}

static void read_ecs_json(const struct reader *reader, const struct node *root)
{
	struct arena arena = {0};
	struct ecs_model model;

	ecs_json_read(root, &arena, &model);
	read_ecs(reader, &model, PLAN_SPELLED_AS_API);
	ecs_model_done(&model);
	arena_done(&arena);
}

static void keep_workloads(const struct reader *reader, const struct kube_model *model)
{
	for (const struct kube_workload *at = model->workloads; at; at = at->next) {
		struct plan_inputs inputs = {0};

		if (!kube_inputs_add(at, reader->file, &inputs))
			continue;
		inputs.id = arena_printf(
			&reader->to->arena, "%s/%s", at->kind_name, at->name ? at->name : "");
		keep(reader, &inputs);
	}
}

static void read_kube(const struct reader *reader, const struct node *root)
{
	struct arena arena = {0};
	struct kube_model model;

	kube_model_init(&model, &arena, false);
	kube_read(&model, root);
	keep_workloads(reader, &model);
	arena_done(&arena);
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
	read_ecs(reader, &ecs, PLAN_SPELLED_AS_TERRAFORM);
	ecs_model_done(&ecs);
	kube_model_init(&kube, &arena, false);
	terraform_read_kube(&document->tree, document->root, &kube);
	keep_workloads(reader, &kube);
	arena_done(&arena);
	return 0;
}

static void read_compose(const struct reader *reader, struct document *const list[], size_t count)
{
	struct compose_model model;

	if (count == 0 || compose_is_override(reader->file))
		return;
	compose_read(&model, &reader->to->arena, reader->file, list, count, true, false);
	for (const struct compose_service *at = model.services; at; at = at->next) {
		struct plan_inputs inputs = {
			.platform = PLAN_SWARM, .platform_is_known = true, .name = at->name};

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

static int read_documents(
	const struct reader *reader, struct documents *documents, bool is_named, struct text *error)
{
	struct document **compose =
		memory_resize(NULL, documents->count + 1, sizeof(struct document *));
	size_t compose_count = 0;
	int r = 0;

	for (size_t i = 0; i < documents->count && r == 0; i++) {
		struct document *document = &documents->list[i];
		const struct node *root = document->root;

		if (document->error.text[0] != '\0')
			r = is_named ? complain_of(reader, &document->error, error) : 0;
		else if (root == NULL)
			continue;
		else if (terraform_recognises(root))
			r = read_terraform(reader, document, error);
		else if (ecs_template_recognises(root))
			read_template(reader, root);
		else if (ecs_json_recognises(root))
			read_ecs_json(reader, root);
		else if (kube_recognises(root))
			read_kube(reader, root);
		else if (compose_recognises(root))
			compose[compose_count++] = document;
	}
	if (r == 0)
		read_compose(reader, compose, compose_count);
	free(compose);
	return r;
}

static int read_file(struct time_document *to, const struct listed_file *file, struct text *error)
{
	const struct reader reader = {to, file->path};
	struct documents documents;
	char *bytes;
	size_t len;
	int r = input_file_read(file->path, DOCUMENT_MAX_BYTES, &bytes, &len);

	if (r < 0) {
		if (!file->is_named)
			return 0;
		text_printf(error, "%s: %s", file->path,
			r == -EFBIG ? "larger than 64 MiB" : strerror(-r));
		return r;
	}
	documents_read(file->path, bytes, len, &documents);
	r = read_documents(&reader, &documents, file->is_named, error);
	documents_done(&documents);
	return r;
}

int time_document_read(struct time_document *document, const char *path, struct text *error)
{
	struct file_list list = {0};
	int r;

	*document = (struct time_document){0};
	r = file_list_add(&list, &document->arena, path);
	if (r < 0)
		text_printf(error, "%s: %s", path, strerror(-r));
	for (size_t i = 0; i < list.count && r == 0; i++)
		r = read_file(document, &list.files[i], error);
	file_list_done(&list);
	if (r == 0 && document->count == 0) {
		text_printf(error,
			"%s: no service and no workload; give a CloudFormation template or "
			"cdk.out, "
			"an ECS service or task definition, a Terraform plan, a compose file or a "
			"Kubernetes "
			"manifest",
			strcmp(path, "-") == 0 ? "standard input" : path);
		r = -EINVAL;
	}
	return r;
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
