/* SPDX-License-Identifier: MIT */
#include "sys/process_sockets.h"

#include "core/text/number.h"
#include "core/text/text.h"
#include "sys/directory.h"
#include "sys/process_tree.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

/* A walk compares an inode with those asked for only where one of them ends in the same 16 bits. */
#define LOW_INODES 65536

/* What a walk looks for in the tables of descriptors. */
struct search {
	struct process_socket *sockets;
	size_t count, left; /* left: not marked yet */
	size_t unreadable; /* processes */
	int error; /* why the walk was broken off, or 0 */
	uint64_t low_bits[LOW_INODES / 64]; /* of the inodes asked for: they distinguish most */
	uint32_t *collected; /* or what is open is collected; NULL: it is marked */
	size_t collected_max;
};

/* Marks the sockets that belong to a process's user. */
static void mark_by_user(int proc, pid_t pid, struct process_socket *sockets, size_t count)
{
	int64_t uid = process_stat_user(proc, pid);

	if (uid < 0)
		return;
	for (size_t i = 0; i < count; i++)
		sockets[i].same_user |= sockets[i].uid == uid;
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

static uint64_t *low_bits(struct search *search, uint32_t inode)
{
	return &search->low_bits[inode % LOW_INODES / 64];
}

static uint64_t low_bit(uint32_t inode)
{
	return UINT64_C(1) << inode % 64;
}

static void search_init(struct search *ret_search, struct process_socket *sockets, size_t count)
{
	*ret_search = (struct search){.sockets = sockets, .count = count};
	for (size_t i = 0; i < count; i++) {
		*low_bits(ret_search, sockets[i].inode) |= low_bit(sockets[i].inode);
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
	if (!(*low_bits(search, inode) & low_bit(inode)))
		return;
	for (size_t i = 0; i < search->count; i++) {
		struct process_socket *socket = &search->sockets[i];

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
	int r = directory_open(&tasks, proc, process_stat_path(path, pid, "task")), marked = 0;

	if (r < 0)
		return r;
	while (marked == 0 && (r = directory_next(&tasks, &name)) > 0) {
		pid_t thread = process_stat_pid(name);

		if (thread == 0 || thread == pid)
			continue;
		marked = search_directory(search, tasks.fd, process_stat_path(path, thread, "fd"));
		if (marked == -ENOENT || marked == -ESRCH)
			marked = 0; /* it has ended; another one goes on */
	}
	directory_close(&tasks);
	return marked != 0 ? marked : r;
}

/* Returns 0, also when the process has ended, or -errno as above. */
static int search_process(struct search *search, int proc, const struct process_stat *process)
{
	char path[32];
	int r;

	if (process->leader_ended)
		r = search_threads(search, proc, process->pid);
	else
		r = search_directory(search, proc, process_stat_path(path, process->pid, "fd"));
	return r == -ENOENT || r == -ESRCH || r > 0 ? 0 : r;
}

static bool mark_in(void *arg, int proc, const struct process_stat *process)
{
	struct search *search = arg;
	int r;

	if (search->left == 0)
		return false; /* nothing was asked for */
	r = search_process(search, proc, process);
	if (r == -EACCES || r == -EPERM) {
		search->unreadable++;
		mark_by_user(proc, process->pid, search->sockets, search->count);
	} else if (r < 0) {
		search->error = r;
		return false;
	}
	return search->left > 0;
}

int process_sockets_mark(
	pid_t root, struct process_socket *sockets, size_t count, size_t *ret_unreadable)
{
	struct search search;
	size_t hidden;
	int r;

	search_init(&search, sockets, count);
	r = process_tree_for_each_descendant(root, mark_in, &search, &hidden);
	if (r < 0)
		return r;
	if (search.error < 0)
		return search.error;
	*ret_unreadable = search.unreadable + hidden;
	return 0;
}

static bool collect_in(void *arg, int proc, const struct process_stat *process)
{
	struct search *search = arg;

	(void)search_process(search, proc, process);
	return search->left > 0;
}

int process_sockets_unix(pid_t root, uint32_t *ret_inodes, size_t max)
{
	struct search search = {.collected = ret_inodes, .collected_max = max, .left = max};
	int r = process_tree_for_each_descendant(root, collect_in, &search, NULL);

	return r < 0 ? r : (int)(max - search.left);
}
