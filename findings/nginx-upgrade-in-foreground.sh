#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# nginx in the foreground ignores USR2, and the upgrade that begins with it ends the server
#
# Guess: USR2 starts a second master beside the first one, as it does for a daemon; after QUIT the new one serves.
# Seen: with "daemon off" the master ignores USR2 as long as its parent lives: it takes itself for the new one of
#   two. There is no second master, and the QUIT that completes an upgrade ends the only one, with status 0.
# For containers: a script that upgrades nginx by USR2 and QUIT stops the service, and the stop looks clean. It makes
#   no difference whether nginx is PID 1 or runs under an init.
# Software: Debian 12, nginx 1.22.1-9+deb12u11; Linux 6.18
# Source: nginx.org/en/docs/control.html, "Upgrading Executable on the Fly"; src/os/unix/ngx_process.c,
#   ngx_signal_handler()
# Output, 2026-11-29:
#   as a daemon, after USR2 and QUIT, it serves: True
#   in the foreground, USR2 is ignored: True
#   in the foreground, there is a second master: False
#   in the foreground, after QUIT it ends after: 0.0 s
#   in the foreground, status: 0
#   in the foreground, it serves: False
#   as PID 1, USR2 is ignored: True
#   as PID 1, there is a second master: False
#   as PID 1, after QUIT it ends after: 0.0 s
#   as PID 1, status: 0
#   as PID 1, it serves: False
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian nginx=1.22.1-9+deb12u11
probe <<'PY'
import os
import shutil

from probe import Server, can_connect, check, finish, run, wait_for, write

for daemon in ("on", "off"):
    write(f"{daemon}.conf", f"""daemon {daemon};
user root;
pid {os.getcwd()}/pid;
error_log error.log notice;
worker_processes 1;
events {{ }}
http {{
    access_log off;
    server {{ listen 127.0.0.1:8080; location / {{ return 200 "done\\n"; }} }}
}}
""")
nginx = (shutil.which("nginx"), "-p", os.getcwd(), "-c")


def log_says(words):
    with open("error.log") as file:
        return words in file.read()


run(*nginx, "on.conf")
old = int(wait_for(lambda: os.path.exists("pid") and open("pid").read(), "the pid file"))
os.kill(old, 12)
wait_for(lambda: os.path.exists("pid.oldbin") and os.path.exists("pid"), "the second master")
new = int(wait_for(lambda: open("pid").read(), "its pid file"))
os.kill(old, 3)
wait_for(lambda: not os.path.exists("pid.oldbin"), "the end of the first master")
check("as a daemon, after USR2 and QUIT, it serves", can_connect(8080), True)
os.kill(new, 3)
wait_for(lambda: not os.path.exists("pid"), "the end of the second master")
os.remove("error.log")

for name, as_pid1 in (("in the foreground", False), ("as PID 1", True)):
    server = Server(*nginx, "off.conf", port=8080, as_pid1=as_pid1)
    server.signal("USR2")
    wait_for(lambda: log_says("(SIGUSR2) received"), "the log")
    check(f"{name}, USR2 is ignored", log_says(", ignoring"), True)
    check(f"{name}, there is a second master", os.path.exists("pid.oldbin"), False)
    server.signal("QUIT")
    check(f"{name}, after QUIT it ends after", server.seconds_to_end(), (0.0, 5.0))
    check(f"{name}, status", server.status(), 0)
    check(f"{name}, it serves", can_connect(8080), False)
    os.remove("error.log")
finish()
PY
