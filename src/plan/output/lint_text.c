/* SPDX-License-Identifier: MIT */
#include "plan/output/lint_print.h"

#include "plan/rules/rule_registry.h"

#include <string.h>

#define MIN_COLUMNS 40
#define MAX_COLUMNS 110
#define INDENT 11

static const char *shown_name(const char *file)
{
	return strcmp(file, "-") == 0 ? "standard input" : file;
}

/* Text of a document, with nothing that a terminal would act on. */
static void put_clean(FILE *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		const unsigned char c = (unsigned char)text[i];

		(void)fputc(c < 0x20 || c == 0x7F ? '?' : c, out);
	}
}

/* Words, broken into lines behind an indent; the first line has begun. */
static void put_wrapped(FILE *out, const char *text, unsigned used, unsigned columns)
{
	bool is_first = true; /* of its line */

	while (*text) {
		const size_t len = strcspn(text, " ");

		if (!is_first && used + 1 + len > columns) {
			(void)fprintf(out, "\n%*s", INDENT, "");
			used = INDENT;
			is_first = true;
		}
		if (!is_first) {
			(void)fputc(' ', out);
			used++;
		}
		put_clean(out, text, len);
		is_first = false;
		used += (unsigned)len;
		text += len;
		text += strspn(text, " ");
	}
	(void)fputc('\n', out);
}

static enum tone tone_of(enum severity severity)
{
	static const enum tone tones[] = {TONE_FAINT, TONE_WARN, TONE_BAD};

	return tones[severity];
}

static void put_place(const struct finding *finding, FILE *out)
{
	char place[32] = "";

	if (finding->line > 0)
		(void)snprintf(place, sizeof(place), "%u:%u", (unsigned)finding->line,
			(unsigned)finding->column);
	(void)fprintf(out, "%9s  ", place);
}

static void put_finding(const struct finding *finding, const struct terminal *terminal,
	unsigned columns, bool has_effect, FILE *out)
{
	const char *plain = terminal_tone(terminal, TONE_PLAIN);
	const char *faint = terminal_tone(terminal, TONE_FAINT);
	const char *name = severity_name(finding->severity);

	put_place(finding, out);
	(void)fprintf(out, "%s%s%s %s: ", terminal_tone(terminal, tone_of(finding->severity)), name,
		plain, finding->rule->id);
	put_wrapped(out, finding->message,
		(unsigned)(INDENT + strlen(name) + 3 + strlen(finding->rule->id)), columns);
	if (finding->anchor[0] || finding->line == 0) {
		(void)fprintf(out, "%*s%sat ", INDENT, "", faint);
		put_wrapped(out, finding->anchor[0] ? finding->anchor : finding->path, INDENT + 3,
			columns);
		(void)fputs(plain, out);
	}
	if (has_effect && finding->severity != SEVERITY_NOTE) {
		(void)fprintf(out, "%*s", INDENT, "");
		put_wrapped(out, finding->rule->effect, INDENT, columns);
	}
	if (finding->fix[0]) {
		(void)fprintf(
			out, "%*s%sfix:%s ", INDENT, "", terminal_tone(terminal, TONE_GOOD), plain);
		put_clean(
			out, finding->fix, strlen(finding->fix)); /* a line to paste stays whole */
		(void)fputc('\n', out);
	}
}

static void put_count(FILE *out, size_t count, const char *what, const char **between)
{
	if (count == 0)
		return;
	(void)fprintf(out, "%s%zu %s%s", *between, count, what, count == 1 ? "" : "s");
	*between = ", ";
}

void lint_print_summary(const struct lint_result *result, FILE *out)
{
	const char *between = "";

	put_count(out, result->counts.errors, "error", &between);
	put_count(out, result->counts.warnings, "warning", &between);
	put_count(out, result->counts.notes, "note", &between);
	if (*between == '\0')
		(void)fputs("nothing found", out);
	(void)fprintf(out, " in %zu file%s", result->files, result->files == 1 ? "" : "s");
	if (result->files_skipped > 0)
		(void)fprintf(out, ", %zu skipped", result->files_skipped);
	if (result->too_large > 0)
		(void)fprintf(out, " (%zu larger than --max-size)", result->too_large);
	if (result->templates > 0)
		(void)fprintf(out, " (templates with {{ }} have to be rendered first)");
	if (result->ignored > 0)
		(void)fprintf(out, ", %zu ignored", result->ignored);
	if (result->in_baseline > 0)
		(void)fprintf(out, ", %zu in the baseline", result->in_baseline);
	if (result->cut > 0)
		(void)fprintf(out, "; the last %zu findings are left out", result->cut);
	(void)fputc('\n', out);
}

/* What happens in production is said once for each rule of a file. */
static bool is_first_of_rule(const struct lint_result *result, size_t at)
{
	const struct finding *finding = &result->findings[at];

	while (at > 0 && strcmp(result->findings[at - 1].file, finding->file) == 0) {
		if (result->findings[--at].rule == finding->rule)
			return false;
	}
	return true;
}

static const struct finding *worst_of(const struct lint_result *result)
{
	const struct finding *worst = &result->findings[0];

	for (size_t i = 1; i < result->count; i++) {
		if (result->findings[i].severity > worst->severity)
			worst = &result->findings[i];
	}
	return worst;
}

void lint_print_text(const struct lint_result *result, const struct terminal *terminal, FILE *out)
{
	const char *file = NULL;
	unsigned columns = terminal->columns > MAX_COLUMNS ? MAX_COLUMNS : terminal->columns;

	if (columns < MIN_COLUMNS)
		columns = MIN_COLUMNS;
	for (size_t i = 0; i < result->count; i++) {
		const struct finding *finding = &result->findings[i];

		if (!file || strcmp(file, finding->file) != 0)
			(void)fprintf(out, "%s%s%s%s\n", file ? "\n" : "",
				terminal_tone(terminal, TONE_BOLD), shown_name(finding->file),
				terminal_tone(terminal, TONE_PLAIN));
		file = finding->file;
		put_finding(finding, terminal, columns, is_first_of_rule(result, i), out);
	}
	if (result->count > 0)
		(void)fputc('\n', out);
	lint_print_summary(result, out);
	if (result->count > 0)
		(void)fprintf(
			out, "lastcall-plan explain %s says more.\n", worst_of(result)->rule->id);
}
