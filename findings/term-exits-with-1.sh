#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# nats-server and PgBouncer exit with 1 on TERM, and with 0 on INT
#
# Guess: TERM is the ordinary stop: PgBouncer waits for its clients, and both exit with 0.
# Seen: on TERM both exit with 1 within a moment, with a client connected. INT exits with 0.
# For containers: "docker stop" and Kubernetes send TERM, so every stop counts as a failure. The signal to configure is
#   INT; PgBouncer then closes only when its clients' transactions are done.
# Software: Debian 12, nats-server 2.9.10-1+b3, pgbouncer 1.18.0-1+deb12u1; Linux 6.18
# Source: nats-server, server/signal.go; pgbouncer, src/main.c (handle_sigterm); pgbouncer(1), SIGNALS
# Output, 2026-11-28:
#   nats-server, TERM: exit status: 1
#   nats-server, TERM: ends after: 0.0 s
#   nats-server, INT: exit status: 0
#   pgbouncer, TERM: exit status: 1
#   pgbouncer, TERM: ends after: 0.0 s
#   pgbouncer, INT: exit status: 0
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian nats-server=2.9.10-1+b3 pgbouncer=1.18.0-1+deb12u1 libevent-2.1-7=2.1.12-stable-8 libc-ares2=1.18.1-3
probe <<'PY'
import os
from probe import Client, Server, check, finish, is_listening, wait_for, write

os.chmod(".", 0o777)
write("pgbouncer.ini", """[databases]
* = host=127.0.0.1
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = 8080
auth_type = any
logfile =
unix_socket_dir =
""")
for name, command in (("nats-server", ("nats-server", "-a", "127.0.0.1", "-p", "8080")),
                      ("pgbouncer", ("pgbouncer", "-u", "nobody", "pgbouncer.ini"))):
    for signal, status in (("TERM", 1), ("INT", 0)):
        server = Server(*command, port=8080)
        client = Client(8080)
        server.signal(signal)
        seconds = server.seconds_to_end()
        check(f"{name}, {signal}: exit status", server.status(), status)
        if signal == "TERM":
            check(f"{name}, {signal}: ends after", seconds, (0.0, 2.0))
        wait_for(lambda: not is_listening(8080), "the end of the listener")
finish()
PY
