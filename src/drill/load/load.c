/* SPDX-License-Identifier: MIT */
#include "drill/load/load.h"

#include "drill/load/load_cohorts.h"
#include "drill/load/load_ramp.h"
#include "drill/load/load_timer.h"
#include "sys/monoclock.h"

#include <errno.h>
#include <stdlib.h>

enum load_step { LOAD_NEW, LOAD_RAMPING, LOAD_STOPPING, LOAD_FINISHING, LOAD_DONE };

struct load {
	struct load_conns conns; /* first: on_attempt_end finds the load by it */
	struct ev_loop *loop;
	struct load_settings settings;
	struct load_events events;
	struct rlimit
		limit_before; /* of descriptors: what the processes that the drill starts are to have */
	enum load_step step;
	struct load_cohorts cohorts;
	struct load_ramp ramp;
	int64_t exit_us;
	int64_t linger_us; /* how long a load that goes on does so after the exit */
	regex_t expect_body;
	bool has_expect_body;
	ev_timer after_exit, finish, done;
	struct {
		ev_timer timer;
		unsigned index;
	} offsets[LOAD_MAX_OFFSETS];
};

static void check_done(struct load *load)
{
	const struct attempt_list *attempts = &load->conns.attempts;

	if (load->step != LOAD_FINISHING || attempts->ended < attempts->count)
		return;
	load->step = LOAD_DONE;
	ev_timer_stop(load->loop, &load->finish);
	ev_timer_start(load->loop, &load->done); /* not from within what ended the last attempt */
}

static void on_attempt_end(struct load_conns *conns)
{
	check_done((struct load *)conns);
}

static void on_after_exit(struct ev_loop *loop, ev_timer *watcher, int events)
{
	(void)events;
	if (load_timer_lets_others_first(loop, watcher, 0)) /* late ones have a round more */
		return;
	load_finish(watcher->data);
}

static void on_finish(struct ev_loop *loop, ev_timer *watcher, int events)
{
	struct load *load = watcher->data;

	(void)loop;
	(void)events;
	load_cohorts_give_up(&load->cohorts);
	load_conns_give_up_passing(&load->conns);
}

static void on_done(struct ev_loop *loop, ev_timer *watcher, int events)
{
	struct load *load = watcher->data;

	(void)loop;
	(void)events;
	attempt_list_settle(&load->conns.attempts, load->conns.t0_us);
	load->events.on_done(load->events.user);
}

static void on_offset(struct ev_loop *loop, ev_timer *watcher, int events)
{
	struct load *load = watcher->data;
	const struct load_settings *settings = &load->settings;
	unsigned index = 0;
	int64_t due_us;

	(void)events;
	while (&load->offsets[index].timer != watcher)
		index++;
	due_us = load->conns.t0_us + settings->keep_alive_offsets_us[index];
	if (load_timer_lets_others_first(loop, watcher, due_us))
		return;
	standing_ask(&load->cohorts.keep_alive, index, settings->keep_alive_offset_count, due_us);
}

static void init_timers(struct load *load)
{
	ev_init(&load->after_exit, on_after_exit);
	ev_init(&load->finish, on_finish);
	ev_timer_init(&load->done, on_done, 0., 0.);
	load->after_exit.data = load->finish.data = load->done.data = load;
	for (unsigned i = 0; i < LOAD_MAX_OFFSETS; i++) {
		ev_init(&load->offsets[i].timer, on_offset);
		load->offsets[i].timer.data = load;
	}
}

static void init_conns(struct load *load)
{
	load_conns_init(&load->conns);
	load->conns.on_attempt_end = on_attempt_end;
	load->has_expect_body = load->settings.expect_body != NULL &&
				regcomp(&load->expect_body, load->settings.expect_body,
					REG_EXTENDED | REG_NOSUB) == 0;
	load->conns.expect_body = load->has_expect_body ? &load->expect_body : NULL;
	load->conns.group.loop = load->loop;
	load->conns.group.target = load->settings.target;
	load->conns.group.connect_timeout_us = load->settings.connect_timeout_us;
	load->conns.group.response_timeout_us = load->settings.response_timeout_us;
	load->conns.group.stall_timeout_us = load->settings.stall_timeout_us;
}

int load_new(struct ev_loop *loop, const struct load_settings *settings,
	const struct load_events *events, struct load **ret_load)
{
	struct rlimit limit_before;
	struct load *load;
	int result;

	if (load_settings_are_empty(settings))
		return -EINVAL;
	load = calloc(1, sizeof *load);
	if (load == NULL)
		return -ENOMEM;
	result = load_settings_raise_descriptor_limit(settings, &limit_before);
	if (result < 0) {
		free(load);
		return result;
	}
	load->limit_before = limit_before;
	load->loop = loop;
	load->settings = *settings;
	load->events = *events;
	load->exit_us = INT64_MAX;
	init_conns(load);
	init_timers(load);
	if (load_cohorts_init(&load->cohorts, &load->conns, &load->settings) < 0) {
		load_free(load);
		return -ENOMEM;
	}
	load->ramp = (struct load_ramp){
		.cohorts = &load->cohorts,
		.conns = &load->conns,
		.settle_us = settings->settle_us,
		.on_ready = events->on_ready,
		.on_unready = events->on_unready,
		.user = events->user,
	};
	*ret_load = load;
	return 0;
}

void load_start(struct load *load)
{
	load->step = LOAD_RAMPING;
	load_ramp_start(
		&load->ramp, load->loop, monoclock_now_us() + load->settings.ready_timeout_us);
}

void load_stop_was_given(struct load *load, int64_t t0_us)
{
	if (load->step != LOAD_RAMPING)
		return;
	load->step = LOAD_STOPPING;
	load->conns.t0_us = t0_us;
	load_ramp_stop(&load->ramp, load->loop);
	in_flight_stop(&load->cohorts.in_flight);
	standing_stop(&load->cohorts.keep_alive);
	standing_stop(&load->cohorts.preconnected);
	arrivals_burst(&load->cohorts.arrivals, t0_us);
	for (unsigned i = 0; i < load->settings.keep_alive_offset_count; i++)
		load_timer_start(load->loop, &load->offsets[i].timer,
			t0_us + load->settings.keep_alive_offsets_us[i]);
}

static void stop_sending(struct load *load)
{
	arrivals_stop(&load->cohorts.arrivals);
	for (unsigned i = 0; i < LOAD_MAX_OFFSETS; i++)
		ev_timer_stop(load->loop, &load->offsets[i].timer);
}

void load_target_exited(struct load *load, int64_t at_us)
{
	int64_t after_us = load->settings.fresh_after_exit_us, longest_us;

	if (load->exit_us != INT64_MAX || load->step >= LOAD_FINISHING)
		return;
	load->exit_us = at_us;
	if (load->settings.goes_on) {
		longest_us = attempt_list_longest_us(&load->conns.attempts);
		if (longest_us > after_us)
			after_us = longest_us;
		load->linger_us = after_us;
	}
	if (after_us == 0)
		stop_sending(load); /* what a late drill has not sent yet no server would have */
	load_timer_start(load->loop, &load->after_exit, at_us + after_us);
}

static void stop_timers(struct load *load)
{
	load_ramp_stop(&load->ramp, load->loop);
	stop_sending(load);
	ev_timer_stop(load->loop, &load->after_exit);
}

void load_finish(struct load *load)
{
	if (load->step >= LOAD_FINISHING)
		return;
	stop_timers(load);
	load->step = LOAD_FINISHING;
	if (load->conns.t0_us == INT64_MAX)
		load->conns.t0_us = monoclock_now_us();
	load_cohorts_release(&load->cohorts);
	load_timer_start(load->loop, &load->finish,
		monoclock_now_us() + load->settings.finish_timeout_us + load->linger_us);
	check_done(load);
}

int64_t load_linger_us(const struct load *load)
{
	return load->linger_us;
}

struct load_counts load_count(const struct load *load)
{
	const struct load_conns *conns = &load->conns;

	return (struct load_counts){
		.begun = conns->attempts.count,
		.ended = conns->attempts.ended,
		.ok = conns->attempts.ok,
		.open_connections = conns->group.open_connections,
		.in_flight = in_flight_in_server(&load->cohorts.in_flight),
		.client_errors = conns->client_errors,
		.last_client_error = conns->last_client_error,
	};
}

struct attempt *load_attempts(struct load *load, size_t *ret_count)
{
	*ret_count = load->conns.attempts.count;
	return load->conns.attempts.attempts;
}

void load_free(struct load *load)
{
	if (load == NULL)
		return;
	stop_timers(load);
	ev_timer_stop(load->loop, &load->finish);
	ev_timer_stop(load->loop, &load->done);
	load_cohorts_done(&load->cohorts);
	load_conns_done(&load->conns);
	if (load->has_expect_body)
		regfree(&load->expect_body);
	(void)setrlimit(RLIMIT_NOFILE, &load->limit_before); /* lowering is always allowed */
	free(load);
}
