/* SPDX-License-Identifier: MIT */
#include "plan/output/lint_print.h"

#include "plan/rules/rule_registry.h"

#include "host/json_value.h"
#include "host/json_write.h"

static json_t *number_or_null(uint32_t number)
{
	return number > 0 ? json_integer(number) : json_null();
}

static json_t *finding_json(const struct finding *finding)
{
	json_t *object = json_object();

	(void)json_object_set_new(object, "rule", json_string(finding->rule->id));
	(void)json_object_set_new(
		object, "severity", json_string(severity_name(finding->severity)));
	(void)json_object_set_new(object, "file", json_value_text(finding->file));
	(void)json_object_set_new(object, "line", number_or_null(finding->line));
	(void)json_object_set_new(object, "column", number_or_null(finding->column));
	(void)json_object_set_new(object, "path", json_string(finding->path));
	(void)json_object_set_new(object, "resource", json_value_text(finding->anchor));
	(void)json_object_set_new(object, "message", json_value_text(finding->message));
	(void)json_object_set_new(object, "effect", json_string(finding->rule->effect));
	(void)json_object_set_new(object, "fix", json_value_text(finding->fix));
	(void)json_object_set_new(object, "source", json_string(finding->rule->source));
	return object;
}

int lint_print_json(const struct lint_result *result, FILE *out)
{
	json_t *findings = json_array(), *document;

	for (size_t i = 0; i < result->count; i++)
		(void)json_array_append_new(findings, finding_json(&result->findings[i]));
	document = json_pack("{s:s, s:o, s:{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}}", "schema",
		"lastcall.lint/1", "findings", findings, "summary", "errors",
		(json_int_t)result->counts.errors, "warnings", (json_int_t)result->counts.warnings,
		"notes", (json_int_t)result->counts.notes, "files", (json_int_t)result->files,
		"skipped", (json_int_t)result->files_skipped, "ignored",
		(json_int_t)result->ignored, "in_baseline", (json_int_t)result->in_baseline, "cut",
		(json_int_t)result->cut);
	return json_write(document, JSON_COMPACT, out);
}
