/* SPDX-License-Identifier: MIT */
#include "plan/core/lastcall_settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static const char *const none[] = {NULL};

static struct lastcall_settings read(
	enum container_platform platform, const char *const *argv, const char *const *envp)
{
	static struct lastcall_settings settings;

	lastcall_settings_read(&(struct container_words){.platform = platform,
				       .argv = (char *const *)argv,
				       .envp = (char *const *)envp},
		&settings);
	return settings;
}

static void it_is_seen_by_its_name_and_its_variables(void **state)
{
	const char *const named[] = {"/usr/bin/lastcall", "--", "app", NULL};
	const char *const other[] = {"/usr/bin/lastcall-drill", NULL};
	const char *const variable[] = {"A=1", "LASTCALL_ORDER=signal-first", NULL};
	const struct container_words by_word_of_user = {.argv = (char *const *)none,
		.envp = (char *const *)none,
		.image_has_lastcall = true};
	struct lastcall_settings settings;

	(void)state;
	assert_false(read(CONTAINER_ON_ECS, none, none).is_used);
	assert_false(read(CONTAINER_ON_ECS, other, none).is_used);
	assert_true(read(CONTAINER_ON_ECS, named, none).is_first_word);
	assert_true(read(CONTAINER_ON_ECS, none, variable).is_used);
	assert_false(read(CONTAINER_ON_ECS, none, variable).is_first_word);
	lastcall_settings_read(&by_word_of_user, &settings);
	assert_true(settings.is_used);
}

static void it_is_seen_behind_another_init(void **state)
{
	static const char *const commands[][9] = {
		{"/usr/bin/tini", "-g", "-p", "SIGKILL", "--", "lastcall", "--stop-timeout=7s",
			"--", "app"},
		{"dumb-init", "--rewrite", "15:2", "/sbin/lastcall", "--stop-timeout=7s", "app"},
		{"env", "-u", "A", "B=/c", "gosu", "www", "lastcall", "--stop-timeout=7s"},
	};
	static const char *const others[][5] = {
		{"tini", "--", "app", "lastcall"}, {"tini", "-p"}, {"gosu"}, {"echo", "lastcall"}};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const char *words[10] = {NULL};
		struct lastcall_settings settings;

		memcpy(words, commands[i], sizeof commands[i]);
		settings = read(CONTAINER_ON_ECS, words, none);
		assert_true(settings.is_used);
		assert_false(settings.is_first_word);
		assert_int_equal(settings.budget.timeout, 7000);
	}
	for (size_t i = 0; i < 4; i++)
		assert_false(read(CONTAINER_ON_ECS, others[i], none).is_used);
}

static void the_platform_decides_where_nothing_is_given(void **state)
{
	const char *const named[] = {"lastcall", "app", NULL};
	const char *const carried[] = {"ECS_CONTAINER_STOP_TIMEOUT=50s", NULL};

	(void)state;
	assert_int_equal(read(CONTAINER_ON_ECS, named, none).budget.timeout, 30000);
	assert_int_equal(read(CONTAINER_ON_ECS, named, carried).budget.timeout, 50000);
	assert_int_equal(read(CONTAINER_ON_KUBERNETES, named, none).budget.timeout, 30000);
	assert_int_equal(read(CONTAINER_ON_KUBERNETES, named, carried).budget.timeout, 30000);
	assert_int_equal(read(CONTAINER_ON_KUBERNETES, named, none).budget.min_drain, 5000);
	assert_int_equal(read(CONTAINER_ON_DOCKER, named, none).budget.timeout, 10000);
	assert_int_equal(read(CONTAINER_ON_NOMAD, named, none).budget.timeout, 5000);
}

static void words_win_over_variables(void **state)
{
	const char *const words[] = {"lastcall", "-t", "20s", "--", "app", "-t", "5s", NULL};
	const char *const variables[] = {"LASTCALL_STOP_TIMEOUT=60s", NULL};
	struct lastcall_settings settings = read(CONTAINER_ON_DOCKER, words, variables);

	(void)state;
	assert_true(settings.is_timeout_given);
	assert_int_equal(settings.budget.timeout, 20000);
	assert_int_equal(read(CONTAINER_ON_DOCKER, none, variables).budget.timeout, 60000);
}

static void what_lastcall_refuses_is_said_in_its_words(void **state)
{
	const char *const unit[] = {"LASTCALL_STOP_TIMEOUT=60", NULL};
	const char *const sum[] = {"LASTCALL_STOP_TIMEOUT=20s", "LASTCALL_DRAIN_BUDGET=40s", NULL};

	(void)state;
	assert_string_equal(read(CONTAINER_ON_ECS, none, unit).problem,
		"LASTCALL_STOP_TIMEOUT='60' is not accepted; give a number above 0 with its unit, "
		"like "
		"500ms, 10s or 1m30s");
	assert_string_equal(read(CONTAINER_ON_ECS, none, sum).problem,
		"LASTCALL_DRAIN_BUDGET=40s + --term-grace=0s or more (default) + --margin=1s "
		"(default) "
		"= 41s does not fit into the stop timeout of 20s (LASTCALL_STOP_TIMEOUT): 21s too "
		"much");
}

static void what_may_be_set_elsewhere_is_unknown(void **state)
{
	const char *const named[] = {"lastcall", "app", NULL};
	const char *const given[] = {"lastcall", "--stop-timeout=9s", "app", NULL};
	struct container_words words = {.argv = (char *const *)named,
		.envp = (char *const *)none,
		.has_more_variables = true};
	struct lastcall_settings settings;

	(void)state;
	lastcall_settings_read(&words, &settings);
	assert_false(settings.is_timeout_known);
	words.argv = (char *const *)given;
	lastcall_settings_read(&words, &settings);
	assert_true(settings.is_timeout_known);
	assert_int_equal(settings.budget.timeout, 9000);
}

static void without_a_drain_nothing_is_timed(void **state)
{
	const char *const words[] = {"lastcall", "--drain=off", "app", NULL};

	(void)state;
	assert_true(read(CONTAINER_ON_ECS, words, none).is_used);
	assert_false(read(CONTAINER_ON_ECS, words, none).is_timeout_known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_seen_by_its_name_and_its_variables),
		cmocka_unit_test(it_is_seen_behind_another_init),
		cmocka_unit_test(the_platform_decides_where_nothing_is_given),
		cmocka_unit_test(words_win_over_variables),
		cmocka_unit_test(what_lastcall_refuses_is_said_in_its_words),
		cmocka_unit_test(what_may_be_set_elsewhere_is_unknown),
		cmocka_unit_test(without_a_drain_nothing_is_timed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
