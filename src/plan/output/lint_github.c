/* SPDX-License-Identifier: MIT */
/* Workflow commands (GitHub Actions documentation, "Workflow commands for GitHub Actions"). GitHub shows ten
 * annotations of each kind for a step: errors come first. */
#include "plan/output/lint_print.h"

#include <string.h>

/* What ends a command, or a property of one, is written as %XX. */
static void put_escaped(FILE *out, const char *text, const char *special)
{
	for (; *text; text++) {
		if (strchr(special, *text))
			(void)fprintf(out, "%%%02X", (unsigned)(unsigned char)*text);
		else
			(void)fputc(*text, out);
	}
}

static void put_finding(const struct finding *finding, FILE *out)
{
	static const char *const commands[] = {"notice", "warning", "error"};
	static const char in_property[] = "%\r\n:,", in_message[] = "%\r\n";

	(void)fprintf(out, "::%s ", commands[finding->severity]);
	if (strcmp(finding->file, "-") != 0) {
		(void)fputs("file=", out);
		put_escaped(out, finding->file, in_property);
		if (finding->line > 0)
			(void)fprintf(out, ",line=%u,col=%u", (unsigned)finding->line,
				(unsigned)finding->column);
		(void)fputc(',', out);
	}
	(void)fprintf(out, "title=%s ", finding->rule->id);
	put_escaped(out, finding->rule->title, in_property);
	(void)fputs("::", out);
	put_escaped(out, finding->message, in_message);
	if (finding->anchor[0]) {
		(void)fputs(" (", out);
		put_escaped(out, finding->anchor, in_message);
		(void)fputc(')', out);
	}
	if (finding->fix[0]) {
		(void)fputs("%0AFix: ", out);
		put_escaped(out, finding->fix, in_message);
	}
	(void)fputc('\n', out);
}

void lint_print_github(const struct lint_result *result, FILE *out)
{
	for (int severity = SEVERITY_ERROR; severity >= SEVERITY_NOTE; severity--) {
		for (size_t i = 0; i < result->count; i++) {
			if ((int)result->findings[i].severity == severity)
				put_finding(&result->findings[i], out);
		}
	}
	lint_print_summary(result, out);
}
