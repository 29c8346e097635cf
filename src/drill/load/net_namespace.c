/* SPDX-License-Identifier: MIT */
#include "drill/load/net_namespace.h"

#include "sys/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define PATH_BYTES 32 /* of /proc/PID/ns/net */

static void write_path(char path[PATH_BYTES], pid_t pid)
{
	(void)snprintf(path, PATH_BYTES, "/proc/%d/ns/net", (int)pid);
}

struct order {
	int namespace_fd, domain, type, protocol;
	int result;
};

static void *make_socket(void *arg)
{
	struct order *order = arg;

	if (setns(order->namespace_fd, CLONE_NEWNET) < 0) {
		order->result = -errno;
		return NULL;
	}
	order->result = socket(order->domain, order->type, order->protocol);
	if (order->result < 0)
		order->result = -errno;
	return NULL;
}

/* In a thread of its own: a network namespace is a thread's, and this one ends with the call, so that nothing
 * has to find its way back. */
int net_namespace_socket(pid_t pid, int domain, int type, int protocol)
{
	struct order order = {.domain = domain, .type = type, .protocol = protocol};
	char path[PATH_BYTES];
	fd_cleanup int fd = -1;
	pthread_t thread;
	int r;

	write_path(path, pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	order.namespace_fd = fd;
	r = -pthread_create(&thread, NULL, make_socket, &order);
	if (r < 0)
		return r;
	(void)pthread_join(thread, NULL);
	return order.result;
}

int net_namespace_is_ours(pid_t pid)
{
	struct stat ours, theirs;
	char path[PATH_BYTES];

	write_path(path, pid);
	if (stat("/proc/self/ns/net", &ours) < 0 || stat(path, &theirs) < 0)
		return -errno;
	return ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}
