/* SPDX-License-Identifier: MIT */
/* The services and workloads that were read out of documents. */
#pragma once

#include "plan/core/plan_inputs.h"
#include "plan/document/arena.h"

struct time_document {
	struct arena arena; /* names and places of all inputs */
	/* Services and workloads, in the order of the files; those of Kubernetes and of the ECS API, which may
	 * be in several files, last. */
	struct plan_inputs *workloads;
	size_t count;
};

/* Adds a workload. Its names are copied; `file`, and the files of its values, have to outlive the document. */
void time_document_keep(
	struct time_document *document, const struct plan_inputs *inputs, const char *file);
