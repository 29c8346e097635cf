/* SPDX-License-Identifier: MIT */
#include "sys/terminal.h"

#include "sys/fd.h"
#include "sys/signals.h"

#include <stddef.h>
#include <sys/ioctl.h>

/* Also where all standard descriptors lead elsewhere; a container may lack the file, though. */
static int open_terminal(void)
{
	int fd = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);

	return fd >= 0 ? fd : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
}

pid_t terminal_foreground_group(void)
{
	fd_cleanup int fd = open_terminal();

	return tcgetpgrp(fd);
}

bool terminal_is_read_by(pid_t group)
{
	return tcgetpgrp(STDIN_FILENO) == group;
}

bool terminal_hand_over(pid_t from_group, pid_t to_group)
{
	fd_cleanup int fd = open_terminal();

	return tcgetpgrp(fd) == from_group && tcsetpgrp(fd, to_group) == 0;
}

void terminal_leave(void)
{
	sigset_t waiting;

	if (getsid(0) != getpid() || sigpending(&waiting) < 0 || ioctl(STDIN_FILENO, TIOCNOTTY) < 0)
		return;
	if (sigismember(&waiting, SIGHUP) == 0)
		signals_discard(SIGHUP);
	if (sigismember(&waiting, SIGCONT) == 0)
		signals_discard(SIGCONT);
}

void terminal_acquire(void)
{
	(void)ioctl(STDIN_FILENO, TIOCSCTTY, 0);
}

void terminal_stop_job(void)
{
	sigset_t stop;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	(void)kill(0, SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stop, NULL); /* here we stop */
	sigprocmask(SIG_BLOCK, &stop,
		NULL); /* a whole mask would lack what the libc keeps for itself */
}
