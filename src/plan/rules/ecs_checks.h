/* SPDX-License-Identifier: MIT */
/* What looks for rules 1xx, 2xx and 3xx, in an ECS model, whichever format it was read from. */
#pragma once

#include "plan/core/lastcall_settings.h"
#include "plan/model/ecs_model.h"
#include "plan/rules/check.h"

/* All of them, in all parts of the model. */
void ecs_check(struct check *check, const struct ecs_model *model);

/* Findings from now on are in the file of this part. */
void ecs_check_in(struct check *check, const struct ecs_origin *origin);

/* What the words and variables of a container mean to lastcall. The settings point into the arena. */
void ecs_lastcall(struct check *check, const struct ecs_container *container, struct arena *arena,
	struct lastcall_settings *ret_settings);

/* entryPoint and command, one after the other; ends at NULL. */
char *const *ecs_words(const struct ecs_container *container, struct arena *arena);

/* Parts of it. */
void ecs_check_stop_timeouts(
	struct check *check, const struct ecs_model *model, const struct ecs_task *task);
void ecs_check_containers(
	struct check *check, const struct ecs_model *model, const struct ecs_task *task);
void ecs_check_container_health(
	struct check *check, const struct ecs_model *model, const struct ecs_task *task);
void ecs_check_capacity(
	struct check *check, const struct ecs_model *model, const struct ecs_service *service);
void ecs_check_safety(
	struct check *check, const struct ecs_model *model, const struct ecs_service *service);
void ecs_check_strategy(
	struct check *check, const struct ecs_model *model, const struct ecs_service *service);
void ecs_check_target_group(struct check *check, const struct ecs_model *model,
	const struct ecs_target_group *target_group);
void ecs_check_balancer(
	struct check *check, const struct ecs_model *model, const struct ecs_balancer *balancer);

/* A line to paste in the document's spelling: "StopTimeout": 60, or stopTimeout: 60. The name is
 * CloudFormation's. */
const char *ecs_fix(
	struct check *check, const struct ecs_model *model, const char *name, const char *value);
const char *ecs_fix_number(
	struct check *check, const struct ecs_model *model, const char *name, int64_t value);

/* The name of a setting in the document's spelling. */
const char *ecs_name(struct check *check, const struct ecs_model *model, const char *name);

/* Notes that a rule is skipped, for the value is known only at the deployment (LC003). */
void ecs_note_unknown(struct check *check, const struct ecs_model *model, const struct value *value,
	const char *name);

/* " (by default of its parameter)" of a value that may be another one at the deployment; "" else. */
const char *ecs_by_default(const struct value *value);
