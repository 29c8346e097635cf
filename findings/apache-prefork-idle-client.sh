#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Apache's graceful stop waits for an idle keep-alive client in prefork, and closes it in event
#
# Guess: WINCH lets requests finish and closes idle keep-alive connections, in each MPM.
# Seen: event closes the connection at once. prefork leaves it open until KeepAliveTimeout (here 8 s) ends, and the stop
#   lasts as long.
# For containers: WINCH is the official image's STOPSIGNAL, and prefork is what mod_php needs. With a KeepAliveTimeout
#   above the stop timeout, as load balancers want it, each stop ends in SIGKILL.
# Software: Debian 12, apache2-bin 2.4.71-1~deb12u1; Linux 6.18
# Source: httpd, docs/manual/stopping.html (graceful-stop), server/mpm/prefork/prefork.c, server/mpm/event/event.c
# Output, 2026-11-28:
#   event: answer: whole
#   event: ends after: 1.0 s
#   prefork: answer: whole
#   prefork: ends after: 9.0 s
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian apache2-bin=2.4.71-1~deb12u1 libapr1=1.7.2-3+deb12u1 libaprutil1=1.6.3-1+deb12u1
probe <<'PY'
import os
from probe import Client, Server, check, finish, is_listening, wait_for, write

cwd, modules = os.getcwd(), os.environ["root"] + "/usr/lib/apache2/modules"
os.chmod(".", 0o755)
os.mkdir("htdocs")
write("htdocs/index.html", "done\n")
for mpm, expected in (("event", (0.0, 4.0)), ("prefork", (6.0, 15.0))):
    write("httpd.conf", f"""ServerRoot {cwd}
ServerName localhost
DocumentRoot {cwd}/htdocs
PidFile {cwd}/httpd.pid
ErrorLog /dev/stderr
Listen 127.0.0.1:8080
LoadModule mpm_{mpm}_module {modules}/mod_mpm_{mpm}.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule dir_module {modules}/mod_dir.so
KeepAliveTimeout 8
User www-data
""")
    server = Server("apache2", "-f", f"{cwd}/httpd.conf", "-DFOREGROUND", port=8080)
    client = Client(8080)
    client.get("/")
    check(f"{mpm}: answer", client.answer(), "whole")
    server.signal("WINCH")
    check(f"{mpm}: ends after", server.seconds_to_end(), expected)
    wait_for(lambda: not is_listening(8080), "the end of the listener")
finish()
PY
