/* SPDX-License-Identifier: MIT */
#include "drill/load_state.h"

#include "sys/monoclock.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>

void load_check_done(struct load *load)
{
	if (load->step != LOAD_FINISHING || load->attempts.ended < load->attempts.count)
		return;
	load->step = LOAD_DONE;
	ev_timer_stop(load->loop, &load->finish);
	ev_timer_start(load->loop, &load->done); /* not from within whatever ended the last one */
}

static int init_requests(struct load *load)
{
	const struct load_settings *settings = &load->settings;

	for (unsigned i = 0; i < REQUEST_COUNT; i++) {
		const struct load_request *wanted = i == REQUEST_KEEP_ALIVE ? &settings->keep_alive
						    : i == REQUEST_FRESH    ? &settings->fresh
									 : &settings->in_flight[i];
		struct load_request unpaced = *wanted;
		struct lesson *lesson = &load->lessons[i];

		unpaced.upload_bytes_per_s = unpaced.read_bytes_per_s = 0;
		lesson->taught = &load->requests[i];
		lesson->last_attempt = NO_ATTEMPT;
		lesson->is_needed = wanted->pattern == BODY_SAME &&
				    (wanted->connections > 0 ||
					    (i == REQUEST_FRESH && settings->fresh_per_s > 0));
		if (request_init(&load->requests[i], settings->target, wanted, settings->headers,
			    i == REQUEST_FRESH) < 0 ||
			request_init(&lesson->request, settings->target, &unpaced,
				settings->headers, true) < 0)
			return -ENOMEM;
	}
	return 0;
}

static struct member *new_members(
	struct load *load, unsigned count, enum cohort cohort, const struct request *request)
{
	struct member *members = calloc(count > 0 ? count : 1, sizeof *members);

	for (unsigned i = 0; members != NULL && i < count; i++)
		member_init(&members[i], load, cohort, request);
	return members;
}

/* A's kinds take turns, so that a part of it is a part of each. */
static void share_out_in_flight(struct load *load)
{
	unsigned left[LOAD_MAX_IN_FLIGHT], kind = 0;

	for (unsigned i = 0; i < load->settings.in_flight_kinds; i++)
		left[i] = load->settings.in_flight[i].connections;
	for (unsigned i = 0; i < load->in_flight_count; i++) {
		while (left[kind] == 0)
			kind = (kind + 1) % load->settings.in_flight_kinds;
		left[kind]--;
		load->in_flight[i].request = &load->requests[kind];
		kind = (kind + 1) % load->settings.in_flight_kinds;
	}
}

static int init_members(struct load *load)
{
	const struct load_settings *settings = &load->settings;

	load->in_flight_count = load_count_in_flight(settings);
	load->in_flight = new_members(load, load->in_flight_count, COHORT_IN_FLIGHT, NULL);
	load->keep_alive = new_members(load, settings->keep_alive.connections, COHORT_KEEP_ALIVE,
		&load->requests[REQUEST_KEEP_ALIVE]);
	load->preconnected = new_members(load, settings->preconnected, COHORT_PRECONNECTED, NULL);
	if (load->in_flight == NULL || load->keep_alive == NULL || load->preconnected == NULL)
		return -ENOMEM;
	share_out_in_flight(load);
	return 0;
}

/* The cohorts whose connections stay. */
static void for_each_member(struct load *load, void (*do_it)(struct member *member))
{
	for (unsigned i = 0; i < load->in_flight_count; i++)
		do_it(&load->in_flight[i]);
	for (unsigned i = 0; i < load->settings.keep_alive.connections; i++)
		do_it(&load->keep_alive[i]);
	for (unsigned i = 0; i < load->settings.preconnected; i++)
		do_it(&load->preconnected[i]);
}

static void on_finish(struct ev_loop *loop, ev_timer *watcher, int events);
static void on_done(struct ev_loop *loop, ev_timer *watcher, int events);

int load_new(struct ev_loop *loop, const struct load_settings *settings,
	const struct load_events *events, struct load **ret_load)
{
	struct rlimit limit_before;
	struct load *load;
	int result;

	if (load_count_in_flight(settings) + settings->keep_alive.connections +
				settings->preconnected + settings->fresh.connections ==
			0 &&
		!(settings->fresh_per_s > 0))
		return -EINVAL;
	load = calloc(1, sizeof *load);
	if (load == NULL)
		return -ENOMEM;
	result = load_raise_descriptor_limit(settings, &limit_before);
	if (result < 0) {
		free(load);
		return result;
	}
	load->limit_before = limit_before;
	load->loop = loop;
	load->settings = *settings;
	load->events = *events;
	load->t0_us = load->exit_us = load->fresh_from_us = LOAD_NEVER;
	load->group = (struct client_group){
		.loop = loop,
		.target = settings->target,
		.connect_timeout = settings->connect_timeout,
		.response_timeout = settings->response_timeout,
		.stall_timeout = settings->stall_timeout,
		.on_end = member_on_end,
	};
	ev_timer_init(&load->finish, on_finish, (double)settings->finish_timeout / 1e6, 0.);
	ev_timer_init(&load->done, on_done, 0., 0.);
	load->finish.data = load->done.data = load;
	load_stop_init(load);
	if (init_requests(load) < 0 || init_members(load) < 0) {
		load_free(load);
		return -ENOMEM;
	}
	*ret_load = load;
	return 0;
}

void load_start(struct load *load)
{
	load->step = LOAD_RAMPING;
	load->ready_deadline_us = monoclock_now_us() + load->settings.ready_timeout;
	load_ramp_start(load);
}

void load_stop_was_given(struct load *load, int64_t t0_us)
{
	if (load->step != LOAD_RAMPING)
		return;
	load->step = LOAD_STOPPING;
	load->t0_us = t0_us;
	load_ramp_stop(load);
	load_stop_start(load);
}

void load_finish(struct load *load)
{
	if (load->step >= LOAD_FINISHING)
		return;
	load_ramp_stop(load);
	load_stop_timers_stop(load);
	load->step = LOAD_FINISHING;
	if (load->t0_us == LOAD_NEVER)
		load->t0_us = monoclock_now_us();
	for_each_member(load, member_let_go);
	ev_now_update(load->loop);
	ev_timer_start(load->loop, &load->finish);
	load_check_done(load);
}

static void on_finish(struct ev_loop *loop, ev_timer *watcher, int events)
{
	struct load *load = watcher->data;

	(void)loop;
	(void)events;
	for_each_member(load, member_give_up);
	while (load->others != NULL)
		member_give_up(load->others); /* which frees it */
}

static void on_done(struct ev_loop *loop, ev_timer *watcher, int events)
{
	struct load *load = watcher->data;

	(void)loop;
	(void)events;
	attempt_list_settle(&load->attempts, load->t0_us);
	load->events.on_done(load->events.user);
}

struct load_counts load_count(const struct load *load)
{
	struct load_counts counts = {
		.begun = load->attempts.count,
		.ended = load->attempts.ended,
		.ok = load->attempts.ok,
		.open_connections = load->group.open_connections,
		.client_errors = load->client_errors,
		.last_client_error = load->last_client_error,
	};

	for (unsigned i = 0; i < load->in_flight_count; i++)
		counts.in_flight +=
			load->in_flight[i].is_in_server && load->in_flight[i].attempt != NO_ATTEMPT;
	return counts;
}

struct attempt *load_attempts(struct load *load, size_t *ret_count)
{
	*ret_count = load->attempts.count;
	return load->attempts.attempts;
}

static void close_member(struct member *member)
{
	client_close(&member->client);
}

void load_free(struct load *load)
{
	if (load == NULL)
		return;
	load_ramp_stop(load);
	load_stop_timers_stop(load);
	ev_timer_stop(load->loop, &load->finish);
	ev_timer_stop(load->loop, &load->done);
	if (load->in_flight != NULL && load->keep_alive != NULL && load->preconnected != NULL)
		for_each_member(load, close_member);
	while (load->others != NULL)
		member_free(load->others);
	for (unsigned i = 0; i < REQUEST_COUNT; i++) {
		request_done(&load->requests[i]);
		request_done(&load->lessons[i].request);
		free(load->lessons[i].answer.bytes);
	}
	attempt_list_done(&load->attempts);
	(void)setrlimit(RLIMIT_NOFILE, &load->limit_before); /* lowering is always allowed */
	free(load->in_flight);
	free(load->keep_alive);
	free(load->preconnected);
	free(load);
}
