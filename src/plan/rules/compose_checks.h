/* SPDX-License-Identifier: MIT */
/* The functions that look for the rules of Compose and Swarm in a service, by topic. */
#pragma once

#include "plan/model/compose.h"
#include "plan/rules/check.h"

struct compose_check {
	struct check *check;
	const struct compose_model *model;
	const struct compose_service *service;
};

void compose_check_durations(const struct compose_check *c);
void compose_check_grace(const struct compose_check *c);
void compose_check_commands(const struct compose_check *c);
void compose_check_deploy(const struct compose_check *c);

/* Variables that `docker stack` does not know, anywhere in a document. */
void compose_check_variables(
	struct check *check, const struct compose_model *model, const struct node *root);

/* The check, whose findings are of the file that has the node. */
struct check *compose_check_in(const struct compose_check *c, const struct node *node);
