/* SPDX-License-Identifier: MIT */
/* From the stop on: B asks at its offsets, E all at once, and C at its rate until the target has been gone
 * for a while. C is here although it begins before. */
#include "drill/load_state.h"

#include "sys/monoclock.h"

static void start_at(struct load *load, ev_timer *timer, int64_t at_us)
{
	int64_t left = at_us - monoclock_now_us();

	ev_now_update(load->loop);
	ev_timer_set(timer, left > 0 ? (double)left / 1e6 : 0., 0.);
	ev_timer_start(load->loop, timer);
}

/* An attempt starts when it is due, however late we are: else a server that keeps us busy would look the
 * better for it. */
static void on_fresh(struct ev_loop *loop, ev_timer *watcher, int events)
{
	struct load *load = watcher->data;
	int64_t now = monoclock_now_us(), due;

	(void)loop;
	(void)events;
	for (;;) {
		struct member *member;

		due = load->fresh_from_us +
		      (int64_t)((double)load->fresh_begun * 1e6 / load->settings.fresh_per_s);
		if (due > now)
			break;
		load->fresh_begun++;
		member = member_new(load, COHORT_NEW, &load->requests[REQUEST_FRESH]);
		if (member != NULL)
			member_ask(member, due);
	}
	start_at(load, watcher, due);
}

void load_fresh_start(struct load *load, int64_t now_us)
{
	if (load->fresh_from_us != LOAD_NEVER || !(load->settings.fresh_per_s > 0))
		return;
	load->fresh_from_us = now_us;
	start_at(load, &load->fresh, now_us);
}

static void on_burst(struct ev_loop *loop, ev_timer *watcher, int events)
{
	struct load *load = watcher->data;

	(void)loop;
	(void)events;
	for (unsigned i = 0; i < load->settings.fresh.connections; i++) {
		struct member *member =
			member_new(load, COHORT_ACCEPT_QUEUE, &load->requests[REQUEST_FRESH]);

		if (member != NULL)
			member_ask(member, load->t0_us);
	}
}

/* A connection that the server closed before its request was due is replaced, as any client does that has
 * seen its end: nothing was sent on it, and so it is no retry. */
static void on_offset(struct ev_loop *loop, ev_timer *watcher, int events)
{
	struct load *load = watcher->data;
	const struct load_settings *settings = &load->settings;
	unsigned index = 0;

	(void)loop;
	(void)events;
	while (&load->offsets[index].timer != watcher)
		index++;
	for (unsigned i = index; i < settings->keep_alive.connections;
		i += settings->keep_alive_offset_count) {
		struct member *member = &load->keep_alive[i];
		int64_t due = load->t0_us + settings->keep_alive_offsets[index];

		if (member->attempt == NO_ATTEMPT)
			member_ask(member, due);
		else
			member->waiting_due_us = due; /* the stop came while it was being opened */
	}
}

void load_stop_member_ended(struct member *member)
{
	int64_t due = member->waiting_due_us;

	member->waiting_due_us = LOAD_NEVER;
	if (due != LOAD_NEVER)
		member_ask(member, due);
}

static void on_after_exit(struct ev_loop *loop, ev_timer *watcher, int events)
{
	(void)loop;
	(void)events;
	load_finish(watcher->data);
}

void load_stop_init(struct load *load)
{
	ev_init(&load->fresh, on_fresh);
	ev_init(&load->burst, on_burst);
	ev_init(&load->after_exit, on_after_exit);
	load->fresh.data = load->burst.data = load->after_exit.data = load;
	for (unsigned i = 0; i < LOAD_MAX_OFFSETS; i++) {
		ev_init(&load->offsets[i].timer, on_offset);
		load->offsets[i].timer.data = load;
	}
}

void load_stop_start(struct load *load)
{
	start_at(load, &load->burst, load->t0_us);
	for (unsigned i = 0; i < load->settings.keep_alive_offset_count; i++)
		start_at(load, &load->offsets[i].timer,
			load->t0_us + load->settings.keep_alive_offsets[i]);
}

void load_target_exited(struct load *load, int64_t at_us)
{
	if (load->exit_us != LOAD_NEVER || load->step >= LOAD_FINISHING)
		return;
	load->exit_us = at_us;
	start_at(load, &load->after_exit, at_us + load->settings.fresh_after_exit);
}

void load_stop_timers_stop(struct load *load)
{
	ev_timer_stop(load->loop, &load->fresh);
	ev_timer_stop(load->loop, &load->burst);
	ev_timer_stop(load->loop, &load->after_exit);
	for (unsigned i = 0; i < LOAD_MAX_OFFSETS; i++)
		ev_timer_stop(load->loop, &load->offsets[i].timer);
}
