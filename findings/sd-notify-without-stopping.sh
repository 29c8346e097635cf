#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A server that says READY=1 need not say STOPPING=1
#
# Guess: servers that speak systemd's notify protocol announce the end of service as they announce its begin.
# Seen: HAProxy (-Ws) and Caddy send STOPPING=1. gunicorn, nghttpx and PgBouncer send READY=1 and are silent at the stop.
# For containers: a supervisor that waits for STOPPING=1 to take a server out of rotation waits until the server has
#   gone.
# Software: Debian 12, haproxy 2.6.12-1+deb12u4, caddy 2.6.2-5, gunicorn 20.1.0-6+deb12u1, nghttp2-proxy
#   1.52.0-1+deb12u3, pgbouncer 1.18.0-1+deb12u1
# Source: sd_notify(3); gunicorn/systemd.py; src/shrpx.cc; pgbouncer, src/main.c
# Output, 2026-11-28:
#   haproxy: READY=1: True
#   haproxy: STOPPING=1: True
#   caddy: READY=1: True
#   caddy: STOPPING=1: True
#   gunicorn: READY=1: True
#   gunicorn: STOPPING=1: False
#   nghttpx: READY=1: True
#   nghttpx: STOPPING=1: False
#   pgbouncer: READY=1: True
#   pgbouncer: STOPPING=1: False
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian haproxy=2.6.12-1+deb12u4 liblua5.3-0=5.3.6-2 libopentracing-c-wrapper0=1.1.3-3+b1 libopentracing1=1.6.0-4 \
	caddy=2.6.2-5 gunicorn=20.1.0-6+deb12u1 python3-gunicorn=20.1.0-6+deb12u1 nghttp2-proxy=1.52.0-1+deb12u3 \
	libnghttp2-14=1.52.0-1+deb12u3 libev4=1:4.33-1 libc-ares2=1.18.1-3 pgbouncer=1.18.0-1+deb12u1 \
	libevent-2.1-7=2.1.12-stable-8
probe <<'PY'
import os
from probe import Server, check, finish, is_listening, socket, wait_for, write

os.chmod(".", 0o777)
write("app.py", "def app(environ, start):\n    start('200 OK', [])\n    return []\n")
write("haproxy.cfg", "defaults\n    timeout connect 5s\n    timeout client 5s\n    timeout server 5s\n"
      "frontend in\n    bind 127.0.0.1:8080\n")
write("pgbouncer.ini", "[databases]\n* = host=127.0.0.1\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
      "listen_port = 8080\nauth_type = any\nlogfile =\nunix_socket_dir =\n")
for name, command, stopping in (
        ("haproxy", ("haproxy", "-Ws", "-f", "haproxy.cfg"), True),
        ("caddy", ("caddy", "respond", "--listen", "127.0.0.1:8080"), True),
        ("gunicorn", ("gunicorn", "--bind", "127.0.0.1:8080", "app:app"), False),
        ("nghttpx", ("nghttpx", "--frontend=127.0.0.1,8080;no-tls", "--backend=127.0.0.1,9000"), False),
        ("pgbouncer", ("pgbouncer", "-u", "nobody", "pgbouncer.ini"), False)):
    path = f"{os.getcwd()}/notify.{name}"
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notify.bind(path)
    os.chmod(path, 0o777)
    notify.setblocking(False)
    said = []

    def has_said(word):
        try:
            while True:
                said.append(notify.recv(4096))
        except BlockingIOError:
            return any(word in message for message in said)

    server = Server(*command, env={"NOTIFY_SOCKET": path, "HOME": os.getcwd()})
    wait_for(lambda: has_said(b"READY=1") or not server.is_running(), f"READY=1 of {name}")
    check(f"{name}: READY=1", has_said(b"READY=1"), True)
    server.signal("TERM")
    server.seconds_to_end()
    check(f"{name}: STOPPING=1", has_said(b"STOPPING=1"), stopping)
    wait_for(lambda: not is_listening(8080), "the end of the listener")
finish()
PY
