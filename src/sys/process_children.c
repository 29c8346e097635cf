/* SPDX-License-Identifier: MIT */
/* A list that fits into one read(2) is complete. Of a longer one the kernel skips as many children as
 * exited between two reads (Linux 6.18), which is one more reason for a second walk. */
#include "sys/process_children.h"

#include "sys/directory.h"
#include "sys/fd.h"
#include "sys/process_stat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#define WALKS_MAX 4 /* a family that changes in each of them is walked over in /proc */

/* One walk overwrites the one before, and compares: both visit the root first, then each process in
 * the order in which it was found. */
struct walk {
	int proc;
	pid_t *pids;
	size_t max, count;
	size_t missing; /* listed as a child, and not to be seen */
	size_t count_before;
	bool is_same; /* as the walk before, so far */
};

static int meet(struct walk *walk, pid_t pid)
{
	if (walk->count == walk->max)
		return -E2BIG;
	walk->is_same &= walk->count < walk->count_before && walk->pids[walk->count] == pid;
	walk->pids[walk->count++] = pid;
	return 0;
}

/* Meets the pids in a part of a list: each is followed by a space, and may begin in the part before. */
static int meet_listed(struct walk *walk, const char *part, size_t len, pid_t *pid)
{
	int r = 0;

	for (size_t i = 0; i < len && r == 0; i++) {
		if (part[i] >= '0' && part[i] <= '9') {
			*pid = *pid * 10 + (part[i] - '0');
			r = *pid <= PROCESS_STAT_PID_MAX ? 0 : -EBADMSG;
			continue;
		}
		if (*pid > 0)
			r = meet(walk, *pid);
		*pid = 0;
	}
	return r;
}

/* The children that one thread has. */
static int read_thread(struct walk *walk, int tasks, pid_t thread)
{
	char path[32], part[4096];
	fd_cleanup int fd =
		openat(tasks, process_stat_path(path, thread, "children"), O_RDONLY | O_CLOEXEC);
	pid_t pid = 0;
	ssize_t len;
	int r = 0;

	if (fd < 0)
		return -errno;
	while (r == 0 && (len = read(fd, part, sizeof part)) != 0)
		r = len < 0 ? -errno : meet_listed(walk, part, (size_t)len, &pid);
	return r;
}

/* A child belongs to the thread that forked it. Returns 0 or -errno: -ENOENT also when the process has
 * ended. */
static int read_process(struct walk *walk, pid_t pid)
{
	struct directory tasks;
	const char *name;
	char path[32];
	int r = directory_open(&tasks, walk->proc, process_stat_path(path, pid, "task"));

	if (r < 0)
		return r;
	while ((r = directory_next(&tasks, &name)) > 0) {
		pid_t thread = process_stat_pid(name);

		if (thread == 0)
			continue;
		r = read_thread(walk, tasks.fd, thread);
		if (r == -ENOENT && thread != pid)
			r = 0; /* the thread has ended: its children are another one's */
		if (r < 0)
			break;
	}
	directory_close(&tasks);
	return r;
}

static int walk_once(struct walk *walk, pid_t root)
{
	int r;

	walk->count_before = walk->count;
	walk->count = walk->missing = 0;
	walk->is_same = true;
	r = read_process(walk, root);
	for (size_t i = 0; r == 0 && i < walk->count; i++) {
		r = read_process(walk, walk->pids[i]);
		if (r == -ENOENT || r == -ESRCH) {
			walk->missing++;
			r = 0;
		}
	}
	return r;
}

int process_children_list(int proc, pid_t root, pid_t *ret_pids, size_t max)
{
	struct walk walk = {.proc = proc, .pids = ret_pids, .max = max};

	for (int i = 0; i < WALKS_MAX; i++) {
		int r = walk_once(&walk, root);

		if (r < 0)
			return r;
		if (i == 0 || !walk.is_same || walk.count != walk.count_before)
			continue;
		return walk.missing > 0 ? -EACCES
					: (int)walk.count; /* hidepid=2 hides without an error */
	}
	return -EAGAIN;
}
