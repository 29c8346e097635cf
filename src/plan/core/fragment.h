/* SPDX-License-Identifier: MIT */
/* The settings of a platform that let a server drain, as a document to paste from. */
#pragma once

#include "core/recognise/server_signal.h"
#include "core/text/msec.h"
#include "core/text/text.h"

enum fragment_platform {
	FRAGMENT_ECS, /* a CloudFormation template */
	FRAGMENT_KUBERNETES,
	FRAGMENT_COMPOSE,
	FRAGMENT_SWARM,
	FRAGMENT_NOMAD,
	FRAGMENT_PLATFORM_COUNT,
};

struct fragment {
	enum fragment_platform platform;
	const char *server; /* as the user names it: letters, digits, '.', '_' and '-' */
	const struct server_signal *known; /* NULL: nothing special is known of it */
	msec_t stop_timeout; /* whole seconds */
	int port; /* where the server listens */
};

#define FRAGMENT_BYTES 8192

const char *fragment_platform_name(enum fragment_platform platform); /* "ecs" */

/* What the platform allows, in whole seconds: ECS on Fargate 2 to 120 s; Nomad's clients 30 s unless they are
 * configured (max_kill_timeout). */
msec_t fragment_stop_timeout_min(enum fragment_platform platform);
msec_t fragment_stop_timeout_max(enum fragment_platform platform);
msec_t fragment_stop_timeout_default(enum fragment_platform platform);

void fragment_write(struct text *text, const struct fragment *fragment);
