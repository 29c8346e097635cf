# SPDX-License-Identifier: MIT
"""A stop of a real server, with requests in flight, and what each of the two sides says of it."""

import ring
from client import Load, Request, tally

REQUESTS = 50
STOP_SECONDS = 10


def slow_requests(generator):
    """Half of them on connections that have been used before, as a load balancer's are: there, the
    request may arrive in the same clock tick in which the last answer left."""
    return [
        Request(
            number=number,
            seconds=generator.uniform(0.5, 3),
            size=generator.randrange(1, 65536),
            quick_before=generator.choice((0, 0, 1, 3)),
        )
        for number in range(REQUESTS)
    ]


class InFlight(ring.ContainerTest):
    def stop_under_load(self, server, init, generator):
        """One container, stopped when it is known to have received all requests, none of which can
        have been answered by then; returns what became of them, and of it."""
        requests = slow_requests(generator)
        with self.container(*ring.SERVERS[server], init=init) as container:
            self.wait_serving(container, init)
            load = Load(container.address, ring.PORT, requests, STOP_SECONDS + 5)
            container.line.wait_for("received", REQUESTS)
            container.begin_stop(STOP_SECONDS)
            if init is not ring.TINI:
                self.wait_health(container.address, ring.HEALTH_PORT, 503, "draining")
            self.release(container)
            outcomes = load.outcomes()
            ending = container.end()
            if init is not ring.TINI:
                self.assert_drained(requests, outcomes, ending)
            return outcomes, ending

    def release(self, container):
        """Lets the application go on with the requests; under tini there may be none any more."""
        try:
            container.line.say("go")
        except OSError:
            pass

    def assert_drained(self, requests, outcomes, ending):
        lost = [outcome for outcome in outcomes if outcome.kind != "ok"]
        self.assertEqual(lost, [], "requests that were not answered in full")
        self.assert_ended_by_itself(ending, STOP_SECONDS - 1)
        report = ending.report
        connections = report["connections"]
        if report["outcome"] != "drained":
            # A kept connection that is answered soon after the stop stays in doubt, a proxy's most of all;
            # nothing else may hold until the budget ends.
            self.assertEqual(report["outcome"], "budget_exhausted")
            self.assertGreater(report["phases_ms"]["doubt"] + connections["unknown"], 0, "it was in doubt")
        fresh = sum(request.quick_before == 0 for request in requests)
        self.assertGreaterEqual(connections["busy_at_stop"], fresh)
        self.assertGreaterEqual(connections["open_at_stop"], REQUESTS)
        self.assertEqual(connections["cut"], 0)
        self.assertEqual(connections["lost_bytes"], 0)

    def check_stops(self, server, times, at_once, init=ring.LASTCALL):
        def stop(generator):
            return self.stop_under_load(server, init, generator)

        runs = self.repeat(stop, times, at_once)
        ring.measured(f"{server}: stop took (s)", [ending.seconds for _, ending in runs])

    def check_tini_loses(self, server, times):
        def stop(generator):
            return self.stop_under_load(server, ring.TINI, generator)

        for outcomes, _ in self.repeat(stop, times, times):
            counts = tally(outcomes)
            self.assertLess(counts["ok"], REQUESTS / 2, f"tini has lost too few: {counts}")
