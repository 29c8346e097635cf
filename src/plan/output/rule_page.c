/* SPDX-License-Identifier: MIT */
#include "plan/output/rule_page.h"

#include "host/wrapped.h"
#include "plan/rules/rule_registry.h"
#include "host/json_write.h"

#include <jansson.h>
#include <string.h>

static void put_indented(FILE *out, const char *text)
{
	while (*text) {
		const size_t len = strcspn(text, "\n");

		(void)fprintf(out, "%s%.*s\n", len ? "    " : "", (int)len, text);
		text += len;
		text += *text == '\n';
	}
}

static void put_named(FILE *out, const char *name, const char *text)
{
	(void)fprintf(out, "%s: ", name);
	wrapped_write(out, text, (unsigned)strlen(name) + 2, 2);
}

void rule_page_text(const struct rule *rule, FILE *out)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "%s (%s)", rule->id, severity_name(rule->severity));
	put_named(out, name, rule->title);
	(void)fputc('\n', out);
	wrapped_write(out, rule->effect, 0, 0);
	(void)fputc('\n', out);
	put_named(out, "Fix", rule->fix);
	put_named(out, "Source", rule->source);
	if (rule->options)
		(void)fprintf(out, "Found with: lastcall-plan lint %s\n", rule->options);
	(void)fputs("\nBad:\n\n", out);
	put_indented(out, rule->bad);
	(void)fputs("\nGood:\n\n", out);
	put_indented(out, rule->good);
}

static void put_fenced(FILE *out, const char *heading, const char *text)
{
	const size_t len = strlen(text);

	(void)fprintf(out, "%s:\n\n```%s\n%s%s```\n\n", heading, text[0] == '{' ? "json" : "yaml",
		text, len > 0 && text[len - 1] == '\n' ? "" : "\n");
}

static void rule_markdown(const struct rule *rule, FILE *out)
{
	(void)fprintf(out, "### %s\n\n**%s** (%s). %s\n\n", rule->id, rule->title,
		severity_name(rule->severity), rule->effect);
	(void)fprintf(out, "Fix: %s\n\nSource: %s\n\n", rule->fix, rule->source);
	if (rule->options)
		(void)fprintf(out, "Found with `lastcall-plan lint %s`.\n\n", rule->options);
	put_fenced(out, "Bad", rule->bad);
	put_fenced(out, "Good", rule->good);
}

static void put_overview(FILE *out)
{
	(void)fputs("| rule | severity | what is wrong |\n|---|---|---|\n", out);
	for (size_t i = 0; i < rule_table_count; i++) {
		for (size_t j = 0; j < rule_tables[i]->count; j++) {
			const struct rule *rule = &rule_tables[i]->rules[j];

			(void)fprintf(out, "| [%s](#lc%s) | %s | %s |\n", rule->id, rule->id + 2,
				severity_name(rule->severity), rule->title);
		}
	}
	(void)fputc('\n', out);
}

void rule_page_markdown(FILE *out)
{
	(void)fputs("# Rules of lastcall-plan lint\n\n"
		    "`lastcall-plan explain --markdown` writes this page.\n"
		    "An *error* loses work or cannot be deployed, a *warning* may lose work or "
		    "time, a\n"
		    "*note* is worth knowing. `--ignore LC301` leaves a rule out,\n"
		    "`--ignore LC301:PATH` only in a file, a folder or a resource.\n\n",
		out);
	put_overview(out);
	for (size_t i = 0; i < rule_table_count; i++) {
		(void)fprintf(out, "## %s\n\n", rule_tables[i]->heading);
		for (size_t j = 0; j < rule_tables[i]->count; j++)
			rule_markdown(&rule_tables[i]->rules[j], out);
	}
}

static json_t *rule_json(const struct rule_table *table, const struct rule *rule)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s*}", "id", rule->id,
		"severity", severity_name(rule->severity), "title", rule->title, "effect",
		rule->effect, "fix", rule->fix, "source", rule->source, "file",
		rule->file ? rule->file : table->file, "bad", rule->bad, "good", rule->good,
		"options", rule->options);
}

int rule_page_json(FILE *out)
{
	json_t *rules = json_array();

	for (size_t i = 0; i < rule_table_count; i++) {
		for (size_t j = 0; j < rule_tables[i]->count; j++)
			(void)json_array_append_new(
				rules, rule_json(rule_tables[i], &rule_tables[i]->rules[j]));
	}
	return json_write(rules, JSON_INDENT(1), out);
}

void rule_page_list(FILE *out)
{
	for (size_t i = 0; i < rule_table_count; i++) {
		for (size_t j = 0; j < rule_tables[i]->count; j++) {
			const struct rule *rule = &rule_tables[i]->rules[j];

			(void)fprintf(out, "%s  %-7s  %s\n", rule->id,
				severity_name(rule->severity), rule->title);
		}
	}
}
