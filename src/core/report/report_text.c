/* SPDX-License-Identifier: MIT */
/* The report for people, as a file or a termination log has it: one line that says on its own what it is about. */
#include "core/report/report.h"
#include "core/text/time_text.h"

#include <string.h>

/* An entry of a list that fits, or nothing. A line stays one, whatever a label contains. */
static void add_entry(struct text *text, const char *before, const char *key, const char *value)
{
	const size_t start = text->len;

	if (text->truncated)
		return;
	text_printf(text, "%s%s", before, key);
	if (value != NULL)
		text_printf(text, "=%s", value);
	if (text->truncated || text->cap - text->len < sizeof "\n")
		text_cut(text, start);
	for (size_t i = start; i < text->len; i++) {
		if (text->buf[i] >= 0 && text->buf[i] < ' ')
			text->buf[i] = ' ';
	}
}

static void add_diagnosis(struct text *text, const struct report *report)
{
	const char *before = "; ";

	for (int i = 0; i < REPORT_DIAGNOSIS_COUNT; i++) {
		if (!(report->diagnosis & 1u << i))
			continue;
		add_entry(text, before, report_diagnosis_name((enum report_diagnosis)i), NULL);
		before = ", ";
	}
}

static void add_labels(struct text *text, const struct report *report)
{
	const size_t start = text->len;

	for (unsigned i = 0; i < report->labels.count; i++)
		add_entry(text, text->len == start ? "; " : " ", report->labels.list[i].key,
			report->labels.list[i].value);
}

void report_write_text(struct text *text, const struct report *report)
{
	text_add_time(text, report->stop.at_unix_ms);
	text_add(text, " lastcall: ");
	report_write_summary(text, report);
	add_diagnosis(text, report);
	add_labels(text, report);
	text_add(text, "\n");
}
