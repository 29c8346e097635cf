/* SPDX-License-Identifier: MIT */
/* Ten thousand idle connections that ask at the stop, two thousand requests in flight, and new ones all the
 * while: none is lost, and none by the drill's own fault. */
#include "busy_server.h"
#include "kernel/sandbox.h"
#include "run_of_load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include <cmocka.h>

#define KEPT 10000
#define IN_FLIGHT 2000
#define NEW_PER_S 500
#define SLOW_MS 3000 /* longer than it takes to have all of them in the server */

static void thousands_of_connections_are_held(void **state)
{
	struct run_of_load run;
	struct load_counts counts;
	struct rusage usage;
	uint16_t port;
	pid_t pid = busy_server_start(KEPT + IN_FLIGHT + 1000, SLOW_MS, &port);

	(void)state;
	if (pid < 0)
		sandbox_skip("no limit of 13000 descriptors here");
	run_open(&run, "http", "127.0.0.1", port);
	run.settings.in_flight_kinds = 1;
	run.settings.in_flight[0] = (struct load_request){
		.path = "/slow", .connections = IN_FLIGHT, .pattern = BODY_ANY};
	run.settings.keep_alive.connections = KEPT;
	run.settings.fresh_per_s = NEW_PER_S;
	run_well(&run);
	counts = load_count(run.load);
	assert_int_equal(counts.client_errors, 0);
	assert_int_equal(counts.begun, run.count);
	assert_int_equal(counts.ok, run.count);
	run_check(&run, COHORT_IN_FLIGHT, OUTCOME_OK, IN_FLIGHT, 0);
	run_check(&run, COHORT_KEEP_ALIVE, OUTCOME_OK, KEPT, 0);
	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	print_message("%zu attempts; %ld.%02ld s user, %ld.%02ld s system, %ld KiB\n", run.count,
		usage.ru_utime.tv_sec, usage.ru_utime.tv_usec / 10000, usage.ru_stime.tv_sec,
		usage.ru_stime.tv_usec / 10000, usage.ru_maxrss);
	run_close(&run);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(thousands_of_connections_are_held),
	};

	return cmocka_run_group_tests(tests, sandbox_enter_network, NULL);
}
