#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lighttpd exits with 0 or 1 on the same signal, by whether a client is connected
#
# Guess: TERM exits with 0.
# Seen: 0 without a connection; 1 with one, even if the client never sent a byte.
# For containers: the exit status of a stop is chance: a keep-alive connection of a load balancer makes a "failed" stop.
#   INT exits with 0 in both.
# Software: Debian 12, lighttpd 1.4.69-1; Linux 6.18
# Source: lighttpd, src/server.c (server_main_loop, main)
# Output, 2026-11-28:
#   TERM, 0 connections: exit status: 0
#   TERM, 1 connections: exit status: 1
#   INT, 0 connections: exit status: 0
#   INT, 1 connections: exit status: 0
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian lighttpd=1.4.69-1
probe <<'PY'
import os
from probe import Client, Server, check, finish, is_listening, wait_for, write

write("lighttpd.conf", f"""server.document-root = "{os.getcwd()}"
server.bind = "127.0.0.1"
server.port = 8080
server.max-read-idle = 2
""")
for signal, statuses in (("TERM", (0, 1)), ("INT", (0, 0))):
    for connected, status in enumerate(statuses):
        server = Server("lighttpd", "-D", "-f", "lighttpd.conf", port=8080)
        client = Client(8080, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n") if connected else None
        if client:
            client.wait_answer(b"</html>\n")
        server.signal(signal)
        server.seconds_to_end()
        check(f"{signal}, {connected} connections: exit status", server.status(), status)
        wait_for(lambda: not is_listening(8080), "the end of the listener")
finish()
PY
