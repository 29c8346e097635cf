/* SPDX-License-Identifier: MIT */
/* Which connections are checks of our own. */
#include "core/tcp/own_checks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define APP_PORT 8080

static bool has(
	const struct own_checks *checks, uint16_t local_port, uint16_t peer_port, bool from_here)
{
	const struct connection row = {
		.local_port = local_port, .peer_port = peer_port, .from_here = from_here};

	return own_checks_has(checks, &row);
}

static void a_check_is_known_by_its_port_and_its_machine(void **state)
{
	struct own_checks checks = {0};

	(void)state;
	assert_false(has(&checks, 0, 0, true));
	own_checks_add(&checks, 0, APP_PORT, 40000);
	assert_true(has(&checks, APP_PORT, 40000, true));
	assert_false(has(&checks, APP_PORT, 40000, false));
	assert_false(has(&checks, APP_PORT, 40001, true));
	assert_false(has(&checks, APP_PORT + 1, 40000, true));
}

static void only_the_last_checks_are_kept(void **state)
{
	struct own_checks checks = {0};

	(void)state;
	for (uint16_t i = 0; i <= OWN_REMEMBERED; i++)
		own_checks_add(&checks, 0, APP_PORT, (uint16_t)(40000 + i));
	assert_false(has(&checks, APP_PORT, 40000, true));
	for (uint16_t i = 1; i <= OWN_REMEMBERED; i++)
		assert_true(has(&checks, APP_PORT, (uint16_t)(40000 + i), true));
}

static void checks_of_several_ports_do_not_forget_each_other(void **state)
{
	struct own_checks checks = {0};

	(void)state;
	for (uint16_t i = 0; i < OWN_CHECKS_MAX; i++)
		own_checks_add(&checks, i, (uint16_t)(APP_PORT + i), 40000);
	for (uint16_t i = 0; i <= OWN_REMEMBERED; i++)
		own_checks_add(&checks, 1, APP_PORT + 1, (uint16_t)(50000 + i));
	for (uint16_t i = 0; i < OWN_CHECKS_MAX; i++)
		assert_int_equal(has(&checks, (uint16_t)(APP_PORT + i), 40000, true), i != 1);
	assert_false(has(&checks, APP_PORT, 50000 + OWN_REMEMBERED, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_check_is_known_by_its_port_and_its_machine),
		cmocka_unit_test(only_the_last_checks_are_kept),
		cmocka_unit_test(checks_of_several_ports_do_not_forget_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
