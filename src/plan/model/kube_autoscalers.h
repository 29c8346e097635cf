/* SPDX-License-Identifier: MIT */
/* Autoscalers: they decide how many pods a workload has. */
#pragma once

#include "plan/model/kube.h"

/* Adds the autoscaler `root`, whose spec has its least number of pods in `field`. */
void kube_read_autoscaler(
	struct kube_model *model, const struct node *root, const char *field, int64_t absent);
