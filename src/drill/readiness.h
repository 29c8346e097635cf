/* SPDX-License-Identifier: MIT */
/* The way to a server under drill: where it and its health endpoint are, whether they answer, and from the
 * stop on, when the endpoint first says no. */
#pragma once

#include "drill/cli/drill_options.h"
#include "drill/load/health_probe.h"
#include "drill/server/server.h"

struct readiness {
	const struct drill_options *options;
	struct server *server;
	struct target target, health;
	struct target *probed; /* one of them */
	struct health_probe *probe; /* of the one that was asked last: health, where there is one */
	struct health_answer last_answer;
	bool is_healthy;
	bool has_health_url; /* the probe asks that, not the target's own URL */
	unsigned failures, successes; /* probes in a row, from the stop on */
	int64_t stopped_us;
	int64_t unhealthy_us; /* from when on the target is unhealthy; INT64_MAX: it is not */
};

/* Before a command or an image is started: no other server may answer well at its URL yet: the drill
 * would load that one, and stop this one. Returns 0, -EINTR, or -errno with one line in *error. */
int readiness_check_free(const struct drill_options *options,
	const struct server_settings *settings, struct event_wait *wait, const char *url,
	struct text *error);

/* Finds the addresses of a server that was started, and asks both until they answer well, for as long as
 * it may take to start. health_url: NULL where there is none. Returns 0, -EINTR, or -errno with one
 * line in *error: -EREMOTE for what is remote. readiness_close is due in any case. */
int readiness_open(struct readiness *readiness, const struct drill_options *options,
	struct server *server, const char *url, const char *health_url, struct text *error);

/* Asks the health endpoint again, and notes the failing answer with which the target is unhealthy. A target
 * that is healthy again before its end was healthy throughout: a load balancer that probes less often may
 * not have seen the failures. */
void readiness_watch(struct readiness *readiness, int64_t stopped_us);

/* Whether a server is at the target's URL, asked once, after the target's end: it answers, or keeps the
 * connection and is silent. */
bool readiness_still_answers(struct readiness *readiness);

/* Whether the target's URL is answered well, asked once, after the end of a deployment. */
bool readiness_answers_well(struct readiness *readiness);

void readiness_close(struct readiness *readiness);
