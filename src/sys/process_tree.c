/* SPDX-License-Identifier: MIT */
/* Where the kernel lists the children of a process, the descendants are read from these lists, unless
 * the root is PID 1: its /proc shows hardly any others. Otherwise all of /proc is walked over. It lists
 * processes without their descent, so that each one's line of parents is followed up to the root. What
 * is found on the way is remembered in a cache of fixed size: a process that has lost its place there
 * costs another read, never a wrong answer, and there is no limit to how many there are. */
#include "sys/process_tree.h"

#include "sys/directory.h"
#include "sys/process_children.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Each walk clears them, and so many pages of the stack stay ours. */
#define CACHE_SLOTS 512

/* With more descendants a walk over /proc costs no more than their lists of children. */
#define LISTED_MAX 4096

enum ancestry {
	ANCESTRY_UNKNOWN,
	ANCESTRY_DESCENDANT,
	ANCESTRY_STRANGER,
	ANCESTRY_HIDDEN, /* a process on the line of parents may not be read */
};

struct relative {
	struct process_stat process;
	uint8_t ancestry; /* enum ancestry */
};

struct walk {
	pid_t root;
	size_t hidden; /* processes passed over as ANCESTRY_HIDDEN */
	struct directory proc;
	struct relative cache[CACHE_SLOTS];
};

/* The numbers in a /proc of another pid namespace are not ours to judge or to signal: a shell in
 * `unshare --pid` without a fresh /proc would shoot at strangers. */
int process_tree_check_proc(int proc)
{
	char self[16];
	ssize_t len = readlinkat(proc, "self", self, sizeof self - 1);

	if (len < 0)
		return -errno;
	self[len] = '\0';
	return process_stat_pid(self) == getpid() ? 0 : -EXDEV;
}

static int open_proc(struct directory *ret_proc)
{
	int r = directory_open(ret_proc, AT_FDCWD, "/proc");

	if (r < 0)
		return r;
	r = process_tree_check_proc(ret_proc->fd);
	if (r < 0)
		directory_close(ret_proc);
	return r;
}

static int walk_open(struct walk *walk, pid_t root)
{
	memset(walk, 0, sizeof *walk);
	walk->root = root;
	return open_proc(&walk->proc);
}

static void walk_close(struct walk *walk)
{
	directory_close(&walk->proc);
}

static struct relative *cache_slot(struct walk *walk, pid_t pid)
{
	return &walk->cache[(size_t)pid % CACHE_SLOTS];
}

static int find_cached(struct walk *walk, pid_t pid, struct relative *ret_relative)
{
	struct relative *slot = cache_slot(walk, pid);

	if (slot->process.pid != pid) {
		int r = process_stat_read(walk->proc.fd, pid, &slot->process);

		if (r < 0)
			return r;
		slot->ancestry = ANCESTRY_UNKNOWN;
	}
	*ret_relative = *slot;
	return 0;
}

/* Writes the verdict on pid beside all of its line that is still in the cache. */
static void remember(struct walk *walk, pid_t pid, int ancestry)
{
	struct relative *slot = cache_slot(walk, pid);

	while (slot->process.pid == pid && slot->ancestry == ANCESTRY_UNKNOWN) {
		slot->ancestry = (uint8_t)ancestry;
		pid = slot->process.parent;
		slot = cache_slot(walk, pid);
	}
}

/* A parent may end between our reading of the child and of itself. Its child has got a new parent
 * by then, so that the child is read again. A parent that is still the same is not gone, but hidden
 * from us (mount option hidepid=2). Returns an enum ancestry, or -errno. */
static int find_ancestry(struct walk *walk, pid_t pid)
{
	pid_t at = pid, child = 0, missing = 0;

	/* longer than any line of parents, for there are no more pids: a longer walk goes round in
	 * circles, where a pid was used again while we looked */
	for (int i = 0; i < PROCESS_STAT_PID_MAX; i++) {
		struct relative relative;
		int r = find_cached(walk, at, &relative);

		if (r == -ESRCH && at == pid)
			return ANCESTRY_STRANGER; /* gone itself */
		if (r == -ESRCH && at != missing) {
			missing = at;
			cache_slot(walk, child)->process.pid = 0;
			at = pid;
			continue;
		}
		if (r == -ESRCH || r == -EACCES || r == -EPERM)
			return ANCESTRY_HIDDEN;
		if (r < 0)
			return r;
		if (relative.ancestry != ANCESTRY_UNKNOWN)
			return relative.ancestry;
		if (relative.process.parent == walk->root)
			return ANCESTRY_DESCENDANT;
		if (relative.process.parent <= 0)
			return ANCESTRY_STRANGER;
		child = at;
		at = relative.process.parent;
	}
	return ANCESTRY_STRANGER;
}

/* Whether a walk for such processes has found one. Zombies are none, nor are kernel threads. */
static bool is_found(struct walk *walk, pid_t pid, int ancestry, enum ancestry wanted,
	struct relative *ret_relative)
{
	if (ancestry != (int)wanted || find_cached(walk, pid, ret_relative) < 0)
		return false;
	return !ret_relative->process.zombie &&
	       (wanted == ANCESTRY_DESCENDANT || !ret_relative->process.is_kernel_thread);
}

/* Returns 1 with the next process of such ancestry, 0 at the end, or -errno. What is hidden is neither. */
static int walk_next(struct walk *walk, enum ancestry wanted, struct relative *ret_relative)
{
	const char *name;
	int r;

	while ((r = directory_next(&walk->proc, &name)) > 0) {
		pid_t pid = process_stat_pid(name);
		int ancestry;

		if (pid == 0 || (wanted == ANCESTRY_STRANGER && pid == walk->root))
			continue;
		ancestry = find_ancestry(walk, pid);
		if (ancestry < 0)
			return ancestry;
		remember(walk, pid, ancestry);
		walk->hidden += ancestry == ANCESTRY_HIDDEN;
		if (is_found(walk, pid, ancestry, wanted, ret_relative))
			return 1;
	}
	return r;
}

static int for_each(
	pid_t root, enum ancestry wanted, process_tree_found *found, void *arg, size_t *ret_hidden)
{
	struct relative relative;
	struct walk walk;
	int count = 0, r;

	r = walk_open(&walk, root);
	if (r < 0)
		return r;
	while ((r = walk_next(&walk, wanted, &relative)) > 0) {
		count++;
		if (!found(arg, walk.proc.fd, &relative.process))
			break;
	}
	walk_close(&walk);
	if (ret_hidden != NULL)
		*ret_hidden = walk.hidden;
	return r < 0 ? r : count;
}

/* Returns how many were found, or -errno, also in the midst of them. */
static int for_each_listed(
	int proc, const pid_t *pids, size_t count, process_tree_found *found, void *arg)
{
	int called = 0;

	for (size_t i = 0; i < count; i++) {
		struct process_stat process;
		int r = process_stat_read(proc, pids[i], &process);

		if (r == -ESRCH || (r == 0 && process.zombie))
			continue; /* it has exited since */
		if (r < 0)
			return r;
		called++;
		if (!found(arg, proc, &process))
			break;
	}
	return called;
}

/* By the kernel's lists of children. Returns false where these say nothing. */
static bool try_lists(pid_t root, process_tree_found *found, void *arg, int *ret_count)
{
	pid_t pids[LISTED_MAX];
	struct directory proc;
	int count;

	if (root == 1 || open_proc(&proc) < 0)
		return false;
	count = process_children_list(proc.fd, root, pids, LISTED_MAX);
	if (count >= 0)
		*ret_count = for_each_listed(proc.fd, pids, (size_t)count, found, arg);
	directory_close(&proc);
	return count >= 0;
}

int process_tree_for_each_descendant(
	pid_t root, process_tree_found *found, void *arg, size_t *ret_hidden)
{
	int count;

	if (!try_lists(root, found, arg, &count))
		return for_each(root, ANCESTRY_DESCENDANT, found, arg, ret_hidden);
	if (ret_hidden != NULL)
		*ret_hidden = 0;
	return count;
}

int process_tree_for_each_outside(pid_t root, process_tree_found *found, void *arg)
{
	return for_each(root, ANCESTRY_STRANGER, found, arg, NULL);
}

struct signalling {
	int signal, count;
	unsigned refused;
};

/* Between reading and kill the pid could only have been used again if its parent reaped it and the
 * kernel went through all other pids. */
static bool signal_one(void *arg, int proc, const struct process_stat *process)
{
	struct signalling *signalling = arg;

	(void)proc;
	if (kill(process->pid, signalling->signal) == 0)
		signalling->count++;
	else
		signalling->refused += errno != ESRCH;
	return true;
}

/* Of a walk that returned r. */
static int signalled(int r, const struct signalling *signalling, unsigned *ret_refused)
{
	if (r < 0)
		return r;
	if (ret_refused != NULL)
		*ret_refused = signalling->refused;
	return signalling->count;
}

static void kill_met(void *arg, int proc, pid_t pid)
{
	struct process_stat process;

	if (process_stat_read(proc, pid, &process) == 0 && !process.zombie)
		(void)signal_one(arg, proc, &process);
}

/* By the kernel's lists, while they are read. Returns false where they say nothing. */
static bool try_kill(pid_t root, struct signalling *signalling)
{
	pid_t pids[LISTED_MAX];
	struct directory proc;
	int r;

	if (root == 1 || open_proc(&proc) < 0)
		return false;
	r = process_children_visit(proc.fd, root, pids, LISTED_MAX, kill_met, signalling);
	directory_close(&proc);
	return r == 0;
}

int process_tree_signal(pid_t root, int signal, unsigned *ret_refused)
{
	struct signalling signalling = {.signal = signal};

	if (signal == SIGKILL && try_kill(root, &signalling))
		return signalled(0, &signalling, ret_refused);
	signalling = (struct signalling){.signal = signal};
	return signalled(process_tree_for_each_descendant(root, signal_one, &signalling, NULL),
		&signalling, ret_refused);
}

int process_tree_signal_by_walk(pid_t root, int signal, unsigned *ret_refused)
{
	struct signalling signalling = {.signal = signal};
	int r = for_each(root, ANCESTRY_DESCENDANT, signal_one, &signalling, NULL);

	return signalled(r, &signalling, ret_refused);
}

static bool go_on(void *arg, int proc, const struct process_stat *process)
{
	(void)arg;
	(void)proc;
	(void)process;
	return true;
}

int process_tree_count(pid_t root)
{
	return process_tree_for_each_descendant(root, go_on, NULL, NULL);
}

bool process_tree_has_descendant(pid_t root, pid_t pid)
{
	struct relative relative;
	struct walk walk;
	bool is_descendant;

	if (walk_open(&walk, root) < 0)
		return false;
	is_descendant =
		is_found(&walk, pid, find_ancestry(&walk, pid), ANCESTRY_DESCENDANT, &relative);
	walk_close(&walk);
	return is_descendant;
}
