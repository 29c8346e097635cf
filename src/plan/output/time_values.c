/* SPDX-License-Identifier: MIT */
#include "plan/output/time_values.h"

#include "host/core/clean_text.h"
#include "host/wrapped.h"

#include <string.h>

static void add_place(struct text *text, const struct plan_value *value)
{
	if (value->source == PLAN_DOCUMENT && value->place.line > 0)
		text_printf(text, " (line %u)", value->place.line);
}

/* What a line is of: a source, and of a document's values those of one file (NULL: not known). */
struct origin {
	enum plan_source source;
	const char *file;
};

static bool is_of(const struct origin *origin, const struct plan_value *value)
{
	if (value->source != origin->source)
		return false;
	if (value->source != PLAN_DOCUMENT || value->place.file == origin->file)
		return true;
	return value->place.file != NULL && origin->file != NULL &&
	       strcmp(value->place.file, origin->file) == 0;
}

/* "desired 10 (line 12), min 50%". Returns how many there are. */
static unsigned list(const struct time_plan *plan, const struct origin *origin, struct text *text)
{
	unsigned count = 0;

	for (unsigned i = 0; i < PLAN_INPUT_COUNT; i++) {
		const struct plan_value *value = &plan->inputs.values[i];

		if (!is_of(origin, value) || !plan_input_is_used(&plan->inputs, i))
			continue;
		text_printf(text, "%s%s ", count++ > 0 ? ", " : "", plan_input_row(i)->name);
		plan_value_add(text, i, value);
		add_place(text, value);
	}
	return count;
}

static void write_line(
	const struct time_plan *plan, const struct origin *origin, const char *title, FILE *out)
{
	char line[2048];
	struct text text;

	text_init(&text, line, sizeof line);
	text_printf(&text, "%s: ", title);
	if (list(plan, origin, &text) == 0)
		return;
	text_add(&text, ".");
	(void)fputs("  ", out);
	wrapped_write(out, line, 2, 4);
}

static void write_source(
	const struct time_plan *plan, enum plan_source source, const char *title, FILE *out)
{
	const struct origin origin = {.source = source};

	write_line(plan, &origin, title, out);
}

static void write_file(const struct time_plan *plan, const struct origin *origin, FILE *out)
{
	char title[CLEAN_TEXT_BYTES(256)], file[257];
	const char *shown = origin->file == NULL             ? "the document"
			    : strcmp(origin->file, "-") == 0 ? "standard input"
							     : origin->file;

	(void)snprintf(file, sizeof file, "%.256s", shown);
	write_line(plan, origin, clean_text(title, sizeof title, file), out);
}

/* A line for each file, in the order of its first value. */
static void write_files(const struct time_plan *plan, FILE *out)
{
	const struct plan_value *values = plan->inputs.values;

	for (unsigned i = 0; i < PLAN_INPUT_COUNT; i++) {
		const struct origin origin = {PLAN_DOCUMENT, values[i].place.file};
		bool is_first = values[i].source == PLAN_DOCUMENT;

		for (unsigned j = 0; j < i && is_first; j++)
			is_first = !is_of(&origin, &values[j]);
		if (is_first)
			write_file(plan, &origin, out);
	}
}

void time_values_write(const struct time_plan *plan, FILE *out)
{
	char measured[96];

	write_source(plan, PLAN_OPTION, "options", out);
	(void)snprintf(measured, sizeof measured, "measured (p%u of %u stops)", plan->percentile,
		plan->measured_stops);
	write_source(plan, PLAN_MEASURED, measured, out);
	write_files(plan, out);
	write_source(plan, PLAN_DEFAULT, "defaults", out);
	write_source(plan, PLAN_ASSUMED, "assumed (options of these names say better)", out);
}
