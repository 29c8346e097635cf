/* SPDX-License-Identifier: MIT */
/* What the drill's client can do: new connections at a constant rate, each with a request, against a server
 * in one thread on the same machine. How late are answers, counted from when the request was due? */
#include "bench/must.h"
#include "host/core/percentiles.h"
#include "kernel/drill/busy_server.h"
#include "kernel/drill/run_of_load.h"
#include "kernel/sandbox.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/resource.h>

#define SECONDS 3

static double cpu_seconds(void)
{
	struct rusage usage;

	must(getrusage(RUSAGE_SELF, &usage), "getrusage");
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void measure(uint16_t port, double per_s)
{
	struct run_of_load run;
	struct percentiles ms;
	double *samples, before;
	size_t ok = 0;

	run_open(&run, "http", "127.0.0.1", port);
	run.settings.fresh_per_s = per_s;
	run.settings.fresh_after_exit_us = SECONDS * 1000 * MS;
	before = cpu_seconds();
	run_to_its_end(&run);
	samples = must_calloc(run.count, sizeof *samples);
	for (size_t i = 0; i < run.count; i++) {
		samples[i] = (double)(run.attempts[i].end - run.attempts[i].start) / 1000;
		ok += run.attempts[i].outcome == OUTCOME_OK;
	}
	ms = percentiles_of(samples, run.count);
	printf("| %.0f | %zu | %zu | %.2f | %.2f | %.1f | %.0f %% |\n", per_s, run.count,
		run.count - ok, ms.p50, ms.p99, ms.max, (cpu_seconds() - before) / SECONDS * 100);
	free(samples);
	run_close(&run);
}

int main(void)
{
	static const double rates[] = {500, 2000, 5000, 10000};
	uint16_t port;
	pid_t pid;

	(void)sandbox_enter_network(NULL);
	pid = must(busy_server_start(15000, 0, &port), "busy_server_start");
	printf("| per second | attempts | not ok | p50 ms | p99 ms | max ms | CPU |\n"
	       "|---|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
		measure(port, rates[i]);
	(void)kill(pid, SIGKILL);
	return 0;
}
