#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# timeout -k kills its command also after a TERM from outside, long before its time is up
#
# Guess: in "timeout -k 2 1h app", -k belongs to the hour: it counts from the signal that timeout sends at its end. A
#   TERM from outside is passed on, and the application may take its time.
# Seen: -k counts from any signal that is passed on. After a TERM from outside the application has 2 s, of 1 hour and of
#   any stop timeout, and is sent SIGKILL; the status is 137. Without -k it has all the time, and the status is its own.
# For containers: a job with "timeout -k" in its command, so that it cannot hang, loses its work at each stop: whatever
#   takes longer than -k, which was meant for the job that hangs.
# Software: Debian 12, coreutils 9.1-1; Python 3.11; Linux 6.18
# Source: coreutils, src/timeout.c (cleanup: settimeout (kill_after)); timeout(1), -k
# Output, 2026-11-29:
#   timeout -k 2 1h, ends after: 2.0 s
#   timeout -k 2 1h, the application was: saving, and was killed; exit status 137
#   timeout -k 2 1h as PID 1, ends after: 2.0 s
#   timeout -k 2 1h as PID 1, the application was: saving, and was killed; exit status 137
#   timeout 1h, ends after: 4.0 s
#   timeout 1h, the application was: saving, and saved; exit status 0
#   timeout 1h as PID 1, ends after: 4.1 s
#   timeout 1h as PID 1, the application was: saving, and saved; exit status 0
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian coreutils=9.1-1
probe <<'PY'
import os
from probe import Server, check, finish, wait_for, write

write("app.py", """
import signal, time
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
print('up', flush=True)
signal.sigwait({signal.SIGTERM})
print('saving', flush=True)
time.sleep(4)
print('saved', flush=True)
""")
TIMEOUT = f"{os.environ['root']}/usr/bin/timeout"
for options, seconds, expected in (("-k 2 1h", (1.9, 3.5), "saving, and was killed; exit status 137"),
                                   ("1h", (3.9, 6.0), "saving, and saved; exit status 0")):
    for as_pid1 in (False, True):
        open("server.log", "w").close()
        server = Server(TIMEOUT, *options.split(), "/usr/bin/python3", "app.py", as_pid1=as_pid1)
        wait_for(lambda: "up" in server.log_text() or not server.is_running(), "the application")
        server.signal("TERM")
        took = server.seconds_to_end()
        said = server.log_text()
        end = ("saving, and " if "saving" in said else "") + ("saved" if "saved" in said else "was killed")
        what = f"timeout {options}" + (" as PID 1" if as_pid1 else "")
        check(f"{what}, ends after", took, seconds)
        check(f"{what}, the application was", f"{end}; exit status {server.status()}", expected)
finish()
PY
