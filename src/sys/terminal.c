/* SPDX-License-Identifier: MIT */
#include "sys/terminal.h"

#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

bool terminal_controls_us(void)
{
	return tcgetpgrp(STDIN_FILENO) >= 0;
}

bool terminal_hand_over(pid_t from_group, pid_t to_group)
{
	return tcgetpgrp(STDIN_FILENO) == from_group && tcsetpgrp(STDIN_FILENO, to_group) == 0;
}

static void take_off(int signal)
{
	const struct timespec at_once = {0};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal);
	(void)sigtimedwait(&set, NULL, &at_once);
}

void terminal_leave(void)
{
	sigset_t waiting;

	if (getsid(0) != getpid() || sigpending(&waiting) < 0 || ioctl(STDIN_FILENO, TIOCNOTTY) < 0)
		return;
	if (sigismember(&waiting, SIGHUP) == 0)
		take_off(SIGHUP);
	if (sigismember(&waiting, SIGCONT) == 0)
		take_off(SIGCONT);
}

void terminal_acquire(void)
{
	(void)ioctl(STDIN_FILENO, TIOCSCTTY, 0);
}

void terminal_stop_job(void)
{
	sigset_t stop, before;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	(void)kill(0, SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stop, &before); /* here we stop */
	sigprocmask(SIG_SETMASK, &before, NULL);
}
