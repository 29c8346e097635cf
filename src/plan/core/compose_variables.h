/* SPDX-License-Identifier: MIT */
/* Variables in the values of a compose file. A linter has no environment: a default stands for its
 * variable, and a variable without default leaves the value unknown. */
#pragma once

#include "core/text/text.h"
#include "plan/core/compose_duration.h"

#include <stdbool.h>

struct compose_variables {
	bool is_known; /* *ret_text is the value where no variable is set */
	bool is_default; /* a variable's default is part of it */
	/* A form ${V:+x} or ${V+x}, which only `docker compose` has. `docker stack` refuses it, or writes {V:+x}
	 * where another variable follows (docker 28.2.2, `docker stack config`). */
	bool has_plus;
};

/* Replaces $V, ${V}, ${V:-default}, ${V-default}, ${V:?error}, ${V?error}, ${V:+x}, ${V+x} and $$. Names are
 * [_a-zA-Z][_a-zA-Z0-9]*. `docker compose` reads a default as a value of its own (${A:-${B:-x}}), at most 16
 * deep here; `docker stack` and 1.x end a default at the first brace and take its text as it stands
 * (compose-spec, 12-interpolation.md; compose-go, template/template.go; docker/cli,
 * cli/compose/template/template.go). Returns 0, or -EINVAL for what the program refuses. */
int compose_variables_replace(const char *string, enum compose_program program,
	struct text *ret_text, struct compose_variables *ret_variables);
