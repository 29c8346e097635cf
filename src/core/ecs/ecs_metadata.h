/* SPDX-License-Identifier: MIT */
/* What Amazon ECS says about a task and its container: the documents of the task metadata endpoint, version 4, as
 * labels (Amazon ECS Developer Guide, "Task metadata endpoint version 4"; amazon-ecs-agent 1.105.1,
 * ecs-agent/tmds/handlers/v4/state/response.go). */
#pragma once

#include "core/text/label_list.h"

#include <stddef.h>

enum ecs_label {
	ECS_CLUSTER, /* its name, also where the document has its ARN, as on Fargate */
	ECS_SERVICE, /* by ServiceName, or by Group where that is missing */
	ECS_FAMILY,
	ECS_REVISION,
	ECS_TASK, /* the id at the end of the task's ARN */
	ECS_CONTAINER,
	ECS_ZONE,
	ECS_LAUNCH_TYPE, /* "FARGATE", "EC2", or what ECS has invented since */
	ECS_LABEL_COUNT,
};
_Static_assert(ECS_LABEL_COUNT == LABELS_OF_PLATFORM, "each label has its room");

/* ECS allows 255 characters for each of these. A longer value is none. */
#define ECS_VALUE_BYTES 256

struct ecs_metadata {
	char values[ECS_LABEL_COUNT][ECS_VALUE_BYTES]; /* "": not known */
};

/* Take what the answer to /task, or to the endpoint itself, says; members that are not known are skipped. Return 0,
 * or -EBADMSG for what is no JSON object: then nothing is taken. */
int ecs_metadata_take_task(struct ecs_metadata *metadata, const char *json, size_t len);
int ecs_metadata_take_container(struct ecs_metadata *metadata, const char *json, size_t len);

/* The labels that are known. They point into the metadata. */
void ecs_metadata_labels(const struct ecs_metadata *metadata, struct label_list *ret_labels);
