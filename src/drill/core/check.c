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

bool check_add_warning(struct drill_result *result, struct text *ret_text)
{
	if (result->warning_count == DRILL_MAX_WARNINGS)
		return false;
	text_init(ret_text, result->warnings[result->warning_count++], DRILL_WARNING_BYTES);
	return true;
}

bool check_counts_run(const struct run *run)
{
	return run->error[0] == '\0';
}
