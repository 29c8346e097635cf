/* SPDX-License-Identifier: MIT */
/* One process of an open /proc, from its stat and status: its parent, whether it has exited, its user. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define PROCESS_STAT_PID_MAX (1 << 22) /* PID_MAX_LIMIT, include/linux/threads.h */
#define PROCESS_STAT_NAME_BYTES 16 /* TASK_COMM_LEN */

struct process_stat {
	pid_t pid, parent;
	bool zombie;
	bool leader_ended; /* its main thread has, others go on */
	bool exiting; /* or has exited: the kernel closes its files, or has closed them */
	bool has_terminal; /* a controlling one */
	bool is_kernel_thread;
};

/* Returns 0 or -errno: -ESRCH when there is no such process that we could see. */
int process_stat_read(int proc, pid_t pid, struct process_stat *ret_process);

/* The process's user, which every user may read; or -errno. */
int64_t process_stat_user(int proc, pid_t pid);

/* The name that the kernel has for a process. Returns 0 or -errno. */
int process_stat_name(int proc, pid_t pid, char ret_name[static PROCESS_STAT_NAME_BYTES]);

/* A number and nothing else, or 0: the names of processes and of descriptors but the first. */
pid_t process_stat_pid(const char *name);

/* Writes "PID/file" and returns buf. */
const char *process_stat_path(char buf[static 32], pid_t pid, const char *file);
