/* SPDX-License-Identifier: MIT */
/* Reads one input's value as an option has it. */
#pragma once

#include "plan/core/plan_inputs.h"

/* Sets the value's number and is_percent. Returns 0, or -EINVAL for what is not the input's form. */
int input_value_parse(enum plan_input input, const char *string, struct plan_value *ret_value);

/* Adds that form: "a duration with a unit, like 500ms or 10s". */
void input_value_add_form(struct text *text, enum plan_input input);
