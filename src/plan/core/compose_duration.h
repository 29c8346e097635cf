/* SPDX-License-Identifier: MIT */
/* Durations of a compose file. Three programs read the same field, each with its own grammar. */
#pragma once

#include <stdint.h>

enum compose_program {
	/* `docker compose`: compose-go, types/duration.go, which reads by xhit/go-str2duration: Go's grammar
	 * and the units d (24 h) and w (7 d). */
	COMPOSE_UP,
	/* `docker stack deploy`: docker/cli, cli/compose/loader, which reads by Go's time.ParseDuration. */
	COMPOSE_STACK,
	/* `docker-compose` 1.x: compose/timeparse.py. One number per unit, in the order h m s ms us ns, any
	 * case, blanks around. It reads nothing before it starts a container. */
	COMPOSE_V1,
};

#define COMPOSE_SECOND INT64_C(1000000000)

/* Reads a duration in nanoseconds. Returns 0, -EINVAL for what the program refuses, or -ERANGE past 290
 * years. A fraction is rounded towards zero. */
int compose_duration_parse(const char *string, enum compose_program program, int64_t *ret_ns);

/* Whole seconds, as a container's stop timeout is stored (docker/compose, pkg/compose/create.go:
 * int(d.Seconds())): 1.9s is 1, 500ms is 0. */
int64_t compose_duration_seconds(int64_t ns);

struct text;

/* Adds how the accepted form of a refused duration probably reads: "90" is 90s, "5min" 5m, "30S" 30s, "1 m"
 * 1m, "1d" 24h. Adds nothing where the meaning cannot be guessed. */
void compose_duration_suggest(struct text *text, const char *string);
