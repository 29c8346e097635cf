/* SPDX-License-Identifier: MIT */
/* What an emulator can do, asked by a program of the processor that it emulates: the answer is the
 * emulator's, and nothing that lastcall makes of it.
 *
 * usage: can start		nothing more
 *	  can sock_diag		exit status 0: it can; 1: it cannot
 *	  can subreaper		the same
 *	  can pwritev2		the same
 *	  can signals		writes a byte when all are blocked, then the number of each that comes
 *	  can exec PROGRAM ARG	becomes that program of this machine
 */
#include <errno.h>
#include <linux/netlink.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int read_signals(void)
{
	struct signalfd_siginfo info;
	sigset_t all;
	int fd;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	fd = signalfd(-1, &all, SFD_CLOEXEC);
	if (fd < 0 || write(STDOUT_FILENO, "", 1) != 1)
		return 1;
	while (read(fd, &info, sizeof info) == sizeof info) {
		unsigned char number = (unsigned char)info.ssi_signo;

		if (write(STDOUT_FILENO, &number, 1) != 1)
			break;
	}
	return 1;
}

int main(int argc, char **argv)
{
	const char *what = argc >= 2 ? argv[1] : "";

	if (strcmp(what, "start") == 0)
		return 0;
	if (strcmp(what, "sock_diag") == 0)
		return socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG) < 0;
	if (strcmp(what, "subreaper") == 0)
		return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0;
	if (strcmp(what, "pwritev2") == 0)
		return syscall(SYS_pwritev2, -1, NULL, 0, 0, 0, 0) < 0 && errno == ENOSYS;
	if (strcmp(what, "signals") == 0)
		return read_signals();
	if (strcmp(what, "exec") == 0)
		return execv(argv[2], argv + 2);
	return 2;
}
