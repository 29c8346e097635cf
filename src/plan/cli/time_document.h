/* SPDX-License-Identifier: MIT */
/* Reads the inputs of a deployment out of a document, or of a folder such as the CDK's cdk.out. */
#pragma once

#include "core/text/text.h"
#include "plan/core/plan_inputs.h"
#include "plan/document/arena.h"

struct time_document {
	struct arena arena; /* names and places of all inputs */
	struct plan_inputs *workloads; /* services and workloads, in the order of the files */
	size_t count;
};

/* Reads a file ("-": standard input) or a folder. Returns 0, or -errno with one line in *ret_error; to be ended
 * with time_document_done in both cases. */
int time_document_read(
	struct time_document *ret_document, const char *path, struct text *ret_error);
void time_document_done(struct time_document *document);

/* The only one of that name or identifier; NULL: the only one at all. Returns NULL with one line in *ret_error
 * that names those that there are. */
const struct plan_inputs *time_document_find(
	const struct time_document *document, const char *name, struct text *ret_error);
