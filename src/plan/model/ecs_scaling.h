/* SPDX-License-Identifier: MIT */
/* Service Auto Scaling of a CloudFormation template: it decides how many tasks a service has. */
#pragma once

#include "plan/model/ecs_model.h"
#include "plan/model/setting_source.h"

/* Gives the service that an AWS::ApplicationAutoScaling::ScalableTarget scales its MinCapacity, where the service
 * has no DesiredCount, or a smaller one. The service is the one that ResourceId names. */
void ecs_scaling_read(const struct setting_source *source, const struct node *properties,
	struct ecs_model *model);
