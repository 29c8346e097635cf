/* SPDX-License-Identifier: MIT */
/* The kinds of documents that lint reads, recognised by their content. */
#pragma once

#include "plan/document/documents.h"
#include "plan/rules/check.h"

struct lint_platform {
	const char *name; /* in messages: "CloudFormation template" */
	bool (*recognises)(const struct node *root);

	/* How many parts a document may have, where one may refer to another in another file (a service to a task
	 * definition, an autoscaler to a Deployment); NULL: none does. */
	size_t (*parts)(const struct node *root);

	/* Looks for findings in the documents of one file that are of this platform, at once, for one may
	 * refer to another; with `parts`, in those of several files. Trees may grow (json_read_embedded). */
	void (*lint)(struct check *check, struct document *const documents[], size_t count);
};
