#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Apache's prefork ends processes that are not Apache's: it sends TERM to its whole process group
#
# Guess: the parent signals its own children.
# Seen: prefork signals its process group, on TERM and at the end of WINCH. In the foreground Apache stays in the group
#   of the shell that started it, so a worker beside it is ended. The event MPM does not do so.
# For containers: an entrypoint that starts Apache and a queue worker loses the worker's job at Apache's graceful stop,
#   although nothing signalled the worker. "setsid apache2 -DFOREGROUND" keeps them apart.
# Software: Debian 12, apache2-bin 2.4.71-1~deb12u1; Linux 6.18
# Source: httpd, os/unix/unixd.c (ap_unixd_killpg), server/mpm/prefork/prefork.c
# Output, 2026-11-28:
#   event, WINCH: the worker beside Apache was ended: False
#   event, TERM: the worker beside Apache was ended: False
#   prefork, WINCH: the worker beside Apache was ended: True
#   prefork, TERM: the worker beside Apache was ended: True
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian apache2-bin=2.4.71-1~deb12u1 libapr1=1.7.2-3+deb12u1 libaprutil1=1.6.3-1+deb12u1
probe <<'PY'
import os
import select
import signal
from probe import Server, check, finish, is_listening, wait_for, write

cwd, modules = os.getcwd(), os.environ["root"] + "/usr/lib/apache2/modules"
write("entrypoint.sh", """sleep 1000 &
apache2 -f "$PWD/httpd.conf" -DFOREGROUND &
wait $!
echo "Apache has ended"
wait
""")


def child(parent, name):
    return next((int(pid) for pid in Server.children(parent) if name in open(f"/proc/{pid}/cmdline").read()), None)


for mpm in ("event", "prefork"):
    for stop in ("WINCH", "TERM"):
        open("server.log", "w").close()
        write("httpd.conf", f"""ServerRoot {cwd}
ServerName localhost
PidFile {cwd}/httpd.pid
ErrorLog /dev/stderr
LogLevel notice
Listen 127.0.0.1:8080
LoadModule mpm_{mpm}_module {modules}/mod_mpm_{mpm}.so
LoadModule authz_core_module {modules}/mod_authz_core.so
User www-data
""")
        server = Server("sh", "entrypoint.sh", port=8080, as_pid1=True)
        wait_for(lambda: "resuming normal operations" in server.log_text(), "Apache")
        worker = os.pidfd_open(wait_for(lambda: child(server.pid, "sleep"), "the worker"))
        os.kill(wait_for(lambda: child(server.pid, "apache2"), "Apache"), getattr(signal, "SIG" + stop))
        wait_for(lambda: "Apache has ended" in server.log_text(), "Apache's end")
        ended = bool(select.select([worker], [], [], 2)[0])
        check(f"{mpm}, {stop}: the worker beside Apache was ended", ended, mpm == "prefork")
        os.close(worker)
        server.process.kill()
        server.process.wait()
        wait_for(lambda: not is_listening(8080), "the end of the listener")
finish()
PY
