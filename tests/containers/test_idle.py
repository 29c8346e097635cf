# SPDX-License-Identifier: MIT
"""Idle keep-alive connections do not hold the drain: open, answered, and nobody's work."""

import engine
import ring
from client import IdleConnections

CONNECTIONS = 100


class Idle:
    def stop(self, server):
        with self.container(*ring.SERVERS[server]) as container:
            self.wait_serving(container, ring.LASTCALL)
            connections = IdleConnections(container.address, ring.PORT, CONNECTIONS)
            try:
                container.begin_stop(10)
                ending = container.end()
            finally:
                connections.close()
            self.assert_ended_by_itself(ending, 1)
            self.assertGreaterEqual(ending.report["connections"]["open_at_stop"], CONNECTIONS)
            self.assertEqual(ending.report["outcome"], "drained")
            return ending

    def check_stops(self, server):
        endings = self.repeat(lambda _: self.stop(server), times=3, at_once=1)
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
