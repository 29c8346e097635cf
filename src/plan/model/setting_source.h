/* SPDX-License-Identifier: MIT */
/* Settings by their names in CloudFormation, out of a template or out of the API's JSON, which spells them
 * with a small first letter. */
#pragma once

#include "plan/model/cfn.h"
#include "plan/model/ecs_model.h"

struct setting_source {
	struct arena *arena;
	struct cfn *cfn; /* NULL: not a template */
	bool is_camel; /* stopTimeout, not StopTimeout */
};

/* A scalar member. Its node is where it is written. A NULL mapping has nothing. */
struct value source_value(
	const struct setting_source *source, const struct node *mapping, const char *name);

/* A mapping or list that is known, else NULL; *ret_is_unknown (may be NULL) where it is there, and unknown. */
const struct node *source_part(const struct setting_source *source, const struct node *mapping,
	const char *name, bool *ret_is_unknown);

struct source_items {
	const struct node **items; /* resolved */
	size_t count;
	bool has_more; /* some are unknown */
};

/* The items of a list; none where it is absent. */
struct source_items source_list(
	const struct setting_source *source, const struct node *mapping, const char *name);

/* A list of texts; one text is a list of one. Unknown where one of them is. */
struct ecs_words source_words(
	const struct setting_source *source, const struct node *mapping, const char *name);
