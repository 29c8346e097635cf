/* SPDX-License-Identifier: MIT */
/* System calls without what musl has around them, 4 kB in all: points where a thread is cancelled, detours
 * for kernels that are older than any we run on, flags and masks of signal handlers. What the kernel takes
 * here is laid out as musl's own structures are, for 64-bit processors. */
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The third argument is there or not: what the kernel does not ask for it does not read. */
int fcntl(int fd, int command, ...)
{
	va_list args;
	unsigned long argument;

	va_start(args, command);
	argument = va_arg(args, unsigned long);
	va_end(args);
	return (int)syscall(SYS_fcntl, fd, command, argument);
}

int openat(int directory_fd, const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = va_arg(args, mode_t);
	va_end(args);
	return (int)syscall(SYS_openat, directory_fd, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = va_arg(args, mode_t);
	va_end(args);
	return openat(AT_FDCWD, path, flags, mode);
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
