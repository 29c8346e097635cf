/* SPDX-License-Identifier: MIT */
/* Reads a compose file into its model. */
#pragma once

#include "plan/model/compose.h"

/* Reads the documents of one file, and what belongs to it. `is_stack`: the user says what it is for. */
void compose_read(struct compose_model *model, struct arena *arena, const char *file,
	struct document *const documents[], size_t count, bool is_stack, bool image_has_lastcall);
void compose_done(struct compose_model *model);
