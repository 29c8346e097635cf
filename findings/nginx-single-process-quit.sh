#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# nginx without a master cuts its requests on QUIT
#
# Guess: QUIT is nginx's graceful stop, with and without a master process.
# Seen: with "master_process off" QUIT does what TERM does: it cuts requests in flight at once, and the status is 0.
# For containers: "one process per container" makes people switch the master off. The official image's STOPSIGNAL, QUIT,
#   then loses each request that is in flight, and nothing shows it.
# Software: Debian 12, nginx 1.22.1-9+deb12u11; Linux 6.18
# Source: nginx, src/os/unix/ngx_process_cycle.c (ngx_single_process_cycle: ngx_terminate || ngx_quit);
#   nginx.org/en/docs/ngx_core_module.html#master_process
# Output, 2026-11-29:
#   master_process on, QUIT: the request: whole
#   master_process on, QUIT: exit status: 0
#   master_process off, QUIT: the request: cut
#   master_process off, QUIT: exit status: 0
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian nginx=1.22.1-9+deb12u11
probe <<'PY'
import os
from probe import Client, Server, check, finish, is_listening, slow_backend, wait_for, write

began = slow_backend(9000, 2.0)
for master, answer in (("on", "whole"), ("off", "cut")):
    write("nginx.conf", f"""
daemon off; master_process {master}; error_log stderr; pid nginx.pid; events {{}}
http {{
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    server {{ listen 127.0.0.1:8080; location / {{ proxy_pass http://127.0.0.1:9000; }} }}
}}
""")
    began.clear()
    server = Server("nginx", "-p", os.getcwd(), "-c", os.getcwd() + "/nginx.conf", "-e", "stderr", port=8080)
    client = Client(8080)
    client.get("/slow")
    wait_for(began.is_set, "the request")
    server.signal("QUIT")
    check(f"master_process {master}, QUIT: the request", client.answer(), answer)
    server.seconds_to_end()
    check(f"master_process {master}, QUIT: exit status", server.status(), 0)
    wait_for(lambda: not is_listening(8080), "the end of the listener")
finish()
PY
