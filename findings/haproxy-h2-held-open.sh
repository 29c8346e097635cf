#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# HAProxy's graceful stop sends GOAWAY, and then waits for the client to close
#
# Guess: after GOAWAY an HTTP/2 connection without streams is closed, and HAProxy exits.
# Seen: GOAWAY comes at once, but the idle connection stays open until the client closes it or "timeout client"
#   (here 15 s) ends. Only then a second GOAWAY follows.
# For containers: one client that keeps its HTTP/2 connection holds the stop until SIGKILL. The image's STOPSIGNAL
#   is this USR1.
# Software: Debian 12, haproxy 2.6.12-1+deb12u4; Linux 6.18
# Source: HAProxy's management guide, section 4 (SIGUSR1); RFC 9113, section 6.8 (two GOAWAY frames)
# Output, 2026-11-28:
#   client closes after GOAWAY, HAProxy ends after: 0.0 s
#   client stays, its connection 5 s later: open
#   client stays, GOAWAY frames by then: 1
#   client stays, HAProxy ends after: 15.0 s
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian haproxy=2.6.12-1+deb12u4 liblua5.3-0=5.3.6-2 libopentracing-c-wrapper0=1.1.3-3+b1 libopentracing1=1.6.0-4
probe <<'PY'
from probe import Http2, Server, check, finish, slow_backend, write

write("haproxy.cfg", """defaults
    mode http
    timeout connect 5s
    timeout client 15s
    timeout server 15s
frontend in
    bind 127.0.0.1:8080 proto h2
    default_backend out
backend out
    server one 127.0.0.1:9000
""")
slow_backend(9000)
for closes in (True, False):
    server = Server("haproxy", "-f", "haproxy.cfg", port=8080)
    client = Http2(8080)
    client.get("/")
    client.wait_done()
    server.signal("USR1")
    client.wait_frame("GOAWAY")
    if closes:
        client.close()
    name = "client closes after GOAWAY" if closes else "client stays"
    if not closes:
        check("client stays, its connection 5 s later", client.ended(5), "open")
        check("client stays, GOAWAY frames by then", client.names().count("GOAWAY"), 1)
    seconds = server.seconds_to_end()
    check(f"{name}, HAProxy ends after", seconds, (0.0, 3.0) if closes else (10.0, 30.0))
finish()
PY
