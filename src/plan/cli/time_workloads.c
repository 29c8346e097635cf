/* SPDX-License-Identifier: MIT */
#include "plan/cli/time_workloads.h"

#include <string.h>

static const char *kept_text(struct time_document *to, const char *text)
{
	return text ? arena_copy(&to->arena, text, strlen(text)) : NULL;
}

void time_document_keep(
	struct time_document *to, const struct plan_inputs *inputs, const char *file)
{
	struct plan_inputs *kept;

	to->workloads = memory_resize(to->workloads, to->count + 1, sizeof *to->workloads);
	kept = &to->workloads[to->count++];
	*kept = *inputs;
	kept->name = kept_text(to, inputs->name != NULL ? inputs->name : "");
	kept->id = kept_text(to, inputs->id);
	kept->file = file;
}
