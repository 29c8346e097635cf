/* SPDX-License-Identifier: MIT */
#include "core/cli/environment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static char path[] = "PATH=/bin", notify[] = "NOTIFY_SOCKET=/run/outer",
	    like[] = "NOTIFY_SOCKET_2=x", empty[] = "EMPTY=", odd[] = "ODD";

static void value_is_found_by_its_whole_name(void **state)
{
	char *const envp[] = {like, notify, empty, odd, NULL};

	(void)state;
	assert_string_equal(environment_get(envp, "NOTIFY_SOCKET"), "/run/outer");
	assert_string_equal(environment_get(envp, "EMPTY"), "");
	assert_null(environment_get(envp, "NOTIFY"));
	assert_null(environment_get(envp, "ODD"));
	assert_int_equal(environment_size(envp), 5);
}

static void variable_is_replaced_each_time_that_it_is_there(void **state)
{
	static char ours[] = "NOTIFY_SOCKET=/dev/shm/ours", pid[] = "WATCHDOG_PID=1";
	char *const envp[] = {notify, path, like, notify, odd, NULL};
	char *const changes[] = {ours, pid, NULL};
	char *changed[9];

	(void)state;
	environment_change(envp, changes, changed);
	assert_ptr_equal(changed[0], path);
	assert_ptr_equal(changed[1], like);
	assert_ptr_equal(changed[2], odd);
	assert_ptr_equal(changed[3], ours);
	assert_ptr_equal(changed[4], pid);
	assert_null(changed[5]);
}

static void name_alone_only_removes(void **state)
{
	static char name[] = "NOTIFY_SOCKET";
	char *const envp[] = {path, notify, NULL}, *const changes[] = {name, NULL};
	char *changed[4];

	(void)state;
	environment_change(envp, changes, changed);
	assert_ptr_equal(changed[0], path);
	assert_null(changed[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(value_is_found_by_its_whole_name),
		cmocka_unit_test(variable_is_replaced_each_time_that_it_is_there),
		cmocka_unit_test(name_alone_only_removes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
