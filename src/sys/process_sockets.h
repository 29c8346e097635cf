/* SPDX-License-Identifier: MIT */
/* Which sockets the descendants of a process have open, read from the tables of descriptors in /proc. Allocates
 * nothing. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct process_socket {
	uint32_t inode, uid; /* asked for; uid is the socket's owner */
	uint64_t cgroup; /* the inode of its cgroup, */
	uint32_t waiting; /* connections in its queue, */
	uint16_t port; /* and its port, for the caller alone */
	bool owned; /* set when a descendant holds it */
	bool is_mptcp; /* set when its protocol is MPTCP, and it is owned */
	bool same_user; /* set when a descendant whose descriptors cannot be read runs as uid */
};

/* Marks those sockets that a descendant of root (root itself is not one) has open. *ret_unreadable
 * counts descendants whose descriptors we may not read (another uid without CAP_SYS_PTRACE, a
 * process that is not dumpable), and processes that may be descendants but do not let us see it
 * (hidepid=1; what hidepid=2 hides is not even counted). Stops early when all are marked. Returns
 * 0 or -errno. */
int process_sockets_mark(
	pid_t root, struct process_socket *sockets, size_t count, size_t *ret_unreadable);

/* Collects the inodes of the unix-domain sockets that descendants of root have open, up to max of them, each
 * maybe more than once; those that we have open ourselves, which they got from us, are left out. The
 * kernel names a socket's protocol in the attribute system.sockprotoname (sockfs, Linux 2.6 to 6.18). Returns
 * how many, or -errno. */
int process_sockets_unix(pid_t root, uint32_t *ret_inodes, size_t max);
