#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A Go program without a handler ends on TERM also as PID 1, with 2 in place of 143
#
# Guess: as PID 1 the kernel drops TERM for a program without a handler, so that it runs until SIGKILL. Python, Node, PHP
#   and every C program do so.
# Seen: Go's runtime has a handler for each signal. It sets the default action, sends itself the signal, and when it
#   still runs calls exit(2). So the container ends at once on TERM, HUP and INT. Its status is 2, that of a panic and
#   of a wrong flag, where it is 128 + the signal under an init.
# For containers: each ordinary stop of such an image counts as a failure, and looks as a crash does. "It stops on
#   TERM without an init, so that it has a handler" is a wrong conclusion: requests in flight are cut.
# Software: prometheus-node-exporter 1.5.0 (Go 1.19); Python 3.11 to compare; Linux 6.18
# Source: Go, runtime/signal_unix.go, dieFromSignal ("just exit with the wrong status")
# Output, 2026-11-29:
#   Python's http.server on TERM: elsewhere 143, as PID 1 still running
#   node-exporter on TERM: elsewhere 143, as PID 1 2
#   node-exporter on HUP: elsewhere 129, as PID 1 2
#   node-exporter on INT: elsewhere 130, as PID 1 2
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian prometheus-node-exporter=1.5.0-1+b6
probe <<'PY'
from probe import Server, check, finish

GO = ("prometheus-node-exporter", "--web.listen-address=127.0.0.1:9100")
PYTHON = ("/usr/bin/python3", "-m", "http.server", "9100")


def end(command, signal, as_pid1):
    server = Server(*command, port=9100, as_pid1=as_pid1)
    server.signal(signal)
    return "still running" if server.seconds_to_end(4) is None else server.status()


for name, command, signal, expected in (("Python's http.server", PYTHON, "TERM", (143, "still running")),
                                        ("node-exporter", GO, "TERM", (143, 2)),
                                        ("node-exporter", GO, "HUP", (129, 2)),
                                        ("node-exporter", GO, "INT", (130, 2))):
    elsewhere, pid1 = (end(command, signal, as_pid1) for as_pid1 in (False, True))
    check(f"{name} on {signal}", f"elsewhere {elsewhere}, as PID 1 {pid1}", "elsewhere {}, as PID 1 {}".format(*expected))
finish()
PY
