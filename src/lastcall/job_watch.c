/* SPDX-License-Identifier: MIT */
#include "lastcall/job_watch.h"

#include "sys/child.h"
#include "sys/fd.h"
#include "sys/pidfd.h"
#include "sys/process_stat.h"

#include <errno.h>
#include <signal.h>

_Static_assert(JOBS_NAME_BYTES == PROCESS_STAT_NAME_BYTES, "a name has another size");

static bool has_ended(int pidfd, pid_t pid)
{
	if (pidfd >= 0)
		return pidfd_has_ended(pidfd);
	return child_signal(pid, 0) ==
	       -ESRCH; /* a kernel without pidfds: a zombie is still there */
}

static void describe(struct job_sender *sender)
{
	fd_cleanup int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);

	sender->pidfd = pidfd_open_process(sender->pid);
	if (proc < 0 || process_stat_name(proc, sender->pid, sender->name) < 0)
		sender->name[0] = '\0';
}

static enum job_end end_of(const struct job_sender *sender, bool are_killed)
{
	int status;

	if (sender->pidfd >= 0 && pidfd_exit_status(sender->pidfd, &status) == 0)
		return status == 0 ? JOB_FINISHED : JOB_CUT;
	return are_killed ? JOB_CUT : JOB_UNKNOWN;
}

static void end_sender(struct jobs *jobs, size_t index, enum job_end end, msec_t now)
{
	int pidfd = jobs->senders[index].pidfd;

	jobs_end_sender(jobs, index, end, now);
	(void)fd_close(pidfd);
}

/* The kernel may have given the pid of a sender that has ended to another process, which lives. A sender that says its
 * last word and ends is still the same one. */
static bool is_namesake(const struct job_sender *sender, pid_t pid)
{
	fd_cleanup int pidfd = -1;

	if (sender->pid != pid || !has_ended(sender->pidfd, pid))
		return false;
	pidfd = pidfd_open_process(pid);
	return pidfd >= 0 && !has_ended(pidfd, pid);
}

static void end_namesake(struct jobs *jobs, pid_t pid, msec_t now)
{
	for (size_t i = jobs->sender_count; i-- > 0;) {
		const struct job_sender *sender = &jobs->senders[i];

		if (is_namesake(sender, pid))
			end_sender(jobs, i, end_of(sender, false), now);
	}
}

bool job_watch_declare(struct jobs *jobs, pid_t pid, unsigned busy, msec_t now)
{
	struct job_sender *sender;
	bool has_room;
	int pidfd;

	if (busy > 0 && child_signal(pid, 0) == -ESRCH)
		return true; /* gone already, and its jobs with it */
	if (jobs->sender_count == JOBS_MAX_SENDERS)
		job_watch_refresh(jobs, false, now);
	end_namesake(jobs, pid, now);
	sender = jobs_set(jobs, pid, busy, now, &pidfd);
	has_room = busy == 0 || sender != NULL;
	(void)fd_close(pidfd);
	if (sender != NULL && sender->pidfd < 0 && sender->name[0] == '\0')
		describe(sender);
	return has_room;
}

/* From the last on, for the last takes the place of one that is taken out. */
void job_watch_refresh(struct jobs *jobs, bool are_killed, msec_t now)
{
	for (size_t i = jobs->sender_count; i-- > 0;) {
		const struct job_sender *sender = &jobs->senders[i];

		if (has_ended(sender->pidfd, sender->pid))
			end_sender(jobs, i, end_of(sender, are_killed), now);
	}
}

void job_watch_finish(struct jobs *jobs, msec_t now)
{
	job_watch_refresh(jobs, true, now);
	while (jobs->sender_count > 0)
		end_sender(jobs, jobs->sender_count - 1, JOB_CUT, now);
}
