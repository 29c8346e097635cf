/* SPDX-License-Identifier: MIT */
#include "plan/output/time_values.h"

#include "host/core/clean_text.h"
#include "plan/output/wrapped.h"

#include <string.h>

static void add_place(struct text *text, const struct plan_value *value)
{
	if (value->source == PLAN_DOCUMENT && value->place.line > 0)
		text_printf(text, " (line %u)", value->place.line);
}

/* "desired 10 (line 12), min 50%". Returns how many there are. */
static unsigned list(const struct time_plan *plan, enum plan_source source, struct text *text)
{
	unsigned count = 0;

	for (unsigned i = 0; i < PLAN_INPUT_COUNT; i++) {
		const struct plan_value *value = &plan->inputs.values[i];

		if (value->source != source || !plan_input_is_used(&plan->inputs, i))
			continue;
		text_printf(text, "%s%s ", count++ > 0 ? ", " : "", plan_input_row(i)->name);
		plan_value_add(text, i, value);
		add_place(text, value);
	}
	return count;
}

static const char *document_of(const struct time_plan *plan)
{
	for (unsigned i = 0; i < PLAN_INPUT_COUNT; i++) {
		if (plan->inputs.values[i].source == PLAN_DOCUMENT &&
			plan->inputs.values[i].place.file != NULL)
			return strcmp(plan->inputs.values[i].place.file, "-") == 0
				       ? "standard input"
				       : plan->inputs.values[i].place.file;
	}
	return "the document";
}

static void write_line(
	const struct time_plan *plan, enum plan_source source, const char *title, FILE *out)
{
	char line[2048];
	struct text text;

	text_init(&text, line, sizeof line);
	text_printf(&text, "%s: ", title);
	if (list(plan, source, &text) == 0)
		return;
	text_add(&text, ".");
	(void)fputs("  ", out);
	wrapped_write(out, line, 2, 4);
}

void time_values_write(const struct time_plan *plan, FILE *out)
{
	char title[CLEAN_TEXT_BYTES(256)], file[257], measured[96];

	(void)snprintf(file, sizeof file, "%.256s", document_of(plan));
	write_line(plan, PLAN_OPTION, "options", out);
	(void)snprintf(measured, sizeof measured, "measured (p%u of %u stops)", plan->percentile,
		plan->measured_stops);
	write_line(plan, PLAN_MEASURED, measured, out);
	write_line(plan, PLAN_DOCUMENT, clean_text(title, sizeof title, file), out);
	write_line(plan, PLAN_DEFAULT, "defaults", out);
	write_line(plan, PLAN_ASSUMED, "assumed (options of these names say better)", out);
}
