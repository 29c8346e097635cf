/* SPDX-License-Identifier: MIT */
#include "plan/output/time_overview.h"

#include "core/text/duration.h"
#include "host/core/clean_text.h"
#include "host/wrapped.h"

#define TAKES_COLUMNS 22
#define NEW_COLUMNS 22
#define NAME_BYTES 256

static void put_clean(const char *raw, FILE *out)
{
	char clean[CLEAN_TEXT_BYTES(NAME_BYTES)], name[NAME_BYTES];

	(void)snprintf(name, sizeof name, "%s", raw != NULL ? raw : "");
	(void)fputs(clean_text(clean, sizeof clean, name), out);
}

static void put_range(int64_t lower, int64_t upper, int width, FILE *out)
{
	char text[2 * DURATION_TEXT_BYTES + 8], a[DURATION_TEXT_BYTES], b[DURATION_TEXT_BYTES];

	if (lower == upper)
		(void)snprintf(text, sizeof text, "%s", duration_text(a, upper));
	else
		(void)snprintf(text, sizeof text, "%s to %s", duration_text(a, lower),
			duration_text(b, upper));
	(void)fprintf(out, "%-*s", width, text);
}

void time_overview_begin(FILE *out)
{
	(void)fprintf(out, "  %-*s%-*s%s\n", TAKES_COLUMNS, "takes", NEW_COLUMNS,
		"all new are healthy", "service");
}

void time_overview_add(const struct time_plan *plan, bool is_ambiguous, FILE *out)
{
	const struct rollout *low = &plan->lower, *up = &plan->upper;

	(void)fputs("  ", out);
	if (up->is_stuck) {
		(void)fprintf(out, "%-*s", TAKES_COLUMNS + NEW_COLUMNS, "stuck");
	} else {
		put_range(low->complete, up->complete, TAKES_COLUMNS, out);
		put_range(low->all_new, up->all_new, NEW_COLUMNS, out);
	}
	put_clean(plan->inputs.name, out);
	if (is_ambiguous) {
		(void)fputs(" (", out);
		put_clean(plan->inputs.file, out);
		(void)fputc(')', out);
	}
	(void)fputc('\n', out);
}

void time_overview_end(const char *longest, FILE *out)
{
	char clean[CLEAN_TEXT_BYTES(256)], name[256], line[1024];

	(void)snprintf(name, sizeof name, "%s", longest);
	(void)snprintf(line, sizeof line,
		"The one that takes longest, %s (--service chooses another):",
		clean_text(clean, sizeof clean, name));
	(void)fputc('\n', out);
	wrapped_write(out, line, 0, 0);
	(void)fputc('\n', out);
}
