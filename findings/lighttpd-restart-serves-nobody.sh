#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lighttpd's graceful restart serves no new client until the last old request has ended
#
# Guess: USR1 reads the configuration again while clients are served, as nginx, Apache and HAProxy do it.
# Seen: from USR1 on new connections are not accepted. They wait in the kernel's queue until the request in flight has
#   ended, here for 4 s, and are served by the new generation. The flag server.graceful-restart-bg serves them at once,
#   but only where lighttpd was started by its whole path; as "lighttpd" the flag is ignored without a word.
# For containers: a reload, of certificates or a configuration, stops the service for as long as the slowest request
#   takes. A health check with a shorter timeout fails, and the orchestrator kills a container that only reloads.
# Software: Debian 12, lighttpd 1.4.69-1; Linux 6.18
# Source: lighttpd, src/server.c (server_graceful_state); server.feature-flags, "server.graceful-restart-bg"
# Output, 2026-11-29:
#   lighttpd: USR1, a new client's request: whole
#   lighttpd: it took: 4.2 s
#   lighttpd: the old request: whole
#   lighttpd, graceful-restart-bg: USR1, a new client's request: whole
#   lighttpd, graceful-restart-bg: it took: 4.1 s
#   lighttpd, graceful-restart-bg: the old request: whole
#   /usr/sbin/lighttpd, graceful-restart-bg: USR1, a new client's request: whole
#   /usr/sbin/lighttpd, graceful-restart-bg: it took: 0.1 s
#   /usr/sbin/lighttpd, graceful-restart-bg: the old request: whole
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian lighttpd=1.4.69-1
probe <<'PY'
import os, time
from probe import Client, Server, check, finish, is_listening, slow_backend, wait_for, write

began = slow_backend(9000, 4.0)
PATH = os.environ["root"] + "/usr/sbin/lighttpd"
for program, background, seconds in (("lighttpd", False, (2.5, 7.0)), ("lighttpd", True, (2.5, 7.0)), (PATH, True, (0.0, 2.0))):
    write("lighttpd.conf", f"""server.document-root = "{os.getcwd()}"
server.bind = "127.0.0.1"
server.port = 8080
server.modules = ("mod_proxy")
proxy.server = ("" => (("host" => "127.0.0.1", "port" => 9000)))
""" + ("""server.feature-flags = ("server.graceful-restart-bg" => "enable")\n""" if background else ""))
    name = ("/usr/sbin/lighttpd" if program == PATH else program) + (", graceful-restart-bg" if background else "")
    began.clear()
    open("server.log", "w").close()
    server = Server(program, "-D", "-f", "lighttpd.conf", port=8080)
    old = Client(8080)
    old.get("/slow")
    wait_for(began.is_set, "the request")
    server.signal("USR1")
    wait_for(lambda: "graceful shutdown started" in server.log_text(), "the restart")
    since = time.monotonic()
    new = Client(8080)
    new.get("/")
    check(f"{name}: USR1, a new client's request", new.answer(), "whole")
    check(f"{name}: it took", time.monotonic() - since, seconds)
    check(f"{name}: the old request", old.answer(), "whole")
    server.signal("TERM")
    server.seconds_to_end()
    wait_for(lambda: not is_listening(8080), "the end of the listener")
finish()
PY
