/* SPDX-License-Identifier: MIT */
#include "plan/lint/file_list.h"

#include "host/input_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_DEPTH = 40, MAX_FILES = 100000, MANIFEST_MAX_BYTES = 16 << 20 };

struct lister {
	struct file_list *list;
	struct arena *arena;
};

static int add_file(struct lister *lister, const char *path, bool is_named)
{
	struct file_list *list = lister->list;

	if (list->count >= MAX_FILES)
		return -E2BIG;
	list->files = memory_grow(list->files, list->count, sizeof(*list->files));
	list->files[list->count++] = (struct listed_file){path, is_named};
	return 0;
}

static bool ends_in(const char *name, const char *ending)
{
	const size_t len = strlen(name), ending_len = strlen(ending);

	return len > ending_len && strcmp(name + len - ending_len, ending) == 0;
}

static bool may_be_document(const char *name)
{
	static const char *const endings[] = {".json", ".yaml", ".yml", ".template"};

	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		if (ends_in(name, endings[i]))
			return true;
	}
	return false;
}

/* Hidden folders and what package managers fill describe no deployment of the user's. */
static bool is_left_out(const char *name)
{
	return name[0] == '.' || strcmp(name, "node_modules") == 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct names {
	const char **list;
	size_t count;
};

static int read_names(struct lister *lister, const char *folder, struct names *ret_names)
{
	struct names names = {0};
	struct dirent *entry;
	DIR *dir = opendir(folder);

	if (!dir)
		return -errno;
	while ((entry = readdir(dir)) && names.count < MAX_FILES) {
		if (is_left_out(entry->d_name))
			continue;
		names.list = memory_grow(names.list, names.count, sizeof(*names.list));
		names.list[names.count++] =
			arena_copy(lister->arena, entry->d_name, strlen(entry->d_name));
	}
	(void)closedir(dir);
	if (names.count > 0)
		qsort(names.list, names.count, sizeof(*names.list), by_name);
	*ret_names = names;
	return 0;
}

/* Without "./" in front: CI services do not find the file of an annotation that has it. */
static const char *without_dots(const char *path)
{
	while (path[0] == '.' && path[1] == '/') {
		path += 2;
		while (*path == '/')
			path++;
	}
	return *path ? path : ".";
}

static const char *join(struct lister *lister, const char *folder, const char *name)
{
	if (strcmp(folder, ".") == 0)
		return arena_copy(lister->arena, name, strlen(name));
	return arena_printf(lister->arena, "%s%s%s", folder, ends_in(folder, "/") ? "" : "/", name);
}

static int add_folder(struct lister *lister, const char *folder, int depth);

/* What cannot be read below a folder was not asked for. A link to a folder may lead in a circle. */
static int add_entry(struct lister *lister, const char *folder, const char *name, int depth)
{
	const char *path = join(lister, folder, name);
	struct stat status;

	if (lstat(path, &status) < 0)
		return 0;
	if (S_ISDIR(status.st_mode))
		return add_folder(lister, path, depth + 1);
	if (S_ISLNK(status.st_mode) && (stat(path, &status) < 0 || !S_ISREG(status.st_mode)))
		return 0;
	return S_ISREG(status.st_mode) && may_be_document(name) ? add_file(lister, path, false) : 0;
}

static json_t *read_manifest(struct lister *lister, const char *folder)
{
	json_t *manifest;
	char *bytes;
	size_t len;

	if (input_file_read(
		    join(lister, folder, "manifest.json"), MANIFEST_MAX_BYTES, &bytes, &len) < 0)
		return NULL;
	manifest = json_loadb(bytes, len, 0, NULL);
	free(bytes);
	if (json_is_object(json_object_get(manifest, "artifacts")))
		return manifest;
	json_decref(manifest);
	return NULL;
}

static bool is_inside(const char *name)
{
	return name && name[0] != '/' && strcmp(name, "..") != 0 && strncmp(name, "../", 3) != 0 &&
	       !strstr(name, "/../");
}

/* Templates of stacks, and assemblies within (a stage's). */
static int add_artifacts(struct lister *lister, const char *folder, json_t *manifest, int depth)
{
	const char *id;
	json_t *artifact;
	int r = 0;

	json_object_foreach(json_object_get(manifest, "artifacts"), id, artifact)
	{
		const char *type = json_string_value(json_object_get(artifact, "type"));
		json_t *properties = json_object_get(artifact, "properties");
		const char *file = json_string_value(json_object_get(properties, "templateFile"));
		const char *nested =
			json_string_value(json_object_get(properties, "directoryName"));

		if (r == 0 && type && strcmp(type, "aws:cloudformation:stack") == 0 &&
			is_inside(file))
			r = add_file(lister, join(lister, folder, file), false);
		if (r == 0 && type && strcmp(type, "cdk:cloud-assembly") == 0 && is_inside(nested))
			r = add_folder(lister, join(lister, folder, nested), depth + 1);
	}
	return r;
}

/* The templates of nested stacks are assets; only their names say what they are. */
static int add_nested_stacks(struct lister *lister, const char *folder, const struct names *names)
{
	int r = 0;

	for (size_t i = 0; i < names->count && r == 0; i++) {
		if (ends_in(names->list[i], ".nested.template.json"))
			r = add_file(lister, join(lister, folder, names->list[i]), false);
	}
	return r;
}

static int add_names(
	struct lister *lister, const char *folder, const struct names *names, int depth)
{
	json_t *manifest = read_manifest(lister, folder);
	int r = 0;

	if (manifest) {
		r = add_artifacts(lister, folder, manifest, depth);
		json_decref(manifest);
		return r < 0 ? r : add_nested_stacks(lister, folder, names);
	}
	for (size_t i = 0; i < names->count && r == 0; i++)
		r = add_entry(lister, folder, names->list[i], depth);
	return r;
}

static int add_folder(struct lister *lister, const char *folder, int depth)
{
	struct names names = {0};
	int r;

	if (depth > MAX_DEPTH)
		return 0;
	r = read_names(lister, folder, &names);
	if (r < 0)
		return depth == 0 ? r : 0;
	r = add_names(lister, folder, &names, depth);
	free(names.list);
	return r;
}

int file_list_add(struct file_list *list, struct arena *arena, const char *path)
{
	struct lister lister = {.list = list, .arena = arena};
	struct stat status;

	if (strcmp(path, "-") == 0)
		return add_file(&lister, path, true);
	path = without_dots(path);
	if (stat(path, &status) < 0)
		return -errno;
	if (S_ISDIR(status.st_mode))
		return add_folder(&lister, path, 0);
	return add_file(&lister, path, true);
}

void file_list_done(struct file_list *list)
{
	free(list->files);
	*list = (struct file_list){0};
}
