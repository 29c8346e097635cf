/* SPDX-License-Identifier: MIT */
/* System calls without what musl has around them, 4 kB in all: points where a thread is cancelled, detours
 * for kernels that are older than any we run on, flags and masks of signal handlers. What the kernel takes
 * here is laid out as musl's own structures are, for 64-bit processors. */
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

ssize_t read(int fd, void *ret_bytes, size_t cap)
{
	return syscall(SYS_read, fd, ret_bytes, cap);
}

ssize_t write(int fd, const void *bytes, size_t len)
{
	return syscall(SYS_write, fd, bytes, len);
}

int fstat(int fd, struct stat *ret_file)
{
	return (int)syscall(SYS_fstat, fd, ret_file);
}

int pipe2(int ret_fds[2], int flags)
{
	return (int)syscall(SYS_pipe2, ret_fds, flags);
}

int socket(int family, int type, int protocol)
{
	return (int)syscall(SYS_socket, family, type, protocol);
}

int accept4(int fd, struct sockaddr *ret_peer, socklen_t *len, int flags)
{
	return (int)syscall(SYS_accept4, fd, ret_peer, len, flags);
}

ssize_t sendto(int fd, const void *bytes, size_t len, int flags, const struct sockaddr *to,
	socklen_t to_len)
{
	return syscall(SYS_sendto, fd, bytes, len, (long)flags, to, (long)to_len);
}

int epoll_create1(int flags)
{
	return (int)syscall(SYS_epoll_create1, flags);
}

/* What libev does for kernels that lack the other. */
int epoll_create(int size)
{
	(void)size;
	return epoll_create1(0);
}

int epoll_ctl(int fd, int operation, int of, struct epoll_event *event)
{
	return (int)syscall(SYS_epoll_ctl, fd, operation, of, event);
}

int epoll_wait(int fd, struct epoll_event *ret_events, int cap, int timeout_ms)
{
	return (int)syscall(SYS_epoll_pwait, fd, ret_events, (long)cap, (long)timeout_ms, NULL, 0L);
}

int waitid(idtype_t kind, id_t id, siginfo_t *ret_info, int flags)
{
	return (int)syscall(SYS_waitid, kind, id, ret_info, (long)flags, NULL, 0L);
}

ssize_t readlinkat(
	int directory_fd, const char *restrict path, char *restrict ret_target, size_t cap)
{
	return syscall(SYS_readlinkat, directory_fd, path, ret_target, cap);
}

int getrlimit(int resource, struct rlimit *ret_limit)
{
	return (int)syscall(SYS_prlimit64, 0, resource, NULL, ret_limit);
}

void *mmap(void *at, size_t bytes, int protection, int flags, int fd, off_t offset)
{
	return (void *)syscall(
		SYS_mmap, at, bytes, (long)protection, (long)flags, (long)fd, offset);
}

int sigprocmask(int how, const sigset_t *restrict next, sigset_t *restrict ret_before)
{
	return (int)syscall(SYS_rt_sigprocmask, how, next, ret_before, sizeof(unsigned long));
}

/* As the kernel has it on both processors. */
struct kernel_sigaction {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	unsigned long mask;
};

/* musl's own: where a handler returns to. */
void __restore_rt(void) __attribute__((visibility("hidden")));

int sigaction(int signal, const struct sigaction *action, struct sigaction *ret_before)
{
	struct kernel_sigaction next, before;
	int r;

	if (action != NULL)
		next = (struct kernel_sigaction){action->sa_handler, SA_RESTORER, __restore_rt, 0};
	r = (int)syscall(SYS_rt_sigaction, signal, action != NULL ? &next : NULL, &before,
		sizeof before.mask);
	if (ret_before != NULL)
		ret_before->sa_handler = before.handler;
	return r;
}

/* PID 1 gets no SIGABRT of its own. */
_Noreturn void abort(void)
{
	_exit(127);
}
