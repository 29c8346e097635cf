/* SPDX-License-Identifier: MIT */
#include "drill/core/drill_profile.h"

#include <stddef.h>
#include <string.h>

#define SECOND INT64_C(1000000)

static const struct drill_profile profiles[] = {
	/* ALB: HealthCheckTimeoutSeconds 5, UnhealthyThresholdCount 2; docker stop: 10 s */
	{NULL, 2, 5 * SECOND, 0, 10 * SECOND},
	/* the health check of the article behind this project; ECS_CONTAINER_STOP_TIMEOUT's default */
	{"ecs", 2, 4 * SECOND, 0, 30 * SECOND},
	/* readinessProbe: failureThreshold 3, timeoutSeconds 1; endpoints lag behind the signal;
	 * terminationGracePeriodSeconds 30 */
	{"kubernetes", 3, 1 * SECOND, 2, 30 * SECOND},
	/* HEALTHCHECK: --retries 3, --timeout 30 s */
	{"docker", 3, 30 * SECOND, 0, 10 * SECOND},
};

const struct drill_profile *drill_profile_find(const char *name)
{
	for (size_t i = 1; i < sizeof profiles / sizeof *profiles; i++) {
		if (strcmp(profiles[i].name, name) == 0)
			return &profiles[i];
	}
	return NULL;
}

const struct drill_profile *drill_profile_default(void)
{
	return &profiles[0];
}
