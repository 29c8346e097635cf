/* SPDX-License-Identifier: MIT */
#include "core/text/exit_status.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

struct app_end app_end_from_wait(int wait_status)
{
	if (WIFSIGNALED(wait_status))
		return (struct app_end){true, -1, WTERMSIG(wait_status)};
	return (struct app_end){true, WEXITSTATUS(wait_status), 0};
}

int exit_status_from_app(struct app_end end)
{
	if (!end.ended)
		return EXIT_STATUS_SIGNALLED + SIGKILL;
	return end.signal > 0 ? EXIT_STATUS_SIGNALLED + end.signal : end.exit_code;
}

int exit_status_from_exec(int error)
{
	return error == ENOENT || error == ENOTDIR ? EXIT_STATUS_NOT_FOUND
						   : EXIT_STATUS_NOT_EXECUTABLE;
}
