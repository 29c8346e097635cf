/* SPDX-License-Identifier: MIT */
/* /proc lists processes without their descent, so that each one's line of parents is followed up to
 * the root. What is found on the way is remembered in a cache of fixed size: a process that has lost
 * its place there costs another read, never a wrong answer, and there is no limit to how many there
 * are. */
#include "sys/process_tree.h"

#include "core/number.h"
#include "core/text.h"
#include "sys/directory.h"
#include "sys/fd.h"
#include "sys/line_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Each walk clears them, and so many pages of the stack stay ours. */
#define CACHE_SLOTS 512

/* A walk compares an inode with those asked for only where one of them ends in the same 16 bits. */
#define LOW_INODES 65536

/* Longer than any line of parents, for there are no more pids (PID_MAX_LIMIT). A longer walk goes
 * round in circles: a pid was used again while we looked. */
#define MAX_GENERATIONS (1 << 22)

enum kinship {
	KINSHIP_UNKNOWN,
	KINSHIP_DESCENDANT,
	KINSHIP_STRANGER,
	KINSHIP_HIDDEN, /* a process on the line of parents may not be read */
};

struct process {
	pid_t pid, parent;
	bool zombie;
	bool leader_ended; /* its main thread has, others go on */
	bool has_terminal; /* a controlling one */
	bool is_kernel_thread;
	uint8_t kinship; /* enum kinship */
};

#define FLAG_KERNEL_THREAD 0x00200000 /* PF_KTHREAD, include/linux/sched.h */

struct walk {
	pid_t root;
	size_t hidden; /* processes passed over as KINSHIP_HIDDEN */
	struct directory proc;
	struct process cache[CACHE_SLOTS];
};

/* A number and nothing else, or 0: the names of processes and of descriptors but the first. */
static pid_t parse_pid(const char *name)
{
	int64_t pid = number_parse(name, 1, MAX_GENERATIONS);

	return pid > 0 ? (pid_t)pid : 0;
}

/* Skips fields of a stat line, from the space before one to the space before a later one. */
static const char *skip_fields(const char *at, int count)
{
	for (int i = 0; i < count && at != NULL; i++)
		at = strchr(at + 1, ' ');
	return at;
}

/* The name of the program stands in parentheses and may itself hold any of "() \n", so that the
 * last ')' ends it. A main thread that has ended while others go on looks like a zombie, but for
 * its number of threads. */
static int parse_stat(const char *stat, struct process *ret_process)
{
	const char *name_end = strrchr(stat, ')');
	const char *state = name_end != NULL ? skip_fields(name_end, 1) : NULL; /* field 3 */
	const char *parent = skip_fields(state, 1);
	const char *terminal = skip_fields(parent, 3); /* field 7 */
	const char *flags = skip_fields(terminal, 2); /* field 9 */
	const char *threads = skip_fields(parent, 16); /* field 20 */

	if (threads == NULL)
		return -EBADMSG;
	ret_process->parent = (pid_t)number_take_signed(&parent);
	ret_process->has_terminal = number_take_signed(&terminal) != 0;
	ret_process->is_kernel_thread = number_take_signed(&flags) & FLAG_KERNEL_THREAD;
	if (state[1] == 'Z' || state[1] == 'X') {
		ret_process->leader_ended = number_take_signed(&threads) > 1;
		ret_process->zombie = !ret_process->leader_ended;
	}
	return 0;
}

static const char *write_path(char buf[static 32], pid_t pid, const char *file)
{
	struct text path;

	text_init(&path, buf, 32);
	text_printf(&path, "%d/%s", pid, file);
	return buf;
}

/* Returns the descriptor or -errno: -ESRCH when there is no such process that we could see. */
static int open_file(int proc, pid_t pid, const char *file)
{
	char path[32];
	int fd = openat(proc, write_path(path, pid, file), O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	return fd;
}

static int read_process(int proc, pid_t pid, struct process *ret_process)
{
	struct process process = {.pid = pid};
	fd_cleanup int fd = open_file(proc, pid, "stat");
	char stat[1024];
	ssize_t len;
	int r;

	if (fd < 0)
		return fd;
	len = read(fd, stat, sizeof stat - 1);
	if (len < 0)
		return -errno;
	stat[len] = '\0';
	r = parse_stat(stat, &process);
	if (r < 0)
		return r;
	*ret_process = process;
	return 0;
}

/* The numbers in a /proc of another pid namespace are not ours to judge or to signal: a shell in
 * `unshare --pid` without a fresh /proc would shoot at strangers. */
int process_tree_check_proc(int proc)
{
	char self[16];
	ssize_t len = readlinkat(proc, "self", self, sizeof self - 1);

	if (len < 0)
		return -errno;
	self[len] = '\0';
	return parse_pid(self) == getpid() ? 0 : -EXDEV;
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

static struct process *cache_slot(struct walk *walk, pid_t pid)
{
	return &walk->cache[(size_t)pid % CACHE_SLOTS];
}

static int look_up(struct walk *walk, pid_t pid, struct process *ret_process)
{
	struct process *slot = cache_slot(walk, pid);

	if (slot->pid != pid) {
		int r = read_process(walk->proc.fd, pid, slot);

		if (r < 0)
			return r;
	}
	*ret_process = *slot;
	return 0;
}

/* Writes the verdict on pid beside all of its line that is still in the cache. */
static void remember(struct walk *walk, pid_t pid, int kinship)
{
	struct process *slot = cache_slot(walk, pid);

	while (slot->pid == pid && slot->kinship == KINSHIP_UNKNOWN) {
		slot->kinship = (uint8_t)kinship;
		pid = slot->parent;
		slot = cache_slot(walk, pid);
	}
}

/* A parent may end between our reading of the child and of itself. Its child has got a new parent
 * by then, so that the child is read again. A parent that is still the same is not gone, but hidden
 * from us (mount option hidepid=2). Returns an enum kinship, or -errno. */
static int find_kinship(struct walk *walk, pid_t pid)
{
	pid_t at = pid, child = 0, missing = 0;

	for (int i = 0; i < MAX_GENERATIONS; i++) {
		struct process process;
		int r = look_up(walk, at, &process);

		if (r == -ESRCH && at == pid)
			return KINSHIP_STRANGER; /* gone itself */
		if (r == -ESRCH && at != missing) {
			missing = at;
			cache_slot(walk, child)->pid = 0;
			at = pid;
			continue;
		}
		if (r == -ESRCH || r == -EACCES || r == -EPERM)
			return KINSHIP_HIDDEN;
		if (r < 0)
			return r;
		if (process.kinship != KINSHIP_UNKNOWN)
			return process.kinship;
		if (process.parent == walk->root)
			return KINSHIP_DESCENDANT;
		if (process.parent <= 0)
			return KINSHIP_STRANGER;
		child = at;
		at = process.parent;
	}
	return KINSHIP_STRANGER;
}

/* Returns 1 with the next descendant of the root that is not a zombie, 0 at the end, or -errno. */
static int walk_next_process(struct walk *walk, struct process *ret_process)
{
	const char *name;
	int r;

	while ((r = directory_next(&walk->proc, &name)) > 0) {
		pid_t pid = parse_pid(name);
		int kinship;

		if (pid == 0)
			continue;
		kinship = find_kinship(walk, pid);
		if (kinship < 0)
			return kinship;
		remember(walk, pid, kinship);
		if (kinship == KINSHIP_HIDDEN)
			walk->hidden++;
		if (kinship != KINSHIP_DESCENDANT)
			continue;
		if (look_up(walk, pid, ret_process) < 0 || ret_process->zombie)
			continue;
		return 1;
	}
	return r;
}

static int walk_next(struct walk *walk, pid_t *ret_pid)
{
	struct process process;
	int r = walk_next_process(walk, &process);

	if (r > 0)
		*ret_pid = process.pid;
	return r;
}

/* The same for those that do not descend from it. What is hidden is not known to. */
static int walk_next_outside(struct walk *walk, struct process_outside *ret_process)
{
	const char *name;
	int r;

	while ((r = directory_next(&walk->proc, &name)) > 0) {
		pid_t pid = parse_pid(name);
		struct process process;
		int kinship;

		if (pid == 0 || pid == walk->root)
			continue;
		kinship = find_kinship(walk, pid);
		if (kinship < 0)
			return kinship;
		remember(walk, pid, kinship);
		if (kinship != KINSHIP_STRANGER || look_up(walk, pid, &process) < 0 ||
			process.zombie || process.is_kernel_thread)
			continue;
		*ret_process = (struct process_outside){pid, process.has_terminal};
		return 1;
	}
	return r;
}

/* Returns the inode of "socket:[12345]", or 0 for what is not a socket. */
static uint32_t parse_socket_link(const char *link)
{
	static const char prefix[] = "socket:[";

	if (strncmp(link, prefix, sizeof prefix - 1) != 0)
		return 0;
	link += sizeof prefix - 1;
	return (uint32_t)number_take_signed(&link);
}

/* Reads what stands behind a prefix in /proc/PID/status, which every user may read. Returns 0 or
 * -errno: -ESRCH without such a process, -ENODATA without such a line. */
static int read_status(int proc, pid_t pid, const char *prefix, char *ret_value, size_t cap)
{
	struct line_reader reader;
	fd_cleanup int fd = open_file(proc, pid, "status");
	struct text value;
	const char *line;
	size_t len;
	int r;

	if (fd < 0)
		return fd;
	text_init(&value, ret_value, cap);
	line_reader_init(&reader, fd);
	while ((r = line_reader_next(&reader, &line, &len)) > 0) {
		if (strncmp(line, prefix, strlen(prefix)) != 0)
			continue;
		text_add(&value, line + strlen(prefix));
		return 0;
	}
	return r < 0 ? r : -ENODATA;
}

/* Marks the sockets that belong to the user whom a process runs as: the second of its four uids. */
static void mark_by_user(int proc, pid_t pid, struct process_tree_socket *sockets, size_t count)
{
	char uids[64];
	const char *at = uids;
	int64_t uid;

	if (read_status(proc, pid, "Uid:", uids, sizeof uids) < 0)
		return;
	(void)number_take_signed(&at);
	uid = number_take_signed(&at);
	for (size_t i = 0; i < count; i++)
		sockets[i].same_user |= sockets[i].uid == uid;
}

/* What a walk looks for in the tables of descriptors. */
struct search {
	struct process_tree_socket *sockets;
	size_t count, left; /* left: not marked yet */
	uint64_t low_bits[LOW_INODES /
			  64]; /* of the inodes asked for: most are told apart by them */
	uint32_t *collected; /* or what is open is collected; NULL: it is marked */
	size_t collected_max;
};

static uint64_t *low_bits(struct search *search, uint32_t inode, uint64_t *ret_bit)
{
	*ret_bit = UINT64_C(1) << inode % 64;
	return &search->low_bits[inode % LOW_INODES / 64];
}

static void search_init(
	struct search *ret_search, struct process_tree_socket *sockets, size_t count)
{
	*ret_search = (struct search){.sockets = sockets, .count = count};
	for (size_t i = 0; i < count; i++) {
		uint64_t bit;

		*low_bits(ret_search, sockets[i].inode, &bit) |= bit;
		ret_search->left += !sockets[i].owned;
	}
}

/* Whether the name of an open socket's protocol begins so. */
static bool speaks(int directory, const char *name, const char *prefix)
{
	char path_bytes[48], protocol[32] = "";
	struct text path;

	text_init(&path, path_bytes, sizeof path_bytes);
	text_printf(&path, "/proc/self/fd/%d/%s", directory, name);
	return getxattr(path_bytes, "system.sockprotoname", protocol, sizeof protocol - 1) > 0 &&
	       strncmp(protocol, prefix, strlen(prefix)) == 0;
}

/* Marks inode's entries. */
static void mark(struct search *search, uint32_t inode, int directory, const char *name)
{
	uint64_t bit;

	if (!(*low_bits(search, inode, &bit) & bit))
		return;
	for (size_t i = 0; i < search->count; i++) {
		struct process_tree_socket *socket = &search->sockets[i];

		if (socket->inode != inode || socket->owned)
			continue;
		socket->owned = true;
		socket->is_mptcp = speaks(directory, name, "MPTCP");
		search->left--;
	}
}

static bool is_ours(uint32_t inode)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		struct stat status;

		if (fstat(fd, &status) == 0 && status.st_ino == inode)
			return true;
	}
	return false;
}

static void meet(struct search *search, uint32_t inode, int directory, const char *name)
{
	if (search->collected == NULL)
		mark(search, inode, directory, name);
	else if (search->left > 0 && speaks(directory, name, "UNIX") && !is_ours(inode))
		search->collected[search->collected_max - search->left--] = inode;
}

/* Meets what is open in one directory of descriptors. Returns how many entries it has, or -errno:
 * -EACCES or -EPERM when they are not ours to read. */
static int search_directory(struct search *search, int at, const char *path)
{
	struct directory fds;
	const char *name;
	int r = directory_open(&fds, at, path), entries = 0;

	if (r < 0)
		return r;
	while (search->left > 0 && (r = directory_next(&fds, &name)) > 0) {
		char link[64];
		ssize_t len = readlinkat(fds.fd, name, link, sizeof link - 1);
		uint32_t inode;

		if (len < 0 && (errno == EACCES || errno == EPERM)) {
			r = -errno;
			break;
		}
		if (len < 0)
			continue; /* `.`, `..`, and what was closed meanwhile */
		entries++;
		link[len] = '\0';
		inode = parse_socket_link(link);
		if (inode != 0)
			meet(search, inode, fds.fd, name);
	}
	directory_close(&fds);
	return r < 0 ? r : entries;
}

/* The same by the threads, which share one table: the main thread gives its share up when it ends
 * (exit_files(), Linux 2.6 to 6.18), so that /proc/PID/fd is empty while others go on. */
static int search_threads(struct search *search, int proc, pid_t pid)
{
	struct directory tasks;
	const char *name;
	char path[32];
	int r = directory_open(&tasks, proc, write_path(path, pid, "task")), marked = 0;

	if (r < 0)
		return r;
	while (marked == 0 && (r = directory_next(&tasks, &name)) > 0) {
		pid_t thread = parse_pid(name);

		if (thread == 0 || thread == pid)
			continue;
		marked = search_directory(search, tasks.fd, write_path(path, thread, "fd"));
		if (marked == -ENOENT || marked == -ESRCH)
			marked = 0; /* it has ended; another one goes on */
	}
	directory_close(&tasks);
	return marked != 0 ? marked : r;
}

/* Returns 0, also when the process has ended, or -errno as above. */
static int search_process(struct search *search, int proc, const struct process *process)
{
	char path[32];
	int r;

	if (process->leader_ended)
		r = search_threads(search, proc, process->pid);
	else
		r = search_directory(search, proc, write_path(path, process->pid, "fd"));
	return r == -ENOENT || r == -ESRCH || r > 0 ? 0 : r;
}

int process_tree_mark_sockets(
	pid_t root, struct process_tree_socket *sockets, size_t count, size_t *ret_unreadable)
{
	struct search search;
	struct process process;
	size_t unreadable = 0;
	struct walk walk;
	int r;

	search_init(&search, sockets, count);
	r = walk_open(&walk, root);
	if (r < 0)
		return r;
	while (search.left > 0 && (r = walk_next_process(&walk, &process)) > 0) {
		int marking = search_process(&search, walk.proc.fd, &process);

		if (marking == -EACCES || marking == -EPERM) {
			unreadable++;
			mark_by_user(walk.proc.fd, process.pid, sockets, count);
		} else if (marking < 0) {
			r = marking;
			break;
		}
	}
	walk_close(&walk);
	if (r < 0)
		return r;
	*ret_unreadable = unreadable + walk.hidden;
	return 0;
}

int process_tree_unix_sockets(pid_t root, uint32_t *ret_inodes, size_t max)
{
	struct search search = {.collected = ret_inodes, .collected_max = max, .left = max};
	struct process process;
	struct walk walk;
	int r;

	r = walk_open(&walk, root);
	if (r < 0)
		return r;
	while (search.left > 0 && (r = walk_next_process(&walk, &process)) > 0)
		(void)search_process(&search, walk.proc.fd, &process);
	walk_close(&walk);
	return r < 0 ? r : (int)(max - search.left);
}

int process_tree_find_outside(
	pid_t root, void (*found)(void *arg, const struct process_outside *process), void *arg)
{
	struct process_outside process;
	struct walk walk;
	int count = 0, r;

	r = walk_open(&walk, root);
	if (r < 0)
		return r;
	while ((r = walk_next_outside(&walk, &process)) > 0) {
		found(arg, &process);
		count++;
	}
	walk_close(&walk);
	return r < 0 ? r : count;
}

/* Between reading and kill the pid could only have been used again if its parent reaped it and the
 * kernel went through all other pids. */
int process_tree_signal(pid_t root, int signal)
{
	struct walk walk;
	int count = 0, r;
	pid_t pid;

	r = walk_open(&walk, root);
	if (r < 0)
		return r;
	while ((r = walk_next(&walk, &pid)) > 0)
		count += kill(pid, signal) == 0;
	walk_close(&walk);
	return r < 0 ? r : count;
}

int process_tree_count(pid_t root)
{
	struct walk walk;
	int count = 0, r;
	pid_t pid;

	r = walk_open(&walk, root);
	if (r < 0)
		return r;
	while ((r = walk_next(&walk, &pid)) > 0)
		count++;
	walk_close(&walk);
	return r < 0 ? r : count;
}
