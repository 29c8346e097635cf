# SPDX-License-Identifier: MIT
"""Caddy as a proxy."""

from server import HttpServer, Stop


class Caddy(HttpServer):
    title = "Caddy"
    kind = "web"
    signals = ("TERM", "INT", "QUIT")
    guess = "TERM finishes requests, closes idle connections and exits with 0"
    flaw = "Go's Shutdown waits up to 5 s for a connection that was never used."
    note = ("A connection that was never used holds Go's Shutdown for up to 5 s; no setting changes "
            "that. Without TLS, TERM cuts HTTP/2 streams: do not use `--order=signal-first`.")
    packages = "caddy"
    version = "dpkg-query -W caddy"
    files = {"Caddyfile": "{\n admin off\n auto_https off\n}\n:8080 {\n reverse_proxy 127.0.0.1:9000\n}\n"}
    command = "caddy run --config Caddyfile"
    backend = True
    stream = "/stream"
    stops = (Stop("TERM", exits=(0,), ends_within=6.5), Stop("INT", exits=(0,), ends_within=6.5))
