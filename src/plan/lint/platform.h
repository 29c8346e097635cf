/* SPDX-License-Identifier: MIT */
/* The kinds of documents that lint reads, recognised by their content. */
#pragma once

#include "plan/document/documents.h"
#include "plan/rules/check.h"

struct lint_platform {
	const char *name; /* in messages: "CloudFormation template" */
	bool (*recognises)(const struct node *root);

	/* Looks for findings in the documents of one file that are of this platform, at once, for one may
	 * speak of another. Trees may grow (json_read_embedded). */
	void (*lint)(struct check *check, struct document *const documents[], size_t count);
};
