/* SPDX-License-Identifier: MIT */
/* A rule of lastcall-plan lint, as docs/rules.md and `explain` show it. Each platform has one table of
 * rules, and one file of functions that find them in its model. */
#pragma once

#include <stddef.h>

enum severity { SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_ERROR };

struct rule {
	const char *id; /* LC and three digits; never used again for something else */
	enum severity severity; /* the highest that it is found with */
	const char *title; /* what is wrong, short: "stopTimeout is not 2 to 120 s on Fargate" */
	const char *effect; /* what happens in production; one or two sentences */
	const char *fix; /* what to do */
	const char *source; /* the title of the document that says so, and where in it */

	/* Whole documents, as small as can be: lint finds this rule in `bad`, and no error and no warning at
	 * all in `good`. The tests run both through the program. */
	const char *bad, *good;
	const char *file; /* a name that they could have: task.yaml; NULL: that of the table */
	const char *options; /* of lint, which the pair needs; NULL: none */
};

struct rule_table {
	const char *heading; /* in docs/rules.md: "ECS services" */
	const char *file; /* of the pairs: "template.yaml" */
	const struct rule *rules; /* by id */
	size_t count;
};
