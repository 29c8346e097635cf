# SPDX-License-Identifier: MIT
"""Prometheus: a query in flight is one that arrives slowly."""

from server import Stop, TcpServer


class Prometheus(TcpServer):
    title = "Prometheus"
    kind = "data"
    signals = ("TERM", "INT")
    guess = "TERM finishes queries and exits with 0; the never-used connection holds it 5 s, as Go's Shutdown does"
    note = "TERM cuts queries, and then closes the storage."
    shown = "prometheus --config.file=prometheus.yml"
    packages = "prometheus"
    version = "prometheus --version"
    files = {"prometheus.yml": "global: {scrape_interval: 1m}\n"}
    command = "prometheus --config.file=prometheus.yml --storage.tsdb.path=@dir@/data --web.listen-address=:8080"
    quick = (b"GET /-/ready HTTP/1.1\r\nHost: localhost\r\n\r\n", b" 200 OK")
    hello = ((b"GET /-/ready HTTP/1.1\r\nHost: localhost\r\n\r\n", b" 200 OK"),)
    slow = (b"POST /api/v1/query HTTP/1.1\r\nHost: localhost\r\nContent-Length: 7\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\nquery=", b"1", b"success")
    stops = (Stop("TERM", exits=(0,), ends_within=7.0),)
