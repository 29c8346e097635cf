/* SPDX-License-Identifier: MIT */
#include "sys/process_exit.h"

#include "sys/directory.h"
#include "sys/fd.h"
#include "sys/process_stat.h"
#include "sys/process_tree.h"

#include <fcntl.h>

/* One that is gone meanwhile had ended. */
static bool is_every_thread_exiting(int proc, pid_t pid)
{
	struct directory tasks;
	const char *name;
	char path[32];
	bool exits = true;

	if (directory_open(&tasks, proc, process_stat_path(path, pid, "task")) < 0)
		return false;
	while (exits && directory_next(&tasks, &name) > 0) {
		struct process_stat thread;
		pid_t tid = process_stat_pid(name);

		if (tid > 0 && process_stat_read(tasks.fd, tid, &thread) == 0)
			exits = thread.exiting;
	}
	directory_close(&tasks);
	return exits;
}

bool process_is_exiting(pid_t pid)
{
	fd_cleanup int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct process_stat process;

	if (proc < 0 || process_tree_check_proc(proc) < 0 ||
		process_stat_read(proc, pid, &process) < 0 || !process.exiting)
		return false;
	return process.zombie || is_every_thread_exiting(proc, pid);
}
