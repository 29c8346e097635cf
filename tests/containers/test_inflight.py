# SPDX-License-Identifier: MIT
"""Requests in flight at `docker stop` are served to their end, by servers that know of no such
thing; with tini, the same images lose them."""

import json

import engine
import ring
from client import Load, Request, get, tally

REQUESTS = 50
STOP_SECONDS = 10
SERVERS = {
    "http.server": ("python3", "/apps/slow_http.py"),
    "nginx": ("/apps/proxied",),
}


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
        with self.container(*SERVERS[server], init=init) as container:
            self.wait_serving(container, init)
            load = Load(container.address, ring.PORT, requests, STOP_SECONDS + 5)
            container.line.wait_for("received", REQUESTS)
            container.begin_stop(STOP_SECONDS)
            if init is ring.LASTCALL:
                self.wait_health(container, 503, "draining")
            self.release(container)
            outcomes = load.outcomes()
            ending = container.end()
            if init is ring.LASTCALL:
                self.assert_drained(outcomes, ending)
            return outcomes, ending

    def wait_serving(self, container, init):
        def answers():
            reply = get(container.address, ring.PORT, "/quick")
            return reply is not None and reply[0] == 200

        engine.wait_until(answers, "the server answers")
        if init is ring.LASTCALL:
            self.wait_health(container, 200, "serving")

    def wait_health(self, container, status, word):
        """Until then, the only other answer is the one of the state before."""

        def says():
            reply = get(container.address, ring.HEALTH_PORT, "/healthcheck")
            return reply and (reply[0], json.loads(reply[1])["status"]) == (status, word)

        engine.wait_until(says, f"/healthcheck says {status} {word}")

    def release(self, container):
        """Lets the application go on with the requests; under tini there may be none any more."""
        try:
            container.line.say("go")
        except OSError:
            pass

    def assert_drained(self, outcomes, ending):
        lost = [outcome for outcome in outcomes if outcome.kind != "ok"]
        self.assertEqual(lost, [], "requests that were not answered in full")
        self.assert_ended_by_itself(ending, STOP_SECONDS - 1)
        report = ending.report
        self.assertEqual(report["outcome"], "drained")
        self.assertGreaterEqual(report["connections"]["busy_at_stop"], REQUESTS)
        self.assertEqual(report["connections"]["cut"], 0)
        self.assertEqual(report["connections"]["lost_bytes"], 0)

    def check_stops(self, server, times, at_once):
        def stop(generator):
            return self.stop_under_load(server, ring.LASTCALL, generator)

        runs = self.repeat(stop, times, at_once)
        ring.measured(f"{server}: stop took (s)", [ending.seconds for _, ending in runs])

    def check_tini_loses(self, server, times):
        def stop(generator):
            return self.stop_under_load(server, ring.TINI, generator)

        for outcomes, _ in self.repeat(stop, times, times):
            counts = tally(outcomes)
            self.assertLess(counts["ok"], REQUESTS / 2, f"tini has lost too few: {counts}")


class Plain(InFlight):
    def test_http_server_finishes_all_requests(self):
        self.check_stops("http.server", times=20, at_once=5)

    def test_nginx_finishes_all_requests(self):
        self.check_stops("nginx", times=20, at_once=5)

    def test_http_server_under_tini_loses_requests(self):
        self.check_tini_loses("http.server", times=3)

    def test_nginx_under_tini_loses_requests(self):
        self.check_tini_loses("nginx", times=3)


class Hardened(InFlight):
    options = (*engine.HARDENED, "--tmpfs=/tmp")  # nginx cannot do without temporary files

    def test_http_server_finishes_all_requests(self):
        self.check_stops("http.server", times=5, at_once=5)

    def test_nginx_finishes_all_requests(self):
        self.check_stops("nginx", times=5, at_once=5)


if __name__ == "__main__":
    ring.main()
