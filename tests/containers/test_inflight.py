# SPDX-License-Identifier: MIT
"""Requests in flight at `docker stop` are served to their end, by servers that know of no such
thing; with tini, the same images lose them."""

import engine
import ring
from inflight import InFlight


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
