/* SPDX-License-Identifier: MIT */
/* Work that no socket shows: each process of the application declares how many jobs it is busy with
 * (X_LASTCALL_BUSY). A declaration is absolute, and gone with its process. Values in, values out: another module
 * receives the declarations, and looks which processes have ended. */
#pragma once

#include "core/text/msec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JOBS_MAX_SENDERS 128 /* processes that are busy at the same time */
#define JOBS_NAME_BYTES 16 /* of a process, as the kernel keeps it */
#define JOBS_MAX_HOLDERS 5

/* How a process ended that still had jobs. */
enum job_end {
	JOB_FINISHED, /* it declared that it has none any more, or exited with 0 */
	JOB_CUT, /* it exited with another status, a signal ended it, or lastcall exits */
	JOB_UNKNOWN, /* it is gone, nothing more is known */
	JOB_END_COUNT,
};

/* A process with at least one job. */
struct job_sender {
	int pid;
	int pidfd; /* the caller's; below 0: none */
	char name[JOBS_NAME_BYTES];
	unsigned busy;
	msec_t busy_since; /* when it had none before */
	unsigned held_busy; /* the most that it had since the stop */
};

/* A process whose jobs held the stop, for the report. */
struct job_holder {
	int pid;
	char name[JOBS_NAME_BYTES];
	unsigned busy; /* the most at the same time, since the stop */
	msec_t held_ms;
	enum job_end end;
};

struct jobs {
	struct job_sender senders[JOBS_MAX_SENDERS];
	size_t sender_count;
	unsigned busy; /* of all senders */
	uint64_t untracked; /* declarations of processes beyond JOBS_MAX_SENDERS */

	/* since the stop */
	msec_t stopped_at; /* MSEC_NEVER: there is none yet */
	unsigned at_stop, peak;
	uint64_t ended[JOB_END_COUNT];
	struct job_holder holders[JOBS_MAX_HOLDERS]; /* the longest first */
	size_t holder_count;
	uint64_t more_holders;
};

void jobs_init(struct jobs *jobs);

/* A process has so many jobs. Returns its entry, or NULL: it has none (its entry is gone, *ret_pidfd is what was in
 * it), or there is no room for it (it is counted in untracked). A new entry has no name and no pidfd yet. */
struct job_sender *jobs_set(struct jobs *jobs, int pid, unsigned busy, msec_t now, int *ret_pidfd);

/* A process has ended: what became of its jobs. The last entry takes its place. */
void jobs_end_sender(struct jobs *jobs, size_t index, enum job_end end, msec_t now);

/* The stop has begun: from here on it is counted what becomes of the jobs. */
void jobs_begin_stop(struct jobs *jobs, msec_t now);

/* When the job began that has been there longest; MSEC_NEVER: there is none. */
msec_t jobs_oldest_since(const struct jobs *jobs);

/* "finished", "cut", "unknown" */
const char *job_end_name(enum job_end end);
