/* SPDX-License-Identifier: MIT */
#include "sys/socket_owner.h"

#include "core/text/number.h"
#include "core/text/text.h"
#include "sys/directory.h"
#include "sys/process_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Both are relative to an open /proc; pid is a name in it. */
static bool shares_mounts(int proc, const char *pid)
{
	char path[64];
	struct text text;
	struct stat ours, theirs;

	text_init(&text, path, sizeof path);
	text_printf(&text, "%s/ns/mnt", pid);
	return fstatat(proc, "self/ns/mnt", &ours, 0) == 0 &&
	       fstatat(proc, path, &theirs, 0) == 0 && ours.st_dev == theirs.st_dev &&
	       ours.st_ino == theirs.st_ino;
}

static bool has_open(int proc, const char *pid, const char *socket)
{
	char path[64], target[64];
	struct directory fds;
	struct text text;
	const char *name;
	bool found = false;

	text_init(&text, path, sizeof path);
	text_printf(&text, "%s/fd", pid);
	if (directory_open(&fds, proc, path) < 0)
		return false;
	while (!found && directory_next(&fds, &name) > 0) {
		ssize_t len = readlinkat(fds.fd, name, target, sizeof target - 1);

		target[len > 0 ? len : 0] = '\0';
		found = strcmp(target, socket) == 0;
	}
	directory_close(&fds);
	return found;
}

bool socket_owner_is_near(uint32_t inode)
{
	char socket[32];
	struct directory proc;
	struct text text;
	const char *pid;
	bool found = false;

	text_init(&text, socket, sizeof socket);
	text_printf(&text, "socket:[%u]", inode);
	if (directory_open(&proc, AT_FDCWD, "/proc") < 0)
		return false;
	if (process_tree_check_proc(proc.fd) == 0) {
		while (!found && directory_next(&proc, &pid) > 0)
			found = number_parse(pid, 1, INT_MAX) > 0 && shares_mounts(proc.fd, pid) &&
				has_open(proc.fd, pid, socket);
	}
	directory_close(&proc);
	return found;
}
