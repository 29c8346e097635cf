/* SPDX-License-Identifier: MIT */
/* Namespaces of the test's own. What is called in them runs in a forked child, so that a test that
 * fails or changes its identity leaves the others alone. */
#pragma once

#include "../must_run.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child that outlives its test all the same ends by itself after so many seconds. */
#define SANDBOX_LIFETIME_S 40

#define SANDBOX_CANNOT_RUN 77

/* Ends the test program as skipped, or as failed where nothing may be skipped. */
static inline _Noreturn void sandbox_skip(const char *reason)
{
	fprintf(stderr, "cannot run: %s\n", reason);
	exit(tests_must_run() ? 1 : SANDBOX_CANNOT_RUN);
}

static inline bool sandbox_write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t len = (ssize_t)strlen(text);
	bool written = fd >= 0 && write(fd, text, (size_t)len) == len;

	if (fd >= 0)
		close(fd);
	return written;
}

/* Moves us into new namespaces; where that is not allowed, as root of a user namespace of our own. */
static inline bool sandbox_unshare(int namespaces)
{
	unsigned uid = (unsigned)getuid(), gid = (unsigned)getgid();
	char uid_map[64], gid_map[64];

	if (unshare(namespaces) == 0)
		return true;
	snprintf(uid_map, sizeof uid_map, "0 %u 1\n", uid);
	snprintf(gid_map, sizeof gid_map, "0 %u 1\n", gid);
	return unshare(CLONE_NEWUSER | namespaces) == 0 &&
	       sandbox_write_file("/proc/self/setgroups", "deny") &&
	       sandbox_write_file("/proc/self/uid_map", uid_map) &&
	       sandbox_write_file("/proc/self/gid_map", gid_map);
}

static inline bool sandbox_loopback_up(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	bool up = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0;

	if (fd >= 0)
		close(fd);
	return up;
}

/* For a group setup: all tests of this program see a network with nothing in it but themselves. */
static inline int sandbox_enter_network(void **state)
{
	(void)state;
	if (!sandbox_unshare(CLONE_NEWNET))
		sandbox_skip("no user and network namespaces here");
	if (!sandbox_loopback_up())
		sandbox_skip("the loopback interface does not come up");
	return 0;
}

/* Gives up every capability for good, as `docker run --cap-drop ALL` does. */
static inline bool sandbox_drop_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {{0}};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       syscall(SYS_capset, &header, none) == 0;
}

/* Runs a function in a forked child and returns what it returned, or INT32_MIN if the child died. */
static inline int sandbox_call(int (*function)(void *arg), void *arg)
{
	int result = INT32_MIN, fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return INT32_MIN;
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(SANDBOX_LIFETIME_S);
		result = function(arg);
		_exit(write(fds[1], &result, sizeof result) == sizeof result ? 0 : 1);
	}
	close(fds[1]);
	if (pid < 0 || read(fds[0], &result, sizeof result) != sizeof result)
		result = INT32_MIN;
	close(fds[0]);
	if (pid > 0)
		(void)waitpid(pid, NULL, 0);
	return result;
}

struct sandbox_job {
	int (*function)(void *arg);
	void *arg;
	const char *proc_options; /* NULL: leave the old /proc mounted */
};

static inline int sandbox_pid1_main(void *arg)
{
	const struct sandbox_job *job = arg;

	if (job->proc_options != NULL &&
		(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
			mount("proc", "/proc", "proc", 0, job->proc_options) < 0))
		return INT32_MIN;
	return job->function(job->arg);
}

static inline int sandbox_pid_namespace_main(void *arg)
{
	if (!sandbox_unshare(CLONE_NEWPID | CLONE_NEWNS))
		return INT32_MIN;
	return sandbox_call(sandbox_pid1_main, arg);
}

/* Like sandbox_call(), with the function as PID 1 of a pid namespace, and a /proc mounted with these
 * options. Also INT32_MIN where such a namespace cannot be made. */
static inline int sandbox_call_as_pid1(
	int (*function)(void *arg), void *arg, const char *proc_options)
{
	struct sandbox_job job = {function, arg, proc_options};

	return sandbox_call(sandbox_pid_namespace_main, &job);
}
