/* SPDX-License-Identifier: MIT */
#include "drill/core/check.h"

struct check_texts check_add(struct drill_result *result, const char *name)
{
	struct check_texts texts = {.check = &result->checks[result->check_count++]};
	struct text text;

	*texts.check = (struct check){.has_passed = true};
	text_init(&text, texts.check->name, sizeof texts.check->name);
	text_add(&text, name);
	text_init(&texts.limit, texts.check->limit, sizeof texts.check->limit);
	text_init(&texts.observed, texts.check->observed, sizeof texts.check->observed);
	return texts;
}

void check_add_run(struct text *text, const struct drill_result *result, const struct run *run)
{
	if (result->run_count > 1)
		text_printf(text, " in run %u", run->number);
}

struct text check_add_warning(struct drill_result *result)
{
	struct text text;

	text_init(&text, result->warnings[result->warning_count++], DRILL_WARNING_BYTES);
	return text;
}

bool check_counts_run(const struct run *run)
{
	return run->error[0] == '\0';
}
