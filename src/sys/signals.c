/* SPDX-License-Identifier: MIT */
#include "sys/signals.h"

#include "sys/fd.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <time.h>

#define BATCH 16
#define KERNEL_SIGSET_BYTES 8

/* sigfillset(3) leaves out what the libc keeps for its threads (32 and 33, 34 with musl). We have no
 * threads, and these arrive too: unblocked, they would kill a process that is not PID 1. */
static const unsigned char every_signal[KERNEL_SIGSET_BYTES] = {
	0xFF,
	0xFF,
	0xFF,
	0xFF,
	0xFF,
	0xFF,
	0xFF,
	0xFF,
};

int signals_open(struct signal_state *ret_inherited)
{
	struct sigaction reset = {.sa_handler = SIG_DFL};
	long fd;

	sigemptyset(&ret_inherited->mask);
	if (sigaction(SIGCHLD, &reset, NULL) < 0)
		return -errno;
	if (syscall(SYS_rt_sigprocmask, SIG_SETMASK, every_signal, &ret_inherited->mask,
		    KERNEL_SIGSET_BYTES) < 0)
		return -errno;
	fd = syscall(
		SYS_signalfd4, -1, every_signal, KERNEL_SIGSET_BYTES, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : (int)fd;
}

int signals_try_epoll(int fd)
{
	fd_cleanup int epoll = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event = {.events = EPOLLIN};

	if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0 ||
		epoll_wait(epoll, &event, 1, 0) < 0)
		return -errno;
	return 0;
}

int signals_set_waiting(int fd)
{
	return fcntl(fd, F_SETFL, 0) < 0 ? -errno : 0;
}

int signals_read(int fd, struct signal_received *ret_signals, int max)
{
	struct signalfd_siginfo infos[BATCH];
	ssize_t n;

	if (max > BATCH)
		max = BATCH;
	do {
		n = read(fd, infos, (size_t)max * sizeof *infos);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	for (int i = 0; i < (int)((size_t)n / sizeof *infos); i++) {
		ret_signals[i] = (struct signal_received){
			.number = (int)infos[i].ssi_signo,
			.from_kernel = infos[i].ssi_code == SI_KERNEL,
			.sender = (pid_t)infos[i].ssi_pid,
			.value = (void *)(uintptr_t)infos[i].ssi_ptr,
			.has_value = infos[i].ssi_code == SI_QUEUE,
		};
	}
	return (int)((size_t)n / sizeof *infos);
}

void signals_discard(int number)
{
	const struct timespec at_once = {0};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, number);
	(void)sigtimedwait(&set, NULL, &at_once); /* nothing there is as good */
}

void signals_restore(const struct signal_state *inherited)
{
	(void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &inherited->mask, NULL, KERNEL_SIGSET_BYTES);
}

/* An exec makes a handler the default again. */
static void pass_over(int number)
{
	(void)number;
}

void signals_restore_for_exec(const struct signal_state *inherited)
{
	struct sigaction stop;

	if (sigaction(SIGTSTP, NULL, &stop) == 0 && stop.sa_handler == SIG_DFL) {
		stop.sa_handler = pass_over;
		(void)sigaction(SIGTSTP, &stop, NULL);
	}
	signals_restore(inherited);
}
