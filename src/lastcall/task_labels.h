/* SPDX-License-Identifier: MIT */
/* The labels of a task of Amazon ECS: asks the task metadata endpoint once, beside everything else. An endpoint that
 * does not answer, or answers something else, costs nothing but the labels. */
#pragma once

#include "core/ecs/ecs_metadata.h"
#include "lastcall/agent_exchange.h"
#include "lastcall/log.h"

#define TASK_METADATA_VARIABLE "ECS_CONTAINER_METADATA_URI_V4"
#define TASK_METADATA_MAX_BYTES (64UL * 1024)
#define TASK_METADATA_MAX_MS 2000 /* for both answers */

struct task_labels {
	struct log *log;
	struct label_list *labels; /* where they are added */
	bool is_asked, is_over;
	void (*done)(void *arg); /* called when the last answer is in, or none comes; or NULL */
	void *done_arg;

	const char *uri;
	struct http_url url; /* points into uri */
	msec_t deadline;
	unsigned step;
	struct agent_exchange exchange;
	char *buf; /* of an answer; gone once all is asked */
	struct ecs_metadata metadata;
};

/* uri: the variable's value; NULL or "": this is not Amazon ECS, and nothing is asked. The object is zeroed, and
 * outlives the labels that it adds. Returns 0 or -ENOMEM. */
int task_labels_init(struct task_labels *ret_task, struct ev_loop *loop, const char *uri,
	struct label_list *labels, struct log *log);

/* Begins to ask. Says in the log what came of it. */
void task_labels_ask(struct task_labels *task);

/* Ends what is under way. Does nothing to an object that was not initialized. */
void task_labels_done(struct task_labels *task);

/* Asks and waits for the answers, in a loop of its own. signal_fd is for loop_open. Returns 0 or -errno without
 * a loop. */
int task_labels_ask_now(struct task_labels *task, const char *uri, struct label_list *labels,
	struct log *log, int signal_fd);
