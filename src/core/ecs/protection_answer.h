/* SPDX-License-Identifier: MIT */
/* The requests and answers of the agent's task scale-in protection (Amazon ECS Developer Guide, "Task scale-in
 * protection endpoint"; amazon-ecs-agent 1.105.1, ecs-agent/tmds/handlers/taskprotection/v1). A refusal by ECS has
 * the HTTP status 200, as a success has: only the body says which of them it is. */
#pragma once

#include "core/text/text.h"

#include <stdbool.h>
#include <stddef.h>

#define PROTECTION_PATH "/task-protection/v1/state"

/* Adds the body of a request. Without `is_on`, minutes are not sent. */
void protection_add_request(struct text *text, bool is_on, int minutes);

/* Whether an answer confirms what was asked for. Else adds to `reason` why not: the words of the agent and of ECS, or
 * what is wrong with the answer. */
bool protection_answer_confirms(
	int status, const char *json, size_t len, bool is_on, struct text *reason);
