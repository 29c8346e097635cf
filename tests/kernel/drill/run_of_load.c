/* SPDX-License-Identifier: MIT */
#include "run_of_load.h"

#include "sys/monoclock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

static void on_ready(void *user)
{
	struct run_of_load *run = user;
	int64_t t0 = monoclock_now_us();

	load_stop_was_given(run->load, t0);
	if (run->when_stopped != NULL)
		run->when_stopped(run);
	load_target_exited(run->load, t0 + EXIT_AFTER);
}

static void on_unready(void *user, const char *reason)
{
	struct run_of_load *run = user;

	run->unready = reason;
	load_finish(run->load);
}

static void on_done(void *user)
{
	struct run_of_load *run = user;

	run->attempts = load_attempts(run->load, &run->count);
	ev_break(run->loop, EVBREAK_ALL);
}

void run_open(struct run_of_load *run, const char *scheme, const char *host, uint16_t port)
{
	enum target_stage stage;
	char url[128];

	*run = (struct run_of_load){.loop = ev_loop_new(EVFLAG_AUTO), .listener = -1};
	snprintf(url, sizeof url, "%s://%s:%u/", scheme, host, port);
	assert_int_equal(
		target_open(&run->target, url, &(struct target_way){.allow_remote = true}, &stage),
		0);
	load_settings_init(&run->settings, &run->target);
	run->settings.connect_timeout_us = run->settings.response_timeout_us =
		run->settings.stall_timeout_us = run->settings.finish_timeout_us =
			run->settings.ready_timeout_us = LIMIT;
	run->settings.fresh_after_exit_us = EXIT_AFTER;
	run->settings.fresh.pattern = run->settings.keep_alive.pattern = BODY_NUMBERED;
	run->settings.keep_alive_offset_count = 3;
	run->settings.keep_alive_offsets_us[1] = 1 * MS;
	run->settings.keep_alive_offsets_us[2] = 10 * MS;
}

void run_to_its_end(struct run_of_load *run)
{
	const struct load_events events = {on_ready, on_unready, on_done, run};

	assert_int_equal(load_new(run->loop, &run->settings, &events, &run->load), 0);
	load_start(run->load);
	ev_run(run->loop, 0);
}

void run_well(struct run_of_load *run)
{
	run_to_its_end(run);
	if (run->unready != NULL)
		fail_msg("not ready: %s", run->unready);
}

void run_check(const struct run_of_load *run, enum cohort cohort, enum outcome outcome,
	size_t count, int64_t at_least_us)
{
	size_t found = 0;

	for (size_t i = 0; i < run->count; i++) {
		const struct attempt *attempt = &run->attempts[i];

		if (attempt->cohort != cohort || attempt->end < 0)
			continue;
		found++;
		if (attempt->outcome != outcome)
			fail_msg("attempt %zu is %s, not %s", i, outcome_name(attempt->outcome),
				outcome_name(outcome));
		assert_true(attempt->start <= attempt->end);
		assert_true(attempt->end - attempt->start >= at_least_us);
		assert_true(
			attempt->end - attempt->start < LIMIT); /* that is another limit's end */
		assert_true(attempt->first_byte == DRILL_NEVER ||
			    (attempt->start <= attempt->first_byte &&
				    attempt->first_byte <= attempt->end));
	}
	assert_int_equal(found, count);
}

void run_close(struct run_of_load *run)
{
	load_free(run->load);
	target_close(&run->target);
	if (run->listener >= 0)
		close(run->listener);
	ev_loop_destroy(run->loop);
}
