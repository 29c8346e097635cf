/* SPDX-License-Identifier: MIT */
#include "core/http/app_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define PATIENCE 4000

/* What is known, and what must follow from it in each mode. */
static const struct row {
	const char *what;
	struct app_evidence evidence;
	enum app_state listen, tcp, http, none;
} rows[] = {
	{"does not run", {.visible = true, .listens = true, .was_healthy = true}, APP_STARTING,
		APP_STARTING, APP_STARTING, APP_STARTING},
	{"just runs", {.runs = true, .visible = true}, APP_STARTING, APP_STARTING, APP_STARTING,
		APP_SERVING},
	{"cannot be seen", {.runs = true}, APP_SERVING, APP_STARTING, APP_STARTING, APP_SERVING},
	{"listens", {.runs = true, .visible = true, .listens = true}, APP_SERVING, APP_STARTING,
		APP_STARTING, APP_SERVING},
	{"listens, and fails each check",
		{.runs = true, .visible = true, .listens = true, .failures = 99}, APP_SERVING,
		APP_STARTING, APP_STARTING, APP_SERVING},
	{"is well", {.runs = true, .visible = true, .listens = true, .was_healthy = true},
		APP_SERVING, APP_SERVING, APP_SERVING, APP_SERVING},
	{"is well, cannot be seen", {.runs = true, .was_healthy = true}, APP_SERVING, APP_SERVING,
		APP_SERVING, APP_SERVING},
	{"has failed once",
		{.runs = true,
			.visible = true,
			.listens = true,
			.was_healthy = true,
			.failures = 1},
		APP_SERVING, APP_SERVING, APP_SERVING, APP_SERVING},
	{"has failed twice",
		{.runs = true,
			.visible = true,
			.listens = true,
			.was_healthy = true,
			.failures = 2},
		APP_SERVING, APP_STUCK, APP_STUCK, APP_SERVING},
	{"accepts slowly",
		{.runs = true,
			.visible = true,
			.listens = true,
			.was_healthy = true,
			.queue_stalled_for = PATIENCE - 1},
		APP_SERVING, APP_SERVING, APP_SERVING, APP_SERVING},
	{"does not accept",
		{.runs = true,
			.visible = true,
			.listens = true,
			.was_healthy = true,
			.queue_stalled_for = PATIENCE},
		APP_STUCK, APP_STUCK, APP_SERVING, APP_SERVING},
	{"does not listen any more", {.runs = true, .visible = true, .was_healthy = true},
		APP_STARTING, APP_SERVING, APP_SERVING, APP_SERVING},
	{"does not listen, and says that it is ready",
		{.runs = true, .visible = true, .said_ready = true}, APP_SERVING, APP_STARTING,
		APP_STARTING, APP_SERVING},
	{"has said that it is ready, and does not listen any more",
		{.runs = true, .visible = true, .has_listened = true, .said_ready = true},
		APP_STARTING, APP_STARTING, APP_STARTING, APP_SERVING},
	{"is well, and its watchdog is silent",
		{.runs = true,
			.visible = true,
			.listens = true,
			.was_healthy = true,
			.watchdog_silent_for = 1},
		APP_STUCK, APP_STUCK, APP_STUCK, APP_STUCK},
	{"just runs, and its watchdog is silent",
		{.runs = true, .visible = true, .watchdog_silent_for = 1}, APP_STARTING,
		APP_STARTING, APP_STARTING, APP_STUCK},
};

static struct app_state_settings settings_of(enum app_check_kind kind)
{
	return (struct app_state_settings){.kind = kind, .patience = PATIENCE, .failures = 2};
}

static void expect(const struct row *row, enum app_check_kind kind, enum app_state wanted)
{
	const struct app_state_settings settings = settings_of(kind);
	enum app_state state = app_state_judge(&settings, &row->evidence);

	if (state != wanted)
		fail_msg("it %s, kind %d: state %d, expected %d", row->what, (int)kind, (int)state,
			(int)wanted);
}

static void evidence_decides_the_state(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		expect(&rows[i], APP_CHECK_LISTEN, rows[i].listen);
		expect(&rows[i], APP_CHECK_TCP, rows[i].tcp);
		expect(&rows[i], APP_CHECK_HTTP, rows[i].http);
		expect(&rows[i], APP_CHECK_NONE, rows[i].none);
	}
}

static void awaited_ready_message_is_needed_in_each_mode(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		for (int kind = APP_CHECK_LISTEN; kind <= APP_CHECK_NONE; kind++) {
			struct app_state_settings settings = settings_of((enum app_check_kind)kind);
			struct app_evidence evidence = rows[i].evidence;
			enum app_state without = app_state_judge(&settings, &evidence);

			settings.awaits_ready = true;
			if (!evidence.said_ready)
				assert_int_equal(
					app_state_judge(&settings, &evidence), APP_STARTING);
			else
				assert_int_equal(app_state_judge(&settings, &evidence), without);
		}
	}
}

static void silent_watchdog_and_awaited_message_are_reasons(void **state)
{
	struct app_state_settings settings = settings_of(APP_CHECK_LISTEN);
	struct app_evidence evidence = {.runs = true, .visible = true, .listens = true};
	struct app_status status;

	(void)state;
	settings.awaits_ready = true;
	app_status_init(&status, 0);
	(void)app_status_update(&status, &settings, &evidence, NULL, 1);
	assert_string_equal(status.reason, "it has not sent READY=1");
	evidence.said_ready = true;
	evidence.watchdog_silent_for = 1500;
	(void)app_status_update(&status, &settings, &evidence, NULL, 2);
	assert_int_equal(status.state, APP_STUCK);
	assert_string_equal(status.reason, "its watchdog is silent, 1.5s late");
	evidence.queue_stalled_for = PATIENCE;
	(void)app_status_update(&status, &settings, &evidence, NULL, 3);
	assert_string_equal(status.reason, "no connection accepted for 4s");
}

static void every_state_but_serving_has_its_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		for (int kind = APP_CHECK_LISTEN; kind <= APP_CHECK_NONE; kind++) {
			const struct app_state_settings settings =
				settings_of((enum app_check_kind)kind);
			struct app_status status;

			app_status_init(&status, 0);
			(void)app_status_update(
				&status, &settings, &rows[i].evidence, "refused", 1);
			assert_int_equal(status.reason[0] == '\0', status.state == APP_SERVING);
		}
	}
}

static void a_state_knows_since_when_it_is(void **state)
{
	const struct app_state_settings settings = settings_of(APP_CHECK_LISTEN);
	struct app_evidence evidence = {.runs = true, .visible = true};
	struct app_status status;

	(void)state;
	app_status_init(&status, 1000);
	assert_false(app_status_update(&status, &settings, &evidence, NULL, 1500));
	assert_int_equal(status.since, 1000);
	assert_false(status.was_ready);
	assert_string_equal(status.reason, "it does not listen");

	evidence.listens = true;
	assert_true(app_status_update(&status, &settings, &evidence, NULL, 2000));
	assert_false(app_status_update(&status, &settings, &evidence, NULL, 2500));
	assert_int_equal(status.since, 2000);
	assert_true(status.was_ready);

	evidence.queue_stalled_for = 4250;
	assert_true(app_status_update(&status, &settings, &evidence, NULL, 9000));
	assert_int_equal(status.since, 9000);
	assert_string_equal(status.reason, "no connection accepted for 4.25s");
	evidence.queue_stalled_for = 5000;
	assert_false(app_status_update(&status, &settings, &evidence, NULL, 9750));
	assert_string_equal(status.reason, "no connection accepted for 5s");

	evidence.queue_stalled_for = 0; /* it recovers at once */
	assert_true(app_status_update(&status, &settings, &evidence, NULL, 9760));
	assert_int_equal(status.state, APP_SERVING);
	assert_true(status.was_ready);
}

static void a_failed_check_says_how(void **state)
{
	const struct app_state_settings settings = settings_of(APP_CHECK_HTTP);
	struct app_evidence evidence = {.runs = true};
	struct app_status status;

	(void)state;
	app_status_init(&status, 0);
	(void)app_status_update(&status, &settings, &evidence, "", 1);
	assert_string_equal(status.reason, "not checked yet");
	evidence.failures = 1;
	(void)app_status_update(&status, &settings, &evidence, "GET /health answered 500", 2);
	assert_string_equal(status.reason, "GET /health answered 500");
	assert_int_equal(status.state, APP_STARTING);
}

static void a_long_reason_is_cut(void **state)
{
	const struct app_state_settings settings = settings_of(APP_CHECK_HTTP);
	const struct app_evidence evidence = {.runs = true, .failures = 1};
	char failure[400];
	struct app_status status;

	(void)state;
	memset(failure, 'x', sizeof failure - 1);
	failure[sizeof failure - 1] = '\0';
	app_status_init(&status, 0);
	(void)app_status_update(&status, &settings, &evidence, failure, 1);
	assert_true(strlen(status.reason) < sizeof status.reason);
}

static void starting_checks_get_rarer(void **state)
{
	(void)state;
	assert_int_equal(app_state_starting_pause(0, 5000), 20);
	assert_int_equal(app_state_starting_pause(160, 5000), 20);
	assert_int_equal(app_state_starting_pause(800, 5000), 100);
	assert_int_equal(app_state_starting_pause(8000, 5000), 1000);
	assert_int_equal(app_state_starting_pause(3600000, 5000), 5000);
	assert_int_equal(app_state_starting_pause(0, 10), 10);
}

static void of_several_checks_the_one_that_does_not_pass_decides(void **state)
{
	static const struct {
		bool listens;
		struct app_check_result first, second;
		enum app_state state;
		const char *reason;
	} table[] = {
		{true, {.kind = APP_CHECK_LISTEN}, {APP_CHECK_HTTP, true, 0, "b"}, APP_SERVING, ""},
		{true, {.kind = APP_CHECK_LISTEN}, {APP_CHECK_HTTP, true, 2, "b"}, APP_STUCK, "b"},
		{true, {.kind = APP_CHECK_LISTEN}, {APP_CHECK_HTTP, false, 1, "b"}, APP_STARTING,
			"b"},
		{false, {.kind = APP_CHECK_LISTEN}, {APP_CHECK_HTTP, true, 0, "b"}, APP_STARTING,
			"it does not listen"},
		{true, {APP_CHECK_HTTP, true, 3, "a"}, {APP_CHECK_TCP, true, 0, "b"}, APP_STUCK,
			"a"},
		{true, {APP_CHECK_HTTP, true, 1, "a"}, {APP_CHECK_TCP, true, 1, "b"}, APP_SERVING,
			""},
		{true, {APP_CHECK_HTTP, true, 3, "a"}, {APP_CHECK_TCP, false, 1, "b"}, APP_STARTING,
			"b"},
	};
	const struct app_state_settings settings = settings_of(APP_CHECK_NONE);

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const struct app_evidence evidence = {
			.runs = true, .visible = true, .listens = table[i].listens};
		const struct app_check_result results[] = {table[i].first, table[i].second};
		struct app_status status;

		app_status_init(&status, 0);
		(void)app_status_update_all(&status, &settings, &evidence, results, 2, 0);
		assert_int_equal(status.state, table[i].state);
		assert_string_equal(status.reason, table[i].reason);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(evidence_decides_the_state),
		cmocka_unit_test(awaited_ready_message_is_needed_in_each_mode),
		cmocka_unit_test(silent_watchdog_and_awaited_message_are_reasons),
		cmocka_unit_test(every_state_but_serving_has_its_reason),
		cmocka_unit_test(a_state_knows_since_when_it_is),
		cmocka_unit_test(a_failed_check_says_how),
		cmocka_unit_test(a_long_reason_is_cut),
		cmocka_unit_test(starting_checks_get_rarer),
		cmocka_unit_test(of_several_checks_the_one_that_does_not_pass_decides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
