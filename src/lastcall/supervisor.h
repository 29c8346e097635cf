/* SPDX-License-Identifier: MIT */
/* The event loop: turns signals, timers and connection events into the stop plan's facts, and the plan's actions
 * into system calls. Once the application runs, only the plan makes lastcall exit. */
#pragma once

#include "core/stop/stop_plan.h"
#include "lastcall/log.h"
#include "lastcall/report_outputs.h"

struct supervisor;

/* All that was set up before the application may start. The pointers outlive the supervisor. */
struct supervisor_setup {
	const struct options *options;
	const struct stop_budget *budget;
	struct stop_settings stop_settings;
	struct log *log;
	struct report_outputs *reports;
	const int *listen_fds; /* of the health endpoint; taken over */
	size_t listen_count;
	uint16_t health_port; /* 0: off */
	uint32_t degraded; /* REPORT_DEGRADED_… bits that are known before */
	int signal_fd;
	char *const *environment; /* that lastcall was started with */
	const struct signal_state *inherited;
	bool is_subreaper; /* or PID 1: lastcall adopts orphans */
	const char *container; /* the variable of that name, or NULL */
	const char *task_metadata_uri,
		*task_protection_uri; /* the variables of Amazon ECS, or NULL */
};

/* Allocates and starts everything but the application. Returns 0 or -errno. The supervisor lives until lastcall exits. */
int supervisor_new(const struct supervisor_setup *setup, struct supervisor **ret_supervisor);

/* Starts the application and stays until the stop is done and reported. Returns lastcall's exit status. */
int supervisor_run(struct supervisor *supervisor, char *const argv[], char **envp);
