# SPDX-License-Identifier: MIT
"""Idle keep-alive connections do not hold the drain: open, answered, and no work. Health
probes are what lastcall learns from that they are; before 10 s of quiet it is not sure."""

import json

import engine
import ring
from client import IdleConnections, get

CONNECTIONS = 100


class Idle:
    def stop(self, server):
        with self.container(*ring.SERVERS[server]) as container:
            self.wait_serving(container, ring.LASTCALL)
            connections = IdleConnections(container.address, ring.PORT, CONNECTIONS)
            try:
                self.wait_idle(container)
                container.begin_stop(10)
                ending = container.end()
            finally:
                connections.close()
            self.assert_ended_by_itself(ending, 1)
            self.assertGreaterEqual(ending.report["connections"]["open_at_stop"], CONNECTIONS)
            self.assertEqual(ending.report["outcome"], "drained")
            return ending

    def wait_idle(self, container):
        def is_idle():
            reply = get(container.address, ring.HEALTH_PORT, "/healthcheck")
            seen = reply and json.loads(reply[1])
            return seen and (seen["idle"] or 0) >= CONNECTIONS and seen["unsure"] == 0

        engine.wait_until(is_idle, "all connections are idle", 40)

    def check_stops(self, server):
        endings = self.repeat(lambda _: self.stop(server), times=2, at_once=2)
        ring.measured(f"{server}: stop took (s)", [ending.seconds for ending in endings])

    def test_idle_connections_do_not_hold_http_server(self):
        self.check_stops("http.server")

    def test_idle_connections_do_not_hold_nginx(self):
        self.check_stops("nginx")


class Plain(Idle, ring.ContainerTest):
    pass


class Hardened(Idle, ring.ContainerTest):
    options = (*engine.HARDENED, "--tmpfs=/tmp")  # nginx cannot do without temporary files


if __name__ == "__main__":
    ring.main()
