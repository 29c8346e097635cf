/* SPDX-License-Identifier: MIT */
#include "plan/lint/lint_run.h"

#include "plan/document/joined_documents.h"
#include "plan/lint/platform_registry.h"

#include "host/input_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PLATFORMS = 16 };

/* Documents of one platform that are linted at once, with those of other files. */
struct joined {
	const struct lint_platform *platform;
	struct joined_documents documents;
};

struct run {
	const struct lint_request *request;
	struct lint_result *result;
	struct check check;
	struct joined joined[MAX_PLATFORMS]; /* the first without a platform ends it */
	struct text *error;
};

/* Documents of one file, by platform. */
struct group {
	const struct lint_platform *platform;
	struct document **documents;
	size_t count;
};

static const char *shown_name(const char *path)
{
	return strcmp(path, "-") == 0 ? "standard input" : path;
}

static void add_to_group(
	struct group *groups, const struct lint_platform *platform, struct document *document)
{
	size_t at = 0;

	while (groups[at].platform && groups[at].platform != platform)
		at++;
	groups[at].platform = platform;
	groups[at].documents =
		memory_grow(groups[at].documents, groups[at].count, sizeof(*groups[at].documents));
	groups[at].documents[groups[at].count++] = document;
}

/* At the place that the error names. */
static void add_unreadable(struct run *run, const struct document_error *error)
{
	const struct node place = {
		.kind = NODE_SCALAR, .line = error->line, .column = error->column};
	const char *id = strstr(error->text, "is given twice") ? "LC002" : "LC001";

	run->check.anchor = "";
	check_add(&run->check, id, &place, "", "%s", error->text);
	run->result->has_unreadable = true;
}

static bool has_word(const struct documents *documents, const char *word)
{
	return memmem(documents->bytes, documents->len, word, strlen(word)) != NULL;
}

/* A template of Helm is not what is deployed; its chart is linted once it is rendered. */
static bool is_template(const struct document *document)
{
	return strstr(document->error.text, "{{ }}") != NULL;
}

static bool has_name_of_compose(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	return strncmp(name, "compose", strlen("compose")) == 0 ||
	       strncmp(name, "docker-compose", strlen("docker-compose")) == 0;
}

/* A broken file of a folder may be anything. It is ours where it has our words, or our name. */
static bool is_ours(const char *path, const struct documents *documents)
{
	static const char *const words[] = {"AWSTemplateFormatVersion",
		"AWS::ECS::", "containerDefinitions", "terminationGracePeriodSeconds",
		"stop_grace_period"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (has_word(documents, words[i]))
			return true;
	}
	return has_name_of_compose(path) ||
	       (has_word(documents, "apiVersion:") && has_word(documents, "kind:"));
}

static size_t sort_documents(struct run *run, const struct listed_file *file,
	struct documents *documents, struct group *groups)
{
	size_t known = 0;

	for (size_t i = 0; i < documents->count; i++) {
		struct document *document = &documents->list[i];
		const struct lint_platform *platform =
			document->root ? lint_platform_of(document->root) : NULL;

		if (platform) {
			add_to_group(groups, platform, document);
			known++;
		} else if (document->error.text[0] == '\0') {
			continue;
		} else if (is_template(document) && !file->is_named) {
			run->result->templates++;
		} else if (file->is_named || is_ours(file->path, documents)) {
			add_unreadable(run, &document->error);
			known++;
		}
	}
	return known;
}

static void lint_joined(struct run *run, struct joined *joined)
{
	if (joined->documents.count == 0)
		return;
	run->check.first = run->check.count;
	joined->platform->lint(&run->check, joined->documents.list, joined->documents.count);
	run->check.anchor = "";
	joined_documents_done(&joined->documents);
}

static void lint_all_joined(struct run *run)
{
	for (size_t i = 0; i < MAX_PLATFORMS && run->joined[i].platform; i++)
		lint_joined(run, &run->joined[i]);
}

static struct joined *joined_of(struct run *run, const struct lint_platform *platform)
{
	size_t at = 0;

	while (run->joined[at].platform && run->joined[at].platform != platform)
		at++;
	run->joined[at].platform = platform;
	return &run->joined[at];
}

/* Keeps the file open where its documents are linted together with those of others. */
static void join_group(struct run *run, const struct group *group, struct documents *documents)
{
	struct joined *joined = joined_of(run, group->platform);
	size_t parts = 0;

	for (size_t i = 0; i < group->count; i++)
		parts += group->platform->parts(group->documents[i]->root);
	if (!joined_documents_have_room(&joined->documents, parts, documents))
		lint_joined(run, joined);
	joined_documents_add(&joined->documents, documents, group->documents, group->count, parts);
	*documents = (struct documents){0};
}

/* Documents that are linted with those of other files come last: their file is not ours to close then. It is kept
 * open for one platform alone. */
static void lint_groups(struct run *run, const struct group *groups, struct documents *documents)
{
	const struct group *joined = NULL;

	run->check.is_json = documents->is_json;
	run->check.first = run->check.count;
	for (size_t i = 0; i < MAX_PLATFORMS && groups[i].platform; i++) {
		if (groups[i].platform->parts && !joined) {
			joined = &groups[i];
			continue;
		}
		groups[i].platform->lint(&run->check, groups[i].documents, groups[i].count);
		run->check.anchor = "";
	}
	if (joined)
		join_group(run, joined, documents);
}

static int lint_documents(
	struct run *run, const struct listed_file *file, struct documents *documents)
{
	struct group groups[MAX_PLATFORMS] = {0};
	const size_t known = sort_documents(run, file, documents, groups);

	lint_groups(run, groups, documents);
	for (size_t i = 0; i < MAX_PLATFORMS; i++)
		free(groups[i].documents);
	if (known > 0) {
		run->result->files++;
		return 0;
	}
	run->result->files_skipped++;
	if (!file->is_named)
		return 0;
	text_printf(run->error,
		"%s: no document that lint knows: give an ECS task definition or service, a "
		"CloudFormation template, a Terraform plan, a compose file or a Kubernetes "
		"manifest",
		shown_name(file->path));
	return -EINVAL;
}

static int lint_file(struct run *run, const struct listed_file *file)
{
	struct documents documents;
	char *bytes;
	size_t len;
	int r = input_file_read(file->path, run->request->max_bytes, &bytes, &len);

	run->check.file = file->path;
	if (r == -EFBIG) {
		struct document_error error = {0};

		document_error_set(&error, 0, 0, "larger than %zu bytes; --max-size allows more",
			run->request->max_bytes);
		if (file->is_named)
			add_unreadable(run, &error);
		else
			run->result->too_large++;
		run->result->files_skipped++;
		return 0;
	}
	if (r < 0) {
		text_printf(run->error, "%s: %s", shown_name(file->path), strerror(-r));
		return file->is_named ? r : 0;
	}
	documents_read(file->path, bytes, len, &documents);
	r = lint_documents(run, file, &documents);
	documents_done(&documents);
	return r;
}

static int by_place(const void *a, const void *b)
{
	const struct finding *first = a, *second = b;
	int order = strcmp(first->file, second->file);

	if (order == 0 && first->line != second->line)
		order = first->line < second->line ? -1 : 1;
	if (order == 0 && first->column != second->column)
		order = first->column < second->column ? -1 : 1;
	return order ? order : strcmp(first->rule->id, second->rule->id);
}

static bool is_left_out(struct run *run, const struct finding *finding)
{
	const struct lint_request *request = run->request;

	for (size_t i = 0; i < request->ignore_count; i++) {
		if (lint_ignore_matches(request->ignores[i], finding)) {
			run->result->ignored++;
			return true;
		}
	}
	if (!request->baseline || !baseline_takes(request->baseline, finding))
		return false;
	run->result->in_baseline++;
	return true;
}

/* A file that another one includes is looked at twice. */
static bool is_repeated(const struct lint_result *result, size_t at)
{
	const struct finding *finding = &result->findings[at];

	while (at-- > 0 && by_place(&result->findings[at], finding) == 0) {
		if (strcmp(result->findings[at].message, finding->message) == 0 &&
			strcmp(result->findings[at].path, finding->path) == 0)
			return true;
	}
	return false;
}

static void drop_repeated(struct lint_result *result)
{
	size_t count = 0;

	for (size_t i = 0; i < result->count; i++) {
		result->findings[count] = result->findings[i];
		count += !is_repeated(result, count);
	}
	result->count = count;
}

static void sort_and_count(struct lint_result *result)
{
	qsort(result->findings, result->count, sizeof(*result->findings), by_place);
	drop_repeated(result);
	for (size_t i = 0; i < result->count; i++) {
		const struct finding *finding = &result->findings[i];

		result->counts.errors += finding->severity == SEVERITY_ERROR;
		result->counts.warnings += finding->severity == SEVERITY_WARNING;
		result->counts.notes += finding->severity == SEVERITY_NOTE;
		result->has_unreadable |= strncmp(finding->rule->id, "LC00", 4) == 0 &&
					  finding->severity == SEVERITY_ERROR;
	}
}

static void finish(struct run *run)
{
	struct lint_result *result = run->result;

	result->findings = run->check.findings;
	for (size_t i = 0; i < run->check.count; i++) {
		if (!is_left_out(run, &run->check.findings[i]))
			result->findings[result->count++] = run->check.findings[i];
	}
	result->has_unreadable = false;
	if (result->findings)
		sort_and_count(result);
	result->cut = run->check.dropped;
	if (result->count > LINT_MAX_FINDINGS) {
		result->cut += result->count - LINT_MAX_FINDINGS;
		result->count = LINT_MAX_FINDINGS;
	}
}

/* A wrong folder must not look like one without mistakes. */
static int check_that_any_was_read(struct run *run)
{
	if (run->result->files > 0 || run->check.count > 0)
		return 0;
	text_printf(run->error, "no deployment in %zu file%s%s%s", run->result->files_skipped,
		run->result->files_skipped == 1 ? "" : "s",
		run->result->too_large > 0 ? "; some are larger than --max-size" : "",
		run->result->templates > 0 ? "; templates with {{ }} have to be rendered first "
					     "(helm template CHART | lastcall-plan lint -)"
					   : "");
	return -EINVAL;
}

int lint_run(const struct lint_request *request, struct lint_result *ret_result, struct text *error)
{
	struct run run = {
		.request = request,
		.result = ret_result,
		.check = {.settings = request->settings, .anchor = ""},
		.error = error,
	};
	int r = 0;

	*ret_result = (struct lint_result){0};
	run.check.arena = &ret_result->arena;
	for (size_t i = 0; i < request->files->count && r == 0; i++)
		r = lint_file(&run, &request->files->files[i]);
	lint_all_joined(&run);
	finish(&run);
	return r < 0 ? r : check_that_any_was_read(&run);
}

void lint_result_done(struct lint_result *result)
{
	free(result->findings);
	arena_done(&result->arena);
	*result = (struct lint_result){0};
}
