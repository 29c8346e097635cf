/* SPDX-License-Identifier: MIT */
/* Reads the inputs of a deployment out of documents, or out of a folder such as the CDK's cdk.out. */
#pragma once

#include "core/text/text.h"
#include "plan/cli/time_workloads.h"

/* Reads files ("-": standard input) and folders. Returns 0, or -errno with one line in *ret_error; to be ended
 * with time_document_done in both cases. */
int time_document_read(
	struct time_document *ret_document, char *const paths[], int count, struct text *ret_error);
void time_document_done(struct time_document *document);

/* The only one of that name or identifier; NULL: the only one at all. Returns NULL with one line in *ret_error
 * that names those that there are. */
const struct plan_inputs *time_document_find(
	const struct time_document *document, const char *name, struct text *ret_error);
