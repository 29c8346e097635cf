/* SPDX-License-Identifier: MIT */
/* Settings that shorten a deployment, each with what it saves alone. */
#pragma once

#include "plan/core/rollout.h"

#define LEVERS_MAX 12

/* Times are from the start until the platform calls the deployment completed. */
struct lever {
	const struct lever_row *row;
	enum plan_spelling spelling;
	struct plan_value now, then; /* of the row's input */
	int64_t saves,
		saves_lower; /* in the upper and the lower estimate; one of them is above 0 */
	int64_t total; /* what remains of the upper estimate */
};

struct levers {
	struct lever levers[LEVERS_MAX]; /* the one that saves most first */
	unsigned count;
	int64_t all; /* what remains with all of them */
};

/* One lever of a platform. */
struct lever_row {
	enum plan_platform platform;
	enum plan_input input;
	int64_t better; /* the value that is proposed where the value now is worse; see is_more */
	bool is_percent;
	bool is_more; /* more is better: a larger batch. Else less is */
	const char *
		what; /* what it changes: "let the deployment complete before old tasks are gone" */
	/* To copy; %s stands for the value, durations in seconds. NULL: as the API's. Kubernetes and Swarm have
	 * one spelling. */
	const char *settings[PLAN_SPELLING_COUNT];
	const char *cost; /* what it costs, or where it fails; NULL: nothing */
};

/* upper, lower: the estimates. scratch: a rollout to compute with. */
void levers_make(struct levers *ret_levers, const struct plan_inputs *inputs,
	const struct rollout *upper, const struct rollout *lower, struct rollout *scratch);

/* The setting with its value. */
void lever_add_setting(struct text *text, const struct lever *lever);
