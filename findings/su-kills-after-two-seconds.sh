#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# su and runuser give their application two seconds after TERM, and then send SIGKILL
#
# Guess: su -c passes TERM on and waits for its command, or the command takes its place.
# Seen: it stays in front, passes TERM on, sleeps 2 s, sends SIGKILL, and exits with 143. No option changes the 2 s, and
#   as PID 1 it is the same. "runuser -u USER -- COMMAND" does so, too. setpriv is replaced by its command, and the
#   application saves all.
# For containers: "su -c" in an entrypoint makes 2 s of each stop timeout. What takes longer, a request or data to save,
#   is lost, and 143 looks like a stop that was obeyed.
# Software: util-linux 2.38.1 (su, runuser, setpriv); Python 3.11; Linux 6.18
# Source: util-linux, login-utils/su-common.c, create_watching_parent; su(1), SIGNALS
# Output, 2026-11-29:
#   su, ends after: 2.0 s
#   su, the application was: saving, and was killed; exit status 143
#   (the same as PID 1, and of runuser)
#   setpriv, ends after: 4.0 s
#   setpriv, the application was: saving, and saved; exit status 0
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" -eq 0 ] || cannot_run "needs root, for su"
need su runuser setpriv
probe <<'PY'
import os
from probe import Server, check, finish, wait_for, write

os.chmod(".", 0o777)
write("app.py", """
import os, signal, sys, time
def stop(*_):
    print('saving', flush=True)
    time.sleep(4)
    print('saved', flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print('up', flush=True)
while True:
    signal.pause()
""")
APP = "/usr/bin/python3 app.py"
for command, seconds, expected in (
        (["su", "-s", "/bin/sh", "nobody", "-c", f"exec {APP}"], (1.9, 3.5), "saving, and was killed; exit status 143"),
        (["runuser", "-u", "nobody", "--", *APP.split()], (1.9, 3.5), "saving, and was killed; exit status 143"),
        (["setpriv", "--reuid=nobody", "--clear-groups", *APP.split()], (3.9, 6.0), "saving, and saved; exit status 0")):
    for as_pid1 in (False, True):
        open("server.log", "w").close()
        server = Server(*command, as_pid1=as_pid1)
        wait_for(lambda: "up" in server.log_text() or not server.is_running(), "the application")
        server.signal("TERM")
        took = server.seconds_to_end()
        said = server.log_text()
        end = ("saving, and " if "saving" in said else "") + ("saved" if "saved" in said else "was killed")
        what = command[0] + (" as PID 1" if as_pid1 else "")
        check(f"{what}, ends after", took, seconds)
        check(f"{what}, the application was", f"{end}; exit status {server.status()}", expected)
finish()
PY
