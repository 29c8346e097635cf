/* SPDX-License-Identifier: MIT */
#include "core/cli/option_parser.h"
#include "core/stop/stop_budget.h"

#include "core/stop/stop_timeline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct options options;
static const char *environment[4];
static struct stop_budget budget;
static char error_bytes[512], warning_bytes[512];

static int reset(void **state)
{
	char *const nothing[] = {NULL};
	struct text error;

	(void)state;
	text_init(&error, error_bytes, sizeof error_bytes);
	(void)options_parse(nothing, nothing, &options, &error, &error);
	environment[0] = NULL;
	return 0;
}

static int compute(void)
{
	struct platform_facts facts = {.pid = 1};
	struct text error, warning;

	text_init(&error, error_bytes, sizeof error_bytes);
	text_init(&warning, warning_bytes, sizeof warning_bytes);
	facts.environment = (char *const *)environment;
	return stop_budget_compute(&options, &facts, &budget, &error, &warning);
}

static void give(enum option_id id, msec_t *field, msec_t msec)
{
	*field = msec;
	options.source[id] = OPTION_FROM_COMMAND_LINE;
	options.given[id] = "given";
}

static void set_environment(const char *first, const char *second)
{
	environment[0] = first;
	environment[1] = second;
	environment[2] = NULL;
}

static void expect_timeout(msec_t timeout, const char *source)
{
	assert_int_equal(compute(), 0);
	assert_int_equal(budget.timeout, timeout);
	assert_string_equal(budget.timeout_source, source);
}

static void the_timeout_is_found_in_order(void **state)
{
	(void)state;
	expect_timeout(10000, "default");
	set_environment("KUBERNETES_SERVICE_HOST=10.96.0.1", NULL);
	expect_timeout(30000, "kubernetes-default");
	set_environment("KUBERNETES_SERVICE_HOST=10.96.0.1", "FLY_MACHINE_ID=1");
	expect_timeout(5000, "fly-default");
	set_environment("ECS_CONTAINER_METADATA_URI_V4=http://x", "ECS_CONTAINER_STOP_TIMEOUT=45s");
	expect_timeout(45000, "ECS_CONTAINER_STOP_TIMEOUT");
	give(OPTION_STOP_TIMEOUT, &options.stop_timeout, 60000);
	expect_timeout(60000, "--stop-timeout");
	assert_int_equal(budget.gone, 59000);
	assert_int_equal(budget.quiet_period, 1000);
}

static void platform_waits_no_longer_than_two_minutes_unless_told(void **state)
{
	(void)state;
	set_environment("CLOUDFLARE_APPLICATION_ID=1", NULL);
	expect_timeout(120000, "cloudflare-default");
	set_environment("ECS_CONTAINER_STOP_TIMEOUT=10m", NULL);
	expect_timeout(600000, "ECS_CONTAINER_STOP_TIMEOUT");
	set_environment("RAILWAY_ENVIRONMENT_ID=1", "RAILWAY_DEPLOYMENT_DRAINING_SECONDS=300");
	expect_timeout(300000, "RAILWAY_DEPLOYMENT_DRAINING_SECONDS");
}

static void seconds_that_are_no_number_leave_the_default_and_warn(void **state)
{
	static const char *const values[] = {"WEBSITES_CONTAINER_STOP_TIME_LIMIT=30s",
		"WEBSITES_CONTAINER_STOP_TIME_LIMIT=-1",
		"WEBSITES_CONTAINER_STOP_TIME_LIMIT=99999999999999999999",
		"WEBSITES_CONTAINER_STOP_TIME_LIMIT= 30"};

	(void)state;
	set_environment("WEBSITES_CONTAINER_STOP_TIME_LIMIT=30", NULL);
	expect_timeout(30000, "WEBSITES_CONTAINER_STOP_TIME_LIMIT");
	assert_string_equal(warning_bytes, "");
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		set_environment(values[i], NULL);
		expect_timeout(5000, "app-service-default");
		assert_non_null(strstr(warning_bytes, "is not a number of seconds"));
		assert_non_null(
			strstr(warning_bytes, "using 5s, the default of Azure App Service"));
	}
	set_environment("WEBSITES_CONTAINER_STOP_TIME_LIMIT=", NULL);
	expect_timeout(10000, "default"); /* nothing tells that it is App Service */
	set_environment("RAILWAY_DEPLOYMENT_DRAINING_SECONDS=", NULL);
	expect_timeout(10000, "default");
	assert_string_equal(warning_bytes, "");
}

static void each_warning_is_set_off_from_the_one_before(void **state)
{
	static const char *const values[] = {"ECS_CONTAINER_STOP_TIMEOUT=60",
		"ECS_CONTAINER_STOP_TIMEOUT=x", "WEBSITES_CONTAINER_STOP_TIME_LIMIT=x",
		"AWS_LAMBDA_FUNCTION_NAME=shop"};
	const char before[] = "the options' own; ";
	struct text error, warning;

	(void)state;
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		struct platform_facts facts = {.pid = 1};

		set_environment(values[i], NULL);
		facts.environment = (char *const *)environment;
		text_init(&error, error_bytes, sizeof error_bytes);
		text_init(&warning, warning_bytes, sizeof warning_bytes);
		text_add(&warning, "the options' own");
		assert_int_equal(
			stop_budget_compute(&options, &facts, &budget, &error, &warning), 0);
		assert_memory_equal(warning_bytes, before, sizeof before - 1);
	}
}

static void too_short_a_time_passes_signals_at_once(void **state)
{
	(void)state;
	set_environment("AWS_LAMBDA_FUNCTION_NAME=shop", NULL);
	expect_timeout(300, "lambda-default");
	assert_true(budget.at_once);
	assert_int_equal(budget.gone, 270);
	assert_int_equal(budget.drain, 0);
	assert_true(budget.term_grace == MSEC_NEVER);
	assert_non_null(strstr(warning_bytes, "AWS Lambda leaves 300ms"));
	set_environment("RAILWAY_ENVIRONMENT_ID=1", "RAILWAY_DEPLOYMENT_DRAINING_SECONDS=1");
	expect_timeout(1000, "RAILWAY_DEPLOYMENT_DRAINING_SECONDS");
	assert_true(budget.at_once);
	set_environment("RAILWAY_ENVIRONMENT_ID=1", "RAILWAY_DEPLOYMENT_DRAINING_SECONDS=2");
	expect_timeout(2000, "RAILWAY_DEPLOYMENT_DRAINING_SECONDS");
	assert_false(budget.at_once);
	assert_string_equal(warning_bytes, "");
}

static void options_without_effect_are_named(void **state)
{
	static const struct {
		const char *seconds, *warning; /* Railway's; what the warning ends with */
	} rows[] = {
		{"RAILWAY_DEPLOYMENT_DRAINING_SECONDS=1",
			"--stop-timeout=30s; without effect: --order=given, "
			"LASTCALL_MARGIN=given, --min-drain=given"},
		{"RAILWAY_DEPLOYMENT_DRAINING_SECONDS=x",
			"using 0s, the default of Railway; Railway leaves 0s between the stop "
			"signal and SIGKILL (railway-default): signals are forwarded at once and "
			"nothing is drained; if it leaves more, set --stop-timeout=30s; "
			"without effect: --order=given, "
			"LASTCALL_MARGIN=given, --min-drain=given"},
	};
	msec_t order;

	(void)state;
	give(OPTION_MIN_DRAIN, &options.min_drain, 5000);
	give(OPTION_MARGIN, &options.margin, 1000);
	options.source[OPTION_MARGIN] = OPTION_FROM_ENVIRONMENT;
	give(OPTION_ORDER, &order, 0); /* drain-first, which is the default */
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		set_environment("RAILWAY_ENVIRONMENT_ID=1", rows[i].seconds);
		assert_int_equal(compute(), 0);
		assert_true(budget.at_once);
		assert_string_equal(warning_bytes + strlen(warning_bytes) - strlen(rows[i].warning),
			rows[i].warning);
	}
	options.order = ORDER_SIGNAL_FIRST; /* as it is done */
	assert_int_equal(compute(), 0);
	assert_null(strstr(warning_bytes, "--order"));
	set_environment("KUBERNETES_SERVICE_HOST=10.96.0.1", NULL);
	assert_int_equal(compute(), 0);
	assert_string_equal(warning_bytes, "");
}

static void longest_request_has_one_source(void **state)
{
	(void)state;
	assert_int_equal(compute(), 0);
	assert_string_equal(budget.longest_request_source, "default");
	give(OPTION_LONGEST_REQUEST, &options.longest_request, 1000);
	assert_int_equal(compute(), 0);
	assert_string_equal(budget.longest_request_source, "--longest-request");
	options.source[OPTION_LONGEST_REQUEST] = OPTION_FROM_ENVIRONMENT;
	assert_int_equal(compute(), 0);
	assert_string_equal(budget.longest_request_source, "LASTCALL_LONGEST_REQUEST");
	set_environment("AWS_LAMBDA_FUNCTION_NAME=shop", NULL); /* nothing is drained there */
	assert_int_equal(compute(), 0);
	assert_string_equal(budget.longest_request_source, "LASTCALL_LONGEST_REQUEST");
}

static void no_time_at_all_is_no_reason_to_kill_at_once(void **state)
{
	(void)state;
	set_environment("RAILWAY_ENVIRONMENT_ID=1", NULL);
	give(OPTION_MIN_DRAIN, &options.min_drain, 5000);
	give(OPTION_MARGIN, &options.margin, 1000);
	expect_timeout(0, "railway-default");
	assert_true(budget.at_once);
	assert_int_equal(budget.margin, 0);
	assert_int_equal(budget.gone, 9000);
	assert_int_equal(budget.min_drain, 0);
	give(OPTION_STOP_TIMEOUT, &options.stop_timeout, 1000);
	give(OPTION_MIN_DRAIN, &options.min_drain, 0);
	give(OPTION_MARGIN, &options.margin, 100);
	expect_timeout(1000, "--stop-timeout");
	assert_false(budget.at_once); /* short, but given */
}

static void platform_has_the_lame_duck_that_it_needs(void **state)
{
	(void)state;
	assert_int_equal(compute(), 0);
	assert_false(budget.lame_duck_is_default);
	set_environment("KUBERNETES_SERVICE_HOST=10.96.0.1", NULL);
	assert_int_equal(compute(), 0);
	assert_true(budget.lame_duck_is_default);
	assert_int_equal(budget.min_drain, 5000);
	assert_int_equal(budget.quiet_period, 0);
	give(OPTION_STOP_TIMEOUT, &options.stop_timeout, 4000);
	assert_int_equal(compute(), 0);
	assert_int_equal(budget.min_drain, budget.drain); /* it fits into every budget */
	give(OPTION_QUIET_PERIOD, &options.quiet_period, 2000);
	assert_int_equal(compute(), 0);
	assert_false(budget.lame_duck_is_default);
	assert_int_equal(budget.min_drain, 0);
	assert_int_equal(budget.quiet_period, 2000);
}

static void given_minimum_of_nothing_wins(void **state)
{
	(void)state;
	set_environment("ECS_CONTAINER_METADATA_URI_V4=http://x", NULL);
	give(OPTION_MIN_DRAIN, &options.min_drain, 0);
	assert_int_equal(compute(), 0);
	assert_false(budget.lame_duck_is_default);
	assert_int_equal(budget.quiet_period, 0);
}

static void ecs_container_stop_timeout_is_read_as_the_agent_does(void **state)
{
	static const struct {
		const char *value;
		msec_t msec;
		bool warns;
	} cases[] = {
		{"30s", 30000, false},
		{"10m", 600000, false},
		{"1m30s", 90000, false},
		{"1.5s", 1000, false},
		{"59.999s", 59000, false}, /* cut to whole seconds */
		{"500ms", 1000, false},
		{"-10s", 1000, false},
		{"1ns", 1000, false}, /* at least one */
		{"", 30000, false},
		{"0", 30000, false},
		{"0s", 30000, false},
		{"60", 30000, true},
		{"2", 2000, true},
		{"120", 30000, true},
		{"00", 30000, true},
		{"99999999999999999999", 30000, true},
		{"abc", 30000, true},
		{"30 s", 30000, true},
		{"30sec", 30000, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct text warning;

		text_init(&warning, warning_bytes, sizeof warning_bytes);
		assert_int_equal(
			stop_budget_read_ecs_timeout(cases[i].value, &warning), cases[i].msec);
		assert_int_equal(warning.len > 0, cases[i].warns);
	}
}

static void defaults_fit_whatever_the_timeout(void **state)
{
	(void)state;
	for (msec_t timeout = 1; timeout < 4000000; timeout += timeout / 3 + 1) {
		give(OPTION_STOP_TIMEOUT, &options.stop_timeout, timeout);
		assert_int_equal(compute(), 0);
		assert_true(budget.margin <= 1000);
		assert_true(budget.term_grace == MSEC_NEVER);
		assert_true(budget.term_reserve <= 5000);
		assert_true(budget.drain >= 0);
		assert_true(
			budget.drain + budget.term_reserve + budget.kill_reserve + budget.margin <=
			timeout);
	}
}

static void docker_stop_leaves_most_of_its_time_to_the_drain(void **state)
{
	(void)state;
	assert_int_equal(compute(), 0);
	assert_int_equal(budget.margin, 1000);
	assert_int_equal(budget.term_reserve, 2250);
	assert_int_equal(budget.kill_reserve, 450);
	assert_int_equal(budget.drain, 6300);
}

/* What is kept free has limits of its own, so a tenth of the stop timeout has less than a tenth of the drain. */
static void a_minute_leaves_53_seconds_to_the_drain(void **state)
{
	(void)state;
	give(OPTION_STOP_TIMEOUT, &options.stop_timeout, 60000);
	give(OPTION_LONGEST_REQUEST, &options.longest_request, 50000);
	assert_int_equal(compute(), 0);
	assert_int_equal(budget.drain, 53500);
	assert_int_equal(budget.longest_request, 50000);
	assert_string_equal(warning_bytes, "");
	give(OPTION_STOP_TIMEOUT, &options.stop_timeout, 6000);
	give(OPTION_LONGEST_REQUEST, &options.longest_request, 2500);
	give(OPTION_MARGIN, &options.margin, 100);
	assert_int_equal(compute(), 0);
	assert_int_equal(budget.drain, 4130);
}

static void a_given_drain_shrinks_what_is_kept_for_the_grace(void **state)
{
	(void)state;
	give(OPTION_DRAIN_BUDGET, &options.drain_budget, 8000);
	assert_int_equal(compute(), 0);
	assert_int_equal(budget.drain, 8000);
	assert_int_equal(budget.term_reserve, 1000);
	assert_true(budget.term_grace == MSEC_NEVER);
}

static void a_sum_that_is_too_big_is_named(void **state)
{
	(void)state;
	give(OPTION_DRAIN_BUDGET, &options.drain_budget, 20000);
	give(OPTION_TERM_GRACE, &options.term_grace, 5000);
	assert_true(compute() < 0);
	assert_string_equal(error_bytes, "--drain-budget=20s + --term-grace=5s + --margin=1s "
					 "(default) = 26s does not fit into "
					 "the stop timeout of 10s (default): 16s too much");
}

static void the_sum_says_that_the_default_grace_may_be_longer(void **state)
{
	(void)state;
	give(OPTION_DRAIN_BUDGET, &options.drain_budget, 20000);
	assert_true(compute() < 0);
	assert_string_equal(error_bytes,
		"--drain-budget=20s + --term-grace=0s or more (default) + --margin=1s (default) = "
		"21s "
		"does not fit into the stop timeout of 10s (default): 11s too much");
}

static void a_given_grace_is_kept_free_whole(void **state)
{
	(void)state;
	give(OPTION_TERM_GRACE, &options.term_grace, 8000);
	assert_int_equal(compute(), 0);
	assert_int_equal(budget.term_grace, 8000);
	assert_int_equal(budget.term_reserve, 8000);
	assert_int_equal(budget.drain, 550);
}

static void a_margin_that_leaves_nothing_is_refused(void **state)
{
	(void)state;
	give(OPTION_MARGIN, &options.margin, 10000);
	assert_true(compute() < 0);
	assert_non_null(strstr(error_bytes, "--margin=10s"));
}

static void a_minimum_beyond_the_drain_budget_is_refused(void **state)
{
	(void)state;
	give(OPTION_MIN_DRAIN, &options.min_drain, 8000);
	assert_true(compute() < 0);
	assert_string_equal(error_bytes,
		"--min-drain=8s does not fit into the drain budget of 6.3s: 1.7s too much");
}

static void a_quiet_period_beyond_the_drain_budget_is_refused(void **state)
{
	(void)state;
	give(OPTION_QUIET_PERIOD, &options.quiet_period, 7000);
	assert_true(compute() < 0);
	assert_string_equal(error_bytes,
		"--quiet-period=7s does not fit into the drain budget of 6.3s: 700ms too much");
}

static void the_picture_names_every_moment(void **state)
{
	char page[2048];
	struct text text;

	(void)state;
	give(OPTION_MIN_DRAIN, &options.min_drain, 2000);
	assert_int_equal(compute(), 0);
	text_init(&text, page, sizeof page);
	stop_timeline_draw(&text, &budget, ORDER_DRAIN_FIRST);
	assert_non_null(strstr(page, "|MMMMMMMMMMMMMdddddddddddddddddddddddddddd"
				     "TTTTTTTTTTTTTTKKK......|"));
	assert_non_null(strstr(page, "6.3s  the application is signalled"));
	assert_non_null(strstr(page, "8.55s  SIGKILL for all remaining"));
	assert_non_null(strstr(page, "  9s  flushed, reported, exited"));
	assert_null(strstr(page, "--term-grace"));
	budget.drain = 5000;
	budget.term_grace = 1000;
	text_init(&text, page, sizeof page);
	stop_timeline_draw(&text, &budget, ORDER_DRAIN_FIRST);
	assert_non_null(
		strstr(page, "|MMMMMMMMMMMMMdddddddddddddddddddTTTTTTTKKKKKKKKKKKKKKKKKKK......|"));
	assert_non_null(strstr(page, "  6s  SIGKILL for the application after --term-grace"));
	assert_non_null(strstr(page, "8.55s  SIGKILL for all remaining"));
	text_init(&text, page, sizeof page);
	stop_timeline_draw(&text, &budget, ORDER_SIGNAL_FIRST);
	assert_non_null(strstr(page, "|TTTTTTTT"));
	budget.drain = 9000; /* beyond the last moment */
	text_init(&text, page, sizeof page);
	stop_timeline_draw(&text, &budget, ORDER_DRAIN_FIRST);
	assert_non_null(strstr(page, "8.55s  the application is signalled"));
}

static void the_longest_request_fits_into_the_drain(void **state)
{
	(void)state;
	give(OPTION_STOP_TIMEOUT, &options.stop_timeout, 30000);
	assert_int_equal(compute(), 0);
	assert_int_equal(budget.longest_request, LONGEST_REQUEST_DEFAULT_MS);
	assert_false(budget.is_longest_given);
	give(OPTION_LONGEST_REQUEST, &options.longest_request, 3000);
	assert_int_equal(compute(), 0);
	assert_int_equal(budget.longest_request, 3000);
	assert_true(budget.is_longest_given);
	assert_string_equal(warning_bytes, "");
	give(OPTION_LONGEST_REQUEST, &options.longest_request, 60000);
	assert_int_equal(compute(), 0);
	assert_int_equal(budget.longest_request, budget.drain);
	assert_string_equal(warning_bytes,
		"--longest-request=1m is longer than the drain budget; using its 23.5s");
	options.longest_request = OPTION_UNSET; /* a guess is made as short without a word */
	give(OPTION_STOP_TIMEOUT, &options.stop_timeout, 10000);
	assert_int_equal(compute(), 0);
	assert_int_equal(budget.longest_request, budget.drain);
	assert_string_equal(warning_bytes, "");
}

/* A value of a small set, or none. */
static void give_one_of(enum option_id id, msec_t *field, msec_t none, unsigned *choices)
{
	static const msec_t values[] = {0, 1, 999, 1000, 2500, 9000, 30000, 200000};
	unsigned choice = *choices % 9;

	*choices /= 9;
	if (choice < 8) {
		give(id, field, values[choice]);
		return;
	}
	*field = none;
	options.given[id] = NULL;
}

/* Each phase is inside the one that holds it, and what was given stands or is refused. */
static void expect_sound_budget(void)
{
	const struct stop_budget *b = &budget;

	assert_true(b->at_once || (b->gone > 0 && b->gone == b->timeout - b->margin));
	assert_true(b->kill_reserve >= 0 && b->kill_reserve <= b->gone / 20);
	assert_true(b->drain >= 0 && b->drain <= b->gone && b->term_reserve >= 0);
	assert_true(b->at_once || msec_add(b->drain, b->term_reserve) <= b->gone);
	assert_true(b->min_drain <= b->drain && b->quiet_period <= b->drain);
	assert_true(b->at_once ||
		    (b->longest_request >= 0 && b->longest_request <= msec_max(b->drain, 1)));
	if (b->at_once)
		return;
	if (options.drain_budget != OPTION_UNSET)
		assert_int_equal(b->drain, options.drain_budget);
	assert_int_equal(b->term_grace,
		options.term_grace != OPTION_UNSET ? options.term_grace : MSEC_NEVER);
	if (options.given[OPTION_MIN_DRAIN] != NULL)
		assert_int_equal(b->min_drain, options.min_drain);
}

static void every_sum_of_small_numbers_fits_or_is_refused(void **state)
{
	const unsigned count = 9 * 9 * 9 * 9 * 9 * 9;
	unsigned fitting = 0;

	(void)state;
	for (unsigned i = 0; i < count; i++) {
		unsigned choices = i;

		give_one_of(OPTION_STOP_TIMEOUT, &options.stop_timeout, OPTION_UNSET, &choices);
		give_one_of(OPTION_MARGIN, &options.margin, OPTION_UNSET, &choices);
		give_one_of(OPTION_DRAIN_BUDGET, &options.drain_budget, OPTION_UNSET, &choices);
		give_one_of(OPTION_TERM_GRACE, &options.term_grace, OPTION_UNSET, &choices);
		give_one_of(OPTION_MIN_DRAIN, &options.min_drain, 0, &choices);
		give_one_of(
			OPTION_LONGEST_REQUEST, &options.longest_request, OPTION_UNSET, &choices);
		if (compute() != 0) {
			assert_true(strlen(error_bytes) > 0);
			continue;
		}
		expect_sound_budget();
		fitting++;
	}
	assert_int_in_range(fitting, 1, count - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(every_sum_of_small_numbers_fits_or_is_refused, reset),
		cmocka_unit_test_setup(the_longest_request_fits_into_the_drain, reset),
		cmocka_unit_test_setup(the_timeout_is_found_in_order, reset),
		cmocka_unit_test_setup(
			platform_waits_no_longer_than_two_minutes_unless_told, reset),
		cmocka_unit_test_setup(
			seconds_that_are_no_number_leave_the_default_and_warn, reset),
		cmocka_unit_test_setup(each_warning_is_set_off_from_the_one_before, reset),
		cmocka_unit_test_setup(too_short_a_time_passes_signals_at_once, reset),
		cmocka_unit_test_setup(options_without_effect_are_named, reset),
		cmocka_unit_test_setup(longest_request_has_one_source, reset),
		cmocka_unit_test_setup(no_time_at_all_is_no_reason_to_kill_at_once, reset),
		cmocka_unit_test_setup(platform_has_the_lame_duck_that_it_needs, reset),
		cmocka_unit_test_setup(given_minimum_of_nothing_wins, reset),
		cmocka_unit_test_setup(ecs_container_stop_timeout_is_read_as_the_agent_does, reset),
		cmocka_unit_test_setup(defaults_fit_whatever_the_timeout, reset),
		cmocka_unit_test_setup(docker_stop_leaves_most_of_its_time_to_the_drain, reset),
		cmocka_unit_test_setup(a_minute_leaves_53_seconds_to_the_drain, reset),
		cmocka_unit_test_setup(a_given_drain_shrinks_what_is_kept_for_the_grace, reset),
		cmocka_unit_test_setup(a_sum_that_is_too_big_is_named, reset),
		cmocka_unit_test_setup(the_sum_says_that_the_default_grace_may_be_longer, reset),
		cmocka_unit_test_setup(a_given_grace_is_kept_free_whole, reset),
		cmocka_unit_test_setup(a_margin_that_leaves_nothing_is_refused, reset),
		cmocka_unit_test_setup(a_minimum_beyond_the_drain_budget_is_refused, reset),
		cmocka_unit_test_setup(a_quiet_period_beyond_the_drain_budget_is_refused, reset),
		cmocka_unit_test_setup(the_picture_names_every_moment, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
