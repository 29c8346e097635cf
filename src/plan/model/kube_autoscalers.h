/* SPDX-License-Identifier: MIT */
/* Autoscalers of Kubernetes: they decide how many pods a workload has. */
#pragma once

#include "plan/model/number.h"

struct kube_autoscaler { /* HorizontalPodAutoscaler; KEDA's ScaledObject */
	const char *kind_name, *name; /* of what it scales */
	const char *namespace; /* NULL: not given */
	const char *file; /* NULL: the caller's */
	struct number least; /* pods */
	struct kube_autoscaler *next;
};

/* Adds the object `root` to the list if its kind is an autoscaler. Returns whether it is. */
bool kube_autoscaler_read(struct kube_autoscaler **list, struct arena *arena, const char *kind,
	const struct node *root, const char *file);
