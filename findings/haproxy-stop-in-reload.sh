#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# HAProxy loses a stop signal that comes while it reloads
#
# Guess: the master blocks signals while it executes itself anew, and acts on USR1 afterwards: it stops.
# Seen: USR1 is gone. The master logs nothing of it, the new worker serves on, and only another USR1 ends it. The
#   same holds for TERM where the master is PID 1; where it is not, TERM kills the master at once, and with it the
#   workers and their requests.
# For containers: USR1 is the STOPSIGNAL of HAProxy's image, and USR2 loads a changed configuration. A
#   stop that falls into a reload, which lasts as long as the configuration takes to read, ends in SIGKILL.
# Software: Debian 12, haproxy 2.6.12-1+deb12u4 with -W; Linux 6.18
# Source: HAProxy's management guide, sections 3 (-W) and 4 (SIGUSR1, SIGUSR2)
# Output, 2026-11-29:
#   USR1 while it reloads, its request: whole
#   USR1 while it reloads, HAProxy after that: answers
#   USR1 while it reloads, logged: False
#   another USR1, HAProxy ends after: 0.2 s
#   TERM to PID 1 while it reloads, its request: whole
#   TERM to PID 1 while it reloads, HAProxy after that: answers
#   another TERM, HAProxy ends after: 0.0 s
#   TERM while it reloads, HAProxy ends after: 0.0 s
#   TERM while it reloads, status: 143
#   TERM while it reloads, its request: cut
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian haproxy=2.6.12-1+deb12u4 liblua5.3-0=5.3.6-2 libopentracing-c-wrapper0=1.1.3-3+b1 libopentracing1=1.6.0-4
probe <<'PY'
from probe import Client, Server, check, finish, slow_backend, wait_for, write

write("denied.lst", "".join(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}\n" for n in range(200_000)))
write("haproxy.cfg", """defaults
    mode http
    timeout connect 5s
    timeout client 15s
    timeout server 15s
frontend in
    bind 127.0.0.1:8080
    http-request deny if { src -f denied.lst }
    default_backend out
backend out
    server one 127.0.0.1:9000
""")
began = slow_backend(9000, 6.0)


def has_started(server):
    """The master blocks no signal any more, and waits for one."""
    with open(f"/proc/{server.pid}/status") as file:
        status = file.read()
    return "\nSigBlk:\t0000000000000000\n" in status and "\nState:\tS" in status


def reloading(**arguments):
    """A server in the middle of its reload, with a client whose request is in flight."""
    server = Server("haproxy", "-W", "-f", "haproxy.cfg", port=8080, **arguments)
    client = Client(8080)
    client.get("/slow")
    wait_for(began.is_set, "the request")
    began.clear()
    wait_for(lambda: has_started(server), "the start")
    reloads = server.log_text().count("Reloading HAProxy")
    server.signal("USR2")
    wait_for(lambda: server.log_text().count("Reloading HAProxy") > reloads, "the reload")
    return server, client


def answers():
    client = Client(8080)
    client.get("/")
    client.wait_answer()
    client.socket.close()
    return client.answer() == "whole"


server, client = reloading()
server.signal("USR1")
check("USR1 while it reloads, its request", client.answer(), "whole")
check("USR1 while it reloads, HAProxy after that", "answers" if server.is_running() and answers() else "has ended", "answers")
check("USR1 while it reloads, logged", "Exiting Master process" in server.log_text(), False)
server.signal("USR1")
check("another USR1, HAProxy ends after", server.seconds_to_end(), (0.0, 5.0))

server, client = reloading(as_pid1=True)
server.signal("TERM")
check("TERM to PID 1 while it reloads, its request", client.answer(), "whole")
check("TERM to PID 1 while it reloads, HAProxy after that", "answers" if server.is_running() and answers() else "has ended",
      "answers")
server.signal("TERM")
check("another TERM, HAProxy ends after", server.seconds_to_end(), (0.0, 5.0))

server, client = reloading()
server.signal("TERM")
check("TERM while it reloads, HAProxy ends after", server.seconds_to_end(), (0.0, 5.0))
check("TERM while it reloads, status", server.status(), 143)
check("TERM while it reloads, its request", client.answer(), "cut")
finish()
PY
