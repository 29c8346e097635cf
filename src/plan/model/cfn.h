/* SPDX-License-Identifier: MIT */
/* What the intrinsic functions of a CloudFormation template stand for, as far as the template says: a Ref to a
 * parameter is the text that a condition compares it with, or else its default; Fn::If is the branch that the scenario
 * takes; AWS::NoValue is absent. All else is unknown. A scenario decides each condition; all that can hold at once are
 * tried. */
#pragma once

#include "plan/document/tree.h"

enum { CFN_MAX_ATOMS = 16 };

/* A condition that the template does not decide: Fn::Equals of a parameter, say. */
struct cfn_atom {
	const struct node *expression;
	const char *name; /* of the condition that holds it */
};

struct cfn {
	const struct node *root;
	struct cfn_atom atoms[CFN_MAX_ATOMS]; /* as they were met */
	size_t atom_count;
	uint32_t false_atoms; /* the scenario: a bit for each atom that does not hold */
};

struct cfn_result {
	const struct node *node; /* NULL: absent */
	bool is_unknown;
	bool is_default; /* a parameter's default */
};

struct cfn_result cfn_resolve(struct cfn *cfn, const struct node *node);

/* The logical id that a Ref or Fn::GetAtt names, or NULL. */
const char *cfn_reference(struct cfn *cfn, const struct node *node, struct arena *arena);

/* Whether a resource's Condition holds in the scenario; none: yes. */
bool cfn_exists(struct cfn *cfn, const struct node *resource);

/* Whether the conditions that were met can be as the scenario has them. */
bool cfn_is_possible(const struct cfn *cfn);

/* The next scenario after this one has been read, which has met its conditions. The first has all conditions
 * true that were met. False: all were tried, or enough of them. */
bool cfn_next_scenario(struct cfn *cfn);

/* "Prod is false, Live is true"; "" where there is no condition. */
const char *cfn_case_text(struct cfn *cfn, struct arena *arena);

/* " (where Prod is false)"; "" where there is no condition. */
const char *cfn_scenario_text(struct cfn *cfn, struct arena *arena);
