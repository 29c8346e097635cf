/* SPDX-License-Identifier: MIT */
/* SARIF 2.1.0 (OASIS Standard, 27 March 2020). */
#include "plan/output/lint_print.h"

#include "plan/rules/rule_registry.h"

#include "core/text/fnv_hash.h"
#include "host/core/clean_text.h"
#include "host/json_write.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

/* UTF-8 with line breaks, which a text of ours may have. */
static json_t *text_object(const char *text)
{
	return json_pack("{s:s}", "text", text);
}

static const char *clean(struct arena *arena, const char *text)
{
	const size_t size = CLEAN_TEXT_BYTES(strlen(text));

	return clean_text(arena_alloc(arena, size), size, text);
}

static json_t *rule_json(const struct rule *rule)
{
	struct arena arena = {0};
	const char *help = arena_printf(
		&arena, "%s\n\nFix: %s\n\nSource: %s", rule->effect, rule->fix, rule->source);
	json_t *object = json_pack("{s:s, s:o, s:o, s:o, s:{s:s}}", "id", rule->id,
		"shortDescription", text_object(rule->title), "fullDescription",
		text_object(rule->effect), "help", text_object(help), "defaultConfiguration",
		"level", severity_name(rule->severity));

	arena_done(&arena);
	return object;
}

static size_t rule_index(const struct rule *rule)
{
	size_t before = 0;

	for (size_t i = 0; i < rule_table_count; i++) {
		const struct rule_table *table = rule_tables[i];

		if (rule >= table->rules && rule < table->rules + table->count)
			return before + (size_t)(rule - table->rules);
		before += table->count;
	}
	return before;
}

static bool is_unreserved(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("-._~/", c));
}

/* A path as a relative reference (RFC 3986). */
static json_t *uri_of(const char *path)
{
	struct arena arena = {0};
	char *uri = arena_alloc(&arena, 3 * strlen(path) + 1);
	size_t len = 0;
	json_t *string;

	if (strcmp(path, "-") == 0)
		path = "stdin";
	while (strncmp(path, "./", 2) == 0)
		path += 2;
	for (; *path; path++) {
		if (is_unreserved((unsigned char)*path))
			uri[len++] = *path;
		else
			len += (size_t)sprintf(uri + len, "%%%02X", (unsigned)(unsigned char)*path);
	}
	string = json_string(uri);
	arena_done(&arena);
	return string;
}

static json_t *location_json(const struct finding *finding)
{
	json_t *physical = json_pack("{s:{s:o}}", "artifactLocation", "uri", uri_of(finding->file));
	json_t *location = json_pack("{s:o}", "physicalLocation", physical);

	if (finding->line > 0)
		(void)json_object_set_new(physical, "region",
			json_pack("{s:I, s:I}", "startLine", (json_int_t)finding->line,
				"startColumn", (json_int_t)finding->column));
	if (finding->path[0])
		(void)json_object_set_new(location, "logicalLocations",
			json_pack("[{s:s}]", "fullyQualifiedName", finding->path));
	return location;
}

static json_t *message_json(const struct finding *finding, struct arena *arena)
{
	const char *message = clean(arena, finding->message);

	if (finding->fix[0] == '\0')
		return text_object(message);
	return text_object(arena_printf(arena, "%s\nFix: %s", message, clean(arena, finding->fix)));
}

static json_t *result_json(const struct finding *finding)
{
	struct arena arena = {0};
	const char *identity = finding_identity(finding, &arena);
	const char *print = arena_printf(
		&arena, "%016" PRIx64, fnv_hash_add(FNV_HASH_START, identity, strlen(identity)));
	json_t *object = json_pack("{s:s, s:I, s:s, s:o, s:[o], s:{s:s}}", "ruleId",
		finding->rule->id, "ruleIndex", (json_int_t)rule_index(finding->rule), "level",
		severity_name(finding->severity), "message", message_json(finding, &arena),
		"locations", location_json(finding), "partialFingerprints", "lastcall/v1", print);

	arena_done(&arena);
	return object;
}

static json_t *rules_json(void)
{
	json_t *rules = json_array();

	for (size_t i = 0; i < rule_table_count; i++) {
		for (size_t j = 0; j < rule_tables[i]->count; j++)
			(void)json_array_append_new(rules, rule_json(&rule_tables[i]->rules[j]));
	}
	return rules;
}

static json_t *invocation_json(const struct lint_result *result)
{
	json_t *invocation = json_pack("{s:b}", "executionSuccessful", 1);
	struct arena arena = {0};
	const char *text = arena_printf(&arena,
		"%zu more findings are left out, for code scanning shows %d of one upload",
		result->cut, LINT_MAX_FINDINGS);

	if (result->cut > 0)
		(void)json_object_set_new(invocation, "toolExecutionNotifications",
			json_pack("[{s:s, s:{s:s}}]", "level", "note", "message", "text", text));
	arena_done(&arena);
	return invocation;
}

int lint_print_sarif(const struct lint_result *result, const char *version, FILE *out)
{
	json_t *results = json_array(), *document;

	for (size_t i = 0; i < result->count; i++)
		(void)json_array_append_new(results, result_json(&result->findings[i]));
	document = json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:s, s:o}}, s:s, s:[o], s:o}]}", "$schema",
		"https://json.schemastore.org/sarif-2.1.0.json", "version", "2.1.0", "runs", "tool",
		"driver", "name", "lastcall-plan", "version", version, "rules", rules_json(),
		"columnKind", "unicodeCodePoints", "invocations", invocation_json(result),
		"results", results);
	return json_write(document, JSON_COMPACT, out);
}
