/* SPDX-License-Identifier: MIT */
#include "plan/lint/lint_filter.h"

#include "plan/lint/lint_result.h"
#include "plan/rules/rule_registry.h"

#include "host/input_file.h"
#include "host/json_write.h"
#include "host/whole_file.h"

#include <errno.h>
#include <fnmatch.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char schema[] = "lastcall.lint-baseline/1";
enum { BASELINE_MAX_BYTES = 64 << 20, ID_LEN = 5 };

bool lint_ignore_is_valid(const char *ignore)
{
	char id[ID_LEN + 1] = "";

	if (strnlen(ignore, ID_LEN) < ID_LEN || (ignore[ID_LEN] != '\0' && ignore[ID_LEN] != ':') ||
		strcmp(ignore + ID_LEN, ":") == 0)
		return false;
	memcpy(id, ignore, ID_LEN);
	return rule_find(id) != NULL;
}

/* "deploy/old" is all that lies in it, and "web" also "web/Resource"; "web" is not "webhook". */
static bool begins_with(const char *text, const char *beginning)
{
	const size_t len = strlen(beginning);

	return strncmp(text, beginning, len) == 0 &&
	       (text[len] == '\0' || text[len] == '/' || (len > 0 && beginning[len - 1] == '/'));
}

bool lint_ignore_matches(const char *ignore, const struct finding *finding)
{
	const char *path = ignore + ID_LEN;

	if (strncmp(ignore, finding->rule->id, ID_LEN) != 0)
		return false;
	if (*path == '\0')
		return true;
	path++;
	return fnmatch(path, finding->file, 0) == 0 || begins_with(finding->file, path) ||
	       begins_with(finding->path, path) ||
	       (finding->anchor[0] && begins_with(finding->anchor, path));
}

int baseline_read(const char *path, struct baseline *ret_baseline, struct text *error)
{
	json_t *document, *findings;
	const char *found;
	char *bytes;
	size_t len;
	int r = input_file_read(path, BASELINE_MAX_BYTES, &bytes, &len);

	if (r < 0) {
		text_printf(error, "%s: %s", path, strerror(-r));
		return r;
	}
	document = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, NULL);
	free(bytes);
	found = json_string_value(json_object_get(document, "schema"));
	findings = json_object_get(document, "findings");
	if (!found || strcmp(found, schema) != 0 || !json_is_object(findings)) {
		json_decref(document);
		text_printf(error, "%s: not a baseline that --write-baseline has written", path);
		return -EINVAL;
	}
	ret_baseline->known = json_incref(findings);
	json_decref(document);
	return 0;
}

void baseline_done(struct baseline *baseline)
{
	json_decref(baseline->known);
	baseline->known = NULL;
}

bool baseline_takes(struct baseline *baseline, const struct finding *finding)
{
	struct arena arena = {0};
	const char *identity;
	json_int_t left;

	if (!baseline->known)
		return false;
	identity = finding_identity(finding, &arena);
	left = json_integer_value(json_object_get(baseline->known, identity));
	if (left > 0)
		(void)json_object_set_new(baseline->known, identity, json_integer(left - 1));
	arena_done(&arena);
	return left > 0;
}

static json_t *identities(const struct finding *findings, size_t count)
{
	json_t *object = json_object();
	struct arena arena = {0};

	for (size_t i = 0; i < count; i++) {
		const char *identity = finding_identity(&findings[i], &arena);
		const json_int_t so_far = json_integer_value(json_object_get(object, identity));

		(void)json_object_set_new(object, identity, json_integer(so_far + 1));
	}
	arena_done(&arena);
	return object;
}

int baseline_write(const char *path, const struct finding *findings, size_t count)
{
	struct whole_file file;
	json_t *document;
	int r = whole_file_begin(&file, path);

	if (r < 0)
		return r;
	document =
		json_pack("{s:s, s:o}", "schema", schema, "findings", identities(findings, count));
	return whole_file_end(
		&file, json_write(document, JSON_INDENT(1) | JSON_SORT_KEYS, file.out));
}
