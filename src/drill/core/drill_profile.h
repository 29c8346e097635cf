/* SPDX-License-Identifier: MIT */
/* How platforms find out that a target no longer takes requests, and how long they let it stop. */
#pragma once

#include <stdint.h>

struct drill_profile {
	const char *name;
	unsigned health_threshold; /* failing probes in a row until it no longer looks healthy */
	int64_t health_timeout_us; /* of one probe */
	double lb_window_s; /* how long requests go on coming after that */
	int64_t stop_timeout_us;
};

/* "ecs", "kubernetes", "docker"; NULL: there is no such one. */
const struct drill_profile *drill_profile_find(const char *name);

/* What holds without a profile: an ALB's health check, and docker stop. */
const struct drill_profile *drill_profile_default(void);
