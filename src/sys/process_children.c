/* SPDX-License-Identifier: MIT */
/* A list that fits into one read(2) is complete. Of a longer one the kernel skips as many children as
 * exited between two reads (Linux 6.18), which is one more reason for a second walk. */
#include "sys/process_children.h"

#include "core/text/text.h"
#include "sys/directory.h"
#include "sys/fd.h"
#include "sys/process_stat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

/* The directory of threads has a link for each, beside its own two (proc_task_getattr(), fs/proc/base.c,
 * Linux 2.6 to 6.18). */
#define LINKS_OF_ONE_THREAD 3

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
	process_children_met *met; /* or NULL */
	void *arg;
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
static int read_list(struct walk *walk, int at, const char *path)
{
	fd_cleanup int fd = openat(at, path, O_RDONLY | O_CLOEXEC);
	char part[4096];
	pid_t pid = 0;
	ssize_t len;
	int r = 0;

	if (fd < 0)
		return -errno;
	while (r == 0 && (len = read(fd, part, sizeof part)) != 0)
		r = len < 0 ? -errno : meet_listed(walk, part, (size_t)len, &pid);
	return r;
}

/* A child belongs to the thread that forked it. */
static int read_threads(struct walk *walk, pid_t pid)
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
		r = read_list(walk, tasks.fd, process_stat_path(path, thread, "children"));
		if (r == -ENOENT && thread != pid)
			r = 0; /* the thread has ended: its children are another one's */
		if (r < 0)
			break;
	}
	directory_close(&tasks);
	return r;
}

/* Most processes have one thread: their list is found without a look into the directory of threads. Returns
 * 0 or -errno: -ENOENT also when the process has ended. */
static int read_process(struct walk *walk, pid_t pid)
{
	char list[32];
	struct text path;
	struct stat tasks;

	if (fstatat(walk->proc, process_stat_path(list, pid, "task"), &tasks, 0) < 0)
		return -errno;
	if (tasks.st_nlink != LINKS_OF_ONE_THREAD)
		return read_threads(walk, pid);
	text_init(&path, list, sizeof list);
	text_printf(&path, "%d/task/%d/children", pid, pid);
	return read_list(walk, walk->proc, list);
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
		} else if (r == 0 && walk->met != NULL) {
			walk->met(walk->arg, walk->proc, walk->pids[i]);
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

int process_children_visit(
	int proc, pid_t root, pid_t *pids, size_t max, process_children_met *met, void *arg)
{
	struct walk walk = {.proc = proc, .pids = pids, .max = max, .met = met, .arg = arg};

	return walk_once(&walk, root);
}
