/* SPDX-License-Identifier: MIT */
#include "core/report/jobs.h"

#include <string.h>

static const char end_names[][sizeof "finished"] = {
	[JOB_FINISHED] = "finished",
	[JOB_CUT] = "cut",
	[JOB_UNKNOWN] = "unknown",
};
_Static_assert(sizeof end_names / sizeof *end_names == JOB_END_COUNT, "an end has no name");

const char *job_end_name(enum job_end end)
{
	return end_names[end];
}

void jobs_init(struct jobs *jobs)
{
	jobs->stopped_at = MSEC_NEVER;
}

static struct job_sender *find(struct jobs *jobs, int pid)
{
	for (size_t i = 0; i < jobs->sender_count; i++) {
		if (jobs->senders[i].pid == pid)
			return &jobs->senders[i];
	}
	return NULL;
}

static bool is_stopping(const struct jobs *jobs)
{
	return jobs->stopped_at != MSEC_NEVER;
}

/* Keeps the longest ones. */
static void add_holder(struct jobs *jobs, const struct job_holder *holder)
{
	size_t at = jobs->holder_count;

	while (at > 0 && jobs->holders[at - 1].held_ms < holder->held_ms)
		at--;
	if (jobs->holder_count == JOBS_MAX_HOLDERS) {
		jobs->more_holders++;
		if (at == JOBS_MAX_HOLDERS)
			return;
		jobs->holder_count--;
	}
	memmove(&jobs->holders[at + 1], &jobs->holders[at],
		(jobs->holder_count - at) * sizeof *holder);
	jobs->holders[at] = *holder;
	jobs->holder_count++;
}

static void note_held(
	struct jobs *jobs, const struct job_sender *sender, enum job_end end, msec_t now)
{
	struct job_holder holder = {.pid = sender->pid,
		.busy = sender->held_busy,
		.held_ms = now - msec_max(sender->busy_since, jobs->stopped_at),
		.end = end};

	memcpy(holder.name, sender->name, sizeof holder.name);
	add_holder(jobs, &holder);
}

static void remove_sender(struct jobs *jobs, struct job_sender *sender)
{
	*sender = jobs->senders[--jobs->sender_count];
}

static struct job_sender *add_sender(struct jobs *jobs, int pid, msec_t now)
{
	struct job_sender *sender;

	if (jobs->sender_count == JOBS_MAX_SENDERS) {
		jobs->untracked++;
		return NULL;
	}
	sender = &jobs->senders[jobs->sender_count++];
	*sender = (struct job_sender){.pid = pid, .pidfd = -1, .busy_since = now};
	return sender;
}

/* What a smaller number says: so many jobs were finished. */
static void change(struct jobs *jobs, struct job_sender *sender, unsigned busy)
{
	if (is_stopping(jobs) && busy < sender->busy)
		jobs->ended[JOB_FINISHED] += sender->busy - busy;
	jobs->busy = jobs->busy - sender->busy + busy;
	sender->busy = busy;
	if (busy > sender->held_busy)
		sender->held_busy = busy;
	if (jobs->busy > jobs->peak)
		jobs->peak = jobs->busy;
}

struct job_sender *jobs_set(struct jobs *jobs, int pid, unsigned busy, msec_t now, int *ret_pidfd)
{
	struct job_sender *sender = find(jobs, pid);

	*ret_pidfd = -1;
	if (sender == NULL && busy > 0)
		sender = add_sender(jobs, pid, now);
	if (sender == NULL)
		return NULL;
	change(jobs, sender, busy);
	if (busy > 0)
		return sender;
	if (is_stopping(jobs))
		note_held(jobs, sender, JOB_FINISHED, now);
	*ret_pidfd = sender->pidfd;
	remove_sender(jobs, sender);
	return NULL;
}

void jobs_end_sender(struct jobs *jobs, size_t index, enum job_end end, msec_t now)
{
	struct job_sender *sender = &jobs->senders[index];

	jobs->busy -= sender->busy;
	if (is_stopping(jobs)) {
		jobs->ended[end] += sender->busy;
		note_held(jobs, sender, end, now);
	}
	remove_sender(jobs, sender);
}

void jobs_begin_stop(struct jobs *jobs, msec_t now)
{
	jobs->stopped_at = now;
	jobs->at_stop = jobs->peak = jobs->busy;
	for (size_t i = 0; i < jobs->sender_count; i++)
		jobs->senders[i].held_busy = jobs->senders[i].busy;
}

msec_t jobs_oldest_since(const struct jobs *jobs)
{
	msec_t oldest = MSEC_NEVER;

	for (size_t i = 0; i < jobs->sender_count; i++)
		oldest = msec_min(oldest, jobs->senders[i].busy_since);
	return oldest;
}
