/* SPDX-License-Identifier: MIT */
/* The processes that declare jobs: which of them have ended, and how. Nothing wakes lastcall up when one ends; it is
 * looked at whenever their number matters. */
#pragma once

#include "core/report/jobs.h"

#include <sys/types.h>

/* A process declares that it is busy with so many jobs. Returns false where there is no room for it. */
bool job_watch_declare(struct jobs *jobs, pid_t pid, unsigned busy, msec_t now);

/* Takes out the processes that have ended. are_killed: all were sent SIGKILL, so that those of which nothing else is
 * known were cut. */
void job_watch_refresh(struct jobs *jobs, bool are_killed, msec_t now);

/* lastcall exits: what is left is cut. */
void job_watch_finish(struct jobs *jobs, msec_t now);
