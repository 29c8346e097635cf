/* SPDX-License-Identifier: MIT */
#include "plan/lint/platform_registry.h"

#include "plan/model/compose_files.h"
#include "plan/model/compose_reader.h"
#include "plan/rules/compose_checks.h"

#include <string.h>

/* LC003 */
static void note_unread(struct check *check, const struct compose_model *model)
{
	for (size_t i = 0; i < model->unread_count; i++) {
		const char *file = compose_file_of(model, model->unread[i]);

		/* the model does not outlive its findings */
		check->file = strcmp(file, model->file) == 0 ? model->file
							     : check_text(check, "%s", file);
		check_add(check, "LC003", model->unread[i], "",
			"the included file '%.200s' cannot be read here: no rule looks at its "
			"services",
			node_text(model->unread[i]) ? node_text(model->unread[i]) : "");
	}
	check->file = model->file;
}

static void lint(struct check *check, struct document *const documents[], size_t count)
{
	const char *file = check->file;
	struct arena arena = {0};
	struct compose_model model;

	if (compose_is_override(file))
		return; /* it is checked with the file that it overrides */
	compose_read(&model, &arena, file, documents, count, check->settings->is_stack,
		check->settings->image_has_lastcall);
	note_unread(check, &model);
	for (size_t i = 0; i < count; i++)
		compose_check_variables(check, &model, documents[i]->root);
	for (const struct compose_service *at = model.services; at; at = at->next) {
		const struct compose_check c = {check, &model, at};

		check->anchor = check_text(check, "services/%s", at->name);
		compose_check_durations(&c);
		compose_check_grace(&c);
		compose_check_commands(&c);
		compose_check_deploy(&c);
	}
	check->anchor = "";
	check->file = file;
	compose_done(&model);
	arena_done(&arena);
}

const struct lint_platform compose_platform = {
	.name = "compose file",
	.recognises = compose_recognises,
	.lint = lint,
};
