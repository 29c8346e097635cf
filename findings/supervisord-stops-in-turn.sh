#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# supervisord stops its programs one after the other, also where they have one priority
#
# Guess: programs of equal priority are stopped together: the stop lasts as long as the slowest one.
# Seen: each program is a group of its own, and the next one is sent TERM only when the one before has ended: with
#   three programs that take 2 s each the stop takes the sum. In one [group:] they are stopped together.
# For containers: with the default stopwaitsecs, 10 s a program, the sum exceeds the stop timeout; the programs that
#   come last never see TERM, and end in SIGKILL.
# Software: Debian 12, supervisor 4.2.5-1; Python 3.11
# Source: supervisord.org/configuration.html (priority says only in which order); supervisor/supervisord.py
#   (runforever: stop_groups[-1].stop_all())
# Output, 2026-11-29:
#   three programs: the stop takes: 7.2 s
#   three programs: exit status: 0
#   a group of three: the stop takes: 3.1 s
#   a group of three: exit status: 0
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian supervisor=4.2.5-1 python3-pkg-resources=66.1.1-1+deb12u2
probe <<'PY'
import os
from probe import Server, check, finish, wait_for, write

write("app.sh", """#!/bin/sh
trap 'sleep 2; exit 0' TERM
echo >"$1.started"
while :; do sleep 0.1; done
""")
NAMES = ("a", "b", "c")
programs = "".join(f"[program:{name}]\ncommand=/bin/sh app.sh {name}\n" for name in NAMES)
for case, group, seconds in (("three programs", "", (6.0, 12.0)),
                             ("a group of three", "[group:all]\nprograms=a,b,c\n", (2.0, 5.5))):
    for name in NAMES:
        if os.path.exists(f"{name}.started"):
            os.remove(f"{name}.started")
    write("supervisord.conf", f"[supervisord]\nnodaemon=true\nlogfile=/dev/null\nlogfile_maxbytes=0\n"
                              f"pidfile={os.getcwd()}/pid\n{programs}{group}")
    server = Server("/usr/bin/python3", os.environ["root"] + "/usr/bin/supervisord", "-c", "supervisord.conf")
    for name in NAMES:
        wait_for(lambda: os.path.exists(f"{name}.started"), name)
    server.signal("TERM")
    check(f"{case}: the stop takes", server.seconds_to_end(), seconds)
    check(f"{case}: exit status", server.status(), 0)
finish()
PY
