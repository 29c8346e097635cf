#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Caddy drains HTTP/1.1, and cuts HTTP/2 without TLS
#
# Guess: TERM drains both: GOAWAY on HTTP/2, and the open stream is answered.
# Seen: with a stream in flight Caddy exits at once, with status 0 and no GOAWAY. The same request in HTTP/1.1 is
#   answered first. Go's h2c handler hijacks its connections, and Shutdown neither waits for hijacked connections
#   nor closes them.
# For containers: load balancers speak h2c to a container. Every stop loses its streams, and the log and the exit
#   status say that all went well. (gRPC's own server for Go does not use this handler.)
# Software: Debian 12, caddy 2.6.2-5 (Go 1.19); Linux 6.18
# Source: net/http, Server.Shutdown ("does not attempt to close nor wait for hijacked connections");
#   golang.org/x/net/http2/h2c, NewHandler
# Output, 2026-11-28:
#   HTTP/1.1, request in flight: whole
#   HTTP/1.1, end after: 3.2 s
#   HTTP/1.1, exit status: 0
#   HTTP/2, request in flight: cut
#   HTTP/2, GOAWAY frames: 0
#   HTTP/2, end after: 0.0 s
#   HTTP/2, exit status: 0
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian caddy=2.6.2-5
probe <<'PY'
import os
from probe import Client, Http2, Server, check, finish, slow_backend, write

write("Caddyfile", """{
    admin off
    auto_https off
    servers {
        protocols h1 h2c
    }
}
http://:8080 {
    reverse_proxy 127.0.0.1:9000
}
""")
began = slow_backend(9000)
for name, kind in (("HTTP/1.1", Client), ("HTTP/2", Http2)):
    began.clear()
    server = Server("caddy", "run", "--config", "Caddyfile", "--adapter", "caddyfile", port=8080,
                    env={"HOME": os.getcwd()})
    client = kind(8080)
    client.get("/slow")
    began.wait()
    server.signal("TERM")
    seconds = server.seconds_to_end()
    check(f"{name}, request in flight", client.answer(), "whole" if kind is Client else "cut")
    if kind is Http2:
        check(f"{name}, GOAWAY frames", client.names().count("GOAWAY"), 0)
    check(f"{name}, end after", seconds, (2.0, 10.0) if kind is Client else (0.0, 1.0))
    check(f"{name}, exit status", server.status(), 0)
finish()
PY
